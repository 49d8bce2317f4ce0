"""Outside sources of papers' metadata, one file each; `http.py` is the only code that talks to the network."""
