"""Labelled tables come in: rows that can be used, and the others with their reason."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pulsar_ml.datasets import intake, observed
from pulsar_ml.datasets.htru2 import opened
from pulsar_ml.datasets.intake import take_in
from pulsar_ml.datasets.join import join
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES, candidate_hash
from pulsar_ml.loader import Reject, Source, read
from pulsar_ml.tests import simulated
from pulsar_ml.verdicts import UNKNOWN, spoken, teaches

ROW = [100.0, 45.5, 0.1, 0.3, 2.5, 20.25, 8.0, 70.0]


def written(path: Path, head: str, *ends: str) -> Source:
    """A table of one candidate a line, with what stands behind its features."""
    lines = [",".join([*FEATURES, head])]
    for n, end in enumerate(ends):
        values = [ROW[0] + n, *ROW[1:]]
        lines.append(",".join([*map(repr, values), end]))
    path.write_text("\n".join(lines) + "\n")
    return Source(path, path.name)


def taken(
    source: Source, beside: Source | None = None
) -> tuple[Labelled, list[Reject]]:
    rejects: list[Reject] = []
    table = take_in(
        [source], name="it", beside=beside, refuse=rejects.extend, seen=lambda _: None
    )
    return table, rejects


def test_words_and_numbers_are_labels_and_nothing_else_is():
    said = ["1", " 0 ", "1.0", "True", "t1_cand", "NB_PSR", "rfi", "NOISE"]
    assert [teaches(word) for word in said] == [1, 0, 1, 1, 1, 1, 0, 0]
    assert [teaches(word) for word in ("2", "", "pulsar", "01", "UNCAT")] == [None] * 5
    assert [spoken(word) for word in ("1", "t2_cand", "x")] == ["", "T2_CAND", ""]


def test_rows_without_a_label_are_rejects_with_line_column_and_value(tmp_path):
    source = written(
        tmp_path / "sky.csv", "Class,note", "1,a", ",b", "?,c", "7,d", "RFI,e"
    )
    table, rejects = taken(source)

    assert table.labels.tolist() == [1, 0]
    assert rejects == [
        Reject(2, "sky.csv", 3, "Class", "", "is missing"),
        Reject(3, "sky.csv", 4, "Class", "?", "is missing"),
        Reject(4, "sky.csv", 5, "Class", "7", UNKNOWN),
    ]


def test_tables_with_typed_columns_reject_the_same(tmp_path):
    rows = [
        dict(zip(FEATURES, ROW, strict=True)) | {"label": label}
        for label in (True, None, 0, "odd", "KNOWN_PSR")
    ]
    rows[2]["dm_std"] = "x"
    path = tmp_path / "sky.json"
    path.write_text(json.dumps(rows))
    table, rejects = taken(Source(path, "sky.json"))

    assert table.labels.tolist() == [1, 1]
    assert [reject[:1] + reject[3:6] for reject in rejects] == [
        (2, "label", "", "is missing"),
        (3, "dm_std", "x", "is not a number"),
        (4, "label", "odd", UNKNOWN),
    ]


def test_a_file_without_labels_is_one_reject_and_raw_candidates_have_none(tmp_path):
    source = written(tmp_path / "sky.csv", "beam", "1", "2")
    with pytest.raises(
        BadInput, match=r"No row of it can be used\. sky\.csv has no co"
    ):
        taken(source)
    (chunk,) = read([source._replace(labelled=True)])
    assert (chunk.n_rows, len(chunk.rejects)) == (1, 1)


def test_columns_get_plain_names_and_are_numbers_where_all_of_them_are(tmp_path):
    source = written(
        tmp_path / "sky.csv",
        "verdict,DM (pc/cm3),Beam,hash,mixed,empty,name,pointing_utc",
        "T2_CAND,12.5,007,a,1,,J1,2010-05-14T17:16:32Z",
        "NOISE,nan,8,b,inf,,,",
    )
    table, rejects = taken(source)

    assert rejects == []
    assert table.labels.tolist() == [1, 0]
    assert table.names.tolist() == ["J1", ""]
    assert table.pointings.tolist() == ["2010-05-14T17:16:32Z", ""]
    shown = {name: values.tolist() for name, values in table.observed.items()}
    assert np.isnan(shown["dm_pc_cm3"].pop())
    assert shown == {
        "dm_pc_cm3": [12.5],
        "beam": [7.0, 8.0],
        "hash_2": ["a", "b"],
        "mixed": ["1", "inf"],
        "verdict": ["T2_CAND", "NOISE"],
    }


@pytest.mark.parametrize("head", ["pointing", " Pointing", "POINTING_UTC"])
def test_a_column_of_the_table_itself_gives_the_pointings(tmp_path, head):
    table, _ = taken(written(tmp_path / "sky.csv", f"class,{head}", "1,P1", "0,P2"))

    assert table.pointings.tolist() == ["P1", "P2"]
    assert list(table.observed) == []


def test_numbers_called_pointing_are_no_pointings(tmp_path):
    table, _ = taken(written(tmp_path / "sky.csv", "class,pointing", "1,5", "0,6.5"))

    assert table.pointings.tolist() == ["", ""]
    assert table.observed["pointing_2"].tolist() == [5.0, 6.5]


def test_a_table_beside_gives_names_pointings_and_what_else_was_noted(tmp_path):
    source = written(tmp_path / "sky.csv", "class,beam", "1,1", "x,2", "0,3", "0,4")
    beside = tmp_path / "beside.csv"
    beside.write_text(
        "row,candidate,pointing_utc,beam\n3,D,P2,13\n0,A,P1,11\n9,never,P9,0\n"
    )
    table, _ = taken(source, Source(beside, "beside.csv"))

    assert table.names.tolist() == ["A", "", "D"]
    assert table.pointings.tolist() == ["P1", "", "P2"]
    assert table.groups.tolist()[1] == candidate_hash([102.0, *ROW[1:]])
    beam = table.observed["beam_2"]
    assert table.observed["beam"].tolist() == [1, 3, 4]
    assert (beam[0], np.isnan(beam[1]), beam[2]) == (11, True, 13)
    assert "For 1 rows nothing was observed." in table.notes


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "beside.csv is no CSV table: No columns to parse from file."),
        (b"row,beam\n0,1\n", "beside.csv needs the columns row and pointing_utc."),
        (b"row,pointing\n1,a\n1,b\n", "beside.csv has row 1 twice."),
        (
            b"row,pointing\n0,a\n-1,b\n",
            "beside.csv line 3: row is '-1', not a number from 0 on.",
        ),
        (b'row,pointing\n0,"a\n', "beside.csv is no CSV table: Error tokenizing data"),
        (b"\xff\xfe\0row", "beside.csv is no CSV table:"),
    ],
)
def test_a_table_beside_that_is_none_is_refused_in_words(tmp_path, content, words):
    source = written(tmp_path / "sky.csv", "class", "1")
    beside = tmp_path / "beside.csv"
    beside.write_bytes(content)
    with pytest.raises(BadInput) as refusal:
        taken(source, Source(beside, "beside.csv"))

    assert str(refusal.value).startswith(words)


def test_a_column_that_turns_to_text_later_is_text_in_all_rows():
    gathered = observed.Gathered()
    gathered.add(2, {"a": np.array([7.0, 1.5]), "b": np.array([1.0, np.nan])})
    gathered.add(1, {"a": np.array(["x"], dtype=object)})
    gathered.add(1, {"a": np.array([np.nan]), "b": np.array([2.0])})
    whole = gathered.whole()

    assert whole["a"].tolist() == ["7", "1.5", "x", ""]
    assert whole["b"][[0, 3]].tolist() == [1.0, 2.0]
    assert np.isnan(whole["b"][1:3]).all()


def test_of_very_many_columns_the_first_and_the_pointing_are_kept(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(intake, "MOST_COLUMNS", 2)
    when = "2009-01-02T03:04:05Z"
    source = written(
        tmp_path / "sky.csv", "class,a,b,c,d,Pointing_UTC", f"1,1,2,3,4,{when}"
    )
    table, _ = taken(source)

    assert sorted(table.observed) == ["a", "b"]
    assert table.pointings.tolist() == [when]
    assert [note for note in table.notes if "further" in note] == [
        "Of the further columns the first 2 are kept; the first that is left out is c."
    ]


def test_a_long_name_does_not_take_the_memory_of_all(tmp_path):
    source = written(tmp_path / "sky.csv", "class,name", "1," + "x" * 9_999, "0,J2")
    table, _ = taken(source)

    assert table.names.tolist() == ["x" * observed.LONGEST, "J2"]


def test_rows_behind_rows_keep_their_sides_and_miss_what_the_others_observed():
    older, newer = simulated.table(40), simulated.observed(30)
    both = join(older, newer)

    assert len(both) == 70
    for name in ("features", "labels", "hashes", "pointings", "names", "holdout"):
        halves = [getattr(older, name), getattr(newer, name)]
        assert (getattr(both, name) == np.concatenate(halves)).all()
    assert np.isnan(both.observed["snr"][:40]).all()
    assert (both.observed["snr"][40:] == newer.observed["snr"]).all()


def packed(path: Path, *names: str) -> Source:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, name)
    return Source(path, path.name)


def test_of_the_archive_of_htru2_one_table_is_taken(tmp_path):
    for names, taken_one in (
        (("Readme.txt", "HTRU2/HTRU_2.arff", "HTRU2/HTRU_2.csv"), "HTRU_2.csv"),
        (("HTRU_2.arff",), "HTRU_2.arff"),
    ):
        source = packed(tmp_path / f"{len(names)}.zip", *names)
        with opened(source) as table:
            assert table.path.read_text().endswith(taken_one)

    with (
        pytest.raises(BadInput, match=r"holds no HTRU_2.csv; found was a.txt\.$"),
        opened(packed(tmp_path / "other.zip", "a.txt")),
    ):
        pass
    with opened(written(tmp_path / "HTRU_2.csv", "class", "1")) as table:
        assert table.name == "HTRU_2.csv"


def test_what_says_zip_and_is_none_is_refused_in_words(tmp_path):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\3\4 and no more")
    with pytest.raises(BadInput, match="damaged"), opened(Source(broken, "b.zip")):
        pass
