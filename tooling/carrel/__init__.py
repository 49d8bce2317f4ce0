"""Carrel: a terminal-first, plain-Markdown research log and reading-notes knowledge base."""

__version__ = "0.1.0"
