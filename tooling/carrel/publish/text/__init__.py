"""A note's text on its way to a page: every link, citation and embed resolved within one edition."""
