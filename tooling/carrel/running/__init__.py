"""Running a command as if Carrel were not there, and looking at what it runs in: `carrel run`."""
