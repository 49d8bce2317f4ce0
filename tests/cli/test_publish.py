"""`carrel publish` says what goes where, asks where it must, and lets out only what is shared; CI files that run."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from carrel import __version__
from carrel.store.knowledge_base import KnowledgeBase
from tests.publish.places import git
from tests.publish.support import SAMPLE, knowledge_base, png
from tests.support import Carrel

PLAN = "notes/experiments/refusal-probes.md"
NAMES = ("Refusal probes", "refusal-probes")


@pytest.fixture
def kb(tmp_path: Path) -> KnowledgeBase:
    """The sample, with a note for the lab alone and a picture."""
    lab = {"notes/lab.md": "---\ntitle: For the lab\nvisibility: lab\n---\nHello.\n"}
    return knowledge_base(tmp_path / "kb", {**SAMPLE, **lab, "notes/experiments/curve.png": png()})


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a CI, where no names are said, unless a test says so."""
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def repository(kb: KnowledgeBase, tmp_path: Path) -> Path:
    """The knowledge base in a repository, and a remote for it."""
    git(kb.root, "init", "--quiet", "--initial-branch=main")
    git(kb.root, "config", "user.name", "Ada Lovelace")
    git(kb.root, "config", "user.email", "ada@lab.example")
    git(kb.root, "add", "--all")
    git(kb.root, "commit", "--quiet", "--message=The secret plan")
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(kb.root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    return tmp_path / "remote.git"


def hide(kb: KnowledgeBase) -> None:
    """Take a note back."""
    place = kb.root / PLAN
    place.write_text(place.read_text().replace("visibility: public", "visibility: private"))


def bytes_of(folder: Path) -> bytes:
    return b"".join(f"{one}\n".encode() + one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file())


def test_a_dry_run_lists_the_pages_and_writes_nothing_there(carrel: Carrel, kb: KnowledgeBase, tmp_path: Path) -> None:
    public = tmp_path / "public"
    said = carrel("publish", str(public), "--dry-run")
    assert said.code == 0
    assert "added    notes/experiments/refusal-probes.html  Refusal probes beat the logit lens\n" in said.out
    assert "added    assets/curve-" in said.out
    assert "lab.html" not in said.out
    assert said.err.endswith("; nothing was written there\n")
    assert not public.exists()
    assert carrel("publish", str(public)).out == f"{public}/index.html\n"
    hide(kb)
    (kb.root / "notes/idea.md").write_text("---\ntitle: A new idea\nvisibility: public\n---\nText.\n")
    before = bytes_of(public)
    said = carrel("publish", str(public), "--dry-run")
    assert "added    notes/idea.html  A new idea\n" in said.out
    assert "changed  index.html\n" in said.out
    assert "removed  notes/experiments/refusal-probes.html\n" in said.out
    assert "removed  assets/curve-" in said.out
    assert bytes_of(public) == before
    assert (
        '"change": "removed",\n    "path": "notes/experiments/refusal-probes.html"'
        in carrel("publish", str(public), "--dry-run", "--json").out
    )


def test_a_note_that_is_taken_back_is_gone_from_every_file_and_it_is_said_what_keeps_copies(
    carrel: Carrel, kb: KnowledgeBase, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    carrel("publish", str(public))
    assert any(name.encode() in bytes_of(public) for name in NAMES)
    hide(kb)
    said = carrel("publish", str(public))
    assert said.code == 0
    assert not any(name.encode() in bytes_of(public) for name in NAMES)
    assert not (public / "notes/experiments").exists()
    for keeper in ("browsers", "caches", "search engines", "archives"):
        assert keeper in said.err
    assert not any(name in said.err for name in NAMES)


def test_a_branch_at_a_remote_holds_nothing_of_what_is_not_shared_in_any_object(
    carrel: Carrel, kb: KnowledgeBase, repository: Path
) -> None:
    assert carrel("publish", "git:gh-pages").code == 0
    hide(kb)
    said = carrel("publish", "git:gh-pages")
    assert "older commits of the branch still hold what is gone; `carrel publish --forget`" in said.err
    assert said.out.strip() == git(repository, "rev-parse", "gh-pages").strip()
    everything = git(repository, "cat-file", "--batch-all-objects", "--batch")
    for word in ("secret-plan", "The secret plan", "For the lab", "hush"):
        assert word not in everything
    said = carrel("publish", "git:gh-pages", "--forget")
    assert "one commit now" in said.err
    fresh = git(repository.parent, "clone", "--quiet", "--branch=gh-pages", f"file://{repository}", "fresh")
    everything = git(repository.parent / "fresh", "cat-file", "--batch-all-objects", "--batch", *fresh.split())
    assert not any(name in everything for name in NAMES)


def test_where_to_is_asked_for_and_kept(carrel: Carrel, kb: KnowledgeBase, repository: Path) -> None:
    said = carrel("publish")
    assert (said.code, said.err.splitlines()[0]) == (2, "carrel: where to?")
    assert carrel("config", "publish.to", "git:site").code == 0
    assert carrel("publish").code == 0
    assert git(repository, "for-each-ref", "--format=%(refname)") == "refs/heads/site\n"


def test_without_a_remote_the_branch_stays_here_and_that_is_said(
    carrel: Carrel, kb: KnowledgeBase, repository: Path
) -> None:
    carrel("config", "publish.remote", "")
    said = carrel("publish", "git:gh-pages")
    assert "git:gh-pages, here only: " in said.err
    assert git(repository, "for-each-ref") == ""
    assert carrel("config", "publish.remote", "upstream").code == 0
    said = carrel("publish", "git:gh-pages")
    assert (said.code, said.err.splitlines()[0]) == (1, "carrel: there is no remote upstream")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("publish.audience", "private", "lab or public is wanted"),
        ("publish.audience", "all", "private, lab or public is wanted"),
        ("publish.to", "/srv/www", "a folder outside can stand only in your own configuration file"),
        ("publish.to", "../public", "a folder outside can stand only in your own configuration file"),
        ("publish.to", "~/public", "a folder outside can stand only in your own configuration file"),
        ("publish.to", "git:..", ".. is no name of a branch"),
        ("publish.remote", "ext::sh -c x", "is no remote of git"),
        ("publish.remote", "--upload-pack=x", "is no remote of git"),
    ],
)
def test_a_setting_that_would_publish_where_or_what_it_must_not_is_refused(
    carrel: Carrel, kb: KnowledgeBase, name: str, value: str, message: str
) -> None:
    said = carrel("config", "--", name, value)
    assert said.code in (1, 2)
    assert message in said.err
    table, _, key = name.partition(".")
    kb.config_path.write_text(f"[{table}]\n{key} = '{value}'\n")
    said = carrel("publish", "git:gh-pages")
    assert said.code in (1, 2)
    assert message in said.err


