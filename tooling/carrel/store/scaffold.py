"""Making a knowledge base: `init`'s files, note skeletons, and one setting's change.

Nothing that exists is ever touched: each file is created or left.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.frontmatter import read as read_front_matter
from carrel.core.frontmatter_edit import Writable, quote, remove_key, set_key
from carrel.core.log import front_matter
from carrel.core.names import PRIVATE
from carrel.core.template import fill
from carrel.errors import CarrelError, ConfigInvalid, NoteExists, OutsideRoot
from carrel.store import files
from carrel.store.config import USER_ONLY, Config, check_place, convert, dotted, load

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

MARKER = ".carrel"
OWN_FOLDERS = ("notes", "papers", "site")
#: What git is to leave out: sites, PDFs, and what is for its writer's eyes alone.
PRIVATE_FILES = "*.[Pp][Rr][Ii][Vv][Aa][Tt][Ee].*"
GIT_IGNORES = f"""\
site/public/
site/.public.*
papers/files/
# For your eyes alone: private entries, secret predictions, full outputs of runs. They are in no commit, and so in no
# repository that others read; back them up otherwise, or put a ! before the line in a repository that is yours alone.
{PRIVATE_FILES}
"""
# Our plugin in a list, in a list on one line, or as a key.
_PLUGIN = re.compile(
    r"""^[ \t]*-[ \t]*["']?carrel\b|^[ ]+carrel[ ]*:|^plugins:[ \t]*\[[^\]#\n]*\bcarrel\b""", re.MULTILINE
)
NO_NOTES = ("README.MD", "CHANGELOG.MD", "CONTRIBUTING.MD", "LICENSE.MD")


def skeleton(name: str) -> str:
    """The text of a skeleton that comes with Carrel."""
    return resources("carrel").joinpath("skeletons", name).read_text("utf-8")


def scaffold(root: Path, today: date) -> tuple[list[str], int]:
    """Make `root` a knowledge base. Returns the files that were added, and how many Markdown files were there.

    A folder with Markdown of its own is adopted: all of it is notes, and only what Carrel needs is added.
    Raises `WriteFailed`.
    """
    if root.exists() and not root.is_dir():
        raise CarrelError(f"{root} is a file", "name a folder")
    made = _is_made(root / MARKER)
    adopted = 0 if made else _count_markdown(root)
    config = load(root / MARKER / "config.toml", Config(), user=False)
    own_shape = config.folders != Config().folders if made else adopted > 0
    title = root.resolve().name
    wanted = {
        f"{MARKER}/config.toml": skeleton("config.toml").replace(
            '# folders = ["notes", "papers"]', 'folders = ["."]' if adopted else '# folders = ["notes", "papers"]'
        ),
        f"{MARKER}/.gitignore": "lock\n",
        ".gitignore": GIT_IGNORES,
        "mkdocs.yml": skeleton("mkdocs.yml").replace('"{{title}}"', quote(title)),
    }
    if not own_shape:
        wanted["README.md"] = fill(skeleton("README.md"), {"title": title})
        wanted["notes/.gitkeep"] = wanted["papers/.gitkeep"] = ""
    wanted["site/pages/index.md"] = skeleton("home.md")
    added = []
    for path, text in wanted.items():
        with suppress(NoteExists):  # it is the user's: left as it is
            files.create(root / path, text.encode())
            added.append(path)
    return added, adopted


def _count_markdown(root: Path) -> int:
    """Markdown files that were there and are notes by their place: not in Carrel's own folders, no README."""
    count = 0
    for folder, folders, names in os.walk(root):
        at_root = folder == str(root)
        folders[:] = [name for name in folders if not _passed_over(folder, name)]
        if at_root:
            folders[:] = [name for name in folders if name not in OWN_FOLDERS]
        count += sum(name.endswith(".md") and not (at_root and name.upper() in NO_NOTES) for name in names)
    return count


def _is_made(marker: Path) -> bool:
    """Whether `marker` is more than what an `init` that was killed at once left behind."""
    return marker.is_dir() and any(not name.startswith(files.TEMPORARY) for name in os.listdir(marker))


def _passed_over(folder: str, name: str) -> bool:
    """Whether a folder holds none of our notes: hidden, packages, or a knowledge base of its own."""
    return name.startswith(".") or name == "node_modules" or Path(folder, name, MARKER).is_dir()


def nested(root: Path) -> list[str]:
    """Knowledge bases below `root`, relative to it; what they hold does not belong to this one."""
    found = []
    for folder, folders, _ in os.walk(root):
        for name in folders:
            if Path(folder, name, MARKER).is_dir():
                found.append(os.path.relpath(os.path.join(folder, name), root))
        folders[:] = [name for name in folders if not _passed_over(folder, name)]
    return sorted(found)


def publishes(root: Path) -> bool:
    """Whether the `mkdocs.yml` of `root` names our plugin."""
    try:
        return _PLUGIN.search((root / "mkdocs.yml").read_text("utf-8", "replace")) is not None
    except OSError:
        return False  # there is none, or none to read: then nothing is published


