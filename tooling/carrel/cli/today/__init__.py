"""`carrel today`: what runs, what is due, what to read, what to do next."""
