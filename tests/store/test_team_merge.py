"""Two people write into one repository for a week and merge with git: no conflict, nothing lost; and what a day that
both write into comes to."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from carrel.cli.app import App
from carrel.cli.main import run
from carrel.store.knowledge_base import KnowledgeBase
from tests.publish.support import png

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
DIGEST = "notes/digests/2026-w47.md"
SHARED_DAY = "notes/2026/2026-11-16.md"


class Person:
    """Somebody with a clone, settings of their own, and a clock."""

    def __init__(self, clone: Path, name: str, monkeypatch: pytest.MonkeyPatch, out: Callable[[], str]) -> None:
        self.clone, self.name, self._monkeypatch, self._out = clone, name, monkeypatch, out
        self.now = MONDAY
        self._home = clone.parent / f"home-{name}"
        settings = self._home / "carrel" / "config.toml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(f'author = "{name}"\n')

    def carrel(self, *words: str) -> str:
        """Run a command in the clone; what it printed."""
        code, printed = self.tried(*words, "--quiet")
        assert code == 0, (words, printed)
        return printed.strip()

    def tried(self, *words: str) -> tuple[int, str]:
        """Run a command in the clone; how it ended, and all that it printed."""
        self._out()
        self._monkeypatch.chdir(self.clone)
        environment = {**os.environ, "XDG_CONFIG_HOME": str(self._home), "XDG_CACHE_HOME": str(self._home / "cache")}
        return run([*words, "--no-input"], App(environment=environment, clock=lambda: self.now)), self._out()

    def git(self, *words: str) -> subprocess.CompletedProcess[str]:
        who = ("-c", f"user.name={self.name}", "-c", f"user.email={self.name}@example.org")
        return subprocess.run(["git", *who, *words], cwd=self.clone, capture_output=True, text=True, check=False)

    def save(self) -> None:
        """Commit all there is."""
        self.git("add", "-A")
        assert self.git("commit", "-qm", f"of {self.name}").returncode == 0

    def pull(self) -> subprocess.CompletedProcess[str]:
        return self.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "main")

    def files(self) -> dict[str, bytes]:
        paths = self.git("ls-files", "-z").stdout.split("\0")
        return {path: (self.clone / path).read_bytes() for path in paths if path}


@pytest.fixture
def team(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[Person, Person]]:
    def both(settings: str) -> tuple[Person, Person]:
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "hub")], check=True)
        people: list[Person] = []
        for name in ("Ada", "Ben"):
            subprocess.run(
                ["git", "clone", "-q", str(tmp_path / "hub"), str(tmp_path / name)], check=True, capture_output=True
            )
            person = Person(tmp_path / name, name, monkeypatch, lambda: "".join(capfd.readouterr()))
            if not people:
                person.carrel("init", str(person.clone))
                (person.clone / ".carrel" / "config.toml").write_text(settings)
                person.carrel("new", "question", "Is it linear?")
                person.git("checkout", "-qb", "main")
                person.save()
                person.git("push", "-q", "origin", "main")
            people.append(person)
        return people[0], people[1]

    return both


def week(person: Person, tmp_path: Path) -> None:
    """What somebody does in a week; the figure is the same for both, and so are the times."""
    (tmp_path / "loss.png").write_bytes(png())
    experiment = Path(
        person.carrel("new", "experiment", f"Sweep of {person.name}", "--set", "advances=[[is-it-linear]]")
    )
    person.carrel("exp", "start", experiment.stem)
    for day in range(5):
        person.now = MONDAY + timedelta(days=day)
        person.carrel("log", f"Day {day} of {person.name}", "--project", "probes", "-t", "sae")
    person.carrel("log", "The loss", "--attach", str(tmp_path / "loss.png"), "--caption", "Loss")
    person.carrel("log", "What nobody reads", "--private")
    person.carrel("paper", "add", f"{person.name} explained", "-a", "Olah, Chris", "--year", "2020", "--offline")
    identity = person.carrel("predict", f"{person.name} is right", "-p", "0.7", "--by", "friday")
    person.carrel("resolve", identity, "yes", "as expected")
    person.carrel("exp", "done", experiment.stem, "--verdict", "refuted", "--result", "no")


def test_a_week_of_two_people_merges_without_a_conflict_and_with_all_of_it(
    team: Callable[[str], tuple[Person, Person]], tmp_path: Path
) -> None:
    ada, ben = team('per_author = true\nvisibility = "lab"\n')
    for person in (ada, ben):
        week(person, tmp_path)
    ada.carrel("digest")
    for person in (ada, ben):
        person.save()
    hers, his = ada.files(), ben.files()
    assert ada.git("push", "-q", "origin", "HEAD:main").returncode == 0
    merged = ben.pull()
    assert (merged.returncode, merged.stdout) == (0, ""), merged
    both = ben.files()
    assert both.keys() == hers.keys() | his.keys()
    assert all(both[path] == {**hers, **his}[path] for path in both), "no file is a mixture of two"
    shared = {path for path in hers.keys() & his.keys() if path.endswith((".md", ".png")) and "notes/" in path}
    figure = {path for path in hers if re.fullmatch(r"notes/assets/2026/loss-\w+\.png", path)}
    assert shared == {"notes/questions/is-it-linear.md"} | figure
    assert len(figure) == 1, "the figure of both is one file"
    notes = {note.path: note for note in KnowledgeBase.open(ben.clone).notes()}
    assert not [problem for note in notes.values() for problem in note.problems]
    titles = {entry.title for note in notes.values() for entry in note.entries}
    assert {f"Day {day} of {name}" for day in range(5) for name in ("Ada", "Ben")} <= titles
    assert {"notes/2026/2026-11-16-ada.md", "notes/2026/2026-11-16-ben.md", "notes/2026/2026-11-20-ben.private.md",
            "papers/olah2020ben.md", "notes/digests/2026-w47.md"} <= notes.keys()  # fmt: skip
    assert ben.git("push", "-q", "origin", "HEAD:main").returncode == 0
    assert ada.pull().returncode == 0
    assert ada.files() == both
    assert ben.carrel("predictions", "--resolved").count("\n") == 1, "two, a line each"


def test_a_day_that_both_write_into_is_a_conflict_that_hides_nothing_and_publishes_nothing(
    team: Callable[[str], tuple[Person, Person]],
) -> None:
    """Without `per_author`. No merge driver is set up that would settle it: see the next test."""
    ada, ben = team('visibility = "lab"\n')
    ada.carrel("log", "By Ada")
    ben.carrel("log", "By Ben")
    for person in (ada, ben):
        person.save()
    ada.git("push", "-q", "origin", "HEAD:main")
    assert ben.pull().returncode != 0
    note = KnowledgeBase.open(ben.clone).read(SHARED_DAY)
    assert [problem.code for problem in note.problems if problem.code == "conflict"] == ["conflict"]
    assert note.visibility == "private"
    assert "By Ada" in note.body
    assert "By Ben" in note.body


def test_git_s_union_would_put_the_text_of_one_below_the_heading_of_another(
    team: Callable[[str], tuple[Person, Person]],
) -> None:
    """So `carrel init` sets no `merge=union`: it keeps all lines, and not the order that makes them entries."""
    ada, ben = team('visibility = "lab"\n')
    ada.carrel("log", "Begun")
    (ada.clone / ".gitattributes").write_text("notes/**/2???-??-??*.md merge=union\n")
    ada.save()
    ada.git("push", "-q", "origin", "HEAD:main")
    ben.pull()
    setting = "seed:: 1\nlr:: 0.1\nlayers:: 12"
    ada.carrel("log", f"By Ada\n\n{setting}\n\nHer result: 0.8")
    ben.carrel("log", f"By Ben\n\n{setting}\n\nHis result: 0.3")
    for person in (ada, ben):
        person.save()
    ada.git("push", "-q", "origin", "HEAD:main")
    assert ben.pull().returncode == 0, "git calls it settled"
    texts = [entry.text for entry in KnowledgeBase.open(ben.clone).read(SHARED_DAY).entries]
    assert any("Her result" in text and "His result" in text for text in texts)


def two_weeks_and_two_digests(team: Callable[[str], tuple[Person, Person]], tmp_path: Path) -> tuple[Person, Person]:
    """Ada and Ben have each seen their own week and made its digest, on different days; hers is pushed."""
    ada, ben = team('per_author = true\nvisibility = "lab"\n')
    for person in (ada, ben):
        week(person, tmp_path)
        person.carrel("digest")
        person.now += timedelta(days=1)
    return ada, ben


def meet(ada: Person, ben: Person, who: str = "Ada Ben") -> int:
    """Both commit, or who has something to commit; Ada pushes, Ben pulls."""
    for person in (ada, ben):
        if person.name in who:
            person.save()
    assert ada.git("push", "-q", "origin", "HEAD:main").returncode == 0
    return ben.pull().returncode


def test_two_who_have_the_same_notes_make_the_same_digest_to_the_byte(
    team: Callable[[str], tuple[Person, Person]], tmp_path: Path
) -> None:
    ada, ben = team('per_author = true\nvisibility = "lab"\n')
    week(ada, tmp_path)
    assert meet(ada, ben, "Ada") == 0
    ben.now = ada.now + timedelta(days=1)
    for person in (ada, ben):
        person.carrel("digest")
    assert (ada.clone / DIGEST).read_bytes() == (ben.clone / DIGEST).read_bytes()
    assert meet(ada, ben) == 0


def test_two_digests_of_one_week_are_a_conflict_that_one_command_solves(
    team: Callable[[str], tuple[Person, Person]], tmp_path: Path
) -> None:
    ada, ben = two_weeks_and_two_digests(team, tmp_path)
    text = (ada.clone / DIGEST).read_text()
    (ada.clone / DIGEST).write_text(text.replace("## Experiments", "A word of Ada's.\n\n## Experiments"))
    text = (ben.clone / DIGEST).read_text()
    (ben.clone / DIGEST).write_text(text.replace("**Result:** no", "**Result:** no, not at all"))
    assert meet(ada, ben) != 0
    assert "<<<<<<< HEAD\n" in (ben.clone / DIGEST).read_text()
    code, said = ben.tried("digest", "--week", "47")
    assert (code, said) == (
        0,
        """notes/digests/2026-w47.md
