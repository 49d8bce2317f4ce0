"""The text of new PDFs, taken in between looks, a moment at a time."""

from __future__ import annotations

from collections.abc import Callable

from carrel.metadata import pdf
from carrel.store.pdfs import Pdfs


class NewPdfs:
    """Extracts the text of PDFs that are new; `say` is told what goes wrong, once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._trouble = ""

    def take_in(self, pdfs: Pdfs, seconds: float) -> bool:
        """Extract for so many seconds at most; whether there were any."""
        try:
            done, left = pdfs.take_in(pdf.pages, say=self._say, seconds=seconds)
        except Exception as error:  # the notes are indexed, whatever is wrong with a PDF or the cache
            if str(error) != self._trouble:
                self._say(f"PDFs are not read: {error}")
            self._trouble = str(error)
            return False
        self._trouble = ""
        return bool(done or left)
