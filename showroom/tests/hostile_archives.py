"""Archives that hold more than they take, and members that lead elsewhere."""

import gzip
import io
import random
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from pulsar_ml.tests.test_archive import tarred, zipped
from pulsar_ml.tests.test_hostile_files import long_texts
from showroom.tests.hostile_sound import (
    SOUND,
    Bad,
    frame,
    row,
    table,
    written,
)

_MIB = 2**20
_TOO_MUCH = "holds more than 4 GiB, or more than 100 times its size"
_INSIDE = "is an archive inside an archive"
_PAX = {"x": tarfile.XHDTYPE, "g": tarfile.XGLTYPE}
_WAYS = ("../../evil.csv", "/etc/cron.d/evil.csv", "C:\\evil.csv", "a/../../evil.csv")


def bombs(_: random.Random) -> Iterator[Bad]:
    """Small files that would become large ones."""
    zeros = bytes(70 * _MIB)
    much = gzip.compress(zeros, mtime=0)
    yield Bad("zeros.gz", much)
    yield Bad("zeros of zeros.gz", gzip.compress(gzip.compress(much, mtime=0), mtime=0))
    phcx = gzip.compress(b"<phcf>" + zeros[: 20 * _MIB], mtime=0)
    yield Bad("zeros.phcx.gz", phcx, "is larger than 5 MiB")
    blanks = gzip.compress(b"<phcf>" + b" " * 20 * _MIB, mtime=0)
    yield Bad("blanks.phcx.gz", blanks, "is larger than 5 MiB")
    yield Bad("zeros.tar.gz", tarred({"a.csv": zeros}, "w:gz"), _TOO_MUCH)
    yield Bad("zeros.zip", zipped({"a.csv": zeros}), _TOO_MUCH)
    lines = b"1,2\n" * (6 * _MIB)
    yield Bad("lines.zip", zipped({f"{n}.csv": lines for n in range(3)}), _TOO_MUCH)
    inner = zipped({"a.csv": zeros[: 50 * _MIB]})
    for depth in range(4):
        inner = zipped({f"{n}.zip": inner for n in range(5)})
        yield Bad(f"nested {depth}.zip", inner, _INSIDE)
    yield Bad("gzip of gzip.gz", gzip.compress(SOUND["phcx.gz"], mtime=0))
    yield Bad("gzip of tar.gz", gzip.compress(SOUND["tar.gz"], mtime=0))
    yield Bad("gzip of zip.gz", gzip.compress(SOUND["zip"], mtime=0))
    yield Bad("many gzips.gz", gzip.compress(b"", mtime=0) * 50_000)
    yield Bad("overlapping.zip", _overlapping(4_000), "holds more than|damaged")
    yield Bad("itself.zip", _itself(), _INSIDE + "|damaged")
    for kind in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        content = zipped({"a.csv": zeros[: 8 * _MIB]}, kind)
        yield Bad(f"method {kind}.zip", content, "is compressed in another way")
    longest = _long_texts(100, 2_000_000)
    yield Bad("longest texts.parquet", longest, "texts are longer than 1 MiB")
    yield Bad("longest texts.zip", zipped({"a.parquet": longest}), "than 1 MiB")
    yield Bad("long texts.parquet", _long_texts(3_000, 60_000), None)
    cards = SOUND["fits"][:80] + b" " * 40 * _MIB
    yield Bad("cards.fits.zip", zipped({"a.fits": cards}))
    cells = frame(2_000).assign(note=["x" * 15_000] * 2_000)
    yield Bad("cells.fits.zip", zipped({"a.fits": written(cells, "fits")}), None)


