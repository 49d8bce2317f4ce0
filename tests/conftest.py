"""What every test has at hand: a knowledge base of its own, the command line, and the real inputs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings as hypothesis_settings

from carrel.store.knowledge_base import KnowledgeBase
from tests.sources import Recorded
from tests.support import Carrel, Said

# The first example pays for imports, and this machine may be busy: time is not what these tests are about.
hypothesis_settings.register_profile("carrel", deadline=None)
hypothesis_settings.load_profile("carrel")

REPOSITORY = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 20, 14, 32, tzinfo=ZoneInfo("Europe/Berlin"))


#: Files of tests that take longest each: they begin first, so that no processor waits for another one's last file.
LONG = frozenset({
    "test_accessibility.py", "test_browser.py", "test_build.py", "test_builders.py", "test_canaries.py",
    "test_command.py", "test_convergence.py", "test_destinations.py", "test_durability.py", "test_faults.py",
    "test_graph_browser.py", "test_incremental.py", "test_injection.py", "test_paper_add.py",
    "test_papers_browser.py", "test_places.py", "test_press.py", "test_previews_browser.py", "test_process.py",
    "test_publish.py", "test_serving.py", "test_terminal.py", "test_vaults.py", "test_watcher.py",
})  # fmt: skip


#: A folder that is kept in memory, and how much must be free there for the temporary files of all tests.
MEMORY, ROOM = Path("/dev/shm"), 6 * 1024**3


def pytest_configure() -> None:
    """Keep temporary files in memory where there is room: what Carrel saves it waits for, and tests save a lot.

    That it does wait, and in which order, is what test_durability.py sees in its system calls, wherever the files are.
    """
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    if roomy and not os.environ.get("PYTEST_DEBUG_TEMPROOT"):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long; within a file, and among the others, the order stays."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` writes what commands print now into the sessions, to be read before it is committed."""
    parser.addoption("--update", action="store_true", help="rewrite tests/cli/sessions/ with what is printed now")


def at_home(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Let `home` be the home, and its configuration and caches the ones that are used."""
    patch.setenv("HOME", str(home))
    bases = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    for name in (*bases, "CARREL_DIR", "EDITOR", "VISUAL", "NO_COLOR", "CARREL_DEBUG"):
        patch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home for what tests share: the caches of whoever runs them are not touched, nor read."""
    with pytest.MonkeyPatch.context() as patch:
        at_home(tmp_path_factory.mktemp("home"), patch)
        yield


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test: the configuration and caches of whoever runs them are not touched."""
    home = tmp_path_factory.mktemp("home")
    at_home(home, monkeypatch)
    return home


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real inputs; CARREL_DATA names it, and is not to be wrong."""
    named = os.environ.get("CARREL_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        if named:
            pytest.fail(f"the real inputs are missing: CARREL_DATA names {folder}, which is no folder")
        pytest.skip(f"no real inputs: {folder} is not there; set CARREL_DATA to a copy")
    return folder


@pytest.fixture
def kb(tmp_path: Path) -> KnowledgeBase:
    """An empty knowledge base."""
    root = tmp_path / "kb"
    for folder in (".carrel", "notes", "papers"):
        (root / folder).mkdir(parents=True)
    return KnowledgeBase.open(root)


@pytest.fixture
def write(kb: KnowledgeBase) -> Callable[[str, str], Path]:
    """Put a file into the knowledge base as an editor would."""

    def put(path: str, text: str) -> Path:
        place = kb.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
        return place

    return put


@pytest.fixture
def settings(own_home: Path) -> Callable[[str], None]:
    """Write the user's own configuration file."""

    def put(text: str) -> None:
        place = own_home / ".config" / "carrel" / "config.toml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    return put


@pytest.fixture
def sources(data: Path, settings: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """arXiv, Crossref, OpenAlex, Semantic Scholar and doi.org as recorded, and configured to be asked here."""
    from carrel.metadata import arxiv, semanticscholar

    running = Recorded(data)
    settings(running.config)
    for source in (arxiv, semanticscholar):
        monkeypatch.setattr(source, "SECONDS_BETWEEN_CALLS", 0.0)
    yield running
    running.close()


@pytest.fixture
def carrel(kb: KnowledgeBase, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Carrel:
    """Run the command line in this process, in the knowledge base's folder, at a fixed time."""
    from carrel.cli.app import App
    from carrel.cli.main import run

    monkeypatch.chdir(kb.root)

    def call(*arguments: str, stdin: bytes = b"", now: datetime = NOW) -> Said:
        capfdbinary.readouterr()
        reader, writer = os.pipe()
        os.write(writer, stdin)
        os.close(writer)
        with os.fdopen(reader) as piped:
            monkeypatch.setattr(sys, "stdin", piped)
            code = run(list(arguments), App(clock=lambda: now))
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode(), err.decode())

    return call


@pytest.fixture
def process(kb: KnowledgeBase) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line as a process of its own, in the knowledge base's folder."""

    def call(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        settings: dict[str, object] = {"cwd": kb.root, "capture_output": True, "text": True, "timeout": 120, **options}
        return subprocess.run([sys.executable, "-m", "carrel", *arguments], check=False, **settings)  # type: ignore[call-overload,no-any-return]  # options are run()'s own

    return call


@pytest.fixture
def strace() -> str:
    """The program that makes system calls fail; without it tests are skipped, and in CI they fail."""
    program = shutil.which("strace")
    if program and not subprocess.run([program, "-o", os.devnull, "true"], check=False, capture_output=True).returncode:
        return program
    reason = "strace cannot be used here; on Debian: apt install strace (and let it trace: CAP_SYS_PTRACE)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
