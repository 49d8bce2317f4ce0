"""The table of contents by which Whoosh itself opens our index: the schema, and the list of segments.

The only module that loads Whoosh's index code; writing loads it, searching never does.
"""

from __future__ import annotations

import io
import re
from pickle import dumps
from typing import TYPE_CHECKING

from whoosh import index
from whoosh.analysis import IDAnalyzer
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.columns import NumericColumn
from whoosh.fields import COLUMN, ID, STORED, TEXT, Schema
from whoosh.filedb.structfile import StructFile

from carrel.search.whoosh_writer import INDEX_NAME

if TYPE_CHECKING:
    from carrel.search.catalogue import Segment

