"""The policy that a page carries: what is allowed for, and what is not."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from carrel.publish.render.policy import with_policy
from carrel.publish.render.theme import PARTS, scripts_in, theme_folder, with_parts
from tests.publish.support import SAMPLE, knowledge_base

_material = find_spec("material")
assert _material is not None
assert _material.origin is not None
#: Where Material's templates are.
TEMPLATES = str(Path(_material.origin).parent / "templates")


def policy(html: str, content: str = "", known: str = "theme\\(\\)", *, styled: bool = False) -> str:
    page = f'<head><meta charset="utf-8"></head>{html}'
    found = re.search(r'Policy" content="([^"]*)"', with_policy(page, content, re.compile(known), styled=styled))
    assert found is not None
    return found[1]


def hashed(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def test_a_script_of_the_theme_is_allowed_by_its_hash_and_no_other_is() -> None:
    said = policy("<script>theme()</script><script>theme();pwned()</script><script>pwned()</script>")
    assert f"script-src 'self' {hashed('theme()')};" in said
    assert said.count("sha256-") == 1


def test_a_script_in_the_content_is_not_allowed_even_where_it_is_one_of_the_themes() -> None:
    content = "<p><script>theme()</script></p>"
    assert "script-src 'self';" in policy(content, content)


def test_only_a_page_with_diagrams_may_have_styles_in_it_and_none_scripts() -> None:
    assert "style-src 'self';" in policy("")
    assert "style-src 'self' 'unsafe-inline';" in policy("", styled=True)
    assert "script-src 'self';" in policy("", styled=True)


def test_what_a_template_fills_in_is_an_address_and_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text('<script>go("{{ base_url }}")</script>')
    known = scripts_in([str(tmp_path)])
    assert known.fullmatch('go("../..")')
    assert not known.fullmatch('go("");pwned("")')


def test_every_inline_script_of_the_built_site_is_known(tmp_path: Path) -> None:
    site = build_site(knowledge_base(tmp_path / "kb", SAMPLE), Visibility.PUBLIC).site_dir
    for place in site.rglob("*.html"):
        html = place.read_text("utf-8")
        scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
        assert scripts
        assert [script for script in scripts if hashed(script) not in html] == [], place


@pytest.mark.parametrize(
    ("content", "loaded"),
    [
        ("<p>words, <code>code</code></p>", []),
        ('<p><span class="arithmatex">$x$</span></p>', ["katex.min.css", "katex.min.js", "mathematics.js"]),
        ('<pre class="carrel-diagram"><code>graph</code></pre>', ["mermaid.min.js", "diagrams.js"]),
        ('<p><img alt="" src="x.png"></p>', ["pictures.js"]),
        ("<p>&lt;img and class=&quot;arithmatex&quot;</p>", []),
    ],
)
def test_a_page_loads_only_what_it_shows(content: str, loaded: list[str]) -> None:
    html = with_parts(f"<head></head><body>{content}</body>", content, "notes/2026/x.html")
    addresses = re.findall(r'(?:src|stylesheet" href)="(\.\./\.\./[^"]*)"', html)
    assert [address.rpartition("/")[2] for address in addresses] == loaded


def test_no_template_of_material_writes_a_style_into_our_pages() -> None:
    found = [path for path in Path(TEMPLATES).glob("*.html") if "<style>" in path.read_text("utf-8")]
    assert [path.name for path in found] == ["base.html"]  # for fonts of Google's, which are off


def test_every_file_that_a_page_may_load_is_there_with_its_licence() -> None:
    files = [theme_folder() / name for part in PARTS for name in (*part.styles, *part.scripts)]
    assert [file for file in files if not file.is_file()] == []
    libraries = {file.parent for file in files if "vendor" in file.parts}
    assert len(libraries) == 3
    assert all("Permission " in (library / "LICENSE").read_text() for library in libraries)  # as MIT and ISC give it
    for sheet in (file for file in files if file.suffix == ".css"):
        fonts = re.findall(r"url\(([^)]*\.woff2)\)", sheet.read_text())
        assert len(fonts) == 20
        assert [font for font in fonts if not (sheet.parent / font).is_file()] == []
