"""Tables in other formats than text: the same rows, and the same rejects."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd  # noqa: TID253  # a test may take its time
import pytest
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import MaskedColumn
from astropy.table import Table as AstropyTable

from pulsar_ml import parquet
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.table import Scratch
from pulsar_ml.loader import Source, read

GOOD = [102.5, 58.75, 0.5, -0.25, 1.75, 14.5, 10.5, 127.25]
BROKEN = [np.nan, 58.75, 0.5, -0.25, 1.75, 14.5, 10.5, 127.25]
CONSTANT = [102.5, 0.0, 0.5, -0.25, 1.75, 14.5, 10.5, 127.25]
ROWS = [GOOD, BROKEN, GOOD, CONSTANT, GOOD]
NAMES = ["a", "b", "c", "d", "é"]
RUNS = [7, 8, 9, 10, 11]


@pytest.fixture
def source(tmp_path: Path):
    """Write bytes to a file and give it as a source."""

    def write(content: bytes | str, name: str = "table") -> Source:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Source(path, name)

    return write


def as_frame() -> pd.DataFrame:
    frame = pd.DataFrame(ROWS, columns=list(FEATURES))
    return frame.assign(name=NAMES, run=RUNS)


def as_parquet(tmp_path: Path) -> bytes:
    parquet.write(tmp_path / "t.parquet", as_frame(), temp=tmp_path)
    return (tmp_path / "t.parquet").read_bytes()


def as_astropy(kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    table = AstropyTable.from_pandas(as_frame().assign(name=["a", "b", "c", "d", "e"]))
    table.write(stream, format=kind, **options)
    return stream.getvalue()


def as_json(_: Path) -> bytes:
    return as_frame().to_json(orient="records", force_ascii=False).encode()


def as_lines(_: Path) -> bytes:
    return as_frame().to_json(orient="records", lines=True).encode()


def as_arff(_: Path) -> bytes:
    attributes = "".join(f"@ATTRIBUTE '{n}' numeric\n" for n in FEATURES)
    rows = "".join(
        ",".join("?" if value != value else str(value) for value in row)
        + f",{name},{run}\n% a comment\n"
        for row, name, run in zip(ROWS, NAMES, RUNS, strict=True)
    )
    text = "% simulated\n@relation pulsars\n" + attributes
    return (
        f"{text}@attribute name string\n@attribute run numeric\n@data\n{rows}".encode()
    )


WRITERS = {
    "Parquet": as_parquet,
    "FITS": lambda _: as_astropy("fits"),
    "VOTable": lambda _: as_astropy("votable"),
    "binary VOTable": lambda _: as_astropy("votable", tabledata_format="binary2"),
    "JSON": as_json,
    "JSON Lines": as_lines,
    "ARFF": as_arff,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_table_is_read_alike_in_every_format(source, tmp_path, kind):
    table = source(WRITERS[kind](tmp_path))
    (chunk,) = read([table])

    frame = chunk.frame
    assert list(frame.columns) == ["row", "name", *FEATURES, "run"]
    assert frame["row"].tolist() == [1, 3, 5]
    assert frame["name"].tolist()[:2] == ["a", "c"]
    assert frame["name"].tolist()[2] in {"e", "é"}
    assert frame[list(FEATURES)].to_numpy().tolist() == [GOOD] * 3
    assert frame["run"].tolist() == ["7", "9", "11"]
    assert [(r.row, r.file, r.column, r.reason) for r in chunk.rejects] == [
        (2, "table", "prof_mean", "is missing"),
        (
            4,
            "table",
            "prof_std",
            "is zero: the profile is constant and has no skewness or kurtosis",
        ),
    ]
    assert [r.name for r in chunk.rejects] == ["b", "d"]
    assert chunk.bytes_read == table.path.stat().st_size


@pytest.mark.parametrize("kind", WRITERS)
def test_reading_goes_on_from_any_row_in_every_format(source, tmp_path, kind):
    sources = [source(WRITERS[kind](tmp_path))]
    chunks = list(read(sources, chunk_rows=2))

    for place, chunk in enumerate(chunks[:-1], 1):
        first = chunk.first_row + chunk.n_rows
        rest = list(read(sources, chunk.end, first, chunk_rows=2))
        for again, before in zip(rest, chunks[place:], strict=True):
            assert again.frame.equals(before.frame)
            assert again.rejects == before.rejects


def test_swapped_names_are_settled_in_typed_tables_too(data, source):
    htru2 = pd.read_csv(data / "HTRU_2.csv")
    table = source(htru2.to_json(orient="records", lines=True), "t.jsonl")
    (chunk,) = read([table])
    (plain,) = read([Source(data / "HTRU_2.csv", "HTRU_2.csv")])

    columns = list(FEATURES)
    np.testing.assert_allclose(chunk.frame[columns], plain.frame[columns], rtol=1e-9)
    assert "were read the other way round" in chunk.notes[1]


def test_rows_of_json_need_no_names(source):
    lists = [[*GOOD, 1], [*GOOD, 0]]
    (listed,) = read([source(json.dumps(lists))])
    (lines,) = read([source("\n".join(map(json.dumps, lists)))])

    assert listed.frame["class"].tolist() == ["1", "0"]
    assert listed.frame.equals(lines.frame)


def test_odd_json_rows_are_rejected_with_what_they_are(source):
    good = dict(zip(FEATURES, GOOD, strict=True))
    rows = [
        json.dumps(good | {"note": "\ud800\0", "tags": ["x"]}),
        "{broken",
        json.dumps(good | {"dm_mean": "many"}),
        json.dumps(good | {"dm_mean": True}),
        json.dumps(good | {"dm_mean": 10**400}),
        json.dumps(good | {"dm_mean": " 5.5 "}),
        "[1, 2]",
        "[" * 100_000,
    ]
    (chunk,) = read([source("\n".join(rows))])

    assert chunk.frame["row"].tolist() == [1, 6]
    assert chunk.frame["note"].tolist() == ["\\ud800\N{REPLACEMENT CHARACTER}", None]
    assert chunk.frame["tags"].tolist() == ['["x"]', None]
    assert [(r.row, r.column, r.value, r.reason) for r in chunk.rejects] == [
        (2, "prof_mean", "{broken", "is not a number"),
        (3, "dm_mean", "many", "is not a number"),
        (4, "dm_mean", "True", "is not a number"),
        (
            5,
            "dm_mean",
            "1" + "0" * 79 + "…",
            "is infinite, or too large for the single precision of the models",
        ),
        (7, "prof_mean", "[1, 2]", "is not a number"),
        (8, "prof_mean", "[" * 80 + "…", "is not a number"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[]", "holds no rows"),
        ("[1, 2", "is JSON, but neither a list nor lines of objects or rows"),
        ("[,", "is no JSON: its row 1 is broken"),
        ("[" * 100_000, "is no JSON: "),
        ("[[1, 2], [3, 4]]", "has 2 columns and no header"),
        ('[{"a": 1}]', "lacks the columns prof_mean"),
        ("[" + " " * 2**20, "is no JSON: its row 1 is broken"),
        ('{"a":\n[' + "[]," * 10**6 + "[]]}", "more lists and objects than can be"),
        ('{"a":\n' + " " * 17 * 2**20, "is one JSON object larger than 16 MiB"),
        (as_arff(Path()).replace(b"@data", b"@date"), "without @data in its first"),
        ("@relation a\n@attribute b numeric\n@data\n{0 1}", "is a sparse ARFF file"),
        (b"PAR1" + bytes(500), "is a damaged Parquet file"),
        # astropy itself warns of it as well.
        pytest.param(
            as_astropy("fits")[:-2880],
            "is damaged: it is shorter than its header says",
            marks=pytest.mark.filterwarnings("ignore:File may have been truncated"),
        ),
        ("<VOTABLE>", "is a damaged VOTable: "),
        ("<!DOCTYPE a><VOTABLE/>", "declares a document type or entities"),
        (
            as_astropy("votable").replace(
                b"<TABLEDATA>", b"<BINARY><STREAM href='file:///etc/passwd'/>"
            ),
            "whose data lie elsewhere",
        ),
        (
            as_astropy("votable").replace(b'datatype="long"', b'arraysize="99999999"'),
            "declares larger sizes",
        ),
        (
            as_astropy("votable").replace(b"<TABLE", b"<TABLE nrows='9999999999'"),
            "larg",
        ),
    ],
)
def test_a_table_that_cannot_be_read_says_why(source, content, reason):
    (chunk,) = read([source(content)])

    (reject,) = chunk.rejects
    assert reason in reject.reason
    assert chunk.frame.empty


def test_a_fits_without_a_table_says_so(source):
    stream = io.BytesIO()
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(stream)
    (chunk,) = read([source(stream.getvalue())])
    assert [r.reason for r in chunk.rejects] == ["is a FITS file without a table"]


def test_masked_cells_nested_cells_and_scaled_columns_of_fits_are_understood(source):
    table = AstropyTable.from_pandas(as_frame().drop(columns=["name"]).iloc[[0, 2]])
    table["count"] = MaskedColumn([1, 2], mask=[True, False])
    table["spectrum"] = [[1.5, 2.5], [3.5, 4.5]]
    stream = io.BytesIO()
    table.write(stream, format="fits")
    (chunk,) = read([source(stream.getvalue())])

    assert chunk.frame["count"].tolist() == [None, "2"]
    assert chunk.frame["spectrum"].tolist() == ["[1.5, 2.5]", "[3.5, 4.5]"]


def test_the_votable_of_the_test_is_one_that_others_read():
    assert parse(io.BytesIO(as_astropy("votable"))).get_first_table().nrows == len(ROWS)


def test_pulsarfeaturelab_arff_gives_names_by_path(source):
    attributes = "".join(f"@attribute {n} numeric\n" for n in FEATURES)
    row = ",".join(map(str, GOOD))
    text = (
        f"@relation a\n{attributes}@attribute class {{0,1}}\n@data\n{row},1,%/x/c.pfd\n"
    )
    (chunk,) = read([source(text)])
    assert chunk.frame["name"].tolist() == ["/x/c.pfd"]


def test_rejects_of_arff_name_their_line(source):
    (chunk,) = read([source(as_arff(Path()))])
    lines = as_arff(Path()).decode().splitlines()
    assert [lines[r.line - 1].split(",")[1] for r in chunk.rejects] == ["58.75", "0.0"]


def test_parquet_that_ends_before_its_rows_is_one_reject(source, tmp_path):
    content = as_parquet(tmp_path)
    # Its index stays whole, and names places that are not there any more.
    size = int.from_bytes(content[-8:-4], "little") + 8
    (chunk,) = read([source(content[:4] + content[-size:])])

    assert (len(chunk.frame), len(chunk.rejects)) == (0, 1)


def test_parquet_is_read_with_the_callers_folder_for_what_memory_lacks(
    source, tmp_path
):
    table = source(as_parquet(tmp_path))
    nowhere = Scratch(tmp_path / "nowhere")

    with pytest.raises(FileNotFoundError, match="nowhere"):
        list(read([table._replace(scratch=nowhere)]))
