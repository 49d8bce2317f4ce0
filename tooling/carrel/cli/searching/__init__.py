"""`carrel search` and `list`: asking an index that is current, showing hits, picking one of them."""
