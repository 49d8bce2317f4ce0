"""Whoever renders the stage, the site says and promises the same."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest

from carrel.core.frontmatter_edit import yaml_value
from carrel.core.note import Visibility
from carrel.errors import BuildFailed, UsageError
from carrel.publish.build import build_site
from carrel.publish.builders.builder_process import BUILDERS, Builder, find
from carrel.publish.swap import MARKER
from carrel.store.scaffold import skeleton
from tests.publish.conftest import missing
from tests.publish.payloads import PAYLOADS
from tests.publish.support import SAMPLE, knowledge_base, png, tree
from tests.support import Carrel

PUBLIC = Visibility.PUBLIC
HEAD = "---\nvisibility: public\n---\n"
#: What the builders' own reading of Markdown would make something else of, or nothing.
PROSE = r"""# Odd things { .cls } {{ title }} & <b>tags</b>

{% raw %} {{ jinja }} ${var} { #id } *[HTML]: abbr :smile: (c) -- ++keys++ H~2~O x^2^ ==marked== ~~struck~~ --8<-- "x"

A sentence. { .other }
**Bold**{: .third } and a [link](README.md) to [[a note]], to [[2026-11-20#14:32]] and www.example.org. [x]: y

Money is US$5 and US$10; $x^2$, \(y\), \[z\] and

$$
\begin{aligned} a &= b \\ c &= d \end{aligned}
$$

> [!todo] Callout
> In it.

!!! tip "Other"
    In that.

- [ ] to do
- [x] done
1) one
2) two

![A loss curve over time|100](fig.png) ![elsewhere](https://elsewhere.example/x.png)

A footnote[^1], one^[It names [[a note]] and `^[nothing]`.] in the text,
and <a href="a%20note.md">HTML</a>, <a href="nowhere.md">HTML to nowhere</a>.

[^1]: Its text.

| a | b |
|---|--:|
| 1 | 2 |

```python hl_lines="1"
x = "{{ y }}"
```

```mermaid
graph LR
  A --> B
```
"""
FILES: dict[str, str | bytes] = {
    **SAMPLE,
    "mkdocs.yml": skeleton("mkdocs.yml").replace('"{{title}}"', "Sample\nsite_url: https://lab.example/notes/"),
    "notes/README.md": f"{HEAD}# About these\n\nSee [[odd]].\n",
    "notes/odd.md": HEAD + PROSE,
    "notes/a note.md": f"{HEAD}# A note & its 100%\n\n[[ünï]]\n",
    "notes/ünï.md": f"{HEAD}# C++ \\#1\n\n## Häding <i>x</i>\n\n[[a note]]\n",
    "notes/fig.png": png(),
    "notes/unreadable.md": f"{HEAD}# Brackets\n\n{'[' * 2000}\n",
}

Build = Callable[[str], Path]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The site as a builder makes it, made once. Tests do not write into it."""
    sites: dict[str, Path] = {}

    def built(builder: str) -> Path:
        if builder not in sites:
            kb = knowledge_base(tmp_path_factory.mktemp(builder) / "kb", FILES)
            made = build_site(kb, PUBLIC, builder=builder)
            assert (made.as_written, made.remarks) == (
                (("notes/unreadable.md", "holds too many unclosed brackets"),),
                (),
            )
            sites[builder] = made.site_dir
        return sites[builder]

    return built


@pytest.fixture(params=sorted(BUILDERS))
def builder(request: pytest.FixtureRequest) -> str:
    """A builder other than MkDocs."""
    if find_spec(request.param) is None:
        missing(f"{request.param} is not installed: `make setup`")
    return str(request.param)


@pytest.fixture
def site(build: Build, builder: str) -> Path:
    return build(builder)


def article(page: Path) -> str:
    """The part of a page that is a note's, as HTML."""
    found = re.search(r'<article class="md-content__inner md-typeset">(.*?)</article>', page.read_text("utf-8"), re.S)
    assert found is not None, page
    return re.sub(r"\s*\n\s*", "\n", found[1].replace('<a id="__skip" tabindex="-1"></a>', "")).strip()


def shown(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def pages(site: Path) -> list[str]:
    return sorted(place.relative_to(site).as_posix() for place in site.rglob("*.html"))


def test_every_page_says_the_same(site: Path, build: Build) -> None:
    ours = build("mkdocs")
    assert pages(site) == pages(ours)
    assert len(pages(ours)) > 15
    for page in pages(site):
        assert shown(article(site / page)) == shown(article(ours / page)), page


def test_and_does_so_in_the_same_html(site: Path, build: Build) -> None:
    ours = build("mkdocs")
    assert {page: article(site / page) for page in pages(site)} == {page: article(ours / page) for page in pages(ours)}


def test_the_search_finds_the_same(site: Path, build: Build) -> None:
    assert tree(site / "search") == tree(build("mkdocs") / "search")


def test_files_that_notes_use_are_there(site: Path, build: Build) -> None:
    files = {path: data for path, data in tree(build("mkdocs")).items() if Path(path).suffix in (".png", ".bib")}
    files = {path: data for path, data in files.items() if not path.startswith("assets/images/")}  # the theme's
    assert any(path.startswith("assets/fig-") for path in files)
    assert files.items() <= tree(site).items()


def test_every_page_has_a_policy_and_names_no_other_host_but_in_links(site: Path) -> None:
    for page in pages(site):
        text = (site / page).read_text("utf-8")
        policy = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
        assert len(policy) == 1, page
        assert "default-src 'none'; script-src 'self' 'sha256-" in policy[0]
        inline = re.findall(r"<script>", text)
        assert len(inline) >= policy[0].count("'sha256-") > 1, page
        addressed = re.sub(r"<a [^>]*>|<link rel=\"(?:canonical|prev|next)\"[^>]*>", "", text)
        assert re.findall(r'(?:src|href|url\()\s*=?\s*"?(?:https?:)?//[^"\s]*', addressed) == [], page


def test_every_link_leads_to_a_file_of_the_site(site: Path) -> None:
    for page in pages(site):
        if page == "404.html":  # its addresses begin at the server's root
            continue
        for address in re.findall(r'(?:href|src)="([^":#?]+)[#?"]', (site / page).read_text("utf-8")):
            assert ((site / page).parent / unquote(unescape(address))).exists(), (page, address)


def test_pages_load_what_shows_formulas_and_diagrams_and_the_search(site: Path) -> None:
    text = (site / "notes/odd.html").read_text("utf-8")
    for file in ("carrel/mathematics.js", "carrel/diagrams.js", "carrel/pictures.js", "carrel/search/dialog.js"):
        assert f'src="../{file}"' in text
        assert (site / file).is_file()
    assert "carrel/mathematics.js" not in (site / "tags.html").read_text("utf-8")


def test_a_build_is_the_same_again_whatever_was_built_before(site: Path, builder: str, tmp_path: Path) -> None:
    kb = knowledge_base(tmp_path / "kb", {**FILES, "notes/more.md": f"{HEAD}# More\n\n[[odd]]\n"})
    assert "notes/more.html" in tree(build_site(kb, PUBLIC, builder=builder).site_dir)
    (kb.root / "notes/more.md").unlink()
    again = tree(build_site(kb, PUBLIC, builder=builder).site_dir)
    clean = tree(site)
    assert [path for path in {**again, **clean} if again.get(path) != clean.get(path)] == []
    assert MARKER in again
    assert b"lab.example/notes/tags.html" in again["sitemap.xml"]
    assert b"lastmod" not in again["sitemap.xml"]


def test_what_is_private_is_on_no_page(site: Path) -> None:
    for path, data in tree(site).items():
        assert b"secret" not in path.encode() + data.lower() or path.startswith(("assets/", "carrel/")), path


def test_a_note_cannot_put_elements_into_what_a_theme_shows_of_it(builder: str, tmp_path: Path) -> None:
    payloads = [payload for payload in PAYLOADS if "<" in payload][:60]
    files = {}
    for number, payload in enumerate(payloads):
        value = yaml_value(payload)
        fields = f"title: {value}\nauthors: [{value}]\ndescription: {value}\ntags: [{value}]\n"
        files[f"notes/n{number}.md"] = f"---\nvisibility: public\n{fields}---\n## {payload}\n\n### {payload}\n"
    files["notes/plain.md"] = f"---\nvisibility: public\ntitle: x\nauthors: [x]\n---\n## {payloads[0]}\n\n### x\n"
    kb = knowledge_base(tmp_path / "kb", files)  # without a mkdocs.yml
    site = build_site(kb, PUBLIC, builder=builder).site_dir
    theirs = _elements((site / "notes/plain.html").read_text("utf-8"))
    assert theirs.keys() >= {"title", "script", "svg", "nav"}
    for number, payload in enumerate(payloads):
        found = _elements((site / f"notes/n{number}.html").read_text("utf-8"))
        assert {name: count for name, count in found.items() if count > theirs[name]} == {}, payload


def _elements(html: str) -> Counter[str]:
    """How often each element stands on a page around the note's own text, but for what that loads of ours."""
    around = re.sub(r'<article .*?</article>|<script defer src="[./]*carrel/[^"]*"></script>', "", html, flags=re.S)
    return Counter(name.lower() for name in re.findall(r"<([a-zA-Z][^\s/>]*)", around))


def test_a_builder_that_is_not_installed_is_said_to_be_so_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(BUILDERS, "nowhere", Builder("nowhere", first=(1,), beyond=(2,)))
    with pytest.raises(BuildFailed, match="nowhere is not installed") as failed:
        find("nowhere", "material")
    assert "python -m pip install nowhere`" in re.sub(r"python[\d.]*", "python", failed.value.hint)


def test_the_command_line_offers_them_and_says_when_one_is_missing(
    carrel: Carrel, write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("notes/a.md", f"{HEAD}# A\n")
    said = carrel("build", "--builder", "hugo")
    assert said.code == 2
    assert all(f"'{name}'" in said.err for name in ("mkdocs", *BUILDERS))
    monkeypatch.setattr("carrel.publish.builders.builder_process.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "")
    said = carrel("build", "--builder", "zensical")
    assert said.code == 1
    assert said.err.startswith("carrel: zensical is not installed\n")


def test_one_that_is_not_known_is_a_wrong_use() -> None:
    with pytest.raises(UsageError, match="hugo: no such builder") as failed:
        find("hugo", "material")
    assert failed.value.hint == "there are mkdocs, zensical, properdocs"


def test_one_of_another_version_is_not_tried(builder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUILDERS, builder, replace(BUILDERS[builder], first=(99,), beyond=(100,)))
    with pytest.raises(BuildFailed, match=rf"{builder} [\d.]+ is not one that Carrel knows"):
        find(builder, "material")


def test_one_that_fails_says_its_last_words_and_leaves_the_old_site(builder: str, tmp_path: Path) -> None:
    old = {f"site/public/{MARKER}": "", "site/public/index.html": "old"}
    theme = {"own/main.html": "{% extends 'base.html' %}{% block content %}{% endfor %}"}
    settings = str(FILES["mkdocs.yml"]).replace("  name: material", "  name: material\n  custom_dir: own")
    kb = knowledge_base(tmp_path / "kb", {**SAMPLE, **old, **theme, "mkdocs.yml": settings})
    with pytest.raises(BuildFailed, match=rf"(?s){builder} [\d.]+ did not build the site:\n.*endfor"):
        build_site(kb, PUBLIC, builder=builder)
    assert tree(kb.root / "site/public") == {MARKER: b"", "index.html": b"old"}


def test_a_theme_that_is_not_there_is_named(builder: str, tmp_path: Path) -> None:
    kb = knowledge_base(
        tmp_path / "kb", {**SAMPLE, "mkdocs.yml": str(FILES["mkdocs.yml"]).replace("material", "slate")}
    )
    with pytest.raises(BuildFailed, match=f"{builder} does not start, or has no theme slate"):
        build_site(kb, PUBLIC, builder=builder)


def test_what_of_mkdocs_yml_a_builder_does_not_do_is_told(builder: str, tmp_path: Path) -> None:
    base = {"base.yml": "theme: {name: material, language: de}\nplugins: [carrel, {redirects: {}}]\n"}
    settings = "INHERIT: base.yml\nsite_name: !ENV [NAME]\nsite_dir: out\nhooks: [x.py]\nextra: {since: 2026-11-20}\n"
    built = build_site(
        knowledge_base(tmp_path / "lab", {**SAMPLE, **base, "mkdocs.yml": settings}), PUBLIC, builder=builder
    )
    assert built.site_dir == tmp_path / "lab/out"
    assert built.remarks[:2] == (
        f"{builder} does not know the plugin redirects of mkdocs.yml",
        f"{builder} does not know `hooks` of mkdocs.yml",
    )
    page = (built.site_dir / "index.html").read_text("utf-8")
    assert '<html lang="de"' in page
    assert "lab</title>" in page


def test_settings_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    kb = knowledge_base(tmp_path / "kb", {**SAMPLE, "mkdocs.yml": "INHERIT: b.yml\nplugins: [carrel]\n"})
    with pytest.raises(BuildFailed, match=r"b\.yml: .*No such file"):
        build_site(kb, PUBLIC, builder="zensical")
    (kb.root / "b.yml").write_text("INHERIT: mkdocs.yml\n")
    with pytest.raises(BuildFailed, match="inherits from itself"):
        build_site(kb, PUBLIC, builder="zensical")


def test_a_builder_in_an_environment_of_its_own_is_found_on_the_path(
    builder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / builder
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable} -E\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr("carrel.publish.builders.builder_process.find_spec", lambda _: None)
    assert find(builder, "material").python == sys.executable