the parts of both sides of the conflict were made anew
1 part changed by hand and kept (notes/experiments/sweep-of-ben.md); --force writes it anew
""",
    )
    solved = (ben.clone / DIGEST).read_text()
    assert "<<<<<<<" not in solved
    by_hand = ("A word of Ada's.\n\n## Experiments", "**Result:** no, not at all", "[Sweep of Ada]", "[Sweep of Ben]")
    assert [solved.count(words) for words in by_hand] == [1, 1, 1, 1]
    ben.save()
    ben.git("push", "-q", "origin", "HEAD:main")
    assert ada.pull().returncode == 0
    ada.carrel("digest", "--week", "47")
    assert (ada.clone / DIGEST).read_text() == solved


def test_what_both_wrote_in_one_place_is_left_to_them_between_marks(
    team: Callable[[str], tuple[Person, Person]], tmp_path: Path
) -> None:
    ada, ben = two_weeks_and_two_digests(team, tmp_path)
    for person in (ada, ben):
        text = (person.clone / DIGEST).read_text()
        (person.clone / DIGEST).write_text(text.replace("<!-- What should", f"By {person.name}.\n\n<!-- What should"))
    assert meet(ada, ben) != 0
    code, said = ben.tried("digest", "--week", "47", "--quiet")
    text = (ben.clone / DIGEST).read_text()
    line = text[: text.index("<<<<")].count("\n") + 1
    assert (code, said) == (
        1,
        f"""notes/digests/2026-w47.md
