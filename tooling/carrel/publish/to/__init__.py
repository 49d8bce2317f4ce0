"""Where a site can be published to. Each place is one module, and each does the same three things: `Place`."""
