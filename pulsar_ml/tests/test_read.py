"""Reading tables: whatever way they are written, and whatever is wrong with them."""

import codecs
import csv
import errno
import io
import os
from pathlib import Path

import numpy as np
import pandas as pd  # noqa: TID253  # a test may take its time
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pulsar_ml import loader
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES, candidate_hash
from pulsar_ml.formats import door
from pulsar_ml.loader import Chunk, Position, Source, count_rows, read

ROWS = [
    [140.5625, 55.68378214, -0.234571412, -0.699648398, 3.2, 19.1, 7.97, 74.24],
    [102.5078125, 58.88243001, 0.465318154, -0.515087909, 1.7, 14.86, 10.57, 127.39],
    [103.015625, 39.34164944, 0.323328365, 1.051164429, 3.12, 21.7, 7.735, 63.17],
]
HEADERS = {
    "ours": FEATURES,
    "PulsarFeatureLab": (
        "Profile_mean",
        "Profile_stdev",
        "Profile_skewness",
        "Profile_kurtosis",
        "DM_mean",
        "DM_stdev",
        "DM_skewness",
        "DM_kurtosis",
    ),
    "short": (
        "ip_mean",
        "ip_stdev",
        "ip_excess_kurtosis",
        "ip_skewness",
        "dmsnr_curve_mean",
        "dmsnr_curve_stdev",
        "dmsnr_curve_excess_kurtosis",
        "dmsnr_curve_skewness",
    ),
    "long": (
        " Mean of the integrated profile",
        " Standard deviation of the integrated profile",
        " Excess kurtosis of the integrated profile",
        " Skewness of the integrated profile",
        " Mean of the DM-SNR curve",
        " Standard deviation of the DM-SNR curve",
        " Excess kurtosis of the DM-SNR curve",
        " Skewness of the DM-SNR curve",
    ),
}


@pytest.fixture
def table(tmp_path: Path):
    """Write bytes or text to a file and give it as a source."""

    def write(content: bytes | str, name: str = "sky.csv") -> Source:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Source(path, name)

    return write


def whole(*sources: Source) -> Chunk:
    """The one chunk of a small input."""
    (chunk,) = read(sources)
    return chunk


def features(chunk: Chunk) -> list[list[float]]:
    return chunk.frame[list(FEATURES)].to_numpy().tolist()


def lines(rows=ROWS, delimiter: str = ",") -> str:
    return "".join(delimiter.join(map(repr, row)) + "\n" for row in rows)


def reasons(chunk: Chunk) -> list[tuple[int, int | None, str, str, str]]:
    return [(r.row, r.line, r.column, r.value, r.reason) for r in chunk.rejects]


def test_htru2_is_read_whole_and_its_swapped_names_are_settled(data):
    chunk = whole(Source(data / "HTRU_2.csv", "HTRU_2.csv"))

    frame = chunk.frame
    assert list(frame.columns) == ["row", "name", *FEATURES, "class"]
    assert (chunk.n_rows, len(frame), chunk.rejects) == (17_898, 17_898, [])
    assert frame["class"].value_counts().to_dict() == {"0": 16_259, "1": 1_639}
    assert len({candidate_hash(row) for row in features(chunk)}) == 17_898
    assert frame.iloc[0].to_list() == [
        1,
        "HTRU_2.csv:1",
        140.5625,
        55.68378214,
        -0.234571412,
        -0.699648398,
        3.199832776,
        19.11042633,
        7.975531794,
        74.24222492,
        "0",
    ]
    assert chunk.end == Position(0, 17_898)
    assert chunk.bytes_read == (data / "HTRU_2.csv").stat().st_size
    _, profile, curve = chunk.notes
    assert profile.startswith(
        "HTRU_2.csv: The columns ip_skewness and ip_excess_kurtosis hold each other's "
        "values and were read the other way round: of 17898 rows 3010 would be "
        "impossible as named, 0 the other way round"
    )
    assert "16655 would be impossible as named, 0 the other way" in curve


@pytest.mark.parametrize("style", HEADERS)
def test_every_known_header_is_understood_in_any_case_and_punctuation(table, style):
    names = HEADERS[style]
    for header in (names, [name.upper().replace("_", " ") for name in names]):
        assert features(whole(table(",".join(header) + "\n" + lines()))) == ROWS


