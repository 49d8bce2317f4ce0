"""What the site says of experiments, questions and ideas: what came of them, why not, and what was run for them."""

from __future__ import annotations

import re

from carrel.publish.pages.address import Address
from carrel.publish.pages.every_file import made_files
from carrel.publish.pages.every_page import made_pages
from carrel.publish.pages.runs import MOST_PICTURES
from tests.publish.support import edition, lay_out, pages
from tests.publish.test_home import log, note, words

Q = "notes/q.md"
LAB = {
    Q: note("question", "## Evidence for\n\n- A paper\n", title="Linear?", date="2026-11-01"),
    "notes/yes.md": note("experiment", title="Yes", state="done", verdict="confirmed", advances="q",
                         started="2026-11-02", ended="2026-11-04", date="2026-11-02"),
    "notes/no.md": note("experiment", title="No", state="done", verdict="refuted", advances="q", ended="2026-11-05",
                        date="2026-11-03"),
    "notes/runs.md": note("experiment", title="Runs", state="running", advances="q", started="2026-11-06"),
    "notes/gone.md": note("experiment", title="Gone", state="abandoned", advances="q", reason="no time"),
    "notes/hidden.md": "---\nkind: experiment\nverdict: refuted\nadvances: q\nvisibility: private\n---\n",
    "notes/idea.md": note("idea", "Distil it.\n", title="Distil", state="pruned", pruned="2026-11-07",
                          reason="'small enough, see [[secret plan]]'"),
    "notes/fresh.md": note("idea", title="Fresh"),
    "notes/2026-11-06.md": log("2026-11-06", "## 09:00 Longer\n\nrun:: r-aaaab\nexperiment:: [[runs]]\n"),
}  # fmt: skip


def made(path: str) -> str:
    shown = edition(LAB)
    return next(page.text(shown) for page in made_pages(shown) if page.path == path)


def about(path: str) -> str:
    text = pages(LAB)[path].text
    found = re.search(r'<div class="carrel-about".*?</div>', text)
    return words(found[0]) if found else ""


def test_a_page_says_what_came_of_its_note_when_and_why() -> None:
    assert about("notes/yes.md") == (
        "2 November 2026 · experiment · done · confirmed · ran 2 to 4 November 2026 · advances Linear?"
    )
    assert about("notes/no.md") == (
        "3 November 2026 · experiment · done · refuted · until 5 November 2026 · advances Linear?"
    )
    assert about("notes/runs.md") == "experiment · running · since 6 November 2026 · advances Linear?"
    assert about("notes/gone.md") == "experiment · abandoned · no time · advances Linear?"


def test_the_list_of_experiments_shows_every_verdict_in_the_same_place() -> None:
    text = made("experiments.md")
    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Running", "Done", "Abandoned"]
    for verdict in ("confirmed", "refuted"):
        assert f'</a> <span class="carrel-state">{verdict}</span> <span class="carrel-when">' in text
    assert words(text.partition("## Done")[2].partition("</ul>")[0]).endswith(
        "No refuted until 5 November 2026 Yes confirmed ran 2 to 4 November 2026"
    )
    assert '<p class="carrel-below">Given up: no time</p>' in text


def test_a_question_has_what_experiments_say_for_and_against_it() -> None:
    evidence = pages(LAB)[Q].text.partition("## Evidence {: #belongs-evidence }")[2].partition("</ul>")[0]
    assert words(evidence) == "For: Yes confirmed 4 November 2026 Against: No refuted 5 November 2026"
    assert '<p class="carrel-below">2 for · 1 against</p>' in made("questions.md")


def test_a_question_on_which_nothing_is_known_has_no_section_for_it() -> None:
    alone = {"notes/q.md": LAB[Q], "notes/runs.md": LAB["notes/runs.md"]}
    assert "belongs-evidence" not in pages(alone)[Q].text


def test_the_register_of_ideas_says_why_one_was_pruned_and_nothing_that_is_hidden() -> None:
    text = made("ideas.md")
    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Open", "Pruned"]
    assert words(text).endswith("Distil Distil it. Pruned 7 November 2026 : small enough, see unshared note")
    assert about("notes/idea.md").startswith("idea · pruned · 7 November 2026 · small enough, see")
    assert "secret plan" not in text + pages(LAB)["notes/idea.md"].text


