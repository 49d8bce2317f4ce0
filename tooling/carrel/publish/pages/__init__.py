"""What pages are made of: the parts beside a note's text, and the pages and files made from several notes."""
