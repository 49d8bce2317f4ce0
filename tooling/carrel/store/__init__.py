"""The only code that touches the user's files: configuration, safe writes, and the knowledge base, the one door."""
