"""MkDocs as a library, page by page: only what changed is rendered, on two processors."""
