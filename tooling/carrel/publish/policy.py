"""What a page of the site may load and run, said to the browser in the page itself (W3C CSP Level 3)."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

_PLACE = re.compile(r"<meta charset=[^>]*>")


def with_policy(html: str, content: str = "") -> str:
    """The page, which may run the site's own scripts and those that the theme wrote into it, and load nothing else.

    `content` is the part that came from a note: no script in it is allowed for.
    """
    after = (html.replace(content, "") if content else html).split("<script>")[1:]
    theirs = [script.partition("</script>")[0] for script in after if "</script>" in script]
    hashes = dict.fromkeys(b64encode(sha256(script.encode()).digest()).decode() for script in theirs)
    scripts = "".join(f" 'sha256-{digest}'" for digest in hashes)
    policy = (
        f"default-src 'none'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "media-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; frame-src 'self'; "
        "base-uri 'self'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return _PLACE.sub(lambda found: found[0] + meta, html, count=1)
