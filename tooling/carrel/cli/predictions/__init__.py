"""`carrel predict`, `predictions`, `resolve` and `calibration`: what was expected, and what came."""
