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
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

from carrel.publish import tree
from carrel.publish.search.block import Chunks, lines, spelled
from carrel.publish.search.cut import cut, file_name
from carrel.publish.search.units import FACETS, Findable, Unit, units
from carrel.store.lock import locked

#: Changes when what is written for a block changes.
FORMAT = "1"
#: Pages of a block, on average at most, and units of a file of units.
BLOCK, SHOWN = 128, 8
#: Blocks whose terms are also kept together, so that a change of one does not read all of them again.
GROUP = 16
#: Values of a facet that are offered.
OFFERED = 1000


def write_index(pages: Iterable[Findable], site: Path, cache: Path) -> None:
    """Write the index of `pages` into the folder `search` of a site. Raises `WriteFailed`, `Refused`.

    `cache` holds the words of the pages: it is for one audience and its owner alone, and for one build at a time.
    """
    tree.make_private(cache)
    with locked(cache.with_name(f"{cache.name}.lock")):
        tree.fill(site / "search", search_index(pages, cache))  # a page of the site may stand there too


def search_index(pages: Iterable[Findable], cache: Path) -> dict[str, str | Path]:
    """The files of the index, by path, as text or as a file of the cache to copy. `cache` is ours alone."""
    blocks = _blocks(pages)
    chunks = Chunks()
    kept = [_kept(number, block, cache, chunks) for number, block in enumerate(blocks)]
    groups = [_group(kept[start : start + GROUP], cache) for start in range(0, len(kept), GROUP)]
    _forget(cache, [*kept, *groups])
    files: dict[str, str | Path] = {}
    for number, folder in enumerate(kept):
        names = sorted((folder / "units").iterdir())
        files |= {f"units/{number:x}-{place.name}": place for place in names}
    return files | _merged(kept, groups)


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


def _kept(number: int, block: Sequence[Findable], cache: Path, chunks: Chunks) -> Path:
    """The folder of the cache that holds what is written for a block; made if it is not there."""
    digest = blake2b(f"{FORMAT} {number}".encode(), digest_size=16)
    for page in block:
        digest.update(page.digest)
    folder = cache / digest.hexdigest()
    if folder.is_dir():
        return folder
    found = [unit for page in block for unit in units(page.read())]
    made = cache / f"{folder.name}.{os.getpid()}"
    (made / "units").mkdir(parents=True)
    for start in range(0, len(found), SHOWN):
        name = f"{start // SHOWN:x}"
        shown = [_shown(unit) for unit in found[start : start + SHOWN]]
        _write(made / "units" / f"{name}.js", _script(f"units/{number:x}-{name}", shown))
    _write(made / "terms", "\n".join((str(len(found)), *lines(number, found, chunks))))
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for unit in found:
        for name, value in unit.facets:
            counts[name][value] += 1
    _write(made / "facets", json.dumps(counts, sort_keys=True))
    made.rename(folder)  # whole, or not there
    return folder


def _forget(cache: Path, kept: Sequence[Path]) -> None:
    """Remove what earlier pages left."""
    for folder in set(cache.iterdir()) - set(kept):
        shutil.rmtree(folder)


def _group(blocks: Sequence[Path], cache: Path) -> Path:
    """The folder of the cache that holds the terms of some blocks as one; made if it is not there."""
    digest = blake2b("".join(folder.name for folder in blocks).encode(), digest_size=16, person=b"group")
    folder = cache / digest.hexdigest()
    if not folder.is_dir():
        total, terms = _gathered(blocks)
        made = cache / f"{folder.name}.{os.getpid()}"
        made.mkdir()
        rest = (f"{term}\t{count}\t{ends}\t{postings}" for term, count, ends, postings in terms)
        _write(made / "terms", "\n".join((str(total), *rest)))
        made.rename(folder)
    return folder


def _gathered(folders: Sequence[Path]) -> tuple[int, list[tuple[str, int, str, str]]]:
    """How many units there are in these folders, and each of their terms: units, endings, postings."""
    counts: dict[str, int] = defaultdict(int)
    ends: dict[str, set[str]] = defaultdict(set)
    postings: dict[str, list[str]] = defaultdict(list)
    total = 0
    for folder in folders:
        size, *entries = (folder / "terms").read_text("utf-8").split("\n")
        total += int(size)
        for entry in entries:
            term, count, some, written = entry.split("\t")
            counts[term] += int(count)
            ends[term].add(some)
            postings[term].append(written)
    return total, [(term, counts[term], _together(ends[term]), "".join(postings[term])) for term in sorted(postings)]


def _merged(kept: Sequence[Path], groups: Sequence[Path]) -> dict[str, str]:
    """The files that all blocks have a part in."""
    total, terms = _gathered(groups)
    ordered = [(term, f"{term}\t{ends}\t{postings}") for term, _, ends, postings in terms]
    files: dict[str, str] = {}
    firsts = []
    for part in cut(ordered):
        name = f"terms/{file_name(part[0][0])}"
        firsts.append(part[0][0])
        files[f"{name}.js"] = _script(name, "\n".join(line for _, line in part))
    words = dict(_words(terms))
    for letter, text in words.items():
        name = f"words/{file_name(letter)}"
        files[f"{name}.js"] = _script(name, text)
    files["facets.js"] = _script("facets", _facets(kept))
    digest = blake2b(digest_size=6)
    for name in sorted(files):
        digest.update(files[name].encode("utf-8", "replace"))
    for folder in kept:
        digest.update(folder.name.encode())
    about = {"version": digest.hexdigest(), "units": total, "shown": SHOWN, "firsts": firsts, "letters": "".join(words)}
    files["index.js"] = _script("index", about)
    return files


def _together(ends: set[str]) -> str:
    """The endings of a stem that the blocks know, each block's joined by commas; "" is the stem as it is."""
    if len(ends) == 1:
        return next(iter(ends))
    return ",".join(sorted({end for some in ends for end in some.split(",")}))


def _words(terms: Iterable[tuple[str, int, str, str]]) -> Iterator[tuple[str, str]]:
    """The words that can be meant by what is mistyped, by first letter: each with how many units have it, as 2^n."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for term, count, ends, _ in terms:
        if len(term) > 2 and term.isalpha():
            for end in ends.split(","):
                word = spelled(term, end)
                if len(word) > 3:
                    found[word[0]][word] = max(found[word[0]].get(word, 0), min(count.bit_length(), 9))
    for letter in sorted(found):
        yield letter, " ".join(f"{word}{size}" for word, size in sorted(found[letter].items()))


def _facets(kept: Sequence[Path]) -> dict[str, list[tuple[str, int]]]:
    totals: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for folder in kept:
        for name, counts in json.loads((folder / "facets").read_text("utf-8")).items():
            totals[name].update(counts)
    return {
        name: sorted(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:OFFERED])
        for name, counts in totals.items()
    }


def _shown(unit: Unit) -> list[object]:
    return [unit.address, unit.title, unit.kind, unit.date, unit.people, [list(one) for one in unit.sections]]


def _script(name: str, data: object) -> str:
    """A file of the index: it hands its data to whoever asked for it."""
    return f'carrelSearch.got("{name}",{json.dumps(data, ensure_ascii=False, separators=(",", ":"))})\n'


def _write(place: Path, text: str) -> None:
    place.write_bytes(text.encode("utf-8", "replace"))
