"""Settings: their defaults, who may say what, and that a mistake is told with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.errors import ConfigInvalid
from carrel.store.config import Config, cache_home, load, user_config_path
from carrel.store.knowledge_base import KnowledgeBase


def loaded(tmp_path: Path, text: str, *, user: bool = False) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return load(path, Config(), user=user)


def test_without_a_file_everything_is_as_the_defaults_say(tmp_path: Path) -> None:
    config = load(tmp_path / "none.toml", Config(), user=False)
    assert config == Config()
    assert (config.visibility, config.folders) == (Visibility.PRIVATE, ("notes", "papers"))


def test_settings_are_read_by_their_names(tmp_path: Path) -> None:
    text = (
        'folders = ["log/", "x"]\nvisibility = "lab"\nper_author = true\n[site]\ntitle = "Lab"\naudience = "public"\n'
    )
    assert loaded(tmp_path, text) == Config(
        folders=("log", "x"), visibility=Visibility.LAB, per_author=True, site_title="Lab",
        site_audience=Visibility.PUBLIC,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("visability = 'lab'", "there is no setting 'visability'"),
        ("visibility = 'Public'", "visibility = 'Public': private, lab or public is wanted"),
        ("per_author = 'yes'", "per_author = 'yes': true or false is wanted"),
        ("author = 3", "author = 3: a text in quotes is wanted"),
        ("search.engine = 'lucene'", "search.engine = 'lucene': whoosh or sqlite is wanted"),
        ("folders = 'notes'", "folders = 'notes': a list of texts is wanted"),
        ("folders = []", "folders = []: a list of texts is wanted"),
        ("folders = ['../..']", "folders = '../..': a folder of the knowledge base is wanted"),
        ("log_folder = '../x'", "log_folder = '../x': a folder of the knowledge base is wanted"),
        ("notes_folder = '/etc'", "notes_folder = '/etc': a folder of the knowledge base is wanted"),
        ("notes_folder = '.carrel/x'", "notes_folder = '.carrel/x': a folder of the knowledge base is wanted"),
        ("folders = ['/etc']", "folders = '/etc': a folder of the knowledge base is wanted"),
        ('log_folder = "a\\u0000"', "log_folder = 'a\\x00': a folder of the knowledge base is wanted"),
        ("timezone = 'Europe'", "timezone = 'Europe': there is no such zone"),
        ("timezone = 'Mars/X'", "timezone = 'Mars/X': there is no such zone"),
        ("a = " + "[" * 100_000, "nested too deeply"),
        ("editor = 'rm -rf'", "editor can stand only in your own configuration file"),
        ("mail = 'a@b.c'", "mail can stand only in your own configuration file"),
        ("dir = '/'", "dir can stand only in your own configuration file"),
        ("site = 'x'", "there is no setting 'site'"),
        ("queries = 'x'", "queries = 'x': a table of queries is wanted"),
        ("[queries]\na = 3", "queries.a = 3: a query in quotes is wanted"),
        ("[queries]\na = ' '", "queries.a = ' ': a query in quotes is wanted"),
        ("[queries]\n'a b' = 'x'", "queries.'a b': a name of letters, digits, - and _ is wanted"),
        ("[queries.a]\nb = 'x'", "queries.a = {'b': 'x'}: a query in quotes is wanted"),
        ("a = ", "Invalid value (at end of document)"),
    ],
)
def test_a_mistake_is_told_with_the_file_and_what_is_wanted(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigInvalid) as wrong:
        loaded(tmp_path, text)
    assert wrong.value.message == f"{tmp_path / 'config.toml'}: {message}"


def test_the_knowledge_base_s_file_goes_before_the_user_s(kb: KnowledgeBase, own_home: Path) -> None:
    own = own_home / ".config/carrel/config.toml"
    own.parent.mkdir(parents=True)
    own.write_text("author = 'Ada'\nvisibility = 'lab'\neditor = 'vim'\n")
    kb.config_path.write_text("visibility = 'public'\n")
    config = KnowledgeBase.open(kb.root).config
    assert (config.author, config.visibility, config.editor) == ("Ada", Visibility.PUBLIC, "vim")


def test_files_are_where_the_desktop_s_standard_says(tmp_path: Path) -> None:
    assert user_config_path({"HOME": "/home/a"}) == Path("/home/a/.config/carrel/config.toml")
    assert user_config_path({"HOME": "/home/a", "XDG_CONFIG_HOME": "/x"}) == Path("/x/carrel/config.toml")
    assert cache_home({"HOME": "/home/a"}) == Path("/home/a/.cache/carrel")
    assert cache_home({"HOME": "/home/a", "XDG_CACHE_HOME": "/x"}) == Path("/x/carrel")


def test_two_knowledge_bases_of_one_name_have_two_caches_outside_of_both(tmp_path: Path) -> None:
    caches = set()
    for parent in ("one", "two"):
        (tmp_path / parent / "kb/.carrel").mkdir(parents=True)
        kb = KnowledgeBase.open(tmp_path / parent / "kb")
        caches.add(kb.cache_dir)
        assert not kb.cache_dir.is_relative_to(kb.root)
    assert len(caches) == 2


def test_a_folder_is_read_in_its_shortest_writing(tmp_path: Path) -> None:
    config = loaded(tmp_path, 'folders = ["./a//b/", "."]\nlog_folder = ""\npapers_folder = "x/"\n')
    assert (config.folders, config.log_folder, config.papers_folder) == (("a/b", "."), ".", "x")


def test_a_file_of_settings_that_is_no_file_is_told_and_nothing_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("pipe", "not a regular file"), ("", "is a directory")):
        with pytest.raises(ConfigInvalid, match=reason):
            load(tmp_path / name, Config(), user=False)


def test_a_relative_folder_of_the_desktop_s_standard_is_ignored() -> None:
    assert user_config_path({"HOME": "/home/a", "XDG_CONFIG_HOME": "x"}) == Path("/home/a/.config/carrel/config.toml")
    assert cache_home({"HOME": "/home/a", "XDG_CACHE_HOME": "./x"}) == Path("/home/a/.cache/carrel")
