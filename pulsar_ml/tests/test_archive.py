"""Raw candidates and archives as input of the loader."""

import errno
import io
import logging
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pulsar_ml.candidate import open_candidate, open_member
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import unpack
from pulsar_ml.formats.table import Scratch
from pulsar_ml.loader import Source, count_rows, open_table, read
from pulsar_ml.tests import raw_files

TABLE = ",".join(FEATURES) + ",dm\n" + "100,50,1,2,3,4,5,60,17\n" * 3
NESTED = "is an archive inside an archive, which is not read; unpack it first"
FILES = {
    "b/table.csv": TABLE.encode(),
    "b/pulse.phcx.gz": raw_files.phcx(compressed=True),
    "b/x.pfd": raw_files.pfd(),
    "b/x.pfd.bestprof": raw_files.bestprof(),
    "b/flat.pfd": raw_files.pfd(subbands=1),
    "b/broken.pfd": raw_files.pfd()[:-8],
    "b/other.csv": TABLE.replace("\n100", "\n;100", 1).encode(),
}


@pytest.fixture
def source(tmp_path: Path):
    """Write bytes to a file and give it as a source."""

    def write(content: bytes, name: str) -> Source:
        path = tmp_path / name
        path.write_bytes(content)
        return Source(path, name)

    return write


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def rejects(chunks) -> list[tuple[int, str, str]]:
    return [(r.row, r.file, r.reason) for chunk in chunks for r in chunk.rejects]


def test_a_raw_candidate_is_one_row_with_its_metadata(source):
    (chunk,) = read([source(raw_files.phcx(), "a.phcx")])

    features = open_candidate(source(raw_files.phcx(), "a.phcx")).features()
    assert chunk.frame.to_dict("records") == [
        {
            "row": 1,
            "name": "a.phcx",
            **dict(zip(FEATURES, features.tolist(), strict=True)),
            "other_kind": False,
            "period_s": "0.0726",
            "pdot": None,
            "dm": "61.5",
            "snr": "9.5",
            "ra_deg": "251.5",
            "dec_deg": "-33.25",
            "mjd": "54788.25",
            "kind": "phcx",
            "source": "a.phcx",
        }
    ]
    assert (chunk.n_rows, chunk.rejects, chunk.notes) == (1, [], ())


def test_tables_and_raw_candidates_make_one_input(source):
    sources = [
        source(raw_files.pfd(), "x.pfd"),
        source(raw_files.bestprof(), "x.pfd.bestprof"),
        source(TABLE.encode(), "table.csv"),
        source(raw_files.pfd(dms=0), "flat.pfd"),
        source(raw_files.bestprof(), "alone.bestprof"),
    ]
    (chunk,) = read(sources)

    frame = chunk.frame
    assert frame["row"].tolist() == [1, 2, 3, 4]
    assert frame["sigma"].tolist() == ["8.7", None, None, None]
    assert "snr" not in frame
    assert frame["dm"].tolist() == ["20.0", "17", "17", "17"]
    assert frame["kind"].tolist() == ["pfd", None, None, None]
    assert [kind is True for kind in frame["other_kind"]] == [True, False, False, False]
    assert rejects([chunk]) == [
        (5, "flat.pfd", "features unavailable: no DM trials"),
        (
            6,
            "alone.bestprof",
            "is a .bestprof, which has no DM trials: bring it together with its .pfd",
        ),
    ]
    assert chunk.bytes_read == sum(s.path.stat().st_size for s in sources)


def test_no_column_of_a_table_points_at_a_raw_candidate(source):
    content = TABLE.replace(",dm\n", ",Source\n").encode()
    (chunk,) = read([source(content, "table.csv")])

    assert list(chunk.frame.columns) == ["row", "name", *FEATURES, "Source_2"]
    assert chunk.notes == ("table.csv: The column Source is shown as Source_2.",)


