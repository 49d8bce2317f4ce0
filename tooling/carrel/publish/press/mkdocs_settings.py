"""What Carrel sets in the configuration of MkDocs before anything is built with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import escape

from carrel.publish.render import theme

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from carrel.publish.staging.staged import Staged
    from carrel.store.knowledge_base import KnowledgeBase

#: MkDocs' own search: its index is loaded by every page.
SEARCHES = ("search", "material/search")


def prepare(config: MkDocsConfig, kb: KnowledgeBase) -> None:
    """Settings that hold for every build with this configuration."""
    # Pages open from disk as well as from a server, wherever the site is put.
    config.use_directory_urls = False
    if kb.config.site_title:
        config.site_name = escape(kb.config.site_title)
    _without_search(config)
    _dress(config)


def point_at(config: MkDocsConfig, staged: Staged) -> None:
    """Settings that follow from what was staged: where it stands, and the navigation if mkdocs.yml has none."""
    config.docs_dir = str(staged.root)
    if config.nav is None:
        config.nav = [{str(escape(title)): path} for title, path in staged.nav]


def _without_search(config: MkDocsConfig) -> None:
    """Take MkDocs' own search, which mkdocs.yml may list, out of the build."""
    plugins = config.plugins
    for name in SEARCHES:
        if (plugin := plugins.pop(name, None)) is not None:
            for event, methods in plugins.events.items():
                # a new list: that of the event which runs now is being walked through
                plugins.events[event] = [one for one in methods if getattr(one, "__self__", None) is not plugin]
    # what MkDocs' plugin has added by now for its own themes; Material's adds nothing
    config.extra_javascript = [script for script in config.extra_javascript if str(script) != "search/main.js"]
    config.theme.dirs[:] = [folder for folder in config.theme.dirs if not folder.endswith("contrib/search/templates")]


def _dress(config: MkDocsConfig) -> None:
    """Our style under Material's, and no request to another host: what mkdocs.yml says otherwise stays."""
    folder = str(theme.theme_folder())
    if folder not in config.theme.dirs:
        config.theme.dirs.insert(1 if config.theme.custom_dir else 0, folder)
    config.extra_css[:0] = [style for style in theme.STYLESHEETS if style not in config.extra_css]
    config.extra_javascript += [script for script in theme.SCRIPTS if script not in config.extra_javascript]
    if config.theme.name != "material":
        return
    settings: Any = config.theme
    settings["font"] = False
    config.mdx_configs.setdefault("toc", {}).setdefault("title", "On this page")
    if "palette" not in config.theme:
        settings["palette"] = [dict(choice) for choice in theme.PALETTE]
    if not config.theme["features"]:
        settings["features"] = list(theme.FEATURES)
