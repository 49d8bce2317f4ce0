"""Collections of documents, queries and judgements, in each form they come in, with the traps of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.collection import Collection, NotACollection, Record, read

SMART_DOCUMENTS = """.I 1
.T
experimental investigation of a
wing in a slipstream .
.A
brenckman,m.
.B
j. ae. scs. 25, 1958, 324.
.W
an experimental study of a wing .
.I 2
.W
simple shear flow past a flat plate .
.X
5\t5\t2
"""


def _written(folder: Path, **files: str) -> Collection:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return read([folder])


def test_smart_documents_have_titles_and_words_and_nothing_of_their_citations(tmp_path: Path) -> None:
    found = _written(tmp_path, docs=SMART_DOCUMENTS, qry=".I 1\n.W\nwings\n", rel="1 1 0 0.000000\n1 2 0 0.000000\n")
    assert found.documents == [
        Record("1", "experimental investigation of a wing in a slipstream .",
               "an experimental study of a wing .\n\nbrenckman,m."),
        Record("2", "", "simple shear flow past a flat plate ."),
    ]  # fmt: skip
    assert found.queries == [Record("1", "", "wings")]
    assert found.judgements == {"1": {"1": 1.0, "2": 1.0}}
    assert found.name == tmp_path.name


def test_cranfields_judgements_count_the_queries_whatever_these_call_themselves(tmp_path: Path) -> None:
    queries = ".I 001\n.W\nwings\n.I 004\n.W\nplates\n.I 008\n.W\nflow\n"
    found = _written(tmp_path, docs=SMART_DOCUMENTS, qry=queries, rel="1 1 2 \n2 2 3 \n2 1 -1\n3 1 4 \n")
    assert found.judgements == {"1": {"1": 1.0}, "4": {"2": 1.0}, "8": {"1": 1.0}}
    assert [query.identity for query in found.queries] == ["1", "4", "8"]


def test_queries_named_in_the_judgements_keep_their_names(tmp_path: Path) -> None:
    queries = ".I 1\n.W\nwings\n.I 2\n.W\nplates\n.I 3\n.W\nflow\n"
    found = _written(tmp_path, docs=SMART_DOCUMENTS, qry=queries, rel="03 0001 0 0\n03 0002 0 0\n")
    assert found.judgements == {"3": {"1": 1.0, "2": 1.0}}
    assert [query.text for query in found.queries] == ["flow"]


def test_four_columns_are_trecs_where_the_second_says_nothing(tmp_path: Path) -> None:
    found = _written(tmp_path, docs=SMART_DOCUMENTS, qry=".I 1\n.W\nw\n", rel="1 0 1 1\n1 0 2 0\n1 0 7 2\n")
    assert found.judgements == {"1": {"1": 1.0, "7": 2.0}}


def test_npl_has_blocks_that_end_with_a_slash(tmp_path: Path) -> None:
    found = _written(
        tmp_path,
        text="\n1\ncompact memories have\nflexible capacities\n   /\n2\nan analogue computer for systems\n   /\n",
        query="1\nMEMORIES\n/\n2\nSYSTEMS\n/\n",
        rlv="1\n 1\n   /\n2\n 1  2\n   /\n",
    )
    assert [document.text for document in found.documents] == [
        "compact memories have\nflexible capacities",
        "an analogue computer for systems",
    ]
    assert found.queries == [Record("1", "", "MEMORIES"), Record("2", "", "SYSTEMS")]
    assert found.judgements == {"1": {"1": 1.0}, "2": {"1": 1.0, "2": 1.0}}


LISA = (
    "Document    1\nNOVEL COMPUTERS.\n     \nINCREASED PARALLELISM.\n"
    + "*" * 44
    + "\nDocument 2\nPATENTS.\n\nCHEMICAL.\n"
)
LISA_QUERIES = "1\nI AM INTERESTED IN\nCOMPUTERS. #\n2\nCHEMISTRY, PATENTS. #\n"


@pytest.mark.parametrize(
    "judgements",
    ["           1           2           1           2\n           2           1           2\n",
     "Query 1\n2 Relevant Refs:\n1 2 -1\n\nQuery 2\n1 Relevant Refs:\n2 -1\n"],
    ids=["LISARJ.NUM", "LISA.REL"],
)  # fmt: skip
def test_lisa_has_two_forms_of_judgements(tmp_path: Path, judgements: str) -> None:
    found = _written(tmp_path, docs=LISA, que=LISA_QUERIES, rel=judgements)
    assert found.documents == [
        Record("1", "NOVEL COMPUTERS.", "INCREASED PARALLELISM."),
        Record("2", "PATENTS.", "CHEMICAL."),
    ]
    assert [query.text for query in found.queries] == ["I AM INTERESTED IN\nCOMPUTERS.", "CHEMISTRY, PATENTS."]
    assert found.judgements == {"1": {"1": 1.0, "2": 1.0}, "2": {"2": 1.0}}


def test_times_judgements_count_its_texts(tmp_path: Path) -> None:
    found = _written(
        tmp_path,
        text="*TEXT 017 01/04/63 PAGE 020\n\nTHE ALLIES\n*TEXT 020 01/04/63 PAGE 021\nMALAYA\n*STOP\n",
        que="*FIND     1\n KENNEDY\n*FIND     2\n MALAYA\n*STOP\n",
        rel="1   1   2\n\n2   2\n",
    )
    assert [(document.identity, document.text) for document in found.documents] == [
        ("1", "THE ALLIES"),
        ("2", "MALAYA"),
    ]
    assert found.judgements == {"1": {"1": 1.0, "2": 1.0}, "2": {"2": 1.0}}


def test_trec_documents_and_topics(tmp_path: Path) -> None:
    found = _written(
        tmp_path,
        docs="<DOC>\n<DOCNO> FT911-1 </DOCNO>\n<HEADLINE> Robots\nin war </HEADLINE>\n"
        "<TEXT>\n<P>They fight.</P>\n</TEXT>\n</DOC>\n",
        topics="<top>\n<num> Number: 301\n<title> robots\n\n<desc> Description:\nAbout robots.\n</top>\n"
        "<top><num>302</num><desc> Description: War without a title </desc></top>\n",
        qrels="301 0 FT911-1 2\n302 0 FT911-1 1\n301 0 FT911-2 0\n",
    )
    assert found.documents == [Record("FT911-1", "Robots in war", "They fight.")]
    assert found.queries == [Record("301", "", "robots"), Record("302", "", "War without a title")]
    assert found.judgements == {"301": {"FT911-1": 2.0}, "302": {"FT911-1": 1.0}}


def test_beir_takes_the_tests_judgements(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq2\tMED-1\t1\n", "utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tMED-1\t2\n", "utf-8")
    found = _written(
        tmp_path,
        corpus='{"_id": "MED-1", "title": "Statins", "text": "They lower cholesterol in many people."}\n',
        queries='{"_id": "q1", "text": "statins", "metadata": {}}\n{"_id": "q2", "text": "no"}\n',
    )
    assert found.documents == [Record("MED-1", "Statins", "They lower cholesterol in many people.")]
    assert found.queries == [Record("q1", "", "statins")]
    assert found.judgements == {"q1": {"MED-1": 2.0}}


def test_a_readme_and_boolean_queries_are_left_out_and_the_newer_judgements_are_taken(tmp_path: Path) -> None:
    (tmp_path / "MED.REL.OLD").write_text("1   2     0   0.000000\n1   2     0   0.000000\n", "utf-8")
    (tmp_path / "MED.REL").write_text("1 1 1\n1 2 1\n", "utf-8")
    found = _written(tmp_path, docs=SMART_DOCUMENTS, qry=".I 1\n.W\nw\n", README="Read me.", BLN="#q1= #and ('w');\n")
    assert found.judgements == {"1": {"1": 1.0, "2": 1.0}}


def test_files_given_one_by_one_are_one_collection_and_what_is_missing_is_said(tmp_path: Path) -> None:
    _written(tmp_path, docs=SMART_DOCUMENTS, qry=".I 1\n.W\nwings\n", rel="1 1 1\n1 2 1\n")
    assert len(read([tmp_path / "docs", tmp_path / "qry", tmp_path / "rel"]).documents) == 2
    with pytest.raises(NotACollection, match="no judgements found"):
        read([tmp_path / "docs", tmp_path / "qry"])
