"""`carrel stats`: how much was written, read and tried, and on which days."""
