"""Outside sources as the configuration has them: made in one place, so that a command needs one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.metadata.http import Client
    from carrel.metadata.lookup import Lookup


def client(app: App, *, offline: bool = False, fresh: bool = False, keep: bool = True) -> Client:
    """The HTTP client of this run. `fresh` asks even where an answer is kept; `offline` asks nobody; without `keep`
    no answer is kept."""
    from carrel.metadata.http import Client

    config = app.kb.config
    return Client(
        mail=config.mail,
        cache=app.kb.cache_dir / "http" if keep else None,
        offline=offline,
        refresh=fresh,
        private_addresses=config.papers_private_addresses,
    )


def lookup(app: App, *, offline: bool = False, fresh: bool = False) -> Lookup:
    """The sources of papers' metadata; what they have to remark goes to stderr."""
    from carrel.metadata.lookup import Addresses, Lookup

    config = app.kb.config
    addresses = Addresses(
        config.arxiv_url, config.crossref_url, config.openalex_url, config.semanticscholar_url, config.doi_url
    )
    return Lookup(client(app, offline=offline, fresh=fresh), addresses, app.remark)
