"""What a page can show, in a real browser: mathematics, diagrams, callouts, code, pictures, embedded notes, tables."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Visibility
from carrel.publish.build import build_site
from tests.publish.support import SAMPLE, chunk, knowledge_base, wait_until
from tests.publish.test_browser import PHONE, Reader

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def picture(width: int, height: int) -> bytes:
    """A grey picture of that size."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\0\0\0\0"
    pixels = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


TEXT = r"""---
title: Comfort
date: 2026-11-18
visibility: public
---
It costs US$5 and US$10. The loss is $\mathcal{L} = \frac{a}{b}$ and \(y_1\).
$$
\sum_{i < n} x_i
$$

Not to be read: $\frac{1}{$ here.

> [!tldr] In short
> Text.
> > [!tip]- Folded
> > Within.

> [!NOTE]
> GitHub's.

> [!faq]+ Open
> - one

!!! danger "Careful"
    Hot.

???+ info
    Unfolded.

- an item
  > [!example] In a list
  > Text.

Foot[^1] and ![inline|40](assets/wide.png).

- [x] done
- [ ] open

```python linenums="7" hl_lines="2" title="train.py"
loss = f(x)
loss.backward()
```

![[wide.png|300]]

![tall one|100x150](assets/tall.png)

![c](assets/wide.png "Loss, of <run> $12")

![[wide.png|A grey field]]

![[parts#Part two]]

![[parts#^lines]]

![[parts#^table]]

![[parts#^item]]

| layer | a wide column of a table | another wide column | and_an_identifier_that_is_long | and_one_more_identifier |
|------:|---|---|---|---|
| 1 | words that need room | words that need room | value_of_an_identifier |

[^1]: The footnote.
"""
DIAGRAMS = """---
title: Diagrams
visibility: public
---
```mermaid
graph LR
  A[Entry] -->|shared| B(Stage)
```

```mermaid
no such drawing -->
```
"""
PARTS = """---
title: Parts
visibility: public
---
## Part one

![[comfort]]

## Part two

The second part, with ![[comfort]] and

![[parts#Part one]]

## Part three

Before.

Two
lines. ^lines

| a | b |
|---|---|
| 1 | 2 |

^table

- first
- second ^item
  - below it
- third
"""
COMFORT: dict[str, str | bytes] = {
    **SAMPLE,
    "notes/comfort.md": TEXT,
    "notes/diagrams.md": DIAGRAMS,
    "notes/parts.md": PARTS,
    "notes/assets/wide.png": picture(900, 450),
    "notes/assets/tall.png": picture(200, 300),
    "notes/experiments/curve.png": picture(800, 300),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(knowledge_base(tmp_path_factory.mktemp("comfort") / "kb", COMFORT), Visibility.PUBLIC).site_dir


@pytest.fixture
def reader(window: Page, site: Path) -> Iterator[Reader]:
    """A reader who opened the note from a folder, where a browser allows least."""
    opened = Reader(window, site.as_uri())
    opened.open("notes/comfort.html")
    yield opened
    opened.leave()


def test_from_a_server_too_all_of_it_is_there_and_nothing_is_wrong(
    chromium: Browser, site: Path, serve: Callable[[Path], str]
) -> None:
    reader = Reader(chromium.new_page(), serve(site))
    reader.open("notes/comfort.html")
    reader.page.wait_for_selector(".katex")
    reader.page.wait_for_selector(".carrel-enlarge")
    reader.open("notes/diagrams.html")
    reader.page.wait_for_selector(".carrel-drawing svg")
    reader.page.wait_for_selector("pre.carrel-unread")
    reader.page.close()
    assert reader.wrong == []


def test_mathematics_is_set_money_is_not_and_what_cannot_be_read_stays_as_it_was_written(reader: Reader) -> None:
    page = reader.page
    page.wait_for_selector(".katex")
    assert page.locator(".arithmatex annotation").all_text_contents() == [
        r"\mathcal{L} = \frac{a}{b}", "y_1", "\n\\sum_{i < n} x_i\n",
    ]  # fmt: skip
    assert page.locator(".katex-display").count() == 1
    assert "US$5 and US$10" in page.locator("article").inner_text()
    assert page.locator(".arithmatex.carrel-unread").all_inner_texts() == [r"$\frac{1}{$"]
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px KaTeX_Main'))")
    assert reader.wrong == []


def test_diagrams_are_drawn_in_the_colours_of_the_scheme_and_a_broken_one_is_shown_as_text(reader: Reader) -> None:
    page = reader.page
    reader.open("notes/diagrams.html")
    page.wait_for_selector("pre.carrel-unread")
    drawing = page.locator(".carrel-drawing:visible svg")
    assert drawing.count() == 1
    assert "Entry" in (drawing.text_content() or "")
    assert page.locator("pre.carrel-diagram:visible").all_inner_texts() == ["no such drawing -->"]
    fill = "getComputedStyle(document.querySelector('.carrel-drawing .node rect')).fill"
    light = page.evaluate(fill)
    page.locator("label[title=Dark]").click()
    wait_until(page, f"{fill} !== '{light}'")
    assert reader.wrong == []


def test_callouts_of_all_three_dialects_fold_nest_and_stand_in_lists(reader: Reader) -> None:
    page = reader.page
    titles = page.locator(".admonition-title, summary")
    assert titles.all_inner_texts() == ["In short", "Folded", "Note", "Open", "Careful", "Info", "In a list"]
    kinds = page.locator(".admonition, article details").evaluate_all(
        "all => all.map(one => one.className.split(' ').at(-1))"
    )
    assert kinds == ["abstract", "tip", "note", "question", "danger", "info", "example"]
    folded = page.get_by_text("Within.")
    assert not folded.is_visible()
    page.get_by_text("Folded", exact=True).click()
    assert folded.is_visible()
    assert page.locator("details.question li").inner_text() == "one"
    assert page.locator("article ul li .example").is_visible()


def test_footnotes_come_before_what_links_here_and_tasks_are_ticked(reader: Reader) -> None:
    page = reader.page
    assert "The footnote." in page.locator(".footnote li").inner_text()
    assert page.evaluate(
        "document.querySelector('.footnote').compareDocumentPosition(document.querySelector('.carrel-backlinks')) & 4"
    )
    boxes = page.locator(".task-list-item input").evaluate_all("boxes => boxes.map(box => [box.checked, box.disabled])")
    assert boxes == [[True, True], [False, True]]


def test_code_has_its_name_its_numbers_its_colours_and_a_button_that_copies_the_code_alone(reader: Reader) -> None:
    page = reader.page
    code = page.locator(".highlight", has_text="backward")
    assert code.locator(".filename").inner_text() == "train.py"
    number = "line => getComputedStyle(line, '::before').content"
    assert [one.evaluate(number) for one in code.locator("[data-linenos]").all()] == ['"7 "', '"8 "']
    assert code.locator(".hll").inner_text().strip() == "loss.backward()"
    assert code.locator(".n").first.evaluate("word => getComputedStyle(word).color") is not None
    page.context.grant_permissions(["clipboard-read"])
    code.locator("button").click()
    wait_until(page, "navigator.clipboard.readText().then(text => text === 'loss = f(x)\\nloss.backward()')")
    assert reader.wrong == []


def test_pictures_have_their_sizes_and_captions_and_enlarge_with_mouse_and_keyboard(reader: Reader) -> None:
    page = reader.page
    sizes = page.locator("article img").evaluate_all(
        "all => all.map(one => [one.alt, one.clientWidth, one.clientHeight])"
    )
    assert sizes[:3] == [["inline", 40, 20], ["wide.png", 300, 150], ["tall one", 100, 150]]
    assert page.locator("figcaption").all_inner_texts() == ["tall one", "Loss, of <run> $12", "A grey field"]
    dialog = page.locator("dialog.carrel-lightbox")
    page.get_by_role("button", name="Enlarge: tall one").focus()
    page.keyboard.press("Enter")
    assert dialog.is_visible()
    assert dialog.locator("img").evaluate("large => large.clientHeight") > 500
    assert dialog.locator("p").inner_text() == "tall one"
    page.keyboard.press("ArrowRight")
    assert dialog.locator("p").inner_text() == "Loss, of <run> $12"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert dialog.locator("img").get_attribute("alt") == "wide.png"
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Enlarge: tall one"
    page.locator("figure img").last.click()
    assert dialog.locator("p").inner_text() == "A grey field"
    dialog.click(position={"x": 5, "y": 300})
    assert not dialog.is_visible()
    assert reader.wrong == []


def test_notes_sections_and_blocks_are_embedded_and_a_circle_ends_in_a_link(reader: Reader) -> None:
    quoted = reader.page.locator("article > blockquote")
    assert [" ".join(one.split()) for one in quoted.all_inner_texts()] == [
        "Parts Part two The second part, with Comfort and Parts › Part one",
        "Parts Two lines.",
        "Parts a b 1 2",
        "Parts second below it",
    ]
    assert quoted.first.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))") == [
        "parts.html#part-two", "comfort.html", "parts.html#part-one",
    ]  # fmt: skip


