"""What is known of the notes from earlier editions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carrel.core.paper import Paper
    from carrel.publish.edition.ties import Tied


@dataclass(slots=True)
class Known:
    """What earlier editions worked out, which saves time and changes nothing.

    `records` are papers by path, each with the version and title of its note; `formatted` is a bibliography's. `ties`
    are by path, and go with the attachments that are the keys of `files`.
    """

    records: dict[str, tuple[str | None, str, Paper]] = field(default_factory=dict)
    formatted: dict[str, tuple[Paper, str, str]] = field(default_factory=dict)
    ties: dict[str, Tied] = field(default_factory=dict)
    files: dict[str, bool] = field(default_factory=dict)