def test_a_folder_outside_may_stand_in_ones_own_settings(
    carrel: Carrel, kb: KnowledgeBase, tmp_path: Path, own_home: Path
) -> None:
    assert carrel("config", "--user", "publish.to", "~/public").code == 0
    assert carrel("publish").code == 0
    assert (own_home / "public/index.html").is_file()


def test_private_notes_go_only_into_a_folder_that_is_named(
    carrel: Carrel, kb: KnowledgeBase, repository: Path, tmp_path: Path
) -> None:
    carrel("config", "publish.to", "site-for-me")
    for words in ((), ("git:gh-pages",), ("rsync:h:x",)):
        said = carrel("publish", "--audience", "private", *words)
        assert said.code == 1
        assert "private notes are not published to" in said.err
    assert carrel("publish", "--audience", "private", str(tmp_path / "mine")).code == 0
    assert (tmp_path / "mine/notes/secret-plan.html").is_file()
    assert git(repository, "for-each-ref") == ""


def test_the_public_site_is_what_is_published_unless_another_is_asked_for(
    carrel: Carrel, kb: KnowledgeBase, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    carrel("publish", str(public))
    assert not (public / "notes/lab.html").exists()
    said = carrel("publish", str(public), "--audience", "lab")
    assert said.code == 2
    assert "the site there is for public; this one is for lab" in said.err
    assert not (public / "notes/lab.html").exists()
    assert carrel("publish", str(public), "--audience", "lab", "--yes").code == 0
    assert (public / "notes/lab.html").exists()
    assert carrel("publish", str(public), "--audience", "lab").code == 0


def test_files_of_others_want_a_yes_at_first_and_stay(carrel: Carrel, kb: KnowledgeBase, tmp_path: Path) -> None:
    public = tmp_path / "public"
    public.mkdir()
    (public / "thesis.html").write_text("years of work")
    said = carrel("publish", str(public))
    assert said.code == 2
    assert "has files that Carrel did not write, thesis.html among them; they stay" in said.err
    assert "--dry-run" in said.err
    assert sorted(os.listdir(public)) == ["thesis.html"]
    assert carrel("publish", str(public), "--yes").code == 0
    assert carrel("publish", str(public)).code == 0
    assert (public / "thesis.html").read_text() == "years of work"


def test_in_the_log_of_a_ci_no_page_is_named(
    carrel: Carrel, kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    public = str(tmp_path / "public")
    told = [carrel("publish", public, "--review", "--yes")]
    hide(kb)
    told += [carrel("publish", public, "--dry-run"), carrel("publish", public, "--review", "--yes")]
    for said in told:
        assert said.code == 0
        assert not any(name in said.out + said.err for name in (*NAMES, ".html\n  ", "secret", "notes/"))
    assert "newly visible: 1" in told[0].err
    assert "removed" in told[1].err


def typed(kb: KnowledgeBase, answer: str, *words: str, asked: Callable[[], object] = lambda: None) -> tuple[int, str]:
    """Run a command on a terminal and answer its question, `asked` before; its exit code and what was shown."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "carrel", *words], cwd=kb.root, stdin=slave, stdout=slave, stderr=slave,
        env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
    os.close(slave)
    shown, is_answered = b"", False
    while True:
        if b"[y/N]" in shown and not is_answered:
            asked()
            os.write(master, answer.encode())
            is_answered = True
        try:
            part = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        shown += part
    os.close(master)
    return process.wait(), shown.decode().replace("\r\n", "\n")


def test_a_review_lists_what_becomes_visible_and_asks_once(carrel: Carrel, kb: KnowledgeBase, tmp_path: Path) -> None:
    public = tmp_path / "public"
    code, shown = typed(kb, "n\n", "publish", str(public), "--review")
    assert code == 1
    assert "    notes/experiments/refusal-probes.html  Refusal probes beat the logit lens\n" in shown
    assert shown.count("[y/N]") == 1
    assert "nothing was published" in shown
    assert not public.exists()
    assert carrel("publish", str(public), "--review").code == 2
    assert not public.exists()
    code, shown = typed(kb, "y\n", "publish", str(public), "--review")
    assert code == 0, shown
    code, shown = typed(kb, "", "publish", str(public), "--review")
    assert (code, shown.count("[y/N]")) == (0, 0)
    (kb.root / "notes/lab.md").write_text("---\ntitle: For everybody\nvisibility: public\n---\nHello.\n")
    said = carrel("publish", str(public), "--review", "--yes")
    assert said.code == 0
    news = said.err.partition("newly visible: ")[2].partition("will differ")[0]
    assert "    notes/lab.html  For everybody\n" in news
    assert not any(name in news for name in NAMES)


def test_a_build_for_others_while_one_is_asked_changes_nothing_of_what_is_published(
    carrel: Carrel, kb: KnowledgeBase, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    built = []

    def build_for_the_lab() -> None:
        built.append(carrel("build", "--audience", "lab").code)

    code, shown = typed(kb, "y\n", "publish", str(public), "--review", asked=build_for_the_lab)
    assert (built, code) == ([0], 0), shown
    assert (kb.root / "site/public/notes/lab.html").is_file()
    assert (public / "index.html").is_file()
    assert not (public / "notes/lab.html").exists()
    assert b"For the lab" not in bytes_of(public)


def test_a_publish_leaves_the_site_that_was_built_for_yourself_as_it_was(
    carrel: Carrel, kb: KnowledgeBase, tmp_path: Path
) -> None:
    assert carrel("build", "--audience", "lab").code == 0
    before = bytes_of(kb.root / "site/public")
    assert carrel("publish", str(tmp_path / "public")).code == 0
    assert bytes_of(kb.root / "site/public") == before
    assert kb.cache_dir.stat().st_mode & 0o077 == 0


def test_two_publishes_at_once_end_with_the_site(kb: KnowledgeBase, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "carrel", "publish", str(tmp_path / "public")]
    running = [
        subprocess.Popen(words, cwd=kb.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = [one.communicate() for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], told
    assert sum("nothing has changed" in err for _, err in told) == 2
    assert (tmp_path / "public/papers/elhage2022toy.html").is_file()


def test_a_site_that_leaks_goes_nowhere(carrel: Carrel, kb: KnowledgeBase, repository: Path, tmp_path: Path) -> None:
    key = "AKIA" + "Q3JX7TPZ5KD2WMV6"
    (kb.root / "notes/key.md").write_text(f"---\nvisibility: public\n---\nUse `{key}`.\n")
    for to in (str(tmp_path / "public"), "git:gh-pages"):
        said = carrel("publish", to)
        assert said.code == 1
        assert "aws-key" in said.err
        assert key not in said.err
    assert not (tmp_path / "public").exists()
    assert git(repository, "for-each-ref") == ""


# --- CI ---------------------------------------------------------------------------------------------------------------


def steps(text: str, host: str) -> tuple[list[str], str]:
    """The commands of a CI file, and the folder that it hands on."""
    said = yaml.safe_load(text)
    if host == "gitlab":
        job = said["pages"]
        return job["script"], job["artifacts"]["paths"][0]
    jobs = said["jobs"]["build"]["steps"]
    upload = next(step for step in jobs if step.get("uses", "").startswith("actions/upload-pages-artifact@"))
    return [step["run"] for step in jobs if "run" in step], upload["with"]["path"]


@pytest.mark.parametrize(("host", "path"), [("github", ".github/workflows/carrel.yml"), ("gitlab", ".gitlab-ci.yml")])
def test_the_commands_of_a_ci_file_publish_the_site_in_a_fresh_clone(
    host: str, path: str, carrel: Carrel, kb: KnowledgeBase, repository: Path, tmp_path: Path
) -> None:
    assert carrel("init", "--ci", host).out.splitlines()[-1] == path
    git(kb.root, "add", "--all")
    git(kb.root, "commit", "--quiet", "--message=CI")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{kb.root}", "scratch")
    commands, folder = steps((tmp_path / "scratch" / path).read_text(), host)
    assert commands[0] == f'pip install "carrel~={__version__}"'
    for command in commands[1:]:
        words = shlex.split(command)
        assert words[0] == "carrel"
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=tmp_path / "scratch", stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, env={**os.environ, "CI": "true"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert not any(name in done.stdout + done.stderr for name in NAMES)
    site = tmp_path / "scratch" / folder
    assert (site / PLAN.replace(".md", ".html")).is_file()
    assert not (site / "notes/lab.html").exists()
    assert not (site / "notes/secret-plan.html").exists()


def test_the_jobs_of_github_may_do_what_they_need_and_no_more(carrel: Carrel, kb: KnowledgeBase) -> None:
    carrel("init", "--ci")
    said = yaml.safe_load((kb.root / ".github/workflows/carrel.yml").read_text())
    assert said["permissions"] == {}
    assert said["jobs"]["build"]["permissions"] == {"contents": "read"}
    assert said["jobs"]["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    used = [step["uses"] for job in said["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(one.startswith("actions/") and one.partition("@v")[2].isdigit() for one in used)
    assert (kb.root / ".gitlab-ci.yml").is_file()


def test_a_ci_file_that_is_there_stays_as_it_is(carrel: Carrel, kb: KnowledgeBase) -> None:
    (kb.root / ".gitlab-ci.yml").write_text("mine: true\n")
    said = carrel("init", "--ci")
    assert said.code == 0
    assert ".gitlab-ci.yml is there already and stays as it is" in said.err
    assert (kb.root / ".gitlab-ci.yml").read_text() == "mine: true\n"
    assert (kb.root / ".github/workflows/carrel.yml").is_file()