def test_columns_may_stand_in_any_order_beside_others(table):
    order = [7, 2, 0, 5, 1, 3, 6, 4]
    header = ["Beam", *(FEATURES[i] for i in order), "candidate", "target_class"]
    body = "".join(
        ",".join(["13", *(repr(row[i]) for i in order), f"J{n}", "1"]) + "\n"
        for n, row in enumerate(ROWS)
    )
    chunk = whole(table(",".join(header) + "\n" + body))

    assert features(chunk) == ROWS
    assert list(chunk.frame.columns[10:]) == ["Beam", "target_class"]
    assert chunk.frame["name"].to_list() == ["J0", "J1", "J2"]
    assert chunk.frame["Beam"].to_list() == ["13", "13", "13"]


def test_correct_values_under_htru2s_names_are_read_as_named(table):
    names = HEADERS["short"]
    honest = [[2.0, 1, 9, 1.5, 3, 2, 40.0, 5.0]] * 3
    chunk = whole(table(",".join(names) + "\n" + lines(honest)))

    frame = chunk.frame
    assert frame["prof_skew"].to_list() == [1.5] * 3
    assert frame["prof_exkurt"].to_list() == [9.0] * 3
    assert frame["dm_exkurt"].to_list() == [40.0] * 3
    assert ["as they are named" in note for note in chunk.notes] == [True, True]


def test_a_tie_goes_by_position(table):
    tie = [[100.0, 40, 0.1, 0.2, 3, 20, 0.3, 0.4]]
    chunk = whole(table(",".join(HEADERS["long"]) + "\n" + lines(tie)))

    assert features(chunk) == tie


def test_each_pair_is_settled_by_itself(table):
    # The profile's names are right here, the DM curve's are swapped.
    mixed = [[100.0, 40, 9.0, 1.5, 3, 20, 8.0, 74.0]]
    chunk = whole(table(",".join(HEADERS["short"]) + "\n" + lines(mixed)))

    assert features(chunk) == [[100.0, 40, 1.5, 9.0, 3, 20, 8.0, 74.0]]


def test_without_a_header_eight_columns_are_the_features(table):
    assert features(whole(table(lines()))) == ROWS


def test_without_a_header_a_ninth_column_of_0_and_1_is_the_class(table):
    chunk = whole(table(lines().replace("\n", ",1\n")))

    assert features(chunk) == ROWS
    assert chunk.frame["class"].to_list() == ["1", "1", "1"]


def test_pulsarfeaturelabs_meta_form_gives_the_name(table):
    plain = whole(table(lines().replace("\n", ",%/data/a.phcx.gz\n")))
    arff = whole(table(lines().replace("\n", ",?,%/data/b.pfd\n")))

    assert features(plain) == features(arff) == ROWS
    assert plain.frame["name"].to_list() == ["/data/a.phcx.gz"] * 3
    assert arff.frame["name"].to_list() == ["/data/b.pfd"] * 3
    assert arff.frame["class"].to_list() == ["?"] * 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        ((",".join(FEATURES) + "\n").encode(), "holds no rows"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a picture: pictures are not read"),
        (b"a letter\nto a friend\n", "no table was found"),
        (lines().replace("\n", ",0.5\n").encode(), "has 9 columns and no header"),
        (b"1,2\n3,4\n", "has 2 columns and no header"),
        (
            b"period,dm,prof_mean\n1,2,3\n",
            (
                "lacks the columns prof_std, prof_skew, prof_exkurt, dm_mean, dm_std, "
                "dm_skew, dm_exkurt; found were period, dm, prof_mean"
            ),
        ),
        (
            (",".join([*FEATURES, "ip mean"]) + "\n").encode(),
            "has two columns for prof_",
        ),
        (b",".join([b"1"] * 2001) + b"\n", "has 2001 columns"),
    ],
)
def test_a_file_that_is_no_table_is_one_reject_in_words(table, content, reason):
    chunk = whole(table(content))

    ((row, line, column, value, said),) = reasons(chunk)
    assert (chunk.n_rows, len(chunk.frame)) == (1, 0)
    assert (row, line, column, value) == (1, None, "", "")
    assert said.startswith(reason)


