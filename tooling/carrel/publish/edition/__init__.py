"""Who sees what: the notes of one audience, what they are called there, and what brings them together."""
