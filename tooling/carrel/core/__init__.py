"""Text in, values out: notes, entries, links, papers, dates, front matter, the link graph and checks.

Nothing here opens a file, reaches the network, reads the clock, prints, or knows a framework.
"""
