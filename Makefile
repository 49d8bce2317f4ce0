# Everything a developer types. Each target makes what it needs: `make test` works in a fresh clone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PAGE := site/pages/benchmarks.md

# Tests start Carrel a thousand times: compiling it each time is a minute.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test lint types bench figures reference clean

help:  ## Say what can be made.
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.developed  ## Make .venv with Carrel and what its tests need.

demo: $(VENV)/.installed  ## Show the main job: log, paper, index, search, site, on a copy of our own notes.
	@sh tooling/demo.sh $(BIN)/carrel demo

serve: $(VENV)/.installed  ## Serve the site of our own notes on http://127.0.0.1:8000.
	$(BIN)/carrel serve

# One process more than there are processors: much of the time is waiting for browsers and terminals.
test: setup lint types  ## Lint, types, import rule, then every test with a real browser.
	$(BIN)/python -m pytest -n $$(($$(nproc) + 1)) --dist loadfile --no-loadscope-reorder

lint: setup  ## Style and the import rule.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: setup  ## Types, strictly.
	$(BIN)/mypy

bench: $(VENV)/.compared  ## Compare with other engines and builders, and the other bars (SIZE=1000, SIZE=100000).
	$(BIN)/python tooling/bench/compare.py $(SIZE) $(SIZES)
	$(BIN)/python tooling/bench/bars.py
	$(BIN)/python tooling/bench/sites.py

figures: $(VENV)/.compared  ## Measure again, and write the manual's page on speed (RELEVANCE="cran med", NOTES=folder).
	$(BIN)/python tooling/bench/compare.py $(SIZE) $(SIZES) --page $(PAGE)
	$(if $(RELEVANCE),$(BIN)/python tooling/bench/relevance.py $(RELEVANCE) --page $(PAGE))
	$(if $(NOTES),$(BIN)/python tooling/bench/relevance.py --known-item $(NOTES) --page $(PAGE))
	$(BIN)/python tooling/bench/sites.py --page $(PAGE)

reference: setup  ## Write the manual's pages of commands and settings from the program.
	$(BIN)/python tooling/reference.py

clean:  ## Remove what the other targets made.
	rm -rf $(VENV) demo build dist site/public .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Debian packages venv's pip apart (python3-venv); where it is missing, the system's pip fills the venv.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV) && $(PYTHON) -m venv --without-pip $(VENV) \
	  && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.developed: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

$(VENV)/.compared: pyproject.toml $(VENV)/.developed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@
