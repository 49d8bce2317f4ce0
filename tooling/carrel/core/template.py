"""Templates of notes: `{{name}}` stands for a value; a name that is not known stays as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{\{(?P<name>[a-z]+)\}\}")


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with the values in place of their names.

    >>> fill("# {{title}}, {{unknown}}", {"title": "Toy models"})
    '# Toy models, {{unknown}}'
    """
    return PLACEHOLDER.sub(lambda found: values.get(found["name"], found[0]), template)
