"""The site: what an audience may see is staged as plain Markdown, then rendered. Nothing else ever sees a note."""
