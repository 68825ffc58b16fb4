"""Regular lines are read all at once, and the same comes of it as line by line."""

from collections.abc import Iterator

import pandas as pd  # noqa: TID253  # a test may take its time
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulsar_ml.features import FEATURES
from pulsar_ml.formats import text
from pulsar_ml.formats.grid import Grid, Shape, grid
from pulsar_ml.loader import Chunk, Source, read

SHAPE = Shape(",", 3)
ATTRIBUTES = [f"@attribute {name} numeric" for name in FEATURES]
GOOD = "12,0.5,1e1,-3,2.25,.5,7,8"


def columns(content: str, shape: Shape = SHAPE, longest: int = 100) -> list[list[str]]:
    found = grid(content, shape, longest)
    assert found is not None
    return [found.column(place) for place in range(shape.width)]


def test_fields_of_regular_lines_are_found():
    content = "a,,é\n bc ,😀 d,\nf,g,h"

    assert columns(content) == [["a", " bc ", "f"], ["", "😀 d", "g"], ["é", "", "h"]]


def test_fields_may_stand_in_quotation_marks_as_a_whole():
    content = '"a,b",1,""\n"",",","c"\nd,"e f",g'

    assert columns(content) == [["a,b", "", "d"], ["1", ",", "e f"], ["", "c", "g"]]


def test_the_first_line_can_be_left_out():
    found = grid("one,two,three\n1,2,3\n4,5,6", SHAPE, 100)

    assert found is not None
    rest = found.rest()
    assert (rest.lines(), rest.content()) == (["1,2,3", "4,5,6"], b"1,2,3\n4,5,6\n")
    assert rest.column(0) == ["1", "4"]


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        ("", SHAPE),
        ("1,2,3\n", SHAPE),
        ("1,2,3\n\n4,5,6", SHAPE),
        ("1,2,3\n4,5\n6,7,8,9", SHAPE),
        ("1,2\n3,4,5,6", SHAPE),
        ("1,2,3,4\n5,6", SHAPE),
        ('1,"2,3', SHAPE),
        ('1,2"3",4', SHAPE),
        ('1,"2"3,4', SHAPE),
        ('1,"2""3",4', SHAPE),
        ('1,"2\n3",4', SHAPE),
        ('1,"2,3"', SHAPE),
        ("1,2\0,3", SHAPE),
        ("1,2,3\n4,5," + "6" * 100, SHAPE),
        ("1 2 3", SHAPE._replace(delimiter=" ")),
        ("1\t2\t3\n\t\t", SHAPE._replace(delimiter="\t")),
        ("1\t2\t3\n\u00a0\t\t", SHAPE._replace(delimiter="\t")),
        ("%1,2,3\n4,5,6", SHAPE._replace(comment="%")),
        ("1,2,3\n %4,5,6", SHAPE._replace(comment="%")),
    ],
)
def test_what_takes_more_than_counting_is_no_grid(content, shape):
    assert grid(content, shape, 100) is None


def test_a_line_may_be_as_long_as_is_allowed():
    assert columns("1,2,3456", longest=9) == [["1"], ["2"], ["3456"]]
    assert grid("1,2,3456", SHAPE, 8) is None


LINES = st.lists(
    st.sampled_from(
        [
            *[GOOD] * 20,
            " " + GOOD,
            "12,0,1,2,3,4,5,6",
            "12,,1,2,3,4,5,6",
            "12,nan,1,2,3,4,5,6",
            "12,1,1,2,3,4,5,x",
            "12,1,1,2,3,4,5,1e39",
            "12,1,1,2,3,4,5",
            "12,1,1,2,3,4,5,6,7",
            "% 1,2,3,4,5,6,7,8",
            *['"12",0.5,1,2,3,4,5,"6"'] * 3,
            '1"2",0.5,1,2,3,4,5,6',
            '"1""2",0.5,1,2,3,4,5,6',
            '"1\n2",0.5,1,2,3,4,5,6',
            '"",0.5,1,2,3,4,5,6',
            '12,"0.5,1,2,3,4,5,6',
            "",
            "  ",
            ",,,,,,,",
            "1\0,2,3,4,5,6,7,8",
        ]
    ),
    min_size=1,
    max_size=60,
)


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """A file of rows with a name and a note, of which some are none."""
    names = draw(
        st.sampled_from([["ünit", "a"], ["J1", "J2"], [" x ", "", "%p", '"a,b"']])
    )
    rows = [
        f"{names[n % len(names)]},{line},note {n}" if line.strip() else line
        for n, line in enumerate(draw(LINES))
    ]
    if draw(st.booleans()):
        rows.insert(0, f"name,{','.join(FEATURES)},note")
    else:
        rows = [row.partition(",")[2].rpartition(",")[0] or row for row in rows]
    content = "\n".join(rows) + draw(st.sampled_from(["", "\n"]))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    content = content.replace(",", delimiter)
    if delimiter == ";":
        content = content.replace(".", ",")
    content = content.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"])))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
    return content.encode(encoding)


def chunks(source: Source, *, regular: bool) -> Iterator[Chunk]:
    with pytest.MonkeyPatch.context() as patch:
        if not regular:
            patch.setattr(text, "grid", lambda *_: None)
        yield from read([source], chunk_rows=7)


@settings(deadline=None, max_examples=100)
@given(contents(), st.integers(20, 3_000))
@example(b"name,%s,note\n" % ",".join(FEATURES).encode(), 100)
def test_the_same_comes_of_it_as_line_by_line(tmp_path_factory, content, piece):
    path = tmp_path_factory.getbasetemp() / "grid.csv"
    path.write_bytes(content)
    source = Source(path, "grid.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "PIECE_BYTES", piece)
        ways = [list(chunks(source, regular=regular)) for regular in (True, False)]
    for fast, slow in zip(*ways, strict=True):
        pd.testing.assert_frame_equal(fast.frame, slow.frame)
        for part in ("first_row", "n_rows", "rejects", "end", "bytes_read", "notes"):
            assert getattr(fast, part) == getattr(slow, part)


@pytest.mark.parametrize(
    ("head", "row", "end"),
    [
        (",".join(FEATURES), GOOD, "\n"),
        (";".join(FEATURES), GOOD.replace(",", ";").replace(".", ","), "\r\n"),
        ("\t".join(FEATURES), GOOD.replace(",", "\t"), "\n"),
        ("\n".join(["@relation s", *ATTRIBUTES, "@data"]), GOOD, "\n"),
    ],
    ids=["CSV", "semicolons, decimal comma, CRLF", "TSV", "ARFF"],
)
def test_a_table_without_faults_is_read_all_at_once(
    tmp_path, monkeypatch, head, row, end
):
    path = tmp_path / "table"
    path.write_bytes(end.join([head, *[row] * 50]).encode())
    met = []

    def noted(*args: object) -> Grid | None:
        met.append(grid(*args))
        return met[-1]

    monkeypatch.setattr(text, "grid", noted)
    (chunk,) = read([Source(path, "table")])

    assert (len(chunk.frame), chunk.rejects) == (50, [])
    assert all(met)
