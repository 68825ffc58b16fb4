"""More than a thousand files that nobody should have sent, the same at each run."""

import random
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from showroom.tests import hostile_archives, hostile_raw, hostile_tables
from showroom.tests.hostile_sound import SOUND, Bad, row, table

EXTENSIONS = (
    *("phcx", "phcx.gz", "pfd", "bestprof", "csv", "tsv", "txt", "dat", "arff", "json"),
    *("jsonl", "xml", "vot", "fits", "fit", "parquet", "zip", "tar", "tar.gz", "tgz"),
    *("gz", "bz2", "xz", "7z", "rar", "png", "svg", "pdf", "html", "exe", "py", "xlsx"),
    *("pickle", "npy", "npz", "h5", "onnx", "db", "cands", "ar", "fil", ""),
)
# What files of these kinds begin with; noise follows.
_MAGIC = {
    "zip": b"PK\3\4",
    "empty.zip": b"PK\5\6",
    "gz": b"\x1f\x8b\x08\0\0\0\0\0\0\3",
    "gz that says more": b"\x1f\x8b\x08\x1f\0\0\0\0\0\3",
    "fits": b"SIMPLE  =                    T",
    "parquet": b"PAR1",
    "vot": b"<VOTABLE>",
    "phcx": b"<?xml version='1.0'?><phcf>",
    "json": b"[",
    "object.json": b'{"prof_mean":',
    "arff": b"@relation x\n@data\n",
    "bestprof": b"# Input file = x\n# Reduced chi-sqr = 1\n",
    "npy": b"\x93NUMPY\1\0",
    "pickle": b"\x80\4\x95",
    "h5": b"\x89HDF\r\n\x1a\n",
    "png": b"\x89PNG\r\n\x1a\n",
    "xlsx": b"PK\3\4\x14\0\6\0",
    "xz": b"\xfd7zXZ\0",
    "bz2": b"BZh91AY&SY",
    "rar": b"Rar!\x1a\7\1\0",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "db": b"SQLite format 3\0",
    "pdf": b"%PDF-1.7\n",
    "utf-16.csv": b"\xff\xfe",
    "utf-32.csv": b"\xff\xfe\0\0",
    "utf-8.csv": b"\xef\xbb\xbf",
}
_FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0")
_NAMES = (
    *("../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "C:\\con\\nul", "~/.ssh"),
    *("..", ".", ".hidden", "-rf", "a/b/c.csv", "\\\\host\\share\\x.csv", "x.csv/"),
    *("a\nb.csv", "a\rb.csv", "a\tb.csv", "a\x00b.csv", "a\x1b[31mb.csv", "a\x7fb"),
    *("a\u202egnp.csv", "a\u2066b\u2069", "\ufeffa.csv", "a\u200bb", "a\u2028b.csv"),
    *(
        "\U0001f600.csv",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467.csv",
        "e\u0301.csv",
    ),
    *("\U0010ffff.csv", "\ufffe.csv", "\ue000.csv", "脉冲星.csv", "пульсар.csv"),
    *(
        "x" * 255 + ".csv",
        "x" * 4000 + ".csv",
        "é" * 255,
        "\U0001f600" * 255,
        "%00.csv",
    ),
    *("<script>alert(1)</script>.csv", "'; drop table x; --.csv", "{{ 7 }}", "{% x %}"),
    *("%s%n%d", "a!b.csv", "!", "x.zip!a.csv", "=1+1.csv", "@SUM(A1).csv", "$(id)"),
    *("`id`.csv", "a;b.csv", "a&amp;b", "a&b", '"quoted".csv', "a'b", "nul", "COM1"),
    *("a*b?.csv", "[a]{b}.csv", "a#b", "a?b=c", "file:///etc/passwd", "sky.csv.exe"),
    *("part-00000-x.parquet", "rejects-00000-x.parquet", "%2e%2e%2f", " ", "a" * 1_000),
)


def truncated(chance: random.Random) -> Iterator[Bad]:
    """Every format, cut somewhere; what stands before the cut may well be sound."""
    for name, content in SOUND.items():
        whole = len(content)
        cuts = sorted({1, 3, *(chance.randrange(4, whole) for _ in range(9))})
        for cut in cuts[::2]:
            yield Bad(f"cut at {cut}.{name}", content[:cut], None)


def flipped(chance: random.Random) -> Iterator[Bad]:
    """Every format with some bits turned, half of them near its beginning."""
    for name, content in SOUND.items():
        for turn in range(9):
            changed = bytearray(content)
            within = len(content) if turn % 2 else min(len(content), 400)
            for _ in range(chance.randrange(1, 9)):
                changed[chance.randrange(within)] ^= 1 << chance.randrange(8)
            yield Bad(f"flipped {turn}.{name}", bytes(changed), None)


def noise(chance: random.Random) -> Iterator[Bad]:
    """Random bytes under every extension, and after the first bytes of every kind."""
    for extension in EXTENSIONS:
        for size in (16, 700, 5_000):
            content = b"\0" + chance.randbytes(size)
            yield Bad(f"noise {size}.{extension}", content)
    for kind, magic in _MAGIC.items():
        # Of several pictures one speaks for all.
        says = None if kind == "png" else "."
        for size in (30, 3_000):
            content = magic + b"\0" + chance.randbytes(size)
            yield Bad(f"magic {size}.{kind}", content, says)


def empty(_: random.Random) -> Iterator[Bad]:
    """Nothing, or nothing but what holds no row, under every extension."""
    nothing = (b"", b"\n", b" \t\r\n" * 40, b"\xef\xbb\xbf", b"\xff\xfe", b"\0" * 600)
    for place, extension in enumerate(EXTENSIONS):
        content = nothing[place % len(nothing)]
        yield Bad(f"empty {place}.{extension}", content)
    yield Bad("only a header.csv", table([]), "^(is empty|holds no rows|no table)")
    yield Bad("only a mark.csv", b"\xef\xbb\xbf", "^(is empty|no table was found)")


def formulas(_: random.Random) -> Iterator[Bad]:
    """What a spreadsheet would run: as name, metadata, heading, value and file name."""
    for place, formula in enumerate(_FORMULAS):
        yield Bad(f"{formula} {place}.csv", table([row()]), None)
        yield Bad(f"name {place}.csv", table([[*row(), formula]], "name"), None)
        yield Bad(f"note {place}.csv", table([[*row(), formula]], "note"), None)
        yield Bad(f"head {place}.csv", table([[*row(), "1"]], formula), None)
        yield Bad(f"value {place}.csv", table([[formula, *row()[1:]], row()]))


def names(_: random.Random) -> Iterator[Bad]:
    """Names that lead elsewhere, do not print or do not fit; the files are sound."""
    for place, name in enumerate(_NAMES):
        yield Bad(name, table([row(place)]), None)


CATEGORIES: dict[str, Callable[[random.Random], Iterator[Bad]]] = {
    "truncated": truncated,
    "flipped": flipped,
    "noise": noise,
    "empty": empty,
    "formulas": formulas,
    "names": names,
    "oversized headers": hostile_raw.oversized,
    "entities": hostile_raw.entities,
    "nested": hostile_raw.nested,
    "numbers": hostile_tables.numbers,
    "encodings": hostile_tables.encodings,
    "columns": hostile_tables.columns,
    "wide": hostile_tables.wide,
    "written badly": hostile_tables.badly,
    "bombs": hostile_archives.bombs,
    "members": hostile_archives.members,
    "directories": hostile_archives.directories,
}


@cache
def category(name: str) -> list[Bad]:
    """The files of one category."""
    return list(CATEGORIES[name](random.Random(f"pulsars {name}")))  # noqa: S311  # the same each time


def form(files: Iterable[tuple[str, bytes]], field: str = "files") -> bytes:
    """The body of a form as no browser would write it: names with any byte in them."""
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="%s"; filename="%s"'
        b"\r\n\r\n%s\r\n"
        % (field.encode(), name.encode("utf-8", "surrogatepass"), content)
        for name, content in files
    ]
    return b"".join([*parts, b"--edge--\r\n"])


FORM = "multipart/form-data; boundary=edge"