carrel: notes/digests/2026-w47.md:{line}: what hands wrote on either side is left for you to bring together
        carrel edit 2026-w47: keep what you want of it, delete the marks; then run this again
""",
    )
    assert text.count("<<<<<<<") == 1
    assert "<<<<<<< HEAD\nBy Ben.\n=======\nBy Ada.\n>>>>>>> " in text
    assert "[Sweep of Ada]" in text[text.index(">>>>>>>") :]
    assert KnowledgeBase.open(ben.clone).read(DIGEST).visibility == "private"


def test_a_digest_that_both_made_anew_is_solved_whatever_git_put_together_around_its_marks(
    team: Callable[[str], tuple[Person, Person]], tmp_path: Path
) -> None:
    """Git puts Ada's new line into Ben's part of that name, below a mark that knows nothing of it: no hand did."""
    ada, ben = team('per_author = true\nvisibility = "lab"\n')
    ada.now = ben.now = MONDAY + timedelta(days=1)
    ada.carrel("log", "First of Ada")
    ada.carrel("digest")
    assert meet(ada, ben, "Ada") == 0
    for person in (ada, ben):
        person.git("config", "merge.conflictStyle", "zdiff3")
        person.carrel("log", f"Second of {person.name}")
        person.carrel("predict", f"{person.name} is right", "-p", "0.6")
        person.carrel("digest")
    assert meet(ada, ben) != 0
    torn = (ben.clone / DIGEST).read_text()
    log = ben.clone / "notes/2026/2026-11-17-ada.md"
    log.write_text(log.read_text().replace("Second of Ada", "The second of Ada"))
    assert ben.tried("digest")[1] == f"{DIGEST}\nthe parts of both sides of the conflict were made anew\n"
    solved = (ben.clone / DIGEST).read_text()
    (ben.clone / DIGEST).unlink()
    ben.carrel("digest")
    assert (ben.clone / DIGEST).read_text() == solved
    hunk = torn.index("<<<<<<<"), torn.index(">>>>>>>")
    (ben.clone / DIGEST).write_text(f"{torn[: hunk[0]]}Mine.\n{torn[torn.index(chr(10), hunk[1]) + 1 :]}")
    assert "\nMine.\n" in (ben.tried("digest"), (ben.clone / DIGEST).read_text())[1], "a hand was in it since"


@pytest.mark.parametrize("words", [("exp", "done", "sweep-of-ada", "--verdict", "mixed"), ("digest", "--week", "47")])
def test_a_command_that_meets_a_conflict_says_that_it_is_one_and_where(
    team: Callable[[str], tuple[Person, Person]], tmp_path: Path, words: tuple[str, ...]
) -> None:
    ada, _ = team('visibility = "lab"\n')
    week(ada, tmp_path)
    path = "notes/experiments/sweep-of-ada.md" if words[0] == "exp" else DIGEST
    torn = "---\n<<<<<<< HEAD\n<<<<<<< HEAD\nkind: experiment\n=======\nkind: idea\n>>>>>>> ben\n---\n"
    (ada.clone / path).parent.mkdir(exist_ok=True)
    (ada.clone / path).write_text(torn)
    code, said = ada.tried(*words)
    assert (code, (ada.clone / path).read_text()) == (1, torn)
    assert said.startswith(f"carrel: {path}:2: holds ")
