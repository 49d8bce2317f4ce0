"""`%load_ext carrel`: the magic in IPython's own shell, and with figures as a notebook's kernel shows them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator

import matplotlib
import pytest
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from traitlets.config import Config

from carrel.python.jupyter import HELP
from carrel.python.magic_line import parse
from carrel.store.knowledge_base import KnowledgeBase

AT = "--at '2026-11-20 14:32'"
DAY = "notes/2026/2026-11-20.md"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
matplotlib.use("agg")

Message = dict[str, object]


class Publisher(DisplayPublisher):
    """A kernel's, as ipykernel has it: each message to the notebook goes through the hooks."""

    hooks: tuple[Callable[[Message], Message], ...] = ()

    def register_hook(self, hook: Callable[[Message], Message]) -> None:
        self.hooks = (*self.hooks, hook)

    def show(self, data: dict[str, str]) -> None:
        message: Message = {"header": {"msg_type": "display_data"}, "content": {"data": data, "metadata": {}}}
        for hook in self.hooks:
            assert hook(message) is message


@pytest.fixture
def shell(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.chdir(kb.root)
    made = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    made.display_pub = Publisher()  # type: ignore[no-untyped-call]  # traitlets makes it
    made.run_line_magic("load_ext", "carrel")
    yield made
    plt.close("all")


def body(kb: KnowledgeBase) -> str:
    return kb.read(DAY).body.strip()


def test_the_words_of_a_line_are_an_entry(
    shell: InteractiveShell, kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["acc"] = 0.83
    shell.run_cell(f"%carrel -t sae {AT} the loss isn't going down, acc {{acc}}")
    assert capsys.readouterr().out == "saved 2026-11-20.md: 14:32 the loss isn't going down, acc 0.83\n"
    assert body(kb) == "## 14:32 the loss isn't going down, acc 0.83\n\n#sae"


def test_the_text_of_a_cell_is_an_entry(shell: InteractiveShell, kb: KnowledgeBase) -> None:
    kb.create("notes/experiments/seed-sweep.md", "---\nkind: experiment\n---\n")
    shell.run_cell(f"%%carrel -p 'toy models' --exp seed-sweep {AT}\nLoss spikes\n\nat the *end*\n\n{{of}} warm-up\n")
    assert body(kb) == (
        "## 14:32 Loss spikes\n\nat the *end*\n\n{of} warm-up\n\nproject:: toy models\nexperiment:: [[seed-sweep]]"
    )


def test_a_cell_below_the_words_is_run_and_its_figures_are_kept_with_them(
    shell: InteractiveShell, kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    plt.figure("of another cell")
    shell.run_cell(
        f"%%carrel -t sae --value acc --value 'lr=3e-4' {AT} The loss curve\n"
        "from matplotlib import pyplot as plt\n"
        "for name in ('loss', 'accuracy'):\n    plt.figure(name).gca().plot([1, 2])\n"
        "acc = 0.83\nprint('ran')\nacc"
    )
    assert capsys.readouterr().out.splitlines() == ["ran", "Out[0]: 0.83", "saved 2026-11-20.md: 14:32 The loss curve"]
    [entry] = kb.read(DAY).entries
    assert (entry.title, entry.tags, entry.fields) == ("The loss curve", ("sae",), {"acc": "0.83", "lr": "3e-4"})
    assert [link.target.partition("-")[0] for link in kb.read(DAY).markup.links] == [
        "../assets/2026/loss", "../assets/2026/accuracy",
    ]  # fmt: skip
    assert "print" not in body(kb)


def test_a_value_that_the_cell_did_not_make_loses_no_entry(
    shell: InteractiveShell, kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell(f"%%carrel --value acc --value loss {AT} Trained\nloss = 0.31")
    assert capsys.readouterr().out.splitlines() == [
        "there is no variable 'acc': the entry is kept without that value",
        "saved 2026-11-20.md: 14:32 Trained",
    ]
    [entry] = kb.read(DAY).entries
    assert (entry.title, entry.fields) == ("Trained", {"loss": "0.31"})


def test_of_a_cell_that_is_run_in_a_notebook_the_pictures_that_it_shows_are_kept(
    shell: InteractiveShell, kb: KnowledgeBase
) -> None:
    publisher = shell.display_pub
    assert isinstance(publisher, Publisher)
    publisher.show({"image/svg+xml": "<svg>before</svg>"})
    shell.user_ns["show"] = publisher.show
    shell.run_cell(
        f"%%carrel {AT} Two\nfor name in 'ab': show({{'image/svg+xml': f'<svg>{{name}}</svg>'}})\n"
        "show({'text/plain': '3'})"
    )
    links = kb.read(DAY).markup.links
    assert [kb.read_bytes(f"notes/{link.target[3:]}") for link in links] == [b"<svg>a</svg>", b"<svg>b</svg>"]


def test_a_cell_that_fails_fails_as_ever_and_writes_no_entry(
    shell: InteractiveShell, kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not shell.run_cell(f"%%carrel {AT} The loss curve\n1/0").success
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.out
    assert said.err == "UsageError: the cell failed; nothing was written\n"
    assert kb.stamps() == {}


def test_a_figure_that_was_open_before_is_kept_when_the_cell_draws_on_it(
    shell: InteractiveShell, kb: KnowledgeBase
) -> None:
    told = []
    for name in ("loss", "of another cell"):
        plt.figure(name).gca().plot([1, 2])
    loss = plt.figure("loss")
    loss.canvas.draw()
    former = loss.stale_callback = lambda *_: told.append("as before")
    shell.user_ns["plt"] = plt
    shell.run_cell(f"%%carrel {AT} The loss curve\nplt.plot([2, 1])\nplt.gcf().canvas.draw()")
    assert [link.target.partition("-")[0] for link in kb.read(DAY).markup.links] == ["../assets/2026/loss"]
    assert told
    assert (loss.stale_callback, plt.gcf()) == (former, loss)
    shell.run_cell("%%carrel --at '2026-11-20 15:00' Again\nplt.close('all')\nplt.figure('new').gca().plot([2, 1])")
    shell.run_cell("%%carrel --at '2026-11-20 16:00' Nothing drawn\n1 + 1")
    assert [link.target.partition("-")[0] for link in kb.read(DAY).markup.links][1:] == ["../assets/2026/new"]


@pytest.mark.parametrize(
    "options",
    [
        "-e typo",
        "--at nonsense",
        "-t 123",
        "--at '2026-11-20 14:32' -e plan",
        "--privat",
        "--value run=r-aaaaa",
        "--value project",
    ],
)
def test_what_cannot_be_right_is_said_before_the_cell_is_run(
    shell: InteractiveShell, kb: KnowledgeBase, options: str
) -> None:
    kb.create("notes/plan.md", "A plan.\n")
    assert not shell.run_cell(f"%%carrel {options} trained\nran = True").success
    assert "ran" not in shell.user_ns
    assert sorted(kb.paths()) == ["notes/plan.md"]


def test_code_that_was_taken_for_words_is_said(
    shell: InteractiveShell, kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell(f"%%carrel {AT}\nplt.plot([1, 2])")
    assert capsys.readouterr().out.splitlines()[1:] == [
        "the cell is the entry, and was not run; with the entry's words behind %%carrel it is run"
    ]
    shell.run_cell(f"%%carrel {AT}\nDone")
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_matplotlib_s_current_figure_is_attached(shell: InteractiveShell, kb: KnowledgeBase) -> None:
    plt.figure("loss").gca().plot([1, 2])
    shell.run_cell(f"%carrel {AT} -f --caption 'Run 12, seed 3' Loss spikes")
    [link] = kb.read(DAY).markup.links
    assert (link.label, link.target.partition("-")[0]) == ("Run 12, seed 3", "../assets/2026/loss")


def test_the_figure_that_the_notebook_was_shown_last_is_attached(shell: InteractiveShell, kb: KnowledgeBase) -> None:
    """Inline figures are closed as soon as they are shown."""
    publisher = shell.display_pub
    assert isinstance(publisher, Publisher)
    publisher.show({"text/plain": "<Figure>", "image/png": b64encode(b"\x89PNG\r\n\x1a\n1").decode()})
    publisher.show({"text/plain": "3"})
    shell.run_cell(f"%carrel {AT} -f One")
    publisher.show({"image/svg+xml": SVG.decode()})
    shell.run_cell(f"%carrel {AT} -f Two")
    links = kb.read(DAY).markup.links
    assert [kb.read_bytes(f"notes/{link.target[3:]}") for link in links] == [b"\x89PNG\r\n\x1a\n1", SVG]


def test_the_figure_of_a_variable_is_attached(shell: InteractiveShell, kb: KnowledgeBase) -> None:
    shell.user_ns["drawing"] = SVG
    shell.run_cell(f"%carrel --figure=drawing {AT} x")
    assert [path.rpartition(".")[2] for path in kb.files()] == ["svg"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "the entry is empty; nothing was written (say it: carrel.log(\"what happened\"))"),
        ("-f x", "there is no figure to attach (draw it first, or name its variable: --figure=fig)"),
        ("--figure=fig x", "there is no variable 'fig' (--figure alone takes the figure that was shown last)"),
        ("--tags a x", "there is no option --tags (%carrel? lists them; words may follow a --)"),
        ("-t", "-t wants a value (%carrel? tells more)"),
        ("--value acc x", "there is no variable 'acc' (--value acc takes what acc holds, --value acc=0.83 this)"),
        ("'a line' --tags x", "there is no option --tags (%carrel? lists them; words may follow a --)"),
        ("my secret --privat", "there is no option --privat (%carrel? lists them; words may follow a --)"),
        ("my secret --Private", "there is no option --Private (%carrel? lists them; words may follow a --)"),
        ("my secret --privat -t x", "there is no option --privat (%carrel? lists them; words may follow a --)"),
        ("my secret -t x --privat", "there is no option --privat (%carrel? lists them; words may follow a --)"),
        ("my secret --private=yes", "there is no option --private=yes (%carrel? lists them; words may follow a --)"),
        ("--private, my secret", "there is no option --private, (%carrel? lists them; words may follow a --)"),
        ("--no-share my secret", "there is no option --no-share (%carrel? lists them; words may follow a --)"),
        ("my secret -private", "there is no option -private (%carrel? lists them; words may follow a --)"),
        ("\u2014private my secret", "there is no option \u2014private (%carrel? lists them; words may follow a --)"),
        ("a --private one", "there is no option --private (%carrel? lists them; words may follow a --)"),
        ("-t --private my secret", "-t wants a value (%carrel? tells more)"),
        ("'a line' -t x y", "words follow what is in quotes (put all words into the quotes, or none)"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line(
    shell: InteractiveShell, kb: KnowledgeBase, line: str, reason: str
) -> None:
    with pytest.raises(UsageError) as told:
        shell.run_line_magic("carrel", line)
    assert str(told.value) == reason
    assert kb.stamps() == {}


def test_the_help_of_the_magic_names_its_options(shell: InteractiveShell) -> None:
    magic = shell.find_line_magic("carrel")
    assert magic is not None
    assert magic.__doc__ == HELP


@pytest.mark.parametrize(
    ("line", "words", "tags"),
    [
        ("'a line' -t x", "a line", ["x"]),
        ('-t x "it isn\'t" --tag=y', "it isn't", ["x", "y"]),
        ("a line -t x -t y ", "a line", ["x", "y"]),
        ("ran with --lr 3 -t x", "ran with --lr 3", ["x"]),
        ("the -t flag helps", "the -t flag helps", []),
        ("-- a line -t x", "a line -t x", []),
        ("'a' and 'b' differ", "'a' and 'b' differ", []),
        ("a -5 dB -- b", "a -5 dB -- b", []),
        ("-- the --private flag, or --privat", "the --private flag, or --privat", []),
        ("'the --private flag'", "the --private flag", []),
        ("built with -O --", "built with -O --", []),
    ],
)
def test_options_may_stand_behind_the_words_too(line: str, words: str, tags: list[str]) -> None:
    said = parse(line)
    assert (said.words, said.tags) == (words, tags)


def test_options_stand_before_the_words_and_values_may_be_quoted() -> None:
    said = parse("""-t a --tag=b --caption="it's 5 % off" --private -- -t is no option here""")
    assert (said.tags, said.options, said.private) == (["a", "b"], {"caption": "it's 5 % off"}, True)
    assert said.words == "-t is no option here"
    assert parse("-5 degrees --private") == parse("--private -5 degrees")
