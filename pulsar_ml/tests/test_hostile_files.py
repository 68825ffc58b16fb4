"""Files made to cost more than they look, and what they are told."""

import gzip
import io
import struct
import tarfile
import time
from pathlib import Path

import duckdb
import pytest
from astropy.table import Table

from pulsar_ml import psrcat
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import unpack
from pulsar_ml.loader import Source, read
from pulsar_ml.tests.test_archive import TABLE, tarred, zipped

GOOD = (102.5, 58.75, 0.5, -0.25, 1.75, 14.5, 10.5, 127.25)
CUT = "is damaged; what comes after its sound members cannot be read"
NO_TAR = "is damaged: it cannot be unpacked"


def headed(kind: bytes, text: bytes) -> bytes:
    """A tar header of this kind, with this text behind it."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = kind, len(text)
    return info.tobuf(tarfile.USTAR_FORMAT) + text + bytes(-len(text) % 512)


def reasons(path: Path, content: bytes) -> list[str]:
    path.write_bytes(content)
    chunks = read([Source(path, path.name)])
    return [reject.reason for chunk in chunks for reject in chunk.rejects]


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE])
@pytest.mark.parametrize(
    "text",
    [
        b"1" * 4_000_000,
        b"2 " * 4_000_000 + b"=",
        b"8000 path=" + b"1" * 7_989 + b"\n",
        b"2 " * 4_000,
        b"22 GNU.sparse.major=1\n",
        b"0 a=b\n",
        b"99 a=b\n",
    ],
)
def test_headers_of_a_tar_that_take_hours_to_parse_are_damage(tmp_path, kind, text):
    sound = tarred({"a.csv": TABLE.encode()})
    begun = time.process_time()
    first = reasons(tmp_path / "a.tar", headed(kind, text) + sound)
    later = reasons(tmp_path / "b.tar", sound[:1024] + headed(kind, text))

    assert (first, later) == ([NO_TAR], [CUT])
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_of_a_tar_are_read_whoever_wrote_it(tmp_path, form):
    stream, name = io.BytesIO(), "süd/" * 60 + "a.csv"
    with tarfile.open(
        fileobj=stream, mode="w", format=form, pax_headers={"comment": "x"}
    ) as archive:
        info = tarfile.TarInfo(name)
        info.size, info.mtime = len(TABLE), 0.5
        archive.addfile(info, io.BytesIO(TABLE.encode()))
    path = tmp_path / "a.tar"
    path.write_bytes(stream.getvalue())
    with unpack.tarred(Source(path, "a.tar")) as listed:
        assert (list(listed.members), listed.fault) == ([name], "")
    assert reasons(path, stream.getvalue()) == []


def test_a_file_with_holes_is_no_member(tmp_path):
    info = tarfile.TarInfo("a.csv")
    info.type = tarfile.GNUTYPE_SPARSE
    content = tarred({"b.csv": TABLE.encode()})[:1024] + info.tobuf() + bytes(1024)
    assert reasons(tmp_path / "a.tar", content) == [CUT]


def test_sizes_beyond_all_numbers_and_names_of_no_letters_are_damage(tmp_path):
    size = headed(tarfile.XHDTYPE, b"30 size=999999999999999999999\n")
    whole = tarred({"a.csv": TABLE.encode()})
    version = bytearray(zipped({"a.csv": TABLE.encode()}))
    struct.pack_into("<H", version, version.index(b"PK\1\2") + 6, 255)
    letters = zipped({"é.csv": TABLE.encode()}).replace("é".encode(), b"\xff\xfe")

    assert reasons(tmp_path / "a.tar", size + whole) == [NO_TAR, CUT]
    for content in (bytes(version), letters):
        assert reasons(tmp_path / "a.zip", content) == [NO_TAR]


def test_a_fits_table_of_more_columns_than_there_can_be_is_damaged(tmp_path):
    stream = io.BytesIO()
    Table([[1.0]], names=["prof_mean"]).write(stream, format="fits")
    content = stream.getvalue()
    at = content.index(b"TFIELDS =")
    for lie in (10**18, 1_000, -1):
        card = f"TFIELDS = {lie:>20}".ljust(80).encode()
        path = tmp_path / "a.fits"
        assert reasons(path, content[:at] + card + content[at + 80 :]) == [
            "is a damaged FITS table: no table has more than 999 columns"
        ]


@pytest.mark.parametrize("value", ["1_000", "١٢٣", "１２３", "1_0.5"])
def test_what_python_alone_takes_for_a_number_is_none_in_a_votable(tmp_path, value):
    fields = "".join(f'<FIELD name="{name}" datatype="double"/>' for name in FEATURES)
    cells = [value, *map(str, GOOD[1:])]
    row = "".join(f"<TD>{cell}</TD>" for cell in cells)
    text = (
        f"<VOTABLE><RESOURCE><TABLE>{fields}<DATA><TABLEDATA><TR>{row}</TR>"
        "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
    )
    assert reasons(tmp_path / "a.vot", text.encode()) == ["is not a number"]


def long_texts(path: Path, rows: int, letters: int) -> bytes:
    """A Parquet file whose texts are a thousand times as long as it."""
    numbers = ", ".join(
        f"{value} as {name}" for name, value in zip(FEATURES, GOOD, strict=True)
    )
    with duckdb.connect() as opened:
        opened.execute(
            f"copy (select {numbers}, repeat('x', {letters}) as note "
            f"from range({rows})) to '{path}' (compression zstd)"
        )
    return path.read_bytes()


def test_texts_of_a_parquet_file_that_fill_the_memory_are_refused(tmp_path):
    path = tmp_path / "a.parquet"
    content = long_texts(path, 20, 2**20 + 1)

    assert len(content) < 20_000
    assert reasons(path, content) == ["has a row whose texts are longer than 1 MiB"]


def test_long_texts_of_a_parquet_file_are_read_a_few_at_a_time(tmp_path):
    path = tmp_path / "a.parquet"
    long_texts(path, 400, 60_000)
    (chunk,) = read([Source(path, "a.parquet")])

    assert chunk.frame[list(FEATURES)].to_numpy().tolist() == [list(GOOD)] * 400
    assert set(chunk.frame["note"]) == {"x" * 60_000}
    assert chunk.rejects == []


def test_a_catalogue_in_a_hostile_archive_is_refused():
    sound = tarred({"psrcat.db": b"PSRJ J1\n"})
    for text in (b"1" * 4_000_000, b"30 size=999999999999999999999\n"):
        with pytest.raises(BadInput, match="archive"):
            psrcat.read(gzip.compress(headed(tarfile.XHDTYPE, text) + sound))