def test_a_file_that_is_gone_is_no_reject_but_ends_the_reading(table, tmp_path):
    gone = Source(tmp_path / "gone.csv", "gone.csv")

    with pytest.raises(FileNotFoundError, match=r"gone\.csv"):
        whole(table(lines()), gone)


def test_bad_rows_are_told_with_line_column_and_value_and_the_rest_is_used(table):
    good = lines(ROWS[:1]).strip()
    bad = {
        "1,2,3": ("", "1,2,3", "has 3 columns; the table has 8"),
        "1,,3,4,5,6,7,8": ("prof_std", "", "is missing"),
        "1,2,NaN,4,5,6,7,8": ("prof_skew", "NaN", "is missing"),
        "1,2,3,1.4.2,5,6,7,8": ("prof_exkurt", "1.4.2", "is not a number"),
        "0x10,2,3,4,5,6,7,8": ("prof_mean", "0x10", "is not a number"),
        "1_0,2,3,4,5,6,7,8": ("prof_mean", "1_0", "is not a number"),
        f"{'x' * 99},2,3,4,5,6,7,8": ("prof_mean", "x" * 80 + "…", "is not a number"),
        "1,2,3,4,5,6,7,-inf": (
            "dm_exkurt",
            "-inf",
            "is infinite, or too large for the single precision of the models",
        ),
        "1,2,3,4,1e39,6,7,8": (
            "dm_mean",
            "1e39",
            "is infinite, or too large for the single precision of the models",
        ),
        "1,-2,3,4,5,6,7,8": (
            "prof_std",
            "-2",
            "is negative, which no standard deviation can be",
        ),
        "1,2,3,4,5,0,7,8": (
            "dm_std",
            "0",
            "is zero: the DM curve is constant and has no skewness or kurtosis",
        ),
        "1,1e-60,3,4,5,6,7,8": (
            "prof_std",
            "1e-60",
            "is zero: the profile is constant and has no skewness or kurtosis",
        ),
        "1,2,3,4\0,5,6,7,8": ("", "1,2,3,4\0,5,6,7,8", "holds a zero byte, which no"),
        '1,2,3,4,5,6,7,"8': (
            "",
            '1,2,3,4,5,6,7,"8',
            "opens a quotation mark and never closes it",
        ),
    }
    # The zero byte stands beyond what decides whether the file is text.
    header = ",".join(FEATURES) + "\n" + f"{good}\n" * 20_000
    content = header + "".join(f"{line}\n\n{good}\n" for line in bad)
    chunk = whole(table(content))

    first = 20_001
    assert chunk.n_rows == 20_000 + 2 * len(bad)
    assert len(chunk.frame) == 20_000 + len(bad)
    assert len(content) > 2**20
    for place, (said, wanted) in enumerate(
        zip(reasons(chunk), bad.values(), strict=True)
    ):
        assert said[:4] == (first + 2 * place, first + 1 + 3 * place, *wanted[:2])
        assert said[4].startswith(wanted[2])


def test_blank_lines_are_no_rows_but_count_as_lines(table):
    chunk = whole(table("\n\n" + lines(ROWS[:1]) + "  \n\n1,2\n" + lines(ROWS[1:2])))

    assert chunk.frame["row"].to_list() == [1, 3]
    assert [(r.row, r.line) for r in chunk.rejects] == [(2, 6)]


def test_a_reject_has_the_name_of_its_row_where_that_can_be_taken_apart(table):
    rows = "".join(
        f"J{number},{','.join(map(repr, row))}\n" for number, row in enumerate(ROWS)
    )
    broken = rows.replace(repr(ROWS[1][0]), "much", 1).replace(repr(ROWS[2][0]), "")
    chunk = whole(table(f"name,{','.join(FEATURES)}\n{broken}J7,1,2\n"))

    assert [(r.name, r.value, r.reason) for r in chunk.rejects] == [
        ("J1", "much", "is not a number"),
        ("J2", "", "is missing"),
        ("", "J7,1,2", "has 3 columns; the table has 9"),
    ]