def commits_private(root: Path) -> bool:
    """Whether a `.gitignore` in `root` lets git take what is for its writer's eyes alone, as far as its lines say.

    A line with a ! before it says that this is meant.
    """
    try:
        lines = (root / ".gitignore").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False  # there is none, or none to read
    said = (PRIVATE_FILES, f"*{PRIVATE}.*")
    return not any(line.strip().lstrip("!/").removeprefix("**/") in said for line in lines)


def template(kb: KnowledgeBase, kind: str) -> str:
    """The template of a kind: `.carrel/templates/<kind>.md`, or the one that comes with Carrel."""
    own = kb.root / MARKER / "templates" / f"{kind}.md"
    if not Path(os.path.realpath(own)).is_relative_to(kb.root):
        raise OutsideRoot(str(own))
    try:
        return own.read_text("utf-8-sig") if own.is_file() else skeleton(f"{kind}.md")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{own}: {error}") from error


def note_text(
    kb: KnowledgeBase, kind: str, title: str, fields: Mapping[str, Writable], chosen: Collection[str] = ()
) -> str:
    """A new note of `kind`: its template with `{{title}}`, `{{date}}` and `{{author}}` filled in, `fields` in front.

    Keys that the template's front matter fills already stay as they are, but for those that were `chosen` for this
    very note: one of them without a value is left out. Raises `ConfigInvalid`.
    """
    words = {"title": title, "date": str(fields.get("date", "")), "author": kb.config.author}
    text = fill(template(kb, kind), words)
    front = read_front_matter(text)
    if front.complaints or front.format not in ("", "yaml"):
        reason = front.complaints[0].message if front.complaints else f"{front.format} front matter"
        raise ConfigInvalid(f"the template of {kind}: {reason}", f"mend {MARKER}/templates/{kind}.md")
    kept = {key for key, value in front.metadata.items() if value and key not in chosen}
    head = front_matter({key: value for key, value in fields.items() if key not in kept})
    # Ours come first, as in every other note; a key that the template leaves empty gives way to ours.
    for key in {**fields, **dict.fromkeys(chosen)}:
        if key in front.metadata and key not in kept:
            text = remove_key(text, key)
    return head.removesuffix("---\n") + text[front.start :] if front.format else f"{head}\n{text}"


def set_all(text: str, fields: Mapping[str, Writable]) -> str:
    """`text` with keys of its front matter set. Raises `CannotEdit`."""
    for key, value in fields.items():
        text = set_key(text, key, value)
    return text


def set_setting(path: Path, name: str, value: str, *, user: bool) -> None:
    """Set one setting in a configuration file, keeping its comments and order. Raises `ConfigInvalid`, `WriteFailed`.

    `value` is what was typed: a list's parts are separated by commas.
    """
    import tomlkit

    field = next(key for key in Config.__dataclass_fields__ if dotted(key) == name)
    if field in USER_ONLY and not user:
        raise ConfigInvalid(f"{name} can stand only in your own configuration file", f"carrel config --user {name} …")
    default = getattr(Config(), field)
    typed: object = value
    if isinstance(default, bool):
        typed = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(
            value.lower(), value
        )
    elif isinstance(default, int):
        typed = int(value) if re.fullmatch(r"\d{1,9}", value) else value
    elif isinstance(default, tuple):
        typed = [part.strip() for part in value.split(",") if part.strip()]
    convert(path, name, typed, default)
    if field == "publish_to" and not user:
        check_place(path, typed)
    load(path, Config(), user=user)  # refuse to add to a file that cannot be read back
    old = path.read_bytes() if path.exists() else None
    document = tomlkit.parse((old or b"").decode("utf-8-sig"))
    table, _, key = name.rpartition(".")
    if table:
        document.setdefault(table, tomlkit.table())
        document[table][key] = typed
    elif key in document:
        document[key] = typed
    text = tomlkit.dumps(document)
    if not table and key not in document:
        text = _before_tables(text, tomlkit.dumps({key: typed}))
    data = text.encode()
    try:
        tomllib.loads(text)
    except ValueError as error:
        raise ConfigInvalid(f"{path}: {name} has no place in it", "set it in an editor") from error
    if old is None:
        files.create(path, data)
    else:
        files.replace(path, data, files.digest(old))


def _before_tables(text: str, line: str) -> str:
    """`text` with a setting of no table put before its first table, also one in a comment: there it would belong to it.

    >>> _before_tables('a = 1\\n\\n# [site]\\n', 'b = 2\\n')
    'a = 1\\nb = 2\\n\\n# [site]\\n'
    """
    header = re.search(r"^[ \t]*(?:#[ \t]*)?\[[\w. -]+\][ \t\r]*$", text, re.MULTILINE)
    if header is None:
        return f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{line}"
    above = text[: header.start()].rstrip("\r\n")
    last = above.rpartition("\n")[2]
    gap = "" if not above else "\n\n" if last.startswith("#") else "\n"
    return f"{above}{gap}{line}\n{text[header.start() :]}"
