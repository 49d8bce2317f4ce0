"""`carrel digest`: the week that was, as a note, a table of papers, or a mail."""
