"""The environment in which git looks at the folder that it is run in, and reads paths as they are meant."""

from __future__ import annotations

from collections.abc import Mapping

#: Variables that lead git to another repository, index or history than the folder's, or change what paths mean to it.
#: Git sets some of them for what its hooks run, and so for a Carrel that a hook starts (`git rev-parse
#: --local-env-vars`). A person's settings stay, and who commits.
_REDIRECTING = frozenset((
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GLOB_PATHSPECS", "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS", "GIT_NAMESPACE", "GIT_NOGLOB_PATHSPECS", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
))  # fmt: skip


def for_git(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, without what leads git elsewhere.

    >>> for_git({"HOME": "/home/ada", "GIT_DIR": "/elsewhere/.git", "GIT_AUTHOR_NAME": "Ada"})
    {'HOME': '/home/ada', 'GIT_AUTHOR_NAME': 'Ada'}
    """
    return {name: value for name, value in environment.items() if name not in _REDIRECTING}
