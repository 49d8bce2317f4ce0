"""The texts of the knowledge base's PDFs: extracted once for each content, and found beside the notes.

Extraction takes a while and runs a parser on what comes from anywhere, so no search does it. `Pdfs.take_in` is for
`paper add`, `index` and `watch`; what it has not reached is not found yet. The cache is

    pdf/known.json       path → stamp when it was read, digest, the paper's note
    pdf/<digest>.json    label and text of each page; empty for a PDF that holds no text or cannot be read

and may be deleted at any time. It is readable for its owner only, as the index is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.names import in_folder
from carrel.core.note import Stamp
from carrel.core.pdf import Page, PdfText
from carrel.errors import CarrelError, NoteVanished, OutsideRoot
from carrel.store import cache, files
from carrel.store.walk import Walk, is_pdf, notes_in

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.store.knowledge_base import KnowledgeBase

#: Reads the text of a PDF. Raises `CarrelError` for one that has none.
Extract = Callable[[Path], tuple[Page, ...]]
_FORMAT = 1
_DAY = 86_400  # seconds


class Known(NamedTuple):
    """What was read of a PDF: its stamp then, the digest of its bytes, and the path of the paper's note.

    There is no digest when the file could not be opened, and no note where none names the PDF.
    """

    stamp: Stamp
    digest: str
    note: str


class Pdfs:
    """The PDFs in the notes' folders, with their texts as far as these were extracted."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._folder = kb.cache_dir / "pdf"

    def current(self, path: str, stamp: Stamp) -> bool:
        """Whether the text of a PDF with this stamp was extracted."""
        return self._tried(path, stamp) and self._known[path].digest != ""

    def _tried(self, path: str, stamp: Stamp) -> bool:
        known = self._known.get(path)
        return known is not None and known.stamp == stamp and (not known.digest or self._pages(known.digest).exists())

    def _pages(self, digest: str) -> Path:
        return self._folder / f"{digest}.json"

    def read(self, path: str) -> PdfText:
        """The text of a PDF, as it was extracted. Raises `NoteVanished` when it was not, or the cache lost it."""
        known = self._known.get(path)
        try:
            listed = json.loads(self._pages(known.digest).read_bytes()) if known else None
            pages = tuple(Page(str(label), str(text)) for label, text in listed or ())
        except (OSError, ValueError, TypeError) as error:
            raise NoteVanished(path, "its text is not in the cache; `carrel index` reads it again") from error
        if known is None:
            raise NoteVanished(path, "its text was not extracted yet")
        note = self._note(known.note or self._namesake(path))
        stem = path.rpartition("/")[2].rpartition(".")[0]
        return PdfText(path, note.title if note else stem, note.name if note else "", pages, known.digest)

    def take_in(
        self,
        extract: Extract,
        *,
        say: Callable[[str], None] = lambda _: None,
        progress: Callable[[int, int], None] = lambda done, wanted: None,
        seconds: float = float("inf"),
        only: Collection[str] = (),
        again: bool = False,
        walked: Walk | None = None,
    ) -> tuple[int, int]:
        """Extract what is new or changed, for at most about `seconds`. Returns how many, and how many are left.

        With `only`, nothing but these paths is looked at; with `again`, what did not change as well. `say` gets a line
        for each PDF that cannot be read; it is not tried again until it changes. `walked` is what is on disk, for who
        just looked.
        """
        began = monotonic()
        on_disk = {path: stamp for path, stamp in (walked or self._kb.walk()).files.items() if is_pdf(path)}
        new = sorted(path for path, stamp in on_disk.items() if again or not self._tried(path, stamp))
        new = [path for path in new if not only or path in only]
        if not new and self._known.keys() <= on_disk.keys():
            return 0, 0
        known = {path: one for path, one in self._known.items() if path in on_disk}
        papers = dict(self._named()) if new else {}
        done = 0
        try:
            for done, path in enumerate(new, 1):
                progress(done - 1, len(new))
                try:
                    digest = self._extracted(path, extract, say, again)
                except NoteVanished as error:
                    say(error.message)
                    digest = ""
                known[path] = Known(on_disk[path], digest, papers.get(path, ""))
                if monotonic() - began > seconds:
                    break
        finally:
            self._save(known)
        return done, len(new) - done

    def _extracted(self, path: str, extract: Extract, say: Callable[[str], None], again: bool) -> str:
        """Put the pages of a PDF into the cache, if they are not there. Returns the digest of its bytes."""
        place = self._kb.absolute(path)
        digest = files.digest(files.read(place))
        kept = self._pages(digest)
        if again or not kept.exists():
            try:
                pages = extract(place)
            except CarrelError as error:
                say(error.message)
                pages = ()
            cache.write(kept, json.dumps([[page.label, page.text] for page in pages]).encode())
        return digest

    # --- which paper a PDF is of --------------------------------------------------------------------------------

    def _named(self) -> Iterator[tuple[str, str]]:
        """Path of a PDF → path of the note whose `pdf` it is."""
        for note in self._kb.notes(in_folder(self._kb.config.papers_folder, ""), head=True):
            place = self.of_note(note)
            if place is not None:
                with suppress(OutsideRoot):
                    yield self._kb.relative(place), note.path

    def of_note(self, note: Note) -> Path | None:
        """The PDF of a paper's note: what its `pdf` names, in the knowledge base; else `files/KEY.pdf` beside it.

        A note may come from anywhere: it names no file elsewhere, and no link leads to one or to another kind of file.
        """
        written = note.metadata.get("pdf", "")
        folder = self._kb.absolute(note.path).parent
        places = [folder / "files" / f"{note.name}.pdf"]
        if isinstance(written, str) and written.isprintable() and is_pdf(written) and "://" not in written:
            places = [self._kb.root / written, folder / written, folder / "files" / written, *places]
        ours = (self._kb.root, *map(Path.resolve, self._kb.folders()))
        for place in places:
            real = Path(os.path.realpath(place))
            inside = is_pdf(real.name) and any(real.is_relative_to(base) for base in ours)
            if inside and os.path.isfile(real):  # noqa: PTH113  # Path.is_file raises for a name that is too long
                return Path(os.path.normpath(place))
        return None

    def _namesake(self, path: str) -> str:
        """The note that has the name of a PDF: `papers/KEY.md` of `papers/files/KEY.pdf`."""
        name = path.rpartition("/")[2].rpartition(".")[0]
        return in_folder(self._kb.config.papers_folder, f"{name}.md")

    def _note(self, path: str) -> Note | None:
        try:
            return self._kb.read(path, head=True)
        except CarrelError:
            return None  # a PDF without a note is found under its own name

    # --- the cache ----------------------------------------------------------------------------------------------

    @cached_property
    def _known(self) -> dict[str, Known]:
        try:
            listed = json.loads((self._folder / "known.json").read_bytes())
            if listed["format"] != _FORMAT:
                return {}
            return {path: Known(Stamp(*stamp), digest, note) for path, (stamp, digest, note) in listed["pdfs"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}  # none yet, or damaged: then everything is extracted anew

    def _save(self, known: dict[str, Known]) -> None:
        cache.write(self._folder / "known.json", json.dumps({"format": _FORMAT, "pdfs": known}).encode())
        self.__dict__["_known"] = known
        kept = {"known.json", *(f"{one.digest}.json" for one in known.values())}
        for name in os.listdir(self._folder):
            if name not in kept:
                with suppress(OSError):  # the next time sweeps it
                    place = self._folder / name
                    if time() - place.stat().st_mtime > _DAY:  # a younger one may be another process's
                        place.unlink()


class Holdings:
    """Everything that can be found: the notes of a knowledge base, and the texts of its PDFs. A `NoteSource`.

    The site and every command but search know notes only: a PDF is nobody's to publish.
    """

    def __init__(self, kb: KnowledgeBase, just_walked: Walk | None = None) -> None:
        self.kb = kb
        self.pdfs = Pdfs(kb)
        self.walked = Walk()  # what `stamps` found the last time
        self._just_walked = just_walked  # what it finds the first time

    def stamps(self) -> dict[str, Stamp]:
        """Every note on disk now, and every PDF whose text was extracted as it is now."""
        self.walked, self._just_walked = self._just_walked or self.kb.walk(), None
        notes = notes_in(self.walked.files)
        others = () if len(notes) == len(self.walked.files) else self.walked.files.items()
        return notes | {path: stamp for path, stamp in others if is_pdf(path) and self.pdfs.current(path, stamp)}

    def read(self, path: str) -> Note | PdfText:
        """One of them. Raises `NoteVanished`."""
        return self.pdfs.read(path) if is_pdf(path) else self.kb.read(path)