def test_on_a_phone_wide_tables_code_and_formulas_scroll_in_themselves(reader: Reader) -> None:
    page = reader.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict
    page.wait_for_selector(".katex")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    table = page.locator(".carrel-wide", has_text="an_identifier")
    assert table.evaluate("box => box.scrollWidth > box.clientWidth")
    table.focus()
    page.keyboard.press("ArrowRight")
    wait_until(page, "box => box.scrollLeft > 0", table.element_handle())


def test_on_paper_folded_text_is_shown_navigation_is_not_and_the_dark_scheme_is_light(reader: Reader) -> None:
    page = reader.page
    page.emulate_media(media="print", color_scheme="dark")
    page.reload()
    page.wait_for_selector(".katex")
    shown = "id => document.querySelector(id).getBoundingClientRect().height > 0"
    assert page.evaluate(shown, "details.tip > p")
    assert not page.evaluate(shown, ".carrel-backlinks")
    assert not page.evaluate(shown, ".md-header")
    text, paper = page.evaluate("[getComputedStyle(document.querySelector('article p')).color, "
                                "getComputedStyle(document.body).backgroundColor]")  # fmt: skip
    assert (text, paper) in [("rgba(0, 0, 0, 0.87)", "rgba(0, 0, 0, 0)"), ("rgba(0, 0, 0, 0.87)", "rgb(255, 255, 255)")]


def test_a_plain_page_loads_no_script_for_what_it_does_not_hold(reader: Reader) -> None:
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.open("papers/elhage2022toy.html")
    reader.page.wait_for_load_state()
    parts = ("/katex", "/mermaid", "pictures.js", "diagrams.js", "mathematics.js", "map.js")
    assert [url for url in asked if any(part in url for part in parts)] == []
