"""The command: files and folders in, one table and a summary out."""

import argparse
import csv
import io
import json
import re
import tempfile
import zipfile
from pathlib import Path

import duckdb
import numpy as np
import pytest
from astropy import units
from astropy.io import votable
from astropy.table import Table

from pulsar_ml.classify import add_arguments, run
from pulsar_ml.features import FEATURES
from pulsar_ml.serving import Scorer, shipped
from pulsar_ml.tests.screens import terminal

__all__ = ["terminal"]

PULSAR = "30.5,33.25,5.5,32.0,60.0,70.0,1.0,0.5"
NOISE = "120.0,48.0,0.125,0.0625,2.5,17.0,9.5,110.0"
HEADER = ",".join(FEATURES)
COLUMNS = ["name", *FEATURES, "probability", "predicted", "warnings", "model_version"]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(shipped()[0])


@pytest.fixture
def classify(scorer):
    """Run the command and give its exit code, standard output and standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        out, err = io.StringIO(), io.StringIO()
        options = parser.parse_args([str(argument) for argument in arguments])
        return (
            run(options, scorer, "pulsar/1", out, err),
            out.getvalue(),
            err.getvalue(),
        )

    return call


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """A folder with two tables, a broken row, a picture and something hidden."""
    folder = tmp_path / "survey"
    (folder / "deep").mkdir(parents=True)
    (folder / "b.csv").write_text(f"{HEADER},Beam\n{NOISE},4\n\n1,2\n{PULSAR},=2\n")
    (folder / "deep" / "a.csv").write_text(f"id,{HEADER},beam,DM\nJ1,{PULSAR},7,71\n")
    (folder / "deep" / "plot.png").write_bytes(b"\x89PNG\0")
    (folder / ".hidden.csv").write_text(f"{HEADER}\n{NOISE}\n")
    return folder


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_results_go_to_standard_output_and_the_summary_beside(classify, survey, scorer):
    code, out, err = classify(survey)

    header, *table = rows(out)
    assert code == 0
    assert header == [*COLUMNS, "Beam", "DM"]
    assert [line[0] for line in table] == [
        f"{survey}/b.csv:1",
        f"{survey}/b.csv:3",
        "J1",
    ]
    assert [",".join(line[1:9]) for line in table] == [NOISE, PULSAR, PULSAR]
    values = np.array([line[1:9] for line in table], dtype=float)
    scores = scorer.score(values)
    assert [np.float32(line[9]) for line in table] == scores.tolist()
    assert [line[10] for line in table] == [
        str(int(score >= scorer.threshold)) for score in scores
    ]
    assert [line[11] for line in table] == scorer.warnings(values)
    assert [line[12:] for line in table] == [
        ["pulsar/1", "4", ""],
        ["pulsar/1", "'=2", ""],
        ["pulsar/1", "7", "71"],
    ]
    assert "row 2: 1,2 has 2 columns; the table has 9" in err
    assert "plot.png, row 1:  is in no format that is read here" in err
    assert "3 of 5 rows scored by pulsar/1" in err.splitlines()[-1]


def test_out_holds_the_table_and_its_rejects(classify, survey, tmp_path):
    out = tmp_path / "result.csv"
    code, summary, _ = classify(survey, "--out", out, "--json")
    to_stdout = classify(survey)[1]

    assert code == 0
    found = json.loads(summary)
    assert summary.count("\n") == 1
    assert list(found) == [
        "rows",
        "scored",
        "pulsars",
        "rejected",
        "model_version",
        "seconds",
    ]
    assert (found["rows"], found["scored"], found["rejected"]) == (5, 3, 2)
    table = rows(out.read_text())
    assert table == rows(to_stdout)
    assert found["pulsars"] == sum(line[10] == "1" for line in table[1:])
    assert rows((tmp_path / "result.csv.rejects.csv").read_text()) == [
        ["file", "row", "column", "value", "reason", "name"],
        [
            f"{survey}/b.csv",
            "2",
            "",
            "1,2",
            "has 2 columns; the table has 9",
            "",
        ],
        [
            f"{survey}/deep/plot.png",
            "1",
            "",
            "",
            "is in no format that is read here; it looks like binary data",
            "",
        ],
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "result.csv",
        "result.csv.rejects.csv",
        "storage",
        "survey",
    ]


def test_a_parquet_file_holds_the_same_table_with_its_types(classify, survey, tmp_path):
    out = tmp_path / "result.parquet"
    code, _, _ = classify(survey, "--out", out)
    _, *lines = rows(classify(survey)[1])

    found = duckdb.connect().execute("from read_parquet(?)", [str(out)])
    assert code == 0
    assert [(name, str(kind)) for name, kind, *_ in found.description] == [
        ("name", "VARCHAR"),
        *((name, "DOUBLE") for name in FEATURES),
        ("probability", "FLOAT"),
        ("predicted", "TINYINT"),
        ("warnings", "VARCHAR"),
        ("model_version", "VARCHAR"),
        ("Beam", "VARCHAR"),
        # Its name says what it is, and all its values are numbers.
        ("DM", "DOUBLE"),
    ]
    table = found.fetchall()
    assert [str(row[0]) for row in table] == [line[0] for line in lines]
    assert [row[-2:] for row in table] == [("4", None), ("=2", None), ("7", 71.0)]
    assert (tmp_path / "result.parquet.rejects.csv").exists()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("result.vot", []),
        ("result.fits", []),
        ("result", ["--format", "votable"]),
        ("result.csv", ["--format", "fits"]),
    ],
)
def test_astropy_reads_the_same_table_with_units_and_ucds(
    classify, survey, scorer, tmp_path, name, arguments
):
    out = tmp_path / name
    code, _, _ = classify(survey, "--out", out, *arguments)
    _, *lines = rows(classify(survey)[1])
    is_fits = "fits" in (*arguments, out.suffix[1:])
    table = Table.read(out, format="fits" if is_fits else "votable")

    assert code == 0
    assert table.colnames == [*COLUMNS, "Beam", "DM"]
    assert [str(name) for name in table["name"]] == [line[0] for line in lines]
    for place, feature in enumerate(FEATURES, 1):
        assert table[feature].tolist() == [float(line[place]) for line in lines]
    assert np.asarray(table["probability"]).tolist() == [
        np.float32(line[9]) for line in lines
    ]
    assert table["DM"].tolist() == [None, None, 71.0]
    assert table["DM"].unit == units.pc / units.cm**3
    said = table.meta if is_fits else votable.parse(out).get_first_table()
    if is_fits:
        assert (said["TUCD1"], said["TUCD10"]) == (
            "meta.id;meta.main",
            "stat.probability",
        )
        assert (said["MODELVER"], said["MODELSHA"]) == ("pulsar/1", scorer.sha256)
        assert said["TITLE"] == "3 files"
    else:
        assert [field.ucd for field in said.fields][-1] == "phys.dispMeasure"
        assert {info.name: info.value for info in said.infos}["model_sha256"] == (
            scorer.sha256
        )


def test_htru2_is_scored_whole(classify, data, tmp_path):
    out = tmp_path / "htru2.parquet"
    _, summary, notes = classify(data / "HTRU_2.csv", "--out", out, "--json")

    found = json.loads(summary)
    assert (found["rows"], found["scored"], found["rejected"]) == (17_898, 17_898, 0)
    assert 1_200 < found["pulsars"] < 2_500
    assert notes.count("hold each other's values") == 2


def test_what_an_earlier_run_wrote_is_not_read_again(classify, survey):
    first = classify(survey, "--out", survey / "result.csv", "--json")[1]
    again = classify(survey, "--out", survey / "result.csv", "--json")[1]

    assert json.loads(first)["rows"] == json.loads(again)["rows"] == 5


def test_when_nothing_can_be_scored_an_older_result_stays(classify, tmp_path):
    (tmp_path / "empty.csv").write_text("")
    out = tmp_path / "result.csv"
    out.write_text("older")
    code, summary, _ = classify(tmp_path / "empty.csv", "--out", out)

    assert code == 1
    assert summary.startswith("0 of 1 rows scored by pulsar/1: 0 pulsars, 1 rejected")
    assert out.read_text() == "older"
    assert "is empty" in (tmp_path / "result.csv.rejects.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.csv"], "gone.csv: there is no such file or folder."),
        (["a.csv", "--format", "parquet"], "--format parquet needs --out FILE."),
        (["a.csv", "--format", "fits"], "--format fits needs --out FILE."),
        (["a.csv", "--out", "no/r.csv"], "The folder of --out, no, does not exist."),
        (["a.csv", "--out", "a.csv"], "a.csv would be overwritten by --out."),
    ],
)
def test_wrong_usage_is_said_and_writes_nothing(
    classify, tmp_path, monkeypatch, arguments, message
):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("a.csv").write_text(f"{NOISE}\n")

    assert classify(*arguments) == (2, "", f"{message}\n")
    assert [path.name for path in Path().iterdir()] == ["a.csv"]


def test_a_bar_moves_on_a_terminal_and_leaves_it_clean(
    scorer, survey, tmp_path, terminal
):
    shown, screen = terminal
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    out = io.StringIO()
    options = parser.parse_args([str(survey), "--out", str(tmp_path / "r.fits")])
    assert run(options, scorer, "pulsar/1", out, shown) == 0

    pieces = screen().split("\r\x1b[K")
    size = sum(path.stat().st_size for path in survey.rglob("[!.]*.*"))
    bar = re.compile(
        rf"\[#+\.*\] +\d+%  \d s left, [\d,]+ rows/s, \d rows, \d+ B of {size} B read"
    )
    assert [piece for piece in pieces if bar.fullmatch(piece)]
    assert pieces[0] == pieces[-1] == ""
    assert all(len(piece) < 100 for piece in pieces)
    assert out.getvalue().startswith("3 of 5 rows scored by pulsar/1")


def test_rows_that_scroll_by_are_not_torn_by_a_bar(scorer, survey, terminal):
    shown, screen = terminal
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = parser.parse_args([str(survey)])
    run(options, scorer, "pulsar/1", shown, shown)

    assert "\x1b" not in screen()


def test_without_room_for_copies_it_stops_and_says_why(
    classify, survey, tmp_path, monkeypatch
):
    packed = tmp_path / "survey.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(survey / "b.csv", "b.csv")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    code, out, err = classify(packed)

    assert (code, out) == (1, "")
    assert err.startswith("Stopped: ")
    assert "nowhere" in err