def test_a_quoted_field_may_hold_delimiters_quotes_and_line_breaks(table):
    note = 'a "wide", \r\n one;\n'
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*FEATURES, "note"])
    writer.writerows([[*row, note] for row in ROWS])
    writer.writerow([1, 2])
    chunk = whole(table(text.getvalue()))

    assert features(chunk) == ROWS
    # Line breaks inside a field are read as any other: \r\n is \n.
    assert chunk.frame["note"].to_list() == [note.replace("\r\n", "\n")] * 3
    assert [(r.row, r.line) for r in chunk.rejects] == [(4, 11)]


def test_a_stray_quotation_mark_spoils_its_own_row_only(table):
    rows = lines(ROWS * 60).splitlines()
    rows[7] += ',"'
    chunk = whole(table("\n".join(rows)))

    assert len(chunk.frame) == 179
    assert reasons(chunk)[0][0] == 8
    assert "quotation mark" in reasons(chunk)[0][4]


def test_a_line_of_more_than_a_mebibyte_is_refused_and_the_next_is_read(table):
    content = lines(ROWS[:1]) + "7" * (9 * 2**20) + "\n" + lines(ROWS[1:])
    chunk = whole(table(content))

    assert features(chunk) == ROWS
    assert reasons(chunk) == [(2, 2, "", "7" * 80 + "…", "is a line longer than 1 MiB")]


def test_text_of_an_unknown_encoding_stays_visible(table):
    start = ",".join([*FEATURES, "place"]) + "\n"
    row = ",".join(map(repr, ROWS[0]))
    utf8 = start + f"{row},Nançay\n" * 20_000
    assert len(utf8) > 2**20

    late = whole(table(utf8.encode() + f"{row},Nançay\n".encode("cp1252")))
    cp1252 = whole(table((start + f"{row},Nançay\n").encode("cp1252")))

    assert late.frame["place"].iloc[[0, -1]].to_list() == ["Nançay", r"Nan\xe7ay"]
    assert cp1252.frame["place"].to_list() == ["Nançay"]
    assert cp1252.notes == (
        "sky.csv: The text is not UTF-8 and was read as Windows-1252.",
    )


def test_metadata_stays_the_text_it_was(table):
    texts = ["007", "1.50", " x ", "NaN", "", "1e5", "True", "=1+1"]
    header = ",".join([*FEATURES, "what"]) + "\n"
    body = "".join(f"{','.join(map(repr, ROWS[0]))},{text}\n" for text in texts)

    assert whole(table(header + body)).frame["what"].to_list() == texts


def test_metadata_names_are_clean_and_never_ours_nor_twice(table):
    names = ["probability", "SNR", "snr", " Beam\tno ", "", "predicted"]
    header = ",".join([*FEATURES, *names]) + "\n"
    body = ",".join(map(repr, ROWS[0])) + ",1,2,3,4,5,6\n"
    chunk = whole(table(header + body))

    assert list(chunk.frame.columns[10:]) == [
        "probability_2",
        "SNR",
        "snr_2",
        "Beam no",
        "column 13",
        "predicted_2",
    ]
    assert "sky.csv: The column probability is shown as probability_2." in chunk.notes


def test_of_very_many_further_columns_the_first_200_are_kept(table):
    names = [*FEATURES, *(f"extra{n}" for n in range(1_000))]
    row = [*map(repr, ROWS[0]), *map(str, range(1_000))]
    chunk = whole(table(",".join(names) + "\n" + ",".join(row) + "\n"))

    assert chunk.frame.shape == (1, 210)
    assert chunk.notes == ("sky.csv: Of 1000 further columns the first 200 are kept.",)


def test_files_with_different_columns_share_a_chunk(table):
    one = table(",".join([*FEATURES, "Beam"]) + "\n" + lines(ROWS[:1])[:-1] + ",3\n")
    two = ",".join([*FEATURES, "beam", "DM"]) + "\n" + lines(ROWS[:1])[:-1] + ",4,9.5\n"
    chunk = whole(one, table(two, "two.csv"))

    assert chunk.frame[["row", "name", "Beam", "DM"]].to_numpy().tolist() == [
        [1, "sky.csv:1", "3", None],
        [2, "two.csv:1", "4", "9.5"],
    ]


