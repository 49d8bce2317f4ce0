#!/usr/bin/env python3
"""Write a knowledge base of N notes made of common words, the same for the same N: what the benchmarks measure on
where no knowledge base of real text is to be had.

    generate.py DEST N

45 % papers, 35 % log days of two to eight entries, 20 % notes; about 300 words a note, word frequencies after Zipf,
links and citations between them; one note in ten is private and carries the word CANARY with a number.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from pathlib import Path

TAGS = ("sae", "probing", "evals", "training", "oversight", "data", "writing", "result", "bug", "idea")
PROJECTS = ("refusal", "probes", "sandbagging", "toy-models")
SYLLABLES = (
    "ra",
    "lo",
    "mi",
    "ten",
    "sor",
    "gra",
    "di",
    "ent",
    "pro",
    "be",
    "fea",
    "ture",
    "at",
    "lay",
    "er",
    "su",
    "per",
)


class Generator:
    """Writes the notes of one knowledge base, from one seeded source of randomness."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.count = folder, count
        self.random = random.Random(7)
        self.words = ["".join(self.random.choices(SYLLABLES, k=self.random.randint(1, 4))) for _ in range(8000)]
        self.weights = [1 / (rank + 3) for rank in range(len(self.words))]
        self.linkable: list[str] = []
        self.keys: list[str] = []
        self.canaries = 0

    def prose(self, words: int) -> str:
        """Sentences of that many words."""
        chosen = self.random.choices(self.words, self.weights, k=words)
        return ". ".join(" ".join(chosen[start : start + 14]).capitalize() for start in range(0, words, 14)) + "."

    def link(self) -> str:
        """A link and a citation to something written before."""
        parts = [f"See [[{self.random.choice(self.linkable)}]]." if self.linkable else ""]
        parts.append(f"As in [@{self.random.choice(self.keys)}]." if self.keys else "")
        return " ".join(parts).strip()

    def front(self, kind: str, title: str, day: dt.date, **more: str) -> tuple[str, str]:
        """Front matter, and the note's canary if it is private."""
        private = self.random.random() < 0.1
        self.canaries += private
        mark = f"CANARY{self.canaries:06d}" if private else ""
        visibility = "private" if private else self.random.choice(("lab", "lab", "lab", "lab", "public"))
        keys = {"title": f'"{title} {mark}"', "date": day.isoformat(), "kind": kind, **more}
        keys["tags"] = "[" + ", ".join(self.random.sample(TAGS, 3) + ([mark.lower()] if mark else [])) + "]"
        keys["visibility"] = visibility
        return "---\n" + "".join(f"{key}: {value}\n" for key, value in keys.items()) + "---\n\n", mark

    def write(self, path: str, text: str) -> None:
        """Put a note on disk."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def paper(self, number: int) -> None:
        """A paper's summary."""
        key, year = f"author{number}{2000 + number % 26}word", str(2000 + number % 26)
        day = dt.date(2018, 1, 1) + dt.timedelta(days=number % 3000)
        title = self.prose(8).rstrip(".")
        front, mark = self.front(
            "paper", title, day, citekey=key, year=year, reading="read", rating=str(number % 5 + 1)
        )
        body = f"## Summary\n\n{self.prose(180)}\n\n## Opinion\n\n{self.prose(90)} {mark}\n\n{self.link()}\n"
        self.write(f"papers/{key}.md", front + body)
        self.keys.append(key)

    def day(self, number: int) -> None:
        """A day of the log."""
        day = dt.date(2026, 11, 20) - dt.timedelta(days=number)
        front, mark = self.front("log", day.isoformat(), day, project=self.random.choice(PROJECTS))
        entries = [
            f"## {9 + hour:02d}:15 {self.prose(7).rstrip('.')}\n\n"
            f"{self.prose(60)} #{self.random.choice(TAGS)} {mark}\n\n{self.link()}"
            for hour in range(self.random.randint(2, 8))
        ]
        self.write(f"notes/{day.year}/{day.isoformat()}.md", front + "\n\n".join(entries) + "\n")

    def note(self, number: int) -> None:
        """A note of another kind."""
        kind = self.random.choice(("note", "experiment", "question", "idea"))
        day = dt.date(2020, 1, 1) + dt.timedelta(days=number % 2500)
        front, mark = self.front(kind, self.prose(6).rstrip("."), day, project=self.random.choice(PROJECTS))
        self.write(f"notes/{kind}s/{kind}-{number}.md", f"{front}{self.prose(280)} {mark}\n\n{self.link()}\n")
        self.linkable.append(f"{kind}-{number}")

    def run(self) -> None:
        """Write them all."""
        papers, days = int(self.count * 0.45), int(self.count * 0.35)
        for number in range(papers):
            self.paper(number)
        for number in range(self.count - papers - days):
            self.note(number)
        for number in range(days):
            self.day(number)


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("dest", type=Path)
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    Generator(options.dest, options.count).run()


if __name__ == "__main__":
    main()
