"""The index that the browser searches: small files, each a script, loaded when a query needs them.

- `index.js`: how many units there are, the first term of each file of terms, and the first letters of words;
- `terms/*.js`: a line for each term: its words' endings, and the postings of each block;
- `words/*.js`: the words that begin with a letter, most frequent first by a digit, for what is mistyped;
- `units/*.js`: what hits show, a few units in each;
- `facets.js`: what can be filtered by.

They are scripts because a page that was opened from disk may load those and nothing else. The index is a function
of the pages: what is remembered from the last build only saves time.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

from carrel.publish.search.block import Chunks, lines, placed
from carrel.publish.search.cut import cut, file_name
from carrel.publish.search.files import Files, script, write
from carrel.publish.search.merged import LETTERS, Bucket, change, merge, rows_of
from carrel.publish.search.state import Stamp, State, stamp_of
from carrel.publish.search.units import FACETS, Findable, Unit, units
from carrel.publish.staging import tree
from carrel.store.lock import locked

#: Changes when what is written for a block changes.
FORMAT = "3"
#: Pages of a block, on average at most, and numbers of units of a file of units.
BLOCK, SHOWN = 128, 32
#: Values of a facet that are offered.
OFFERED = 1000
#: Where more than this part of the blocks has changed, all are merged anew.
_PART = 4


def write_index(pages: Iterable[Findable], site: Path, cache: Path) -> None:
    """Write the index of `pages` into the folder `search` of a site. Raises `WriteFailed`, `Refused`.

    `cache` holds the words of the pages: it is for one audience and its owner alone, and for one build at a time.
    """
    tree.make_private(cache)
    with locked(cache.with_name(f"{cache.name}.lock")):
        tree.link(site / "search", search_index(pages, cache))  # a page of the site may stand there too


def search_index(pages: Iterable[Findable], cache: Path) -> dict[str, Path]:
    """The files of the index, by path, as files of the cache. `cache` is ours alone."""
    before = State.load(cache, FORMAT)
    chunks, known = Chunks(), before.units()
    blocks = [_kept(number, block, cache, chunks, known) for number, block in enumerate(_blocks(pages))]
    buckets = _merged(blocks, before, cache)
    state = State(FORMAT, tuple(folder.name for folder in blocks), buckets, {})
    files = Files(cache / "files", before.files, state.files)
    _write_merged(files, blocks, buckets)
    for number, folder in enumerate(blocks):
        for name, stamp in sorted(_stamps(folder / "units").items()):
            files.add(f"units/{number:x}-{name}", folder / "units" / name, stamp)
    state.save(cache)
    _forget(cache, {*blocks, cache / "files", cache / "state"})
    files.forget()
    return files.found


def _blocks(pages: Iterable[Findable]) -> list[list[Findable]]:
    """The pages by block, in the order of their addresses; how many blocks there are doubles as pages do."""
    every = sorted(pages, key=lambda page: page.address)
    count = 1
    while count * BLOCK < len(every):
        count *= 2
    blocks: list[list[Findable]] = [[] for _ in range(count)]
    for page in every:
        blocks[crc32(page.address.encode("utf-8", "replace")) % count].append(page)
    return blocks


def _kept(
    number: int, block: Sequence[Findable], cache: Path, chunks: Chunks, known: Mapping[str, Mapping[str, Stamp]]
) -> Path:
    """The folder of the cache that holds what is written for a block; made if it is not there as it was left."""
    digest = blake2b(f"{FORMAT} {number}".encode(), digest_size=16)
    for page in block:
        digest.update(page.digest)
    folder = cache / digest.hexdigest()
    if folder.is_dir():
        if known.get(folder.name) == _stamps(folder / "units"):
            return folder
        shutil.rmtree(folder)
    found = placed([list(units(page.read())) for page in block])
    made = cache / f"{folder.name}.{os.getpid()}"
    (made / "units").mkdir(parents=True)
    shown: dict[int, list[object]] = {}
    for place, unit in found.items():
        some = shown.setdefault(place // SHOWN, [])
        some += [0] * (place % SHOWN - len(some))
        some.append(_shown(unit))
    for part, some in shown.items():
        write(made / "units" / f"{part:x}.js", script(f"units/{number:x}-{part:x}", some))
    write(made / "terms", "\n".join(lines(number, found, chunks)))
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for unit in found.values():
        for name, value in unit.facets:
            counts[name][value] += 1
    write(made / "facets", json.dumps((len(found), counts), sort_keys=True))
    made.rename(folder)  # whole, or not there
    return folder


def _stamps(folder: Path) -> dict[str, Stamp]:
    """The files of a folder."""
    with os.scandir(folder) as entries:
        return {entry.name: stamp_of(entry.stat()) for entry in entries}


def _merged(blocks: Sequence[Path], before: State, cache: Path) -> dict[str, Bucket]:
    """The terms of all blocks: those that are known, changed where blocks have; else merged anew."""
    changed = [number for number, folder in enumerate(blocks) if before.blocks[number : number + 1] != (folder.name,)]
    if len(before.blocks) == len(blocks) and len(changed) * _PART <= len(blocks):
        with suppress(OSError, ValueError):  # of a block that was, somebody has removed or changed the file
            for number in changed:
                was, now = _lines(cache / before.blocks[number]), _lines(blocks[number])
                change(before.buckets, rows_of(was), rows_of(now))
            return before.buckets
    return merge(map(_lines, blocks))


def _lines(block: Path) -> str:
    return (block / "terms").read_text("utf-8")


def _write_merged(files: Files, blocks: Sequence[Path], buckets: Mapping[str, Bucket]) -> None:
    """Write the files that all blocks have a part in."""
    firsts = []
    for part in cut([(start, buckets[start].lines) for start in sorted(buckets)]):
        text = "\n".join(some for _, some in part)
        # a bucket that is too large for a file
        whole = [(line.partition("\t")[0], line) for line in text.split("\n")] if len(part) == 1 else []
        for lines_of_file in ["\n".join(line for _, line in some) for some in cut(whole, LETTERS)] or [text]:
            first = lines_of_file.partition("\t")[0]
            firsts.append(first)
            files.put(f"terms/{file_name(first)}", lines_of_file)
    words = _words(buckets)
    for letter, known in words.items():
        files.put(f"words/{file_name(letter)}", known)
    total, facets = _facets(blocks)
    # the count is one word with its unit: beside a kind, a bare number is what a hidden note may be called
    files.put("facets", {name: [(value, f"{count}units") for value, count in some] for name, some in facets.items()})
    digest = blake2b(digest_size=6)
    for name in sorted(files.digests):
        digest.update(files.digests[name])
    for folder in blocks:
        digest.update(folder.name.encode())
    about = {"version": digest.hexdigest(), "units": total, "shown": SHOWN, "firsts": firsts, "letters": "".join(words)}
    files.put("index", about)


def _forget(cache: Path, kept: set[Path]) -> None:
    """Remove what earlier pages left."""
    for place in set(cache.iterdir()) - kept:
        shutil.rmtree(place) if place.is_dir() else place.unlink()


def _words(buckets: Mapping[str, Bucket]) -> dict[str, str]:
    """The words that can be meant by what is mistyped, by first letter: each with how many units have it, as 2^n."""
    found: dict[str, dict[str, str]] = {}
    for bucket in buckets.values():
        for said in bucket.words.split():
            known = found.setdefault(said[0], {})
            known[said[:-1]] = max(known.get(said[:-1], ""), said[-1])
    return {
        letter: " ".join(f"{word}{size}" for word, size in sorted(found[letter].items())) for letter in sorted(found)
    }


def _facets(blocks: Sequence[Path]) -> tuple[int, dict[str, list[tuple[str, int]]]]:
    """How many units there are, and the values of facets that are offered."""
    total = 0
    totals: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for folder in blocks:
        count, facets = json.loads((folder / "facets").read_text("utf-8"))
        total += count
        for name, counts in facets.items():
            totals[name].update(counts)
    return total, {
        name: sorted(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:OFFERED])
        for name, counts in totals.items()
    }


def _shown(unit: Unit) -> list[object]:
    return [unit.address, unit.title, unit.kind, unit.date, unit.people, [list(one) for one in unit.sections]]