TRIED = {
    "notes/e.md": note("experiment", "## Result\n\nNo.\n", title="Sweep", state="done", verdict="refuted"),
    "notes/2026/2026-11-05.md": log(
        "2026-11-05",
        "## 09:00 Predicted: It works\n\n- [x] p=0.7 by 2026-11-09: It works ^p-1 → no 2026-11-08: 0.84, not 0.9\n\n"
        "experiment:: [[e]]\n\n"
        "## 10:00 Before: Seed 3\n\n- [ ] p=0.9: acc > 0.9 ^p-2\n\nexperiment:: [[e]]\n\n"
        "## 10:00 Seed 3\n\n![loss of [@hidden2020key]](../assets/2026/loss-1a2b3c4d.png)\n"
        "![all](../assets/2026/all-1a2b3c4d.private.png)\n\n"
        "run:: r-aaaab\ncommand:: `train`\nexit:: 0\nduration:: 12.3 s\nexperiment:: [[e]]\nprediction:: [[#^p-2]]\n\n"
        "## 11:00 Seed 4\n\nrun:: r-aaaac\ncommand:: `train`\nexit:: 2\nduration:: 0.1 s\nexperiment:: [[e]]\n\n"
        "## 12:00 See [[e]]\n",
    ),
    "notes/2026/2026-11-04.md": log(
        "2026-11-04", "## 18:00 Killed\n\nrun:: r-aaaaa\ncommand:: `t`\nexperiment:: [[e]]\n"
    ),
    "papers/hidden2020key.md": "---\nkind: paper\ncitekey: hidden2020key\nvisibility: private\n---\n",
}  # fmt: skip
RAN = "run:: r-aaaab\ncommand:: `train`"
FIGURES = ("notes/assets/2026/loss-1a2b3c4d.png", "notes/assets/2026/all-1a2b3c4d.private.png")


def tried() -> dict[str, str]:
    return {path: page.text for path, page in lay_out(edition(TRIED, FIGURES))[0].items()}


def test_an_experiments_page_has_its_runs_with_how_they_ended_and_what_was_expected() -> None:
    runs = tried()["notes/e.md"].partition("## Runs and entries {: #belongs-runs }")[2].partition("</dl>")[0]
    assert words(runs) == (
        "4 Nov 2026 18:00 Killed no end seen "
        "5 Nov 2026 09:00 Predicted: It works 70 %, no on 8 November 2026: 0.84, not 0.9 "
        "10:00 Before: Seed 3 90 %: acc &gt; 0.9 10:00 Seed 3 exit 0 · 12.3 s 11:00 Seed 4 exit 2 · 0.1 s"
    )
    assert '<a href="2026/2026-11-05.html#1100-seed-4">Seed 4</a>' in runs
    assert runs.count("carrel-badly") == 2


def test_a_runs_figure_is_shown_with_it_and_none_that_stays_private() -> None:
    page = tried()["notes/e.md"]
    assert re.findall("<img [^>]*>", page) == [
        '<img src="../assets/loss-1a2b3c4d.png" alt="loss of (unshared paper)" loading="lazy">'
    ]
    assert "hidden2020key" not in page


def test_of_many_pictures_of_one_run_the_first_are_shown() -> None:
    files = [f"notes/{number}.png" for number in range(MOST_PICTURES + 1)]
    drew = "".join(f"![{number}]({number}.png)\n" for number in range(MOST_PICTURES + 1))
    day = log("2026-11-05", f"## 09:00 Drawn\n\n{drew}\nexperiment:: [[e]]\n")
    made = edition({"notes/e.md": TRIED["notes/e.md"], "notes/2026-11-05.md": day}, files)
    page = lay_out(made)[0]["notes/e.md"].text
    assert re.findall('<img [^>]* alt="([^"]*)"', page) == [str(number) for number in range(MOST_PICTURES)]


