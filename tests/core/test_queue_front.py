"""The front of the queue is that of the whole queue, whatever the papers and however little is counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from carrel.core.parse import parse_note
from carrel.core.queue import front, queue

TODAY = date(2026, 11, 20)
PAPERS = st.lists(
    st.tuples(
        st.integers(1, 5),  # priority
        st.sampled_from(["2026-11-19", "2026-08-01", "2020-01-01"]),  # queued since
        st.sampled_from(["2019", "2020", ""]),
        st.sampled_from([0, 0, 1, 2, 3, 4, 5, 9]),  # citations elsewhere
        st.integers(1, 3),  # citations in one place
        st.booleans(),  # whether its own note cites it
        st.booleans(),  # whether it was begun
    ),
    max_size=12,
)


@given(PAPERS, st.integers(1, 4))
def test_the_front_is_the_beginning_of_the_queue(
    papers: list[tuple[int, str, str, int, int, bool, bool]], number: int
) -> None:
    notes, exact, places = [], {}, {}
    for name, (priority, since, year, citations, at_once, own, begun) in enumerate(papers):
        sessions = "sessions: [{date: 2026-11-01, level: read}]\n" if begun else ""
        front_matter = f"kind: paper\npriority: {priority}\ndate: {since}\nyear: {year}\nreading: queued\n{sessions}"
        notes.append(parse_note(f"papers/k{name}.md", f"---\n{front_matter}---\n".encode()))
        exact[f"k{name}"] = citations
        places[f"k{name}"] = -(-citations // at_once) + own  # several may stand in one entry
    asked: list[str] = []

    def exactly(keys: Collection[str]) -> Mapping[str, int]:
        asked.extend(keys)
        return {key: exact[key] for key in keys}

    found = front(notes, TODAY, number, lambda key: places[key], exactly)
    assert [one.path for one in found] == [one.path for one in queue(notes, TODAY, exact)[:number]]
    assert all(0 < places[key] < 5 for key in asked), "what is cited nowhere, or much, is not counted"
