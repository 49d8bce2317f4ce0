"""Finding notes: what of a note is indexed, the query language, the index on disk, and keeping it true.

`index.py` holds the protocols and `refresh`; `query.py` reads a query into the tree of `tree.py`; `matching.py`
answers it on anything that has postings; `search.py` puts these together. `whoosh_index.py` is the index on disk.
Notes come through the `NoteSource` protocol: nothing here opens one.
"""
