"""A plot as SVG: small panels side by side, each with a line for each name, on logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

#: Inches are nobody's business: a panel in pixels, its margins, and panels in a row.
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, COLUMNS = 280, 190, 48, 26, 26, 3
#: Colours that people who see colours differently can tell apart (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


@dataclass(frozen=True)
class Panel:
    """One measure: of each name, points with positive coordinates."""

    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


def drawing(panels: Sequence[Panel]) -> str:
    """The whole plot, with a legend below; it has no colour of its own behind it, so that it suits a dark page."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}
    rows = math.ceil(len(panels) / COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT + 30
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11" fill="#777">']
    for number, panel in enumerate(panels):
        x, y = number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT
        parts.append(f'<g transform="translate({x},{y})">{_panel(panel, colours)}</g>')
    for number, name in enumerate(names):
        x = LEFT + number * 110
        parts.append(f'<path d="M{x} {height - 14}h18" stroke="{colours[name]}" stroke-width="2.5" fill="none"/>')
        parts.append(f'<text x="{x + 23}" y="{height - 10}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def ticks(values: Sequence[float]) -> list[float]:
    """Powers of ten from below the least to above the greatest.

    >>> ticks([3.0, 250.0])
    [1.0, 10.0, 100.0, 1000.0]
    """
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]


def _panel(panel: Panel, colours: Mapping[str, str]) -> str:
    points = [point for line in panel.lines.values() for point in line]
    if not points:
        return ""
    across, up = ticks([x for x, _ in points]), ticks([y for _, y in points])

    def place(x: float, y: float) -> tuple[float, float]:
        right = math.log10(x / across[0]) / math.log10(across[-1] / across[0])
        height = math.log10(y / up[0]) / math.log10(up[-1] / up[0])
        return LEFT + right * (WIDTH - LEFT - 12), HEIGHT - BOTTOM - height * (HEIGHT - BOTTOM - TOP)

    parts = [f'<text x="{LEFT}" y="14" font-weight="bold">{escape(panel.title)}</text>']
    for tick in up:
        _, y = place(across[0], tick)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - 12}" stroke="#8884" fill="none"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{tick:,g}</text>')
    for tick in across:
        x, _ = place(tick, up[0])
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{_short(tick)}</text>')
    for name, line in panel.lines.items():
        placed = [place(*point) for point in line]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
        parts.append(f'<path d="{path}" stroke="{colours[name]}" stroke-width="2" fill="none"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.8" fill="{colours[name]}"/>' for x, y in placed]
    return "".join(parts)


def _short(number: float) -> str:
    return f"{number / 1000:,g}k" if number >= 1000 else f"{number:g}"