def test_of_how_a_run_ended_nothing_is_told_but_what_runs_write() -> None:
    hidden = (
        "exit:: 1 because of [[hq]] %%zebrasecret%%\nduration:: 12.0 s [[hq|x]]",
        "signal:: SIGKILL by [[hq]]",
        "exit:: 2 <!-- zebrasecret -->\nduration:: 12.3 s %% zebrasecret\nlinked:: `zebrasecret` %%",
        "%%\nexit:: zebrasecret\nduration:: zebrasecret\n%%",
        "exit:: badly",
    )
    body = "".join(
        f"## 1{number}:00 Run {number}\n\nrun:: r-aaaab\n{said}\nexperiment:: [[e]]\n\n"
        for number, said in enumerate(hidden)
    )
    commented = f"## 16:00 Run 5\n\nWell.\n\n%%\n{RAN}\nexit:: zebrasecret\n%%\n\nexperiment:: [[e]]\n"
    notes = {
        "notes/e.md": TRIED["notes/e.md"],
        "notes/2026-11-05.md": log("2026-11-05", body + commented),
        "notes/hq.md": "---\nvisibility: private\n---\n",
    }
    made = edition(notes)
    laid = {path: page.text for path, page in lay_out(made)[0].items()}
    files = [one.content(made) for one in made_files(made, Address("Lab", "https://lab.example.org"), frozenset())]
    assert [path for path, text in laid.items() if "zebrasecret" in text] == []
    assert not any("zebrasecret" in text for text in files)
    del laid["notes/2026-11-05.md"]  # the writer's own line, rewritten like any other
    assert not any("hq" in text for text in laid.values())
    told = words(laid["notes/e.md"].partition("belongs-runs")[2].partition("</dl>")[0])
    assert told.endswith(
        "10:00 Run 0 11:00 Run 1 12:00 Run 2 exit 2 · 12.3 s 13:00 Run 3 no end seen 14:00 Run 4 16:00 Run 5 Well."
    )


def test_an_entry_with_a_field_that_is_called_run_is_not_taken_for_a_run() -> None:
    body = "## 09:00 Third time\n\nLower again.\n\nrun:: 3\nloss:: 0.31\nexperiment:: [[e]]\n"
    text = pages({"notes/e.md": TRIED["notes/e.md"], "notes/2026-11-05.md": log("2026-11-05", body)})["notes/e.md"].text
    assert words(text.partition("belongs-runs")[2].partition("</dl>")[0]).endswith("09:00 Third time Lower again.")


def test_what_is_among_the_runs_is_not_told_again_as_a_link() -> None:
    _, _, links = tried()["notes/e.md"].partition('<section class="carrel-backlinks"')
    assert words(links.partition("</section>")[0]).endswith("Linked from 1 place 2026-11-05 12:00 See Sweep")


def test_an_experiment_with_many_runs_shows_the_last_and_the_others_on_request() -> None:
    body = "".join(f"## 10:{minute} Run {minute}\n\nexperiment:: [[e]]\n\n" for minute in range(10, 35))
    text = pages({"notes/e.md": TRIED["notes/e.md"], "notes/2026-11-05.md": log("2026-11-05", body)})["notes/e.md"].text
    earlier = text.partition("<summary>5 earlier</summary>")[2].partition("</details>")[0]
    assert re.findall(r"Run (\d\d)<", earlier) == ["10", "11", "12", "13", "14"]


def test_a_link_to_a_prediction_is_called_what_it_claims_unless_that_is_a_secret() -> None:
    sealed = f"- [ ] p=0.6: secret sha256:{'0' * 64} ^p-3\n- [ ] p=0.5: As *sure* as [[b#^p-5]] ^p-4\n"
    notes = {
        "notes/2026-11-05.md": log("2026-11-05", f"## 09:00 x\n\n{sealed}\n[[#^p-3]] and [[#^p-4]] and [[#^p-4|so]]\n"),
        "notes/b.md": note("note", "- [ ] p=0.5: As [[2026-11-05#^p-4]] ^p-5\n", title="B"),
    }
    text = pages(notes)["notes/2026-11-05.md"].text
    assert words(text.rpartition('id="^p-4"')[2].partition("<nav")[0]).endswith(
        "[p-3](2026-11-05.md#^p-3) and [As sure as B](2026-11-05.md#^p-4) and [so](2026-11-05.md#^p-4)"
    )


def test_what_came_of_something_is_text_and_no_markup() -> None:
    bad = "'<img src=x onerror=pwned()'"
    outcome = {"state": bad, "verdict": bad, "reason": bad, "started": bad, "ended": bad, "advances": "q"}
    notes = {Q: LAB[Q], "notes/e.md": note("experiment", **outcome), "notes/i.md": note("idea", **outcome)}
    texts = [page.text for page in pages(notes).values()]
    assert sum("&lt;img" in text for text in texts) >= 4
    assert not any("<img" in text for text in texts)
