"""Carrel from Python: `carrel.log`, and the magic of IPython and Jupyter. Like `cli`, it puts the parts together."""
