"""The table of contents by which Whoosh itself opens our index: the schema, and the list of segments.

The only module that loads Whoosh's index code; writing the index loads it, searching never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pickle import dumps
from struct import pack
from typing import TYPE_CHECKING

from whoosh import __version__
from whoosh.analysis import IDAnalyzer
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.columns import NumericColumn
from whoosh.fields import COLUMN, STORED, TEXT, Schema
from whoosh.util.varints import varint

from carrel.search.whoosh_format import RANKED

if TYPE_CHECKING:
    from carrel.search.catalogue import Segment

_TOC_VERSION = -111
_BYTE_ORDER_MARK = -12345


def toc(index_name: str, generation: int, segments: Sequence[Segment]) -> bytes:
    """The content of `_<index name>_<generation>.toc`, as `whoosh.index.TOC.write` writes it."""
    schema = dumps(_schema(), 2)
    listed = []
    for segment in segments:
        record = W3Segment(W3Codec(), index_name, segment.documents, segment.name.removeprefix(f"{index_name}_"))
        for document in segment.deleted:
            record.delete_document(document)
        record._fieldlengths = dict(segment.totals)  # where its writer leaves them
        listed.append(record)
    sizes = b"".join(varint(size) for size in (4, 8, 4))  # of an int, a long and a float, as Whoosh counts them
    release = b"".join(map(varint, __version__[:3]))
    return b"".join(
        (
            sizes,
            pack(">ii", _BYTE_ORDER_MARK, _TOC_VERSION),
            release,
            varint(len(schema)),
            schema,
            pack(">ii", generation, 0),
            dumps(listed, 2),
        )
    )


def _schema() -> Schema:
    """Our fields in Whoosh's terms. Terms are put in ready made, so the analyzers leave them alone."""
    fields = {name: TEXT(analyzer=IDAnalyzer()) for name in RANKED}
    day = COLUMN(NumericColumn("I"))
    return Schema(**fields, path=STORED(), line=STORED(), anchor=STORED(), day=day)