def test_a_raw_candidate_counts_as_many_rows_when_time_is_estimated(source):
    files = [source(raw_files.phcx(), f"{n}.phcx") for n in range(3)]
    assert count_rows(files, 5000) == 300
    assert count_rows(files, 150) == 151


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", zipped(FILES)),
        ("a.zip", zipped(FILES, zipfile.ZIP_STORED)),
        ("a.tar", tarred(FILES)),
        ("a.tar.gz", tarred(FILES, "w:gz")),
    ],
)
def test_an_archive_is_read_member_by_member(source, name, content):
    (chunk,) = read([source(content, name)])

    assert chunk.frame["name"].tolist() == [
        f"{name}!b/table.csv:1",
        f"{name}!b/table.csv:2",
        f"{name}!b/table.csv:3",
        f"{name}!b/pulse.phcx.gz",
        f"{name}!b/x.pfd",
        f"{name}!b/other.csv:2",
        f"{name}!b/other.csv:3",
    ]
    assert chunk.frame["row"].tolist() == [1, 2, 3, 4, 5, 9, 10]
    assert chunk.frame["source"].tolist()[3:5] == chunk.frame["name"].tolist()[3:5]
    assert chunk.frame["snr"].tolist()[3:5] == ["9.5", None]
    assert chunk.frame["sigma"].tolist()[3:5] == [None, "8.7"]
    size = len(raw_files.pfd())
    assert rejects([chunk]) == [
        (6, f"{name}!b/flat.pfd", "features unavailable: no DM trials"),
        (
            7,
            f"{name}!b/broken.pfd",
            f"is damaged: it has {size - 8} bytes, and by its header {size}",
        ),
        (8, f"{name}!b/other.csv", "is not a number"),
    ]
    assert chunk.bytes_read == len(content)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_reading_goes_on_from_any_place_in_an_archive(source, pack):
    sources = [source(pack(FILES), "a"), source(TABLE.encode(), "after.csv")]
    chunks = list(read(sources, chunk_rows=2))

    assert [chunk.n_rows for chunk in chunks] == [2] * 6 + [1]
    for place, chunk in enumerate(chunks[:-1], 1):
        first = chunk.first_row + chunk.n_rows
        rest = list(read(sources, chunk.end, first, chunk_rows=2))
        assert rejects(rest) == rejects(chunks[place:])
        for again, before in zip(rest, chunks[place:], strict=True):
            assert again.frame.equals(before.frame)
            assert (again.end, again.bytes_read) == (before.end, before.bytes_read)


@pytest.mark.slow
def test_raw_candidates_end_a_chunk_after_some_seconds_of_work(source):
    # Its writer gives a sign of life at each chunk, and a lease lasts a minute.
    pulse = raw_files.phcx(compressed=True)
    night = source(zipped({f"{n}.phcx.gz": pulse for n in range(700)}), "a.zip")

    assert [chunk.n_rows for chunk in read([night])] == [656, 44]


def test_a_member_is_opened_by_the_name_under_which_its_row_stands(source):
    archive = source(zipped(FILES), "a.zip")
    (chunk,) = read([archive])

    full = chunk.frame["source"][4]
    candidate = open_member(archive, full.removeprefix("a.zip!"))
    assert (candidate.kind, candidate.header.sigma) == ("pfd", 8.7)
    assert candidate.panels().reduced_chi2 > 1
    with pytest.raises(BadInput, match=r"has no member 'b/gone\.pfd'"):
        open_member(archive, "b/gone.pfd")


def test_the_metadata_of_an_archive_is_that_of_all_members(source):
    table = open_table(source(tarred(FILES), "a.tar"))
    assert sorted(table.metadata()) == sorted(
        [
            *("dm", "period_s", "pdot", "snr", "sigma"),
            *("ra_deg", "dec_deg", "mjd", "kind", "source"),
        ]
    )


def test_notes_name_the_member(source):
    content = TABLE.replace(",", ";").encode()
    (chunk,) = read([source(zipped({"t.csv": content}), "a.zip")])
    assert chunk.notes == ("a.zip: t.csv: The columns are separated by semicolons.",)


def test_names_in_an_archive_never_become_paths(source, tmp_path):
    names = ["../../up.csv", "/etc/root.csv", "a\n\x1bb.csv", "same.csv"]
    stream = io.BytesIO(zipped(dict.fromkeys(names, TABLE.encode())))
    with zipfile.ZipFile(stream, "a") as archive:
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("same.csv", TABLE)
        archive.writestr("__MACOSX/._x.csv", b"hidden")
        archive.writestr("folder/", b"")
    archive = source(stream.getvalue(), "a.zip")
    before = sorted(tmp_path.rglob("*"))
    (chunk,) = read([archive])

    assert sorted(tmp_path.rglob("*")) == before
    assert chunk.frame["name"].tolist()[::3] == [
        "a.zip!../../up.csv:1",
        "a.zip!/etc/root.csv:1",
        "a.zip!a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b.csv:1",
        "a.zip!same.csv:1",
        "a.zip!same.csv (2):1",
    ]
    assert chunk.rejects == []


