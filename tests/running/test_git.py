"""What git says of the folder of a run: real repositories, which are left as they were."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from carrel.running import git, new_files, remote


def call(folder: Path, *words: str) -> str:
    settings = ["-c", "user.name=Ada", "-c", "user.email=ada@lab.example", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *settings, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "toy"
    (root / "src").mkdir(parents=True)
    call(root, "init", "-q", "-b", "main")
    (root / "src/train.py").write_text("lr = 1\n")
    call(root, "add", ".")
    call(root, "commit", "-q", "-m", "one")
    return root


def test_a_clean_work_tree(repository: Path) -> None:
    found = git.look(repository / "src", os.environ)
    assert found == git.Checkout(repository, call(repository, "rev-parse", "HEAD"), "main")
    assert found.uncommitted() == b""


def test_the_repository_that_it_is_a_clone_of_is_told_without_what_opens_it(repository: Path) -> None:
    call(repository, "remote", "add", "mine", "git@host.example:ada/toy.git")
    call(repository, "remote", "add", "origin", "https://ada:" + "pw12345678" + "@github.com/lab/probes.git")

    def told(folder: Path) -> str:
        found = git.look(folder, os.environ)
        assert found is not None
        return found.repository

    assert told(repository) == "github.com/lab/probes"
    call(repository, "config", "branch.main.remote", "mine")
    call(repository, "config", "branch.main.merge", "refs/heads/main")
    assert told(repository) == "host.example/ada/toy"
    second = repository.parent / "second"
    call(repository, "worktree", "add", "-q", str(second))
    assert told(second) == "github.com/lab/probes"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ssh://git@host.example:2222/lab/probes.git", "host.example/lab/probes"),
        ("https://ghp_x@host.example/lab/probes", "host.example/lab/probes"),
        ("https://host.example/lab/probes?private_token=x", "host.example/lab/probes"),
        ("https://ada:1/2@host.example/lab/probes", ""),
        ("/srv/git/probes.git", ""),
        ("../probes", ""),
        ("C:/probes", ""),
        ("file:///srv/git/probes", ""),
    ],
)
def test_of_an_address_its_host_and_path_are_told_and_of_a_place_on_a_disk_nothing(url: str, said: str) -> None:
    assert remote.shown(url) == said


def test_what_is_not_committed_is_a_patch_that_brings_it_back(repository: Path) -> None:
    (repository / "src/train.py").write_text("lr = 2\n")
    (repository / "weights.bin").write_bytes(bytes(range(256)))
    (repository / "src/weg.txt").write_text("x")
    call(repository, "add", "weights.bin")
    found = git.look(repository / "src", os.environ)
    assert found is not None
    assert (found.dirty, found.untracked) == (True, ("src/weg.txt",))
    patch = found.uncommitted()
    assert patch.startswith(b"# not known to git: src/weg.txt\n\ndiff --git ")
    call(repository, "reset", "-q", "--hard")
    subprocess.run(["git", "apply"], cwd=repository, input=patch, check=True)
    assert (repository / "src/train.py").read_text() == "lr = 2\n"
    assert (repository / "weights.bin").read_bytes() == bytes(range(256))


def test_a_detached_head_has_no_branch_and_a_new_repository_no_commit(repository: Path, tmp_path: Path) -> None:
    call(repository, "checkout", "-q", "--detach")
    found = git.look(repository, os.environ)
    assert found is not None
    assert (len(found.commit), found.branch) == (40, "")
    (tmp_path / "new").mkdir()
    call(tmp_path / "new", "init", "-q", "-b", "main")
    assert git.look(tmp_path / "new", os.environ) == git.Checkout(tmp_path / "new", "", "main")


def test_the_notes_themselves_are_no_change_of_the_code(repository: Path) -> None:
    for folder in ("notes", "papers"):
        (repository / folder).mkdir()
        (repository / folder / "a.md").write_text("a")
    call(repository, "add", "notes")
    found = git.look(repository, os.environ, [repository / "notes", repository / "papers"])
    assert found is not None
    assert (found.dirty, found.untracked) == (False, ())
    (repository / "b.md").write_text("b")
    found = git.look(repository, os.environ, [repository])
    assert found is not None
    assert (found.dirty, found.untracked) == (False, ())


def test_the_repository_is_left_as_it_was(repository: Path) -> None:
    (repository / "src/train.py").touch()
    before = {path: path.read_bytes() for path in (repository / ".git").rglob("*") if path.is_file()}
    git.look(repository, os.environ)
    assert {path: path.read_bytes() for path in (repository / ".git").rglob("*") if path.is_file()} == before


def test_variables_of_a_hook_do_not_lead_to_another_repository(repository: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "GIT_DIR": str(tmp_path / "nowhere"), "GIT_INDEX_FILE": "nothing"}
    found = git.look(repository, environment)
    assert found is not None
    assert found.branch == "main"


def test_a_diff_that_is_too_large_is_cut_and_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "LARGEST", 1000)
    (repository / "src/train.py").write_text("x = 1\n" * 10_000)
    found = git.look(repository, os.environ)
    assert found is not None
    assert (found.cut, len(found.patch)) == (True, 1000)
    assert found.uncommitted().startswith(b"# cut after 1000 bytes\n\ndiff --git")


def test_without_git_or_a_repository_nothing_is_known(repository: Path, tmp_path: Path) -> None:
    assert git.look(tmp_path, os.environ) is None


def test_a_git_that_does_not_answer_is_not_waited_for_long(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "PATIENCE", 1.5)
    program = tmp_path / "git"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *diff*|*=normal*) exec sleep 60;; esac\nexec {shutil.which("git")} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (repository / "src/train.py").write_text("lr = 2\n")
    (repository / "new.txt").write_text("x")
    found = git.look(repository, os.environ)
    assert found is not None
    assert (len(found.commit), found.branch, found.dirty, found.untracked) == (40, "main", True, ())
    assert found.uncommitted() == b"# git was asked for a diff and gave none\n"


def test_files_unknown_to_git_are_counted_folders_apart(repository: Path) -> None:
    (repository / ".gitignore").write_text("*.log\n")
    call(repository, "add", ".")
    call(repository, "commit", "-q", "-m", "two")
    (repository / "out.log").write_text("x")
    assert git.look(repository, os.environ) == git.Checkout(repository, call(repository, "rev-parse", "HEAD"), "main")
    for path in ("a.py", "b.py", "runs/1/x.txt", "runs/2/x.txt"):
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text("x")
    found = git.look(repository, os.environ)
    assert found is not None
    assert (found.dirty, found.unknown) == (False, "2 files and 1 folder")


def test_new_files_that_the_command_names_are_in_the_patch_that_brings_them_back(repository: Path) -> None:
    new = {
        "new.py": b"lr = 3\n", "exp/one.py": b"a\r\n\n\x0cb\xff\n\n", "a b.py": b"no line break", "empty.py": b"",
        'q"uote\t\\.py': b"\n", "\u00fcber.py": b"+++ b/x\n@@ -1 +1 @@\n", os.fsdecode(b"caf\xe9.py"): b"--\n",
    }  # fmt: skip
    for path, data in new.items():
        place = repository / "src" / path
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
        place.chmod(0o755)
    (repository / "src/train.py").write_text("lr = 2\n")
    call(repository, "config", "diff.noprefix", "true")
    found = git.look(repository / "src", os.environ, (), ["python", *new])
    assert found is not None
    call(repository, "reset", "-q", "--hard")
    call(repository, "clean", "-fdq")
    assert os.listdir(repository / "src") == ["train.py"]
    subprocess.run(["git", "apply"], cwd=repository, input=found.uncommitted(), check=True)
    assert {path: (repository / "src" / path).read_bytes() for path in new} == new
    assert all(os.access(repository / "src" / path, os.X_OK) for path in new)
    assert (repository / "src/train.py").read_text() == "lr = 2\n"


@pytest.mark.parametrize(
    "words",
    [
        ["python", "exp/one.py", "--lr", "3e-4"],
        ["python", "../src/exp/./one.py"],
        ["train", "--config=exp/one.py"],
        ["bash", "-c", "cd . && python exp/one.py>out.txt"],
        ["python", "-m", "exp.one"],
        ["sh", "-c", "python -m exp.one; true"],
    ],
)
def test_a_command_names_a_file_as_an_argument_in_one_or_as_a_module(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "src/exp").mkdir(parents=True)
    (tmp_path / "src/exp/one.py").write_text("x")
    assert new_files.named(words, tmp_path / "src", tmp_path) == ["src/exp/one.py"]


def test_what_the_command_does_not_name_or_git_ignores_or_is_no_code_is_not_kept(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_files, "ALL", 30)
    (repository / ".gitignore").write_text("*.csv\n")
    (repository / "exp").mkdir()
    (tmp_path / "away.py").write_text("outside")
    (repository / "link.py").symlink_to(tmp_path / "away.py")
    (repository / "notes").mkdir()
    texts = {
        "data.csv": "1,2", "exp/data.csv": "1,2", "other.py": "x", "model.bin": "\0", ".env": "PASSWORD=x",
        "secrets.toml": "x", "notes/plan.md": "x", "one.py": "1" * 20, "two.py": "2" * 20,
        "deploy": "PRIVATE " + "KEY-----",
    }  # fmt: skip
    for path, text in texts.items():
        (repository / path).write_text(text)
    names = [*(path for path in texts if path != "other.py"), "../away.py", "link.py", "src/train.py", "exp", "\0", ""]
    found = git.look(repository, os.environ, [repository / "notes"], names)
    assert found is not None
    assert found.patch.count(b"diff --git") == 1
    assert b"+++ b/one.py" in found.patch
    assert found.uncommitted().decode().splitlines()[-14:-7] == [
        "# named by the command, and not kept: .env: by its name it holds a secret",
        "# named by the command, and not kept: deploy: it holds a private key",
        "# named by the command, and not kept: link.py: it is a link",
        "# named by the command, and not kept: model.bin: it is no text",
        "# named by the command, and not kept: secrets.toml: by its name it holds a secret",
        "# named by the command, and not kept: two.py: it is too large",
        "",
    ]


def test_files_that_are_no_text_take_no_room_from_those_that_are(repository: Path) -> None:
    names = [f"a{number}.npy" for number in range(new_files.ALL // new_files.LARGEST)]
    for name in names:
        (repository / name).write_bytes(b"\x93NUMPY\x01\0".ljust(new_files.LARGEST, b"."))
    (repository / "new.py").write_text("lr = 3\n")
    found = git.look(repository, os.environ, (), ["python", "new.py", *names])
    assert found is not None
    assert found.unkept == tuple(f"{name}: it is no text" for name in names)
    assert b"+lr = 3" in found.patch


def test_a_named_file_behind_a_link_is_kept_and_that_the_link_is_not_is_said(repository: Path) -> None:
    (repository / "exp").mkdir()
    (repository / "exp/new.py").write_text("lr = 3\n")
    (repository / "now.py").symlink_to("exp/new.py")
    (repository / "linked").symlink_to("exp")
    for name in ("now.py", "linked/new.py"):
        found = git.look(repository, os.environ, (), ["python", name])
        assert found is not None
        assert b"+++ b/exp/new.py" in found.patch
        assert found.unkept == (("now.py: it is a link",) if name == "now.py" else ())


def test_a_named_file_in_a_repository_within_is_not_kept_and_said(repository: Path) -> None:
    (repository / ".gitignore").write_text("ignored/\n")
    for folder in ("lib/inner", "ignored"):
        (repository / folder).mkdir(parents=True)
        call(repository / folder, "init", "-q")
        (repository / folder / "new.py").write_text("x")
    call(repository / "lib/inner", "-c", "core.hooksPath=/dev/null", "add", ".")
    call(repository / "lib/inner", "commit", "-q", "-m", "one")
    call(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", "./lib/inner", "module")
    found = git.look(repository, os.environ, (), ["python", "lib/inner/new.py", "ignored/new.py", "module/new.py"])
    assert found is not None
    assert found.unkept == ("lib/inner/new.py: it is in another repository",)
