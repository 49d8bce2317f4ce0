"""A stage that was there already becomes, after any change, what a clean one would be: letter by letter."""

from __future__ import annotations

import os
import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from carrel.core.note import Note, Visibility
from carrel.core.parse import parse_note
from carrel.publish.edition.edition import Edition
from carrel.publish.pages.made import plain_call
from carrel.publish.staging import memory as memories
from carrel.publish.staging.memory import Memory
from carrel.publish.staging.packing import Unread, packed, unpacked
from carrel.publish.staging.reading import Reading
from carrel.publish.staging.reads import NotRecorded, Reads
from carrel.publish.staging.stage import stage
from carrel.publish.staging.staged import PagesReady, StageChanged, Staged
from carrel.store.knowledge_base import KnowledgeBase
from tests.publish.support import SAMPLE, edition, knowledge_base, png, tree

LAB, PRIVATE = Visibility.LAB, Visibility.PRIVATE
DAY = date(2026, 11, 21)

STYLE = (Path(__file__).parents[2] / "tooling/carrel/metadata/author-year.csl").read_text("utf-8")


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are believed to stay as they are a hundredth of a second after they were written."""
    for module in ("sources", "attachments"):
        monkeypatch.setattr(f"carrel.publish.staging.{module}.RACY_NS", 10_000_000)


def said(staged: Staged) -> dict[str, object]:
    """All that a stage gives to whoever renders it."""
    pages = [(one.path, one.title, dict(one.meta), one.source, one.digest, one.text) for one in staged.pages.values()]
    found = [(one.address, one.digest, one.read()) for one in staged.found]
    rest = {"unresolved": staged.unresolved, "nav": staged.nav, "assets": staged.assets, "files": staged.files}
    return {"pages": pages, "found": found, **rest}


def clean(kb: KnowledgeBase, audience: Visibility, dest: Path) -> Staged:
    """A stage where there was none."""
    for place in dest.parent.glob(f"{dest.name}*"):
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    return stage(kb, audience, dest, lambda: DAY, memory=Memory())


def same(kb: KnowledgeBase, staged: Staged, audience: Visibility, dest: Path) -> None:
    """Fail unless a clean stage is the same as this one."""
    other = clean(kb, audience, dest)
    here, there = tree(staged.root), tree(other.root)
    assert {path for path in here.keys() | there.keys() if here.get(path) != there.get(path)} == set()
    assert said(staged) == said(other)


class Writer:
    """Somebody who writes into a knowledge base whatever comes to mind."""

    def __init__(self, kb: KnowledgeBase, seed: int) -> None:
        self.kb, self._random, self.did = kb, Random(seed), [""]
        self._number = 0

    def change(self) -> None:
        """Change something."""
        edits = [name for name in dir(self) if name.startswith("edit_")]
        name = self._random.choice(edits)
        self.did.append(name)
        getattr(self, name)()

    # --- what there is --------------------------------------------------------------------------------------------

    def _notes(self) -> list[Path]:
        folders = ("notes", "papers")
        return sorted(place for folder in folders for place in (self.kb.root / folder).rglob("*.md"))

    def _any(self, pattern: str = "") -> Path:
        return self._random.choice([place for place in self._notes() if re.search(pattern, str(place))])

    def _name(self) -> str:
        return self._random.choice([self._any().stem, self._any().stem, self._any("papers").stem, f"n{self._below(9)}"])

    def _below(self, most: int) -> int:
        return self._random.randrange(most)

    def _append(self, text: str, pattern: str = "") -> None:
        place = self._any(pattern)
        place.write_text(f"{place.read_text()}\n{text}\n")

    def _set(self, key: str, value: str, pattern: str = "") -> None:
        place = self._any(pattern)
        text = re.sub(rf"^{key}:.*\n", "", place.read_text(), flags=re.MULTILINE)
        place.write_text(text.replace("---\n", f"---\n{key}: {value}\n", 1))

    def _new(self, path: str, text: str) -> None:
        place = self.kb.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    # --- what can be done -----------------------------------------------------------------------------------------

    def edit_entry(self) -> None:
        fields = self._random.choice(
            ["", f"\nproject:: {self._name()}\n", "\nprediction:: 70% it works by 2027-01-01\n"]
        )
        title = self._random.choice(["", f"See [[{self._name()}]]", "Something"])
        self._append(
            f"## 1{self._below(9)}:{self._below(5)}0 {title}\n\n[[{self._name()}]] [@{self._name()}] "
            f"#tag{self._below(4)}\n{fields}",
            "2026-",
        )

    def edit_title(self) -> None:
        self._set(
            "title", self._random.choice([f"'On [[{self._name()}]]'", f"Title {self._below(4)}", f"n{self._below(9)}"])
        )

    def edit_alias(self) -> None:
        self._set("aliases", f"[n{self._below(9)}, Title {self._below(4)}]")

    def edit_citekey(self) -> None:
        self._set("citekey", f"n{self._below(9)}")

    def edit_kind(self) -> None:
        self._set("kind", self._random.choice(["project", "question", "experiment", "idea", "paper", "log", "mine"]))

    def edit_authors(self) -> None:
        self._set("authors", f"[Ada Doe, 'Bo X{self._below(3)}', '[[{self._name()}]]']")

    def edit_year(self) -> None:
        self._set("year", f"202{self._below(3)}", "papers")

    def edit_date(self) -> None:
        self._set("date", f"2026-0{self._below(3) + 1}-11")

    def edit_project(self) -> None:
        self._set("project", self._random.choice([self._name(), f"'[[{self._name()}|some]]'"]))

    def edit_advances(self) -> None:
        self._set("advances", f"['[[{self._name()}]]', {self._name()}]")

    def edit_outcome(self) -> None:
        outcomes = {"state": ("done", "pruned"), "verdict": ("refuted", "confirmed"), "ended": ("2026-01-02",)}
        key = self._random.choice([*outcomes, "reason"])
        self._set(key, self._random.choice([*outcomes.get(key, ()), f"'see [[{self._name()}]]'"]))

    def edit_tags(self) -> None:
        self._set("tags", f"[tag{self._below(4)}, Tag{self._below(4)}, '[[{self._name()}]]']")

    def edit_visibility(self) -> None:
        self._set("visibility", self._random.choice(["private", "lab", "public"]))

    def edit_link(self) -> None:
        self._append(
            f"See [[{self._name()}#Part {self._below(3)}|words]], [[{self._name()}]] and [x](../{self._any().name})."
        )

    def edit_html(self) -> None:
        self._append(f'An <a href="{self._any().name}#part-1">address</a> of [[{self._name()}#^b{self._below(2)}]].')

    def edit_embed(self) -> None:
        self._append(f"![[{self._name()}]]\n\n![[{self._name()}#Part {self._below(3)}]]\n\nA block. ^b{self._below(2)}")

    def edit_heading(self) -> None:
        comment = self._random.choice(["", " <!-- hidden -->", f" [[{self._name()}]]", " %%x%%"])
        self._append(f"## Part {self._below(3)}{comment}\n\nwords of it")

    def edit_citation(self) -> None:
        self._append(f"As [@{self._name()}, p. 3; -@{self._name()}] and @{self._name()} say.")

    def edit_mention(self) -> None:
        self._append(f"Ask @{self._random.choice(['ada', 'bo', 'writer-0', 'Writer_1', 'AdaDoe', 'n1'])} of it.")

    def edit_comment(self) -> None:
        self._append(f"%% not for you: [[{self._name()}]] %%")

    def edit_words(self) -> None:
        place = self._any()
        place.write_text(place.read_text().replace("e", "é", 1))

    def edit_nothing(self) -> None:
        place = self._any()
        place.write_text(place.read_text())

    def edit_delete(self) -> None:
        if len(self._notes()) > 8:
            self._any().unlink()

    def edit_new(self) -> None:
        self._number += 1
        folder = self._random.choice(["notes", "notes/deep", "papers"])
        kind = "paper" if folder == "papers" else self._random.choice(["note", "project", "idea"])
        front = f"kind: {kind}\nvisibility: lab\ndate: 2026-03-0{self._below(9) + 1}"
        self._new(
            f"{folder}/n{self._below(9)}.md", f"---\n{front}\n---\n\n# Part {self._below(3)}\n\n[[{self._name()}]]\n"
        )

    def edit_day(self) -> None:
        front = f"date: 2026-01-0{self._below(8) + 1}\nkind: log\nvisibility: lab\nauthors: [Writer {self._below(2)}]"
        path = f"notes/2026/2026-0{self._below(3) + 1}-1{self._below(9)}.md"
        self._new(path, f"---\n{front}\n---\n\n## 09:00 Up\n\n[[{self._name()}]]\n")

    def edit_rename(self) -> None:
        place = self._any()
        place.rename(place.with_name(f"n{self._below(9)}.md"))

    def edit_own_page(self) -> None:
        path = self._random.choice(["index.md", "about.md", "papers.md", "deep/own.md"])
        self._new(
            f"site/pages/{path}", f"# Own {self._below(3)}\n\n[[{self._name()}]] [@{self._name()}] ![[fig.png]]\n"
        )

    def edit_own_page_goes(self) -> None:
        (self.kb.root / "site/pages/about.md").unlink(missing_ok=True)

    def edit_picture(self) -> None:
        (self.kb.root / "notes/fig.png").write_bytes(png((b"tIME", os.urandom(7)), (b"IDAT", b"")))

    def edit_picture_goes(self) -> None:
        (self.kb.root / "notes/fig.png").unlink(missing_ok=True)

    def edit_file(self) -> None:
        self._new("notes/deep/data.csv", f"1,{self._below(99)}\n")
        self._new(
            "notes/live.svg", self._random.choice(["<svg xmlns='http://www.w3.org/2000/svg'/>", "<svg onload='x()'/>"])
        )
        self._append("![[fig.png]] [[data.csv]] ![](live.svg) ![[deep/fig.png]]")

    def edit_table(self) -> None:
        query = self._random.choice(["kind:paper", f"tag:tag{self._below(4)}", "kind:log sort:date"])
        self._append(f"```carrel\n{query}\ncolumns: title, date, snippet\n```")

    def edit_settings(self) -> None:
        style = self._random.choice(["", 'papers.style = "house.csl"\n'])
        self._new("house.csl", STYLE.replace('delimiter="; "', f'delimiter="{self._random.choice(";,")} "'))
        self._new(".carrel/config.toml", style)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_change_a_stage_is_as_a_clean_one_would_be(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb = knowledge_base(
        tmp_path / "kb", {**SAMPLE, "notes/fig.png": png(), "notes/n0.md": "---\nvisibility: lab\n---\n"}
    )
    writer = Writer(kb, seed)
    random, memory = Random(-seed), Memory()
    audience = LAB
    monkeypatch.setattr(memories, "LEAST", 1 << 18 if seed % 2 else 0)
    for number in range(14):
        for _ in range(random.randrange(1, 4) if number else 0):
            writer.change()
        kb = kb.reopened()
        audience = random.choice([audience] * 5 + [PRIVATE, LAB])
        kept = memory if number % 3 else None  # within a process, and by what it left on disk
        staged = stage(kb, audience, tmp_path / "stage", lambda: DAY, memory=kept)
        try:
            same(kb, staged, audience, tmp_path / "clean")
        except AssertionError as error:
            error.add_note(f"{seed=} {number=} {writer.did}")
            raise
        writer.did.append(".")


@pytest.fixture
def staged(tmp_path: Path) -> tuple[KnowledgeBase, Path]:
    """A knowledge base, and a stage of it that has been remembered twice: as a whole, and what came after."""
    kb, dest = knowledge_base(tmp_path / "kb", SAMPLE), tmp_path / "stage"
    stage(kb, LAB, dest)
    add_entry(kb, "After the first")
    stage(kb, LAB, dest)
    assert sorted(place.name for place in (tmp_path / "stage-memory").iterdir()) == ["since", "whole"]
    return kb, dest


def add_entry(kb: KnowledgeBase, title: str) -> None:
    place = kb.root / "notes/2026/2026-11-20.md"
    place.write_text(f"{place.read_text()}\n## 18:00 {title}\n\nAnd [[refusal-probes]].\n")


def laid_out(kb: KnowledgeBase, dest: Path) -> set[str]:
    """The pages of notes that the next staging writes."""
    ready: list[PagesReady] = []
    stage(kb, LAB, dest, ready=ready.append)
    return {path for path in ready[0].changed if "kind" in ready[0].pages[path].meta}


def test_where_nothing_changed_nothing_is_laid_out(staged: tuple[KnowledgeBase, Path]) -> None:
    kb, dest = staged
    assert stage(kb, LAB, dest).changed == 0
    assert laid_out(kb, dest) == set()


def test_of_the_notes_only_those_are_laid_out_that_show_what_changed(staged: tuple[KnowledgeBase, Path]) -> None:
    kb, dest = staged
    add_entry(kb, "Another")
    shown = {"2026-11-20", "2026-11-19", "refusal-probes", "elhage2022toy"}  # it, the day before, what it links to
    assert {Path(path).stem for path in laid_out(kb, dest)} == shown
    (kb.root / "notes/fresh.md").write_text("---\nvisibility: lab\n---\nLinks to nothing.\n")
    assert laid_out(kb, dest) == {"notes/fresh.md"}


def test_the_pages_that_are_wanted_first_are_there_before_the_others(staged: tuple[KnowledgeBase, Path]) -> None:
    kb, dest = staged
    add_entry(kb, "Seen at once")
    whole = stage(kb, LAB, dest.with_name("other"))
    seen: list[tuple[bool, bool]] = []
    changed: list[str] = []

    def ready(pages: PagesReady) -> None:
        day = (dest / "notes/2026/2026-11-20.md").read_text()
        seen.append(("Seen at once" in day, "Seen at once" in pages.pages["index.md"].text))
        changed.extend(pages.changed)
        assert pages.paths == set(whole.pages)

    stage(kb, LAB, dest, first={"index.md", "no-such-page.md"}, ready=ready)
    assert seen == [(False, True), (True, True)]
    assert len(changed) == len(set(changed))
    assert {"index.md", "notes/2026/2026-11-20.md"}.issubset(changed)


@pytest.mark.parametrize("name", ["whole", "since"])
@pytest.mark.parametrize("damage", ["cut", "one bit", "empty", "of another program", "a folder", "gone"])
def test_a_damaged_memory_is_none(staged: tuple[KnowledgeBase, Path], name: str, damage: str) -> None:
    kb, dest = staged
    place = dest.with_name("stage-memory") / name
    data = place.read_bytes()
    place.unlink()
    match damage:
        case "cut":
            place.write_bytes(data[: len(data) // 2])
        case "one bit":
            place.write_bytes(data[:-100] + bytes([data[-100] ^ 1]) + data[-99:])
        case "empty":
            place.write_bytes(b"")
        case "of another program":
            place.write_bytes(data.replace(b"carrel stage 2", b"carrel stage 0", 1))
        case "a folder":
            place.mkdir()
    add_entry(kb, "Later")
    same(kb, stage(kb, LAB, dest, lambda: DAY), LAB, dest.with_name("clean"))


def test_a_memory_of_another_audience_or_of_other_settings_is_none(staged: tuple[KnowledgeBase, Path]) -> None:
    kb, dest = staged
    shutil.copytree(dest.with_name("stage-memory"), dest.with_name("public-memory"))
    shutil.copytree(dest, dest.with_name("public"))
    place = dest.with_name("public")
    same(kb, stage(kb, Visibility.PUBLIC, place, lambda: DAY), Visibility.PUBLIC, dest.with_name("clean"))
    (kb.root / ".carrel/config.toml").write_text('papers.style = "house.csl"\n')
    (kb.root / "house.csl").write_text(STYLE.replace('delimiter="; "', 'delimiter=" / "'))
    kb = kb.reopened()
    same(kb, stage(kb, LAB, dest, lambda: DAY), LAB, dest.with_name("clean"))


class _Runs:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, ("ran",)


def test_what_somebody_else_put_in_the_memorys_place_is_not_run(
    staged: tuple[KnowledgeBase, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb, dest = staged
    monkeypatch.chdir(tmp_path)
    data = pickle.dumps(_Runs())
    memories._write(dest.with_name("stage-memory") / "whole", data)
    same(kb, stage(kb, LAB, dest, lambda: DAY), LAB, dest.with_name("clean"))
    assert not (tmp_path / "ran").exists()


def test_a_stage_that_somebody_changed_is_mended(staged: tuple[KnowledgeBase, Path], tmp_path: Path) -> None:
    kb, dest = staged
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/notes.md").write_text("SECRET")
    (dest / "index.md").write_text("x")
    (dest / "tags.md").unlink()
    (dest / "tags.md").symlink_to(tmp_path / "elsewhere/notes.md")
    (dest / "papers.md").unlink()
    (dest / "papers.md").mkdir()
    shutil.rmtree(dest / "notes")
    (dest / "notes").write_text("a file now")
    shutil.rmtree(dest / "tags")
    (dest / "tags").symlink_to(tmp_path / "elsewhere")
    (dest / "left/over").mkdir(parents=True)
    (dest / "left/over/page.md").write_text("x")
    same(kb, stage(kb, LAB, dest, lambda: DAY), LAB, tmp_path / "clean")
    assert tree(tmp_path / "elsewhere") == {"notes.md": b"SECRET"}


def test_a_page_that_was_changed_meanwhile_is_not_read_and_is_written_again(staged: tuple[KnowledgeBase, Path]) -> None:
    kb, dest = staged
    pages = stage(kb, LAB, dest).pages
    place = dest / "index.md"
    times = place.stat().st_mtime_ns, place.stat().st_mtime_ns
    place.write_bytes(b"X" * place.stat().st_size)
    os.utime(place, ns=times)
    with pytest.raises(StageChanged):
        _ = pages["index.md"].text
    same(kb, stage(kb, LAB, dest, lambda: DAY), LAB, dest.with_name("clean"))


def test_a_kill_on_the_way_leaves_nothing_that_is_believed(staged: tuple[KnowledgeBase, Path]) -> None:
    kb, dest = staged
    add_entry(kb, "Killed")
    if (child := os.fork()) == 0:
        stage(kb, LAB, dest, ready=lambda _: os._exit(0))
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    same(kb, stage(kb, LAB, dest, lambda: DAY), LAB, dest.with_name("clean"))


def test_a_failure_on_the_way_leaves_nothing_that_is_believed_in_the_same_process(
    staged: tuple[KnowledgeBase, Path],
) -> None:
    kb, dest = staged
    memory = Memory()
    stage(kb, LAB, dest, memory=memory)
    add_entry(kb, "Failed")

    def fail(_: PagesReady) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        stage(kb, LAB, dest, memory=memory, ready=fail)
    same(kb, stage(kb, LAB, dest, lambda: DAY, memory=memory), LAB, dest.with_name("clean"))


def test_what_is_written_while_it_is_staged_is_there_the_next_time(staged: tuple[KnowledgeBase, Path]) -> None:
    kb, dest = staged
    memory = Memory()
    stage(kb, LAB, dest, lambda: DAY, memory=memory, ready=lambda _: add_entry(kb, "Meanwhile"))
    same(kb, stage(kb, LAB, dest, lambda: DAY, memory=memory), LAB, dest.with_name("clean"))


def test_the_memory_is_for_its_owner_alone(staged: tuple[KnowledgeBase, Path]) -> None:
    folder = staged[1].with_name("stage-memory")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {place.stat().st_mode & 0o777 for place in folder.iterdir()} == {0o600}


def test_a_note_in_the_memory_is_the_one_that_was_read_and_unpacks_its_text_when_that_is_asked_for() -> None:
    read = parse_note("notes/a.md", b"---\ntags: [sae]\n---\n## 14:32 Loss\n\nSee [[b]] #x.\n")
    kept = unpacked(BytesIO(packed(read)))
    assert (kept.path, kept.tags, type(kept)) == (read.path, read.tags, Unread)
    assert packed(kept) == packed(read)
    assert kept == read
    assert read == kept
    assert (kept.body, kept.markup, kept.entries, hash(kept.path)) == (
        read.body,
        read.markup,
        read.entries,
        hash(read.path),
    )
    assert replace(kept, title="Other").body == read.body
    with pytest.raises(AttributeError, match="colour"):
        kept.colour  # noqa: B018


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("carrel.publish.staging.packing", "import_module"),
        ("carrel.publish.staging.packing", "BytesIO"),
        ("carrel.publish.staging.stage", "Path"),
        ("carrel.publish.staging.stage", "Note"),
    ],
)
def test_of_a_memory_only_classes_are_made_that_the_named_module_defines(module: str, name: str) -> None:
    assert unpacked(BytesIO(b"ccarrel.core.note\nNote\n.")) is Note
    with pytest.raises(pickle.UnpicklingError, match=re.escape(f"{module}.{name}")):
        unpacked(BytesIO(f"c{module}\n{name}\n.".encode()))


@pytest.mark.parametrize(
    ("altered", "kind"),
    [
        ({"notes/b.md": "---\ndate: 2025-03-01\n---\nB\n"}, "group"),
        ({"notes/b.md": "---\ndate: 2026-03-01\ntags: [x]\n---\nB\n"}, "count"),
        ({"notes/b.md": "---\ndate: 2026-03-01\n---\n[[c]]\n"}, "linked"),
        ({"notes/b.md": "---\ndate: 2026-03-01\n---\nMore\n\n[[a]]\n"}, "pointing"),
    ],
    ids=["its year", "its tags", "its links", "its lines"],
)
def test_what_one_digest_stands_for_is_asked_again_when_a_note_changed_in_it(
    altered: dict[str, str], kind: str
) -> None:
    notes = {
        "notes/a.md": "---\ndate: 2026-04-01\n---\nA\n",
        "notes/b.md": "---\ndate: 2026-03-01\n---\n[[a]]\n",
        "notes/c.md": "C\n",
    }
    reads = Reads()
    reads.ask_again(edition(notes, audience=PRIVATE))
    for asked, key in (
        ("group", ("kind", "note", "2026")),
        ("count", ("tag", "tags/x.md")),
        ("linked", ("notes/b.md",)),
    ):
        reads.ask(asked, key)
    reads.ask("pointing", "notes/a.md")
    assert reads.ask_again(edition(notes, audience=PRIVATE)) == set()
    assert set(reads.numbers[kind].values()) & reads.ask_again(edition({**notes, **altered}, audience=PRIVATE))


def test_a_page_can_ask_for_nothing_of_which_a_change_would_not_be_seen() -> None:
    made, reads = edition(SAMPLE), Reads()
    reads.ask_again(made)
    reading = Reading(made, reads)
    for asked in (
        lambda: reading.notes,
        lambda: reading.pages,
        lambda: list(reading.titles),
        lambda: len(reading.by_path),
        lambda: reading.graph.broken(),
        lambda: [*reading.bibliography.papers],
    ):
        with pytest.raises(NotRecorded):
            asked()
    assert {one.name for one in fields(Edition)} - reading.__dict__.keys() == {"notes", "pages", "known"}


def titled(_: Edition, title: object) -> str:
    return str(title)


def test_a_made_page_is_told_from_others_by_its_function_and_that_ones_arguments() -> None:
    assert plain_call(partial(titled, title="x")) == ((__name__, "titled"), ("title", "x"))
    for call in (lambda _: "", partial(titled, title=object())):
        with pytest.raises(TypeError):
            plain_call(call)