def test_archives_in_archives_links_and_odd_compression_are_refused(source):
    inner = {"t.csv": TABLE.encode()}
    nested = {"in.zip": zipped(inner), "in.tar.gz": tarred(inner, "w:gz")}
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        link = tarfile.TarInfo("passwords.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    chunks = read(
        [
            source(zipped(nested), "a.zip"),
            source(stream.getvalue(), "b.tar"),
            source(zipped(inner, zipfile.ZIP_LZMA), "c.zip"),
            source(zipped({}), "d.zip"),
        ]
    )
    assert rejects(chunks) == [
        (1, "a.zip!in.zip", NESTED),
        (2, "a.zip!in.tar.gz", NESTED),
        (3, "b.tar!passwords.csv", "is a link or a device, not a file"),
        (
            4,
            "c.zip!t.csv",
            "is compressed in another way than zip archives commonly are",
        ),
        (5, "d.zip", "holds no rows"),
    ]


def test_an_encrypted_member_is_refused(source):
    content = bytearray(zipped({"t.csv": TABLE.encode()}))
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(mark) + offset] |= 1
    (chunk,) = read([source(bytes(content), "a.zip")])
    assert rejects([chunk]) == [(1, "a.zip!t.csv", "is encrypted")]


@pytest.mark.parametrize("pack", [zipped, lambda files: tarred(files, "w:gz")])
def test_a_bomb_is_stopped_and_what_came_before_it_is_used(source, monkeypatch, pack):
    monkeypatch.setattr(unpack, "_ALWAYS_EXPANDED", 2**20)
    files = {"t.csv": TABLE.encode(), "bomb.csv": bytes(8 * 2**20), "u.csv": b"1"}
    (chunk,) = read([source(pack(files), "a")])

    reason = "holds more than 4 GiB, or more than 100 times its size; unpack it first"
    assert [(r.file.partition("!")[0], r.reason) for r in chunk.rejects] == [
        ("a", reason)
    ]
    assert len(chunk.frame) in {0, 3}


def test_too_many_members_are_refused(source, monkeypatch):
    monkeypatch.setattr(unpack, "MAX_MEMBERS", 3)
    files = {f"{n}.csv": b"" for n in range(4)}
    chunks = read([source(zipped(files), "a.zip"), source(tarred(files), "a.tar")])
    assert rejects(chunks) == [
        (1, "a.zip", "has more than 3 members"),
        (2, "a.tar", "has more than 3 members"),
    ]


def test_of_a_cut_archive_the_sound_members_are_used(source):
    random = np.random.default_rng(3).bytes(200_000)
    files = {"t.csv": TABLE.encode(), "x.pfd": raw_files.pfd(), "noise.bin": random}
    plain, packed = tarred(files), tarred(files, "w:gz")
    cut = [source(plain[:-120_000], "a.tar"), source(packed[:-120_000], "a.tar.gz")]
    chunks = list(read(cut))

    damaged = "is damaged; what comes after its sound members cannot be read"
    unpacked = "is damaged: it cannot be unpacked"
    assert [len(chunk.frame) for chunk in chunks] == [8]
    assert rejects(chunks) == [
        (5, "a.tar!noise.bin", unpacked),
        (6, "a.tar", damaged),
        (11, "a.tar.gz!noise.bin", unpacked),
        (12, "a.tar.gz", damaged),
    ]


def test_a_reader_that_fails_in_an_unknown_way_is_logged_and_told(
    source, monkeypatch, caplog
):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("pulsar_ml.formats.pfd.read", fail)
    with caplog.at_level(logging.WARNING):
        (chunk,) = read([source(raw_files.pfd(), "x.pfd")])
    assert rejects([chunk]) == [(1, "x.pfd", "is damaged, or not what it seems to be")]
    assert "ZeroDivisionError" in caplog.text


def full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


_PACKED = pytest.mark.parametrize("pack", [zipped, lambda f: tarred(f, "w:gz")])


@_PACKED
def test_a_disk_that_is_full_is_no_fault_of_an_archive(source, tmp_path, pack):
    archived = source(pack({"a.csv": TABLE.encode()}), "archive")

    with pytest.raises(OSError, match="No space left"):
        list(read([archived._replace(scratch=Scratch(tmp_path, full))]))


@_PACKED
def test_copies_are_put_where_the_caller_says_and_go_again(source, tmp_path, pack):
    aside, seen = tmp_path / "aside", []
    aside.mkdir()
    archived = source(pack({"a.csv": TABLE.encode()}), "archive")
    scratch = Scratch(aside, lambda: seen.append(len(list(aside.iterdir()))))
    (chunk,) = read([archived._replace(scratch=scratch)])

    assert (len(chunk.frame), chunk.rejects) == (3, [])
    assert min(seen) == 1
    assert not list(aside.iterdir())
