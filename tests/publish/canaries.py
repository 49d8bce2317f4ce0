"""A mark in every place where a hidden note can hold one, in every way in which a note comes to be hidden.

`hidden_files()` gives the files, `visible_files()` what is shared and points at all of them, `marks()` what must then
be nowhere on a site. A mark says form and place: `zq0312qz` is in the third form of a note, at its twelfth place.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.pdfs import lines, make_pdf
from tests.publish.support import png

#: How a note comes to be hidden: its front matter (`{}` is where the place's own lines go), then its body.
FORMS: Mapping[str, Callable[[str, str], bytes]] = {
    "well-formed": lambda front, body: f"---\nvisibility: private\n{front}---\n{body}".encode(),
    "no word on it": lambda front, body: f"---\n{front}---\n{body}".encode(),
    "broken YAML": lambda front, body: f"---\nvisibility: public\nbad: Foo: bar\n{front}---\n{body}".encode(),
    "odd case": lambda front, body: f"---\nvisibility: public\nVisibility: Private\n{front}---\n{body}".encode(),
    "BOM": lambda front, body: b"\xef\xbb\xbf" + f"---\nvisibility: private\n{front}---\n{body}".encode(),
    "duplicate key": lambda front, body: f"---\nvisibility: public\nvisibility: private\n{front}---\n{body}".encode(),
    "conflict": lambda front, body: (
        f"---\nvisibility: public\n{front}---\n{body}\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n".encode()
    ),
    "not UTF-8": lambda front, body: f"---\nvisibility: public\n{front}---\n{body}".encode() + b"\xe9\n",
}
#: Keys of the front matter that say something on a site.
KEYS = (
    "title", "kind", "tags", "aliases", "project", "advances", "supersedes", "paper", "authors", "editors", "venue",
    "year",
    "doi", "arxiv", "url", "pdf", "citekey", "reading", "state", "description", "verdict", "reason", "publisher",
    "custom",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a mark stands: what a note has of it, and what lies beside the note. `M` is the mark."""

    front: str = ""
    body: str = "Text.\n"
    name: str = "notes/{id}.md"
    files: Mapping[str, Callable[[str], bytes]] = field(default_factory=dict)


