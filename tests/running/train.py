"""A small training run: a linear classifier by gradient descent, its accuracy, and its loss as a figure."""

from __future__ import annotations

import argparse
import struct
import sys
import zlib
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.5)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--api-key", default="")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options = parser.parse_args()
    chance = np.random.default_rng(0)
    x = chance.normal(size=(400, 5))
    y = (x @ np.array([1.0, -2.0, 0.5, 0.0, 3.0]) + 0.1 * chance.normal(size=400) > 0).astype(float)
    weights = np.zeros(5)
    losses = []
    for step in range(options.steps):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        losses.append(float(-np.mean(y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9))))
        weights -= options.lr * x.T @ (p - y) / len(y)
        if not options.quiet:
            print(f"\rstep {step + 1}/{options.steps} loss {losses[-1]:.4f}", end="", file=sys.stderr)
    if not options.quiet:
        print(file=sys.stderr)
    print(f"logged in with {options.api_key}")
    print(f"acc {np.mean((x @ weights > 0) == y):.3f}")
    Path("plots").mkdir(exist_ok=True)
    Path("plots/loss.png").write_bytes(png(curve(losses)))


def curve(values: list[float]) -> np.ndarray:
    """A picture of 100 by 200 grey points: each value of a curve black on white."""
    picture = np.full((100, 200), 255, np.uint8)
    top = max(values)
    for column in range(200):
        value = values[column * len(values) // 200]
        picture[99 - int(99 * value / top), column] = 0
    return picture


def png(picture: np.ndarray) -> bytes:
    """A grey picture as a PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = picture.shape
    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    main()
