"""The command line: the only composition root, and the only place that prints, prompts, exits or reads the clock."""
