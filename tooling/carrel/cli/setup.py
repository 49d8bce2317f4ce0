"""`carrel init`, `config` and `completion`: a knowledge base, its settings, and the shell."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import click

from carrel.cli.app import App, command
from carrel.cli.output import echo, plain
from carrel.errors import CarrelError, UsageError


@command()
@click.argument("folder", default=".", metavar="[DIR]")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "both"]),
    is_flag=False,
    flag_value="both",
    help="Add the files with which GitHub or GitLab publish the site after each push (both, if you name none).",
)
def init(app: App, folder: str, ci: str | None) -> None:
    """Make DIR (the current folder) a knowledge base.

    In a folder that holds Markdown already, an Obsidian vault say, it adds .carrel/ and what is missing, and
    changes no file that is there.
    """
    from carrel.store.knowledge_base import KnowledgeBase
    from carrel.store.scaffold import PRIVATE_FILES, commits_private, nested, publishes, scaffold

    root = Path(folder)
    above = KnowledgeBase.root_above(root.resolve().parent)
    added, adopted = scaffold(root, app.clock().date())
    for path in added:
        echo(path)
    if ci:
        _add_pipelines(app, root, ("github", "gitlab") if ci == "both" else (ci,))
    if above is not None:
        app.remark(f"{root} lies in the knowledge base {above}, which does not look into it any more")
    for inner in nested(root):
        app.remark(f"{inner} is a knowledge base of its own; its notes do not belong to this one")
    if not publishes(root):
        app.remark("mkdocs.yml does not have Carrel's plugin; for a site of the notes add: plugins: [carrel]")
    if commits_private(root):
        app.remark(
            f".gitignore is yours and stays; what is for your eyes alone is kept out of git by a line {PRIVATE_FILES}"
        )
    if not added and not ci:
        app.remark(f"{root} is a knowledge base already; nothing was added")
    elif added and adopted:
        app.remark(f"{adopted} Markdown files found and left as they are; try: carrel search WORD")
    elif added:
        app.remark(f'ready: {"" if folder == "." else f"cd {folder}, then "}carrel log "first entry"')


def _add_pipelines(app: App, root: Path, hosts: tuple[str, ...]) -> None:
    from carrel import __version__
    from carrel.store.pipelines import PIPELINES, add_pipelines, repository_above

    added = add_pipelines(root, hosts, __version__)
    for path in added:
        echo(path)
    for path in (PIPELINES[host] for host in hosts):
        if path not in added:
            app.remark(f"{path} is there already and stays as it is")
    if top := repository_above(root):
        app.remark(f"the repository begins at {top}: there is where they are looked for; move them and add `cd`")
    if PIPELINES["github"] in added:
        app.remark("GitHub: in the repository's settings, under Pages, choose the source GitHub Actions")


@command()
@click.argument("name", required=False)
@click.argument("value", required=False)
@click.option("--user", is_flag=True, help="Set it in your own file, for all your knowledge bases.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def config(app: App, name: str | None, value: str | None, user: bool, as_json: bool) -> None:
    """Show the settings, or one; with VALUE, set it.

    \b
    carrel config                      every setting
    carrel config author               one
    carrel config author "Ada L."      set it for this knowledge base
    carrel config --user editor nvim   set it for all of yours
    """
    from carrel.store.config import Config, dotted, user_config_path
    from carrel.store.scaffold import set_setting

    names = {dotted(field.name): field.name for field in fields(Config)}
    if name is not None and name not in names:
        from difflib import get_close_matches

        close = get_close_matches(name, names, 1)
        raise UsageError(
            f"there is no setting {name!r}", f"did you mean {close[0]}?" if close else "`carrel config` lists them"
        )
    if name is not None and value is not None:
        path = user_config_path(app.environment) if user else app.kb.config_path
        set_setting(path, name, value, user=user)
        app.remark(f"saved {path}")
        return
    settings = {shown: plain(getattr(app.kb.config, field)) for shown, field in names.items()}
    if name is not None:
        settings = {name: settings[name]}
    if as_json:
        click.echo(json.dumps(settings, ensure_ascii=False, indent=2))
    else:
        for shown, setting in settings.items():
            echo(f"{shown} = {json.dumps(setting, ensure_ascii=False)}" if name is None else str(setting))
    if name is None:
        app.remark(f"# from {user_config_path(app.environment)} and {app.kb.config_path}")


@command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, app: App, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  eval "$(carrel completion bash)"      in ~/.bashrc
    zsh:   eval "$(carrel completion zsh)"       in ~/.zshrc
    fish:  carrel completion fish | source       in config.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise CarrelError(f"click knows no completion for {shell}")
    root = context.find_root()
    click.echo(kind(root.command, {}, "carrel", "_CARREL_COMPLETE").source())
