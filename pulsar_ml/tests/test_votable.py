"""VOTables of any size: what is in them comes back, and memory stays bounded."""

import base64
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd  # noqa: TID253  # a test may take its time
import pytest
from astropy.table import Table as AstropyTable

from pulsar_ml import parquet
from pulsar_ml.features import FEATURES
from pulsar_ml.loader import Position, Source, read
from pulsar_ml.writers.columns import results
from pulsar_ml.writers.sheet import Provenance, Query
from pulsar_ml.writers.write import by_name, write

N = 100_000
WORDS = ["J0437-4715", "é ü", "脉冲星", "\U0001f600", "<TD>&amp;", "a\nb", None, ""]
GOOD = [102.5, 58.75, 0.5, -0.25, 1.75, 14.5, 10.5, 127.25]
PACKED = struct.pack(">8d", *GOOD)
KINDS = ["tabledata", "binary", "binary2"]
FIELDS = "".join(f'<FIELD name="{name}" datatype="double"/>' for name in FEATURES)
ROW = "<TR>" + "".join(f"<TD>{value}</TD>" for value in GOOD) + "</TR>\n"
# A few blocks of rows, and less than the file as text and as bytes.
MEMORY = 64 * 2**20
PROGRAM = """
import resource, sys
from pathlib import Path
from pulsar_ml.loader import Source, read

small, big, more = sys.argv[1:]
list(read([Source(Path(small), "small")]))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(more),) * 2)
rows = 0
for chunk in read([Source(Path(big), "big")], chunk_rows=4096):
    rows += chunk.n_rows
    assert not chunk.rejects, chunk.rejects
print(rows)
"""


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(3)
    words = pd.Series([WORDS[n % len(WORDS)] for n in range(N)], dtype=object)
    return pd.DataFrame(
        {
            "row": np.arange(1, N + 1),
            "name": [f"candidate {n}" for n in range(N)],
            **dict(zip(FEATURES, random.uniform(1, 100, (8, N)), strict=True)),
            "probability": random.random(N, dtype=np.float32),
            "predicted": random.integers(0, 2, N).astype(np.int8),
            "warnings": [""] * N,
            "meta_0": words,
            "meta_1": pd.Series(["", "0.5", None, "1e-3"] * (N // 4), dtype=object),
        }
    )


@pytest.fixture(scope="module")
def big(frame, tmp_path_factory) -> Source:
    """A VOTable as a batch's page gives it."""
    folder = tmp_path_factory.mktemp("big")
    parquet.write(folder / "part.parquet", frame, temp=folder)
    columns = results(
        [("title", "meta_0"), ("period_s", "meta_1")], version="'m/2'", numbered=True
    )
    with parquet.connection(folder) as connection:
        rows = f"{parquet.scan([folder / 'part.parquet'])} where row > ?"
        write(
            folder / "big.vot",
            by_name("votable"),
            Query(connection, rows, [0], "row"),
            columns,
            Provenance(),
            temp=folder,
            seen=lambda _done, _of: None,
        )
    return Source(folder / "big.vot", "big.vot")


def written(folder: Path, kind: str, table: AstropyTable) -> Source:
    path = folder / f"{kind}.vot"
    table.write(path, format="votable", tabledata_format=kind)
    return Source(path, path.name)


def votable(folder: Path, data: str, fields: str = FIELDS) -> Source:
    path = folder / "table.vot"
    path.write_text(
        f'<?xml version="1.0"?><v:VOTABLE version="1.3" xmlns:v="x"><RESOURCE><TABLE>'
        f"{fields}<DATA>{data}</DATA></TABLE></RESOURCE></v:VOTABLE>",
        encoding="utf-8",
    )
    return Source(path, path.name)


def binary(rows: bytes, kind: str = "BINARY") -> str:
    text = base64.encodebytes(rows).decode()
    return f'<{kind}><STREAM encoding="base64">{text}</STREAM></{kind}>'


def test_what_we_write_we_read(big, frame):
    chunks = list(read([big], chunk_rows=N // 4))
    found = pd.concat([chunk.frame for chunk in chunks], ignore_index=True)
    size = big.path.stat().st_size

    assert [chunk.bytes_read / size for chunk in chunks] == pytest.approx(
        [0.25, 0.5, 0.75, 1], abs=0.05
    )
    assert chunks[-1].bytes_read == size
    assert found["row"].tolist() == frame["row"].tolist()
    assert found["name"].tolist() == frame["name"].tolist()
    assert found[list(FEATURES)].equals(frame[list(FEATURES)])
    assert found["probability_2"].tolist() == [
        str(float(value)) for value in frame["probability"]
    ]
    assert found["title"].tolist() == frame["meta_0"].tolist()
    assert found["period_s"].tolist() == [None, "0.5", None, "0.001"] * (N // 4)


def test_memory_does_not_grow_with_the_file(big, tmp_path):
    # What is imported when the first is read does not count.
    small = votable(tmp_path, f"<TABLEDATA>{ROW}</TABLEDATA>")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, small.path, big.path, str(MEMORY)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )

    assert done.stdout == f"{N}\n", done.stderr[-2000:]


@pytest.mark.parametrize("kind", KINDS)
def test_reading_goes_on_in_the_middle(tmp_path, kind):
    random = np.random.default_rng(4)
    values = random.uniform(1, 100, (8, 20_000))
    table = AstropyTable(dict(zip(FEATURES, values, strict=True)))
    table["name"] = [f"c{n}" for n in range(20_000)]
    source = written(tmp_path, kind, table)
    whole = pd.concat([chunk.frame for chunk in read([source])], ignore_index=True)
    (rest,) = read([source], Position(0, 17_777), 17_778)

    assert whole[list(FEATURES)].to_numpy().T.tolist() == values.tolist()
    assert rest.frame.equals(whole[17_777:].reset_index(drop=True))


@pytest.mark.parametrize("kind", KINDS)
def test_cells_of_every_type_are_understood(tmp_path, kind):
    table = AstropyTable(rows=[GOOD] * 3, names=list(FEATURES))
    table["flag"] = [True, False, True]
    table["byte"] = np.array([1, 2, 3], "u1")
    table["short"] = np.array([-1, 2, 3], "i2")
    table["int"] = np.array([7, 8, 9], "i4")
    table["single"] = np.array([0.1, np.nan, 2.5], "f4")
    table["complex"] = np.array([1 + 2j, 0, 3], "c16")
    table["pair"] = np.array([[1, 2], [3, 4], [5, 6]], "i8")
    table["text"] = ["a", "", "<é>"]
    table["any"] = np.array([None] * 3)
    for row, values in enumerate([[1.5], [], [2.0, 3.0]]):
        table["any"][row] = np.ma.array(values, mask=[False] * len(values))
    (chunk,) = read([written(tmp_path, kind, table)])

    assert chunk.rejects == []
    assert chunk.frame[list(FEATURES)].to_numpy().tolist() == [GOOD] * 3
    assert {name: chunk.frame[name].tolist() for name in table.colnames[8:]} == {
        "flag": ["True", "False", "True"],
        "byte": ["1", "2", "3"],
        "short": ["-1", "2", "3"],
        "int": ["7", "8", "9"],
        "single": ["0.10000000149011612", None, "2.5"],
        "complex": ["(1+2j)", "0j", "(3+0j)"],
        "pair": ["[1, 2]", "[3, 4]", "[5, 6]"],
        "text": ["a", "", "<é>"],
        "any": ["[1.5]", "[]", "[2.0, 3.0]"],
    }


def test_nulls_empty_cells_and_odd_ones_are_told_apart(tmp_path):
    fields = FIELDS + (
        '<FIELD name="n" datatype="int"><VALUES null="-9"/></FIELD>'
        '<FIELD name="one" datatype="double" arraysize="1"/>'
    )
    cells = ROW.replace("</TR>\n", "<TD>{}</TD><TD>2.5</TD></TR>").format
    odd = cells("0x1F").replace("102.5", "many")
    rows = [cells("-9"), cells(""), cells(" 5 "), odd, cells("five")]
    source = votable(tmp_path, f"<TABLEDATA>{''.join(rows)}</TABLEDATA>", fields)
    (chunk,) = read([source])

    assert chunk.frame["n"].tolist() == [None, None, "5", "five"]
    assert chunk.frame["one"].tolist() == ["2.5"] * 4
    assert [(r.row, r.column, r.value, r.reason) for r in chunk.rejects] == [
        (4, "prof_mean", "many", "is not a number")
    ]


def test_fixed_texts_and_nulls_of_bytes_are_understood(tmp_path):
    fields = FIELDS + (
        '<FIELD name="n" datatype="short"><VALUES null="-9"/></FIELD>'
        '<FIELD name="wide" datatype="unicodeChar" arraysize="3"/>'
        '<FIELD name="short" datatype="char" arraysize="4*"/>'
    )
    first = PACKED + struct.pack(">h", -9) + "é\0x".encode("utf-16-be") + b"\0\0\0\2ab"
    second = PACKED + struct.pack(">h", 9) + "abc".encode("utf-16-be") + b"\0\0\0\1\xff"
    (chunk,) = read([votable(tmp_path, binary(first + second), fields)])

    assert chunk.frame["n"].tolist() == [None, "9"]
    assert chunk.frame["wide"].tolist() == ["é", "abc"]
    assert chunk.frame["short"].tolist() == ["ab", "\\xff"]


TABLEDATA = "<TABLEDATA>" + ROW * 2


@pytest.mark.parametrize(
    ("data", "sound", "reason"),
    [
        (f"{TABLEDATA}<TR><TD>{'1' * 2**21}</TD></TR></TABLEDATA>", 2, "row longer"),
        (f"{TABLEDATA}<TR><TD>1</TD><TR>", 2, "has a TR among its rows"),
        (f"{TABLEDATA}<TR><TD>1<TD>", 2, "has a TD among its rows"),
        (f"{TABLEDATA}<TD>1</TD>", 2, "has a TD among its rows"),
        (f"{TABLEDATA}<TR><TD>1</TD></TR>", 2, "a row of 1 cells; the table has 8"),
        (f"{TABLEDATA}<TR>{'<TD/>' * 9}", 2, "a row of more cells; the table has 8"),
        (f"{TABLEDATA}<TR><TD encoding='base64'>", 2, "has a TD with attributes"),
        (f"{TABLEDATA}<TR a='{'b' * 2**21}'/>", 2, "a tag or comment longer than"),
        (f"{TABLEDATA}<TR>&boom;", 2, "is a damaged VOTable: undefined entity"),
        (binary(PACKED * 2 + PACKED[:9]), 2, "its data end within a row"),
        (binary(PACKED * 2).replace("=\n</", "</"), 1, "within a group of base64"),
        (binary(PACKED * 3).replace("\n", "\n*", 1), 0, "is a damaged VOTable: "),
        (binary(PACKED * 3).replace("</STREAM", "<X/></STREAM"), 3, "has a X within"),
        (
            binary(PACKED).replace("base64", "gzip"),
            0,
            "lie elsewhere or are compressed",
        ),
        (binary(PACKED, "FITS"), 0, "whose data are FITS; write it with its data as"),
        ("<BINARY><X/></BINARY>", 0, "has a X where its data should be"),
        (f"<BINARY/>{TABLEDATA}</TABLEDATA>", 0, "more than one kind of data"),
        ("", 0, "holds no rows"),
        (f"</DATA>{'<!-- -->' * 2**19}<DATA>", 0, "holds no rows"),
    ],
)
def test_damage_is_told_behind_the_sound_rows(tmp_path, data, sound, reason):
    (chunk,) = read([votable(tmp_path, data)])

    assert chunk.frame[list(FEATURES)].to_numpy().tolist() == [GOOD] * sound
    (reject,) = chunk.rejects
    assert reject.row == sound + 1
    assert reason in reject.reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("<INFO name='a' value='b'/>" * 2**18, "without rows in its first 4 MiB"),
        ("<FIELD datatype='int' name='a'/>" * 2001, "more than the 2000 columns"),
        (f"<INFO name='{'a' * 2**21}'/>", "a tag or comment longer than"),
        (f"{FIELDS}<FIELD name='a' datatype='text'/>", "is a damaged VOTable: "),
        (f"{FIELDS}<FIELD name='a' datatype='char' arraysize='2x3'/>", "is a damaged"),
        (
            f"{FIELDS}<FIELD name='a' datatype='int' arraysize='99x999'/>",
            "larger sizes",
        ),
        ("<a>" * 101, "is a VOTable nested more than 100 deep"),
        ("</TABLE><TABLE>", "lacks the columns"),
    ],
)
def test_a_header_that_cannot_be_used_says_why(tmp_path, fields, reason):
    (chunk,) = read([votable(tmp_path, "<TABLEDATA/>", fields)])

    (reject,) = chunk.rejects
    assert reason in reject.reason


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("datatype='char' arraysize='*'", b"\xff" * 4),
        ("datatype='double' arraysize='*'", b"\xff" * 4),
        ("datatype='bit' arraysize='0x*'", b"\xff" * 4),
    ],
)
def test_a_cell_that_says_it_is_endless_is_not_believed(tmp_path, field, cell):
    data = binary((PACKED + cell) + bytes(2**18))
    (chunk,) = read([votable(tmp_path, data, f"{FIELDS}<FIELD name='a' {field}/>")])

    assert chunk.frame.empty
    (reject,) = chunk.rejects
    assert reject.row == 1
    assert "has a row longer than 1 MiB, or of more than" in reject.reason


def test_a_votable_without_a_table_says_so(tmp_path):
    path = tmp_path / "none.vot"
    path.write_text("<VOTABLE><RESOURCE/></VOTABLE>")
    (chunk,) = read([Source(path, "none.vot")])

    assert [r.reason for r in chunk.rejects] == ["is a VOTable without a table"]


def test_columns_of_one_name_are_kept_apart(tmp_path):
    twice = '<FIELD name="beam" datatype="int"/>' * 2
    row = ROW.replace("</TR>", "<TD>1</TD><TD>2</TD></TR>")
    source = votable(tmp_path, f"<TABLEDATA>{row}</TABLEDATA>", FIELDS + twice)
    (chunk,) = read([source])

    assert chunk.frame.iloc[0, -2:].tolist() == ["1", "2"]
