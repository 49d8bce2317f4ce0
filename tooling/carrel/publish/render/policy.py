"""What a page of the site may load and run, said to the browser in the page itself (W3C CSP Level 3)."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

_PLACE = re.compile(r"<meta charset=[^>]*>")


def with_policy(html: str, content: str, known: re.Pattern[str], *, styled: bool = False) -> str:
    """The page, which may run the site's own scripts and those that the theme wrote into it, and load nothing else.

    `content` is the part that came from a note: no script in it is allowed for.
    """
    meta = policy(html.replace(content, "") if content else html, known, styled=styled)
    return put_in(html, meta)


def policy(frame: str, known: re.Pattern[str], *, styled: bool = False) -> str:
    """The element that says what a page may do, of which `frame` is what the theme wrote.

    A script in it is allowed for that is as `known`, whole. Styles come from files too; only a page that is `styled`
    may have some in itself, because mermaid writes a style sheet into each drawing. What a script sets through
    `element.style` needs no leave.
    """
    after = frame.split("<script>")[1:]
    theirs = [script.partition("</script>")[0] for script in after if "</script>" in script]
    hashes = dict.fromkeys(_hash(script) for script in theirs if known.fullmatch(script))
    scripts = " ".join(("'self'", *hashes))
    styles = "'self' 'unsafe-inline'" if styled else "'self'"
    said = (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:; "
        "media-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'; "
        "object-src 'none'; base-uri 'self'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{said}">'


def put_in(html: str, meta: str) -> str:
    """The page with such an element where it holds for all that follows."""
    return _PLACE.sub(lambda found: found[0] + meta, html, count=1)


def _hash(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