def _long_texts(rows: int, letters: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return long_texts(Path(folder) / "long.parquet", rows, letters)


def _overlapping(members: int) -> bytes:
    """A zip whose directory names the same bytes over and over."""
    one = zipped({"a.csv": b"dear diary\n" * 200_000})
    begin = one.index(b"PK\1\2")
    end = one.index(b"PK\5\6")
    entry = one[begin:end]
    count = struct.pack("<HH", members, members)
    size = struct.pack("<II", len(entry) * members, begin)
    tail = one[end : end + 8] + count + size + b"\0\0"
    return one[:begin] + entry * members + tail


def _itself() -> bytes:
    """A zip that ends in a zip that begins as it does."""
    one = zipped({"a.zip": SOUND["zip"]}, zipfile.ZIP_STORED)
    return one + one


def members(_: random.Random) -> Iterator[Bad]:
    """Members that are no files, or are called as none should be."""
    good = table([row()])
    for place, name in enumerate(_WAYS):
        for kind, pack in {"zip": zipped, "tar": tarred}.items():
            # It is only shown, and its rows are used.
            yield Bad(f"way {place}.{kind}", pack({name: good}), None)
            both = pack({name: good, "sky.csv": b"dear diary\n"})
            yield Bad(f"way {place} and none.{kind}", both, "no table|no header")
    kinds = {
        "symbolic": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "pipe": tarfile.FIFOTYPE,
        "device": tarfile.CHRTYPE,
        "block": tarfile.BLKTYPE,
        "sparse": tarfile.GNUTYPE_SPARSE,
        "contiguous": tarfile.CONTTYPE,
        "unknown": b"Z",
    }
    for kind, code in kinds.items():
        for target in ("/etc/passwd", "../../secret_key", "link.csv"):
            content = _special(code, target)
            says = "is a link or a device" if code in b"12346" else None
            yield Bad(f"{kind} to {target}.tar".replace("/", "_"), content, says)
            packed = gzip.compress(content, mtime=0)
            yield Bad(f"{kind} to {target}.tgz".replace("/", "_"), packed, says)
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    yield Bad("link.zip", stream.getvalue())
    names = ("a\nb.csv", "\u202egnp.csv", "\U0001f600.csv", "é" * 400, "=1+1.csv", "!")
    for place, name in enumerate(names):
        both = {name: good, f"{name}2": b"dear diary\n"}
        yield Bad(f"name {place}.zip", zipped(both), "no table|no header")
        yield Bad(f"name {place}.tar", tarred(both), "no table|no header")
    for flags in (1, 0x41, 0x800, 0x8):
        yield Bad(f"flags {flags}.zip", _flagged(flags), None)
    yield Bad("encrypted.zip", _flagged(1), "is encrypted")
    raw = zipped({"a" * 8: good}).replace(b"a" * 8, b"\xff\xfe\xed\xa0\x80\x00\xc0\xaf")
    yield Bad("no letters.zip", raw, None)
    utf = zipped({"é" * 4: good}).replace(
        "é".encode() * 4, b"\xff\xfe\xed\xa0\x80\xf0\xc0\xaf"
    )
    yield Bad("no utf-8.zip", utf)


def _special(code: bytes, target: str) -> bytes:
    info = tarfile.TarInfo("link.csv")
    info.type, info.linkname = code, target
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(info)
        archive.addfile(info)
    return stream.getvalue()


def _flagged(flags: int) -> bytes:
    """A zip whose member says of itself what is not so."""
    content = bytearray(SOUND["zip"])
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = content.index(mark) + place
        content[at : at + 2] = struct.pack("<H", flags)
    return bytes(content)


def directories(chance: random.Random) -> Iterator[Bad]:
    """Lists of members that are too long, or lie."""
    yield Bad("many.zip", _many(10_001), "has more than 10000 members")
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for number in range(10_001):
            archive.addfile(tarfile.TarInfo(f"{number}.csv"))
    much = gzip.compress(stream.getvalue(), mtime=0)
    yield Bad("many.tgz", much, "has more than 10000 members")
    sound = SOUND["zip"]
    end = sound.index(b"PK\5\6")
    for place, (at, form, lie) in enumerate(
        (
            *((end + 8, "<H", n) for n in (0, 1, 60_000)),
            *((end + 12, "<I", n) for n in (0, 7, 2**31, 2**32 - 1)),
            *((end + 16, "<I", n) for n in (0, 9, 2**31, 2**32 - 1)),
            *((end + 20, "<H", n) for n in (1, 65_535)),
            *((sound.index(b"PK\1\2") + 24, "<I", n) for n in (1, 2**31, 2**32 - 1)),
            *((sound.index(b"PK\1\2") + 20, "<I", n) for n in (1, 2**31, 2**32 - 1)),
            *((sound.index(b"PK\1\2") + 42, "<I", n) for n in (1, 2**31, 2**32 - 1)),
            *((sound.index(b"PK\1\2") + 6, "<H", n) for n in (63, 255)),
        )
    ):
        lied = bytearray(sound)
        struct.pack_into(form, lied, at, lie)
        yield Bad(f"lie {place}.zip", bytes(lied), None)
    long = SOUND["tar"]
    for size in ("77777777777", "00000000001", "-0000000001", "999999", "\x80" * 11):
        yield Bad(f"size {size!r}.tar", _sized(long, size.encode("latin-1")), None)
    for kind, code in _PAX.items():
        for name, text in _paxes(chance).items():
            content = _headed(code, text) + long
            yield Bad(f"pax {kind} {name}.tar", content, None)
            yield Bad(
                f"pax {kind} {name}.tgz", gzip.compress(content, 1, mtime=0), None
            )
    for code in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
        yield Bad(f"long {code!r}.tar", _headed(code, b"x" * 3_000_000) + long, None)
        chain = _headed(code, b"x" * 100) * 3_000 + long
        yield Bad(f"chain {code!r}.tar", chain, None)
    wrong = zlib.compress(SOUND["tar"])
    yield Bad("zlib.tar", wrong)


def _many(members: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(members):
            archive.writestr(f"{number}.csv", b"")
    return stream.getvalue()


def _paxes(chance: random.Random) -> dict[str, bytes]:
    return {
        # To look for a number at each digit of one takes hours.
        "digits": b"1" * 2_000_000,
        "pairs": b"2 " * 1_000_000 + b"=",
        "zero": b"0 a=b\n" * 10,
        "size": b"29 size=99999999999999999999\n",
        "negative": b"11 size=-1\n",
        "sparse": b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n",
        "map": b"23 GNU.sparse.map=0,9,\n",
        "noise": chance.randbytes(3_000),
        "charset": b"21 hdrcharset=BINARY\n14 path=\xff\xfe.csv\n",
    }


def _headed(code: bytes, text: bytes) -> bytes:
    """A header of this kind, with this text."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = code, len(text)
    head = info.tobuf(tarfile.USTAR_FORMAT)
    return head + text + bytes(-len(text) % tarfile.BLOCKSIZE)


def _sized(content: bytes, size: bytes) -> bytes:
    """A tar whose first member says that it has another size."""
    head = bytearray(content[:512])
    head[124:136] = size.ljust(12, b"\0")
    head[148:156] = b" " * 8
    head[148:156] = f"{sum(head):06o}\0 ".encode()
    return bytes(head) + content[512:]
