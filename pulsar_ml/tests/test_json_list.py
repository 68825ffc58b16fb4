"""JSON lists of any size, read element by element."""

import json
import tracemalloc
from pathlib import Path

import pandas as pd  # noqa: TID253  # a test may take its time
import pytest

from pulsar_ml.features import FEATURES
from pulsar_ml.formats import json_rows
from pulsar_ml.loader import Position, Source, read

GOOD = dict.fromkeys(FEATURES, 1.5)
N = 20_000


@pytest.fixture
def source(tmp_path: Path):
    """Write a text to a file and give it as a source."""

    def write(content: str, encoding: str = "utf-8") -> Source:
        path = tmp_path / f"{encoding}.json"
        path.write_text(content, encoding=encoding)
        return Source(path, path.name)

    return write


def rows(n: int) -> list[dict[str, object]]:
    return [GOOD | {"name": f"é{row}", "note": "\N{SNOWMAN}" * 50} for row in range(n)]


@pytest.mark.parametrize(
    ("encoding", "indent"),
    [("utf-8", None), ("utf-8", 1), ("utf-8-sig", None), ("utf-16-le", None)],
)
def test_a_list_is_read_as_the_lines_of_its_elements(source, encoding, indent):
    given = rows(3000)
    listed = source(json.dumps(given, ensure_ascii=False, indent=indent), encoding)
    lines = source("\n".join(map(json.dumps, given)), "ascii")
    (chunk,), (expected,) = read([listed]), read([lines])

    assert chunk.frame.drop(columns="name").equals(expected.frame.drop(columns="name"))
    assert chunk.frame["name"].tolist() == [row["name"] for row in given]


def test_a_list_takes_no_more_memory_when_it_is_longer(source):
    listed = source(json.dumps(rows(N)))
    assert listed.path.stat().st_size > 8 * 2**20
    tracemalloc.start()
    try:
        with listed.path.open("rb") as file:
            n_rows = sum(1 for _ in json_rows._rows(file))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert n_rows == N
    assert peak < 4 * 2**20


def test_reading_goes_on_in_the_middle_of_a_list(source):
    listed = source(json.dumps(rows(N)))
    whole = pd.concat([chunk.frame for chunk in read([listed])], ignore_index=True)
    (rest,) = read([listed], Position(0, 17_777), 17_778)

    read_so_far = [chunk.bytes_read for chunk in read([listed], chunk_rows=5000)]
    size = listed.path.stat().st_size
    assert read_so_far == pytest.approx([size / 4, size / 2, size * 3 / 4, size], 0.1)
    assert rest.frame.equals(whole[17_777:].reset_index(drop=True))


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        (", {", "is no JSON: its row 3 is broken"),
        (", ]", "is no JSON: its row 3 is broken"),
        ("", "is no JSON: its list should go on or end behind row 2"),
        (" {}", "is no JSON: its list should go on or end behind row 2"),
        ("] 7", "is no JSON: its list should go on or end behind row 2"),
        (", " + "[" * 10**5, "is no JSON: its row 3 is broken"),
        (", " + "1" * 5000 + "]", "is no JSON: its row 3 is broken"),
        (
            f', ["{"x" * 2**21}"]]',
            "is no JSON in its row 3, or that is longer than 1 MiB",
        ),
    ],
)
def test_damage_is_told_behind_the_sound_rows(source, rest, reason):
    begin = json.dumps([GOOD] * 2, indent=0).removesuffix("]")
    (chunk,) = read([source(begin + rest)])

    assert len(chunk.frame) == 2
    assert [(r.row, r.reason) for r in chunk.rejects] == [(3, reason)]


def test_bytes_that_are_no_text_are_damage_too(source):
    listed = source(json.dumps([GOOD] * 2, indent=0)[:-1] + ", 7]", "ascii")
    listed.path.write_bytes(listed.path.read_bytes().replace(b"7", b"\xff"))
    (chunk,) = read([listed])

    assert "is no JSON: " in chunk.rejects[0].reason


def test_elements_that_are_no_rows_are_rejected_with_what_they_are(source):
    (chunk,) = read([source(json.dumps([GOOD, 7, "seven", [1], GOOD], indent=0))])

    assert chunk.frame["row"].tolist() == [1, 5]
    assert [(r.row, r.value) for r in chunk.rejects] == [
        (2, "only 7"),
        (3, "seven"),
        (4, "[1]"),
    ]
