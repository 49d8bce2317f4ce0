"""The theme's templates, kept compiled: to compile Material's takes as long as to render a hundred pages."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache

from carrel.publish.staging import tree
from carrel.publish.staging.staged import digest_of
from carrel.store import cache

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.bccache import Bucket
    from mkdocs.config.defaults import MkDocsConfig

    from carrel.store.knowledge_base import KnowledgeBase

_DIGEST = 16  # bytes of what `digest_of` gives


def templates(config: MkDocsConfig, kb: KnowledgeBase) -> Environment:
    """The templates as MkDocs has them, compiled ones from the cache, which is its owner's alone."""
    folder = kb.cache_dir / "templates"
    tree.make_private(folder)
    found = config.theme.get_env()
    found.bytecode_cache = Compiled(folder)
    return found


class Compiled(BytecodeCache):
    """Compiled templates in a folder. One that is not whole is compiled again, one that cannot be kept is not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a template from the folder, if it is there as it was put."""
        with suppress(Exception):  # of another Python or Jinja, perhaps
            data = (self._folder / bucket.key).read_bytes()
            if data[:_DIGEST] == digest_of(data[_DIGEST:]):
                bucket.bytecode_from_string(data[_DIGEST:])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Put a template into the folder."""
        data = bucket.bytecode_to_string()
        cache.save(self._folder / bucket.key, digest_of(data) + data)