def test_a_doubtful_decimal_comma_never_merges_columns(table):
    text = "1,5;2,5;3,5;4,5;5,5;6,5;7,5;8,5\n" * 2
    chunk = whole(table(text))

    assert features(chunk) == [[1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]] * 2
    assert chunk.notes == (
        "sky.csv: The columns are separated by semicolons.",
        "sky.csv: The decimal mark is the comma.",
        "sky.csv: There is no header: the columns were taken in our order.",
    )


NUMBERS = st.floats(-1e30, 1e30).map(lambda value: value or 0.0)
SPREADS = st.floats(1e-30, 1e30)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8
).map(lambda text: f"n{text}")


@st.composite
def written(draw: st.DrawFn) -> tuple[list[list[float]], list[str], bytes]:
    """A table, and the bytes of one way to write it."""
    row = [NUMBERS] * 8
    row[1] = row[5] = SPREADS
    rows = draw(st.lists(st.tuples(*row).map(list), min_size=1, max_size=5))
    style = draw(st.sampled_from([None, "ours", "PulsarFeatureLab"]))
    delimiter = draw(st.sampled_from(",;\t| "))
    comma = draw(st.booleans()) and delimiter != ","
    notes = draw(
        st.lists(TEXTS, min_size=len(rows), max_size=len(rows))
        if style
        else st.just([])
    )
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=delimiter,
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"])),
    )
    if style:
        writer.writerow([*HEADERS[style], "remark"])
    for values, note in zip(rows, notes or [None] * len(rows), strict=True):
        numbers = [repr(v).replace(".", "," if comma else ".") for v in values]
        writer.writerow([*numbers, *([note] if style else [])])
    mark, encoding = draw(
        st.sampled_from(
            [
                (b"", "utf-8"),
                (codecs.BOM_UTF8, "utf-8"),
                (codecs.BOM_UTF16_LE, "utf-16-le"),
                (codecs.BOM_UTF16_BE, "utf-16-be"),
            ]
        )
    )
    return rows, notes, mark + text.getvalue().encode(encoding)


PATIENT = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


_ROW = [0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]
_TABBED = "".join(
    "\t".join(f'"{value}"' for value in row) + "\r\n"
    for row in [[*FEATURES, "remark"], [*_ROW, "n "], [*_ROW, "n"]]
)


@PATIENT
# Taken for aligned columns, the quotation marks of two lines seem to belong together.
@example(([_ROW] * 2, ["n ", "n"], _TABBED.encode()))
@given(written())
def test_however_a_table_is_written_the_same_candidates_come_back(table, case):
    rows, notes, content = case
    chunk = whole(table(content))

    assert (features(chunk), chunk.rejects) == (rows, [])
    if notes:
        assert chunk.frame["remark"].to_list() == notes


MESS = st.lists(
    st.sampled_from(
        [
            *'",;|\t\r\n .-+eE19',
            "\0",
            "é",
            "nan",
            "inf",
            "1,2,3,4,5,6,7,8\n",
            ",".join(FEATURES),
        ]
    )
).map("".join)


@PATIENT
@given(st.one_of(st.binary(max_size=300), MESS.map(str.encode)))
@example(b'"')
@example(b'1,2,3,4,5,6,7,8\n"1",2,3,4,5,6,7,"8"x"\n')
def test_no_bytes_make_the_reader_fail(table, content):
    for chunk in read([table(content)], chunk_rows=3):
        assert chunk.n_rows == len(chunk.frame) + len(chunk.rejects)
        assert all(reject.reason for reject in chunk.rejects)
        assert np.isfinite(chunk.frame[list(FEATURES)].to_numpy()).all()


@PATIENT
@given(
    st.lists(
        st.sampled_from([*'",;|\t .-+eE19', "nan", "١", "1_0", "0x1"]),
        min_size=8,
        max_size=8,
    )
)
def test_a_block_with_and_without_a_bad_row_gives_the_same_good_rows(table, cells):
    row = ";".join(cell.replace(";", "") for cell in cells)
    header = ";".join(FEATURES) + "\n" + lines(ROWS, ";")
    alone = whole(table(header + row + "\n"))
    beside = whole(table(header + row + "\nbad\n"))

    assert features(alone) == features(beside)
    assert alone.rejects == beside.rejects[:-1]


