"""CSL styles for tests."""

from __future__ import annotations


def style(citation: str, bibliography: str = "<layout><text variable='title'/></layout>", more: str = "") -> bytes:
    """A style of one's own; `citation` and `bibliography` are what these elements hold."""
    return (
        "<style xmlns='http://purl.org/net/xbiblio/csl' class='in-text' version='1.0'>"
        f"{more}<citation disambiguate-add-year-suffix='true'>{citation}</citation>"
        f"<bibliography>{bibliography}</bibliography></style>"
    ).encode()


NUMBERED = style(
    "<layout delimiter=', '><text variable='citation-number' prefix='[' suffix=']'/></layout>",
    "<layout suffix='.'><text variable='citation-number' prefix='[' suffix='] '/><names variable='author'>"
    "<name initialize-with='. ' and='text'/></names><text variable='title' prefix=', ' font-weight='bold'/></layout>",
)
