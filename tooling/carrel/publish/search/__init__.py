"""The site's search: an index in small files, made here, which the reader's browser searches by itself."""