def test_many_small_files_make_chunks_of_a_few_seconds(table, monkeypatch):
    monkeypatch.setattr(loader, "CHUNK_ROWS", 200)
    sources = [table(lines(), f"{n}.csv") for n in range(5)]

    assert [chunk.end.file for chunk in read(sources, chunk_rows=1000)] == [1, 3, 4]


def test_chunks_from_any_place_equal_those_of_one_go(table, data):
    header = ",".join([*HEADERS["short"], "id"]) + "\n"
    mixed = header + "".join(
        "1,2\n" if n % 7 == 3 else ",".join(map(repr, ROWS[n % 3])) + f",c{n}\n"
        for n in range(50)
    )
    sources = [
        table(mixed, "mixed.csv"),
        table(b"\0", "binary.pfd"),
        table(lines(), "plain.csv"),
        table("", "empty.csv"),
        Source(data / "HTRU_2.csv", "HTRU_2.csv"),
    ]
    for size in (1_000, 17, 1):
        at_once = [*loader.read(sources[: 4 if size < 1_000 else 5], chunk_rows=size)]
        position, row = Position(), 1
        for chunk in at_once:
            again = next(loader.read(sources, position, row, chunk_rows=size))
            _same(again, chunk, exactly=chunk is not at_once[-1])
            position, row = chunk.end, chunk.first_row + chunk.n_rows
        assert row - 1 == (50 + 1 + 3 + 1 + (17_898 if size == 1_000 else 0))


def _same(one: Chunk, other: Chunk, *, exactly: bool) -> None:
    if exactly:
        pd.testing.assert_frame_equal(one.frame, other.frame)
        assert (one.n_rows, one.rejects, one.end) == (
            other.n_rows,
            other.rejects,
            other.end,
        )
        assert (one.bytes_read, one.notes) == (other.bytes_read, other.notes)
    assert one.first_row == other.first_row


def test_rows_that_are_very_long_make_a_chunk_shorter(table, monkeypatch):
    monkeypatch.setattr(loader, "_CHUNK_BYTES", 2**20)
    header = ",".join([*FEATURES, "blob"]) + "\n"
    row = ",".join(map(repr, ROWS[0])) + "," + "x" * 100_000 + "\n"
    sizes = [chunk.n_rows for chunk in read([table(header + row * 100)])]

    assert sum(sizes) == 100
    assert max(sizes) < 50


def test_counting_stops_soon_after_the_limit(table, data):
    htru2 = Source(data / "HTRU_2.csv", "HTRU_2.csv")

    assert count_rows([htru2], 20_000) == 17_898
    assert count_rows([htru2], 100) == 101
    # To open a file in vain takes as long as a hundred rows.
    assert count_rows([table(lines()), table("", "empty.csv")], 200) == 103
    assert count_rows([], 100) == 0


def test_a_pipe_or_a_folder_is_refused_in_words(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    chunk = whole(Source(tmp_path, "folder"), Source(tmp_path / "pipe", "pipe"))

    assert [r.reason for r in chunk.rejects] == ["is not a file", "is not a file"]


@pytest.mark.parametrize(
    ("raised", "number"),
    [
        (OSError(errno.ENOSPC, "full"), errno.ENOSPC),
        (OSError(errno.EIO, "broken"), errno.EIO),
        (OSError(errno.EMFILE, "many"), errno.EMFILE),
        (MemoryError(), errno.ENOMEM),
    ],
)
def test_what_the_machine_lacks_is_no_fault_of_a_file(raised, number):
    with pytest.raises(OSError) as caught, door.words("a.csv"):  # noqa: PT011
        raise raised

    assert caught.value.errno == number


def test_a_file_that_may_not_be_read_is_refused_as_others_are():
    refused = OSError(errno.EACCES, "Permission denied")
    with (
        pytest.raises(BadInput, match=r"^cannot be read: Permission denied$"),
        door.words("a.csv"),
    ):
        raise refused
