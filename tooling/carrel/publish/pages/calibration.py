"""How the predictions of an edition came out: a curve as an SVG file, and the same as a table beside it."""

from __future__ import annotations

from itertools import islice
from math import isfinite, sqrt
from typing import TYPE_CHECKING

from carrel.core.calibration import ENOUGH, Bucket, Forecast, Scores, certain_and_wrong, curve, scores
from carrel.core.prediction import made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.publish.edition.edition import Edition

#: Where the curve stands: the page of predictions shows it.
CALIBRATION = "predictions.svg"
_SIDE, _LEFT, _TOP = 320, 70, 14  # the square of the plot, and where it begins
_WIDTH, _HEIGHT = _LEFT + _SIDE + 26, _TOP + _SIDE + 58
_LOOKS = (
    f'width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-labelledby="title desc" color="#222" fill="currentColor" '
    'font-family="sans-serif" font-size="14"'
)
_TICKS = (0, 25, 50, 75, 100)


def has_curve(edition: Edition) -> bool:
    """Whether there are enough resolved predictions for one; every build asks, so no more of them are looked at."""
    return len(list(islice(_forecasts(edition), ENOUGH))) == ENOUGH


def _forecasts(edition: Edition) -> Iterator[Forecast]:
    """The predictions of an edition that came true or did not."""
    for each in made(edition.group("prediction", "resolved")):
        if each.one.outcome in ("yes", "no"):
            yield Forecast(each.one.p, each.one.outcome == "yes")


def calibration(edition: Edition) -> Iterator[str]:
    """The part of the predictions' page that says how they came out; nothing while none is resolved."""
    found = list(_forecasts(edition))
    if not found:
        return
    yield "## Calibration"
    if len(found) < ENOUGH:
        yield f"Resolved predictions, so far: {len(found)}. Scores and a curve are shown from {ENOUGH} on."
        return
    told, buckets = scores(found), curve(found)
    yield f"<p>{_summary(told, len(certain_and_wrong(found)))}</p>"
    alt = "Calibration curve: what was said against what came true; the table below has its numbers"
    picture = f'<img src="{CALIBRATION}" alt="{alt}" width="{_WIDTH}" height="{_HEIGHT}">'
    caption = "Dots on the dashed line came true as often as was said; the bars are 95 % intervals."
    yield f'<figure class="carrel-calibration">{picture}<figcaption>{caption}</figcaption></figure>'
    yield _table(buckets)


def _summary(told: Scores, wrong: int) -> str:
    log = f"{told.log:.3f}" if isfinite(told.log) else f"infinite, for what was certain and did not come ({wrong:,})"
    return (
        f"Of {told.count:,} predictions {_percent(told.share)} came true; {_percent(told.said)} was said on average. "
        f"Brier score {told.brier:.3f}, log score {log}. Lower is better: always one half makes 0.250 and 0.693."
    )


def _said(one: Bucket) -> str:
    return f"of {one.count} at {_percent(one.said)}, {_percent(one.share)} came true"


def _percent(rate: float) -> str:
    return f"{100 * rate:.0f} %"


def _table(buckets: list[Bucket]) -> str:
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Said", "Predictions", "Came true", "95 % interval"))
    rows = "\n".join(
        f"<tr><td>{_percent(one.said)}</td><td>{one.count:,}</td><td>{_percent(one.share)}</td>"
        f"<td>{_percent(one.least)} to {_percent(one.most)}</td></tr>"
        for one in buckets
    )
    table = f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>"
    return f'<table class="carrel-buckets" data-search-exclude="">\n{table}</table>'


def calibration_curve(edition: Edition) -> str:
    """The curve: what was said against what came true, with Wilson's intervals."""
    buckets = curve(list(_forecasts(edition)))
    told = "; ".join(_said(one) for one in buckets)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_LOOKS}>',
        '<title id="title">Calibration of predictions</title>',
        f'<desc id="desc">The probabilities that were said, and how many of the predictions came true: {told}.</desc>',
        *_axes(),
        *(part for one in buckets for part in _mark(one)),
    ]
    points = " ".join(f"{_x(one.said)},{_y(one.share)}" for one in buckets)
    lines.append(f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/>')
    return "\n".join([*lines, "</svg>", ""])


def _axes() -> Iterator[str]:
    low, high = _x(0), _x(1)
    yield f'<path d="M{low} {_y(1)}V{_y(0)}H{high}" fill="none" stroke="currentColor"/>'
    yield f'<path d="M{low} {_y(0)}L{high} {_y(1)}" stroke="currentColor" stroke-dasharray="4 4" opacity="0.5"/>'
    for tick in _TICKS:
        x, y = _x(tick / 100), _y(tick / 100)
        yield f'<text x="{x}" y="{_y(0) + 20}" text-anchor="middle">{tick} %</text>'
        yield f'<text x="{low - 8}" y="{y + 5}" text-anchor="end">{tick} %</text>'
    yield f'<text x="{_x(0.5)}" y="{_HEIGHT - 8}" text-anchor="middle">said</text>'
    yield f'<text transform="translate(14 {_y(0.5)}) rotate(-90)" text-anchor="middle">came true</text>'


def _mark(one: Bucket) -> Iterator[str]:
    """A bucket: a dot whose area tells how many it holds, and its interval."""
    x = _x(one.said)
    yield f'<path d="M{x} {_y(one.least)}V{_y(one.most)}" stroke="currentColor" stroke-width="1.5" opacity="0.55"/>'
    radius = min(9.0, 2.5 + sqrt(one.count) / 2)
    yield f'<circle cx="{x}" cy="{_y(one.share)}" r="{radius:.1f}"><title>{_said(one)}</title></circle>'


def _x(rate: float) -> float:
    return round(_LEFT + _SIDE * rate, 1)


def _y(rate: float) -> float:
    return round(_TOP + _SIDE * (1 - rate), 1)
