"""From Markdown of the stage to HTML that is safe to show, and what a page loads."""
