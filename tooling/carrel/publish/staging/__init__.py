"""The stage on disk: what it is made from, what a page read while it was made, and what changed since."""