def _packed(mark: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{mark}.txt", mark)
    return packed.getvalue()


#: Every place, by its name. `{id}` is a name that says nothing.
PLACES: Mapping[str, Place] = {
    **{f"key {key}": Place(front=f"{key}: M\n") for key in KEYS},
    "key in a list": Place(front="authors: [M, B]\ntags: [M, b]\naliases: [M]\n"),
    "nested key": Place(front="run:\n  config:\n    name: M\n    M: 1\n"),
    "key's name": Place(front="M: yes\n"),
    "body": Place(body="Says M.\n"),
    "heading": Place(body="## On M\n\nText.\n"),
    "entry": Place(
        front="kind: log\ndate: 2026-11-20\n", body="## 10:00 Of M\n\nproject:: M\n#M\n", name="notes/2026/{id}.md"
    ),
    "file name": Place(name="notes/M.md"),
    "folder": Place(name="notes/M/{id}.md"),
    "citation key": Place(front="kind: paper\ncitekey: M2026x\n", name="papers/M2026x.md"),
    "link's words": Place(body="[M](visible.md) [[visible|M]]\n"),
    "link's target": Place(body="[[M]] [x](M.md) [@M2026] @M\n"),
    "picture's name": Place(body="![[M.png]]\n", files={"notes/M.png": lambda _: png()}),
    "picture's metadata": Place(
        body="![[{id}.png]]\n", files={"notes/{id}.png": lambda mark: png((b"tEXt", f"Comment\0{mark}".encode()))}
    ),
    "caption": Place(body='![M]({id}.png "M")\n', files={"notes/{id}.png": lambda _: png()}),
    "footnote": Place(body="Said.[^1] And.[^M]\n\n[^1]: M\n[^M]: x\n"),
    "comment": Place(body="<!-- M --> and %%M%%\n"),
    "code": Place(body="`M`\n\n```python\nM\n```\n"),
    "mathematics": Place(body="$M$\n\n$$\nM\n$$\n"),
    "diagram": Place(body="```mermaid\ngraph TD; M-->B\n```\n"),
    "callout": Place(body="> [!note] M\n> M\n"),
    "table": Place(body="| M | b |\n|---|---|\n| 1 | M |\n"),
    "task": Place(body="- [ ] M\n- [x] M\n"),
    "HTML": Place(body='<div id="M" title="M">M</div>\n'),
    "embed": Place(body="![[visible]] ![[M#M]]\n"),
    "block": Place(body="A block. ^M\n"),
    "tag": Place(body="Text #M and #a/M.\n"),
    "query": Place(body="```carrel\ntitle:M\n```\n"),
    "prediction": Place(body="- [ ] p=0.7 by 2026-12-01: M ^p-3f2a\n"),
    "packed attachment": Place(body="[data](M.zip)\n", files={"notes/M.zip": _packed}),
    "data": Place(body="[data]({id}.csv)\n", files={"notes/{id}.csv": lambda mark: f"a,{mark}\n".encode()}),
    "PDF": Place(
        body="[paper]({id}.pdf)\n",
        files={"notes/{id}.pdf": lambda mark: make_pdf([lines(mark)], info={"Title": mark, "Author": mark})},
    ),
    "asset of the log": Place(
        front="kind: log\ndate: 2026-11-20\n", body="![[M.png]]\n", files={"notes/assets/2026/M.png": lambda _: png()}
    ),
    "conflict copy": Place(name="notes/visible.sync-conflict-20261120-{id}M.md", front="visibility: public\n"),
    "private day": Place(name="notes/2026/2026-11-19-M.private.md", front="visibility: public\n"),
    "site's own page": Place(name="site/pages/M.md"),
}


def marks() -> list[str]:
    """Every mark."""
    return [mark for _, _, mark in _cases()]


def hidden_files() -> dict[str, bytes]:
    """Every hidden note, with what lies beside it."""
    files = {}
    for form, place, mark in _cases():
        name, front, body = (_filled(text, mark) for text in (place.name, place.front, place.body))
        files[name] = FORMS[form](front, body)
        for path, content in place.files.items():
            files[_filled(path, mark)] = content(mark)
    return files


def visible_files() -> dict[str, str]:
    """What is shared, and points at everything hidden by each of its names; without a word of them in its own."""
    links, relations = [], []
    for _, place, mark in _cases():
        name = _filled(place.name, mark)
        stem = name.rpartition("/")[2].removesuffix(".md")
        links += [f"[[{mark}]]", f"[[{stem}]]", f"![[{stem}]]", f"[[{stem}#On {mark}]]", f"[[{stem}#^{mark}]]"]
        links += [f"[@{mark}2026x]", f"[words](/{name})", f"![words](/notes/{mark}.jpg)", f"[[{stem}|words]]"]
        relations += [f"[[{stem}]]", f"[[{mark}]]"]
    listed = ", ".join(f'"{one}"' for one in relations)
    return {
        "notes/visible.md": (
            f"---\ntitle: Visible\nvisibility: public\nadvances: [{listed}]\nsupersedes: [{listed}]\n---\n"
            + "\n\n".join(links)
            + "\n"
        ),
        "notes/2026/2026-11-20.md": (
            "---\ntitle: 2026-11-20\nkind: log\ndate: 2026-11-20\nauthors: [Ada]\nvisibility: public\n---\n"
            + "\n".join(f"## 10:{n % 60:02} Entry\n\nproject:: {mark}\n" for n, mark in enumerate(marks()))
        ),
        "papers/open2020paper.md": (
            "---\ntitle: Open\nkind: paper\ncitekey: open2020paper\nvisibility: public\nyear: 2020\n"
            "authors: [A. Writer]\n---\n## Opinion\n\nSee [[visible]].\n"
        ),
        "site/pages/index.md": "# Home\n\nSee [[visible]].\n",
    }


def _cases() -> Iterator[tuple[str, Place, str]]:
    for number, form in enumerate(FORMS):
        for turn, (name, place) in enumerate(PLACES.items()):
            if (form, name) != ("no word on it", "site's own page"):  # such a page is meant for the site
                yield form, place, f"zq{number:02}{turn:02}qz"


def _filled(text: str, mark: str) -> str:
    """The text with the mark in it; `{id}` differs from note to note and is no mark."""
    return text.replace("M", mark).replace("{id}", f"n{mark[2:6]}")
