"""Raw candidates and XML that say more than they hold, or something else."""

import gzip
import random
import struct
from collections.abc import Iterator

from pulsar_ml.features import FEATURES
from pulsar_ml.tests import raw_files
from pulsar_ml.tests.test_archive import zipped
from showroom.tests.hostile_sound import GOOD, SOUND, Bad, row, table

_COUNTS = (-1, 2**20 + 1, 2**31 - 1)
_LIES = ("0", "-1", "9999999", "99999999999999999999", "1e3", "٣", "", "0x10")
_CELLS = "".join(f"<TD>{value}</TD>" for value in GOOD)
_FIELDS = "".join(f'<FIELD name="{name}" datatype="double"/>' for name in FEATURES)
_SECRET = "file:///etc/passwd"
_DOCTYPES = {
    "laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    "squared": f'<!DOCTYPE x [<!ENTITY a "{"a" * 3_000}">]>',
    "external": f'<!DOCTYPE x [<!ENTITY a SYSTEM "{_SECRET}">]>',
    "network": '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>',
    "subset": f'<!DOCTYPE x SYSTEM "{_SECRET}">',
    "public": '<!DOCTYPE x PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd">',
    "loop": '<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]>',
    "notation": f'<!DOCTYPE x [<!NOTATION n SYSTEM "{_SECRET}">]>',
    "default": '<!DOCTYPE x [<!ATTLIST phcf a CDATA "b">]>',
}


def votable(rows: str, fields: str = _FIELDS, more: str = "", before: str = "") -> str:
    """A VOTable of these rows and fields, and what is to stand before it or in it."""
    return (
        f"<?xml version='1.0'?>{before}<VOTABLE><RESOURCE><TABLE {more}>{fields}"
        f"<DATA>{rows}</DATA></TABLE></RESOURCE></VOTABLE>"
    )


def _listed(cells: str = _CELLS) -> str:
    return f"<TABLEDATA><TR>{cells}</TR></TABLEDATA>"


def oversized(_: random.Random) -> Iterator[Bad]:
    """Headers that are larger than what follows, or than any that there are."""
    yield from _pfds()
    yield from _phcxs()
    yield from _votables()
    yield from _fits()
    yield from _parquets()
    long = "x" * 1_200_000
    yield Bad("header.csv", f"{long},{','.join(FEATURES)}\n1\n".encode())
    yield Bad("header.arff", f"@relation {long}\n@data\n".encode(), "first mebibyte")
    yield Bad("key.json", f'[{{"{long}": 1}}]'.encode())


def _pfds() -> Iterator[Bad]:
    for order in "<>":
        sound = raw_files.pfd(order)
        for place in range(7):
            for count in _COUNTS:
                lie = struct.pack(f"{order}i", count)
                content = sound[: 4 * place] + lie + sound[4 * place + 4 :]
                name = f"count {place} {count} {'le' if order == '<' else 'be'}.pfd"
                yield Bad(name, content)
        for length in (-1, 5_000, 2**31 - 1):
            content = sound[:48] + struct.pack(f"{order}i", length) + sound[52:]
            yield Bad(f"text {length} {ord(order)}.pfd", content)
    yield Bad("longer.pfd", raw_files.pfd() + b"\0" * 8, "is damaged: it has")


def _phcxs() -> Iterator[Bad]:
    sound = raw_files.phcx().decode()
    for name in ("nBins='64'", "nSub='4'", "nVals='6'"):
        key = name.partition("=")[0]
        for lie in _LIES:
            content = sound.replace(name, f"{key}='{lie}'").encode()
            # What serves the plots alone is looked at when they are drawn.
            says = "whose nBins is|values; .* should be" if key == "nBins" else None
            yield Bad(f"{key} {lie}.phcx", content, says)
    many = " ".join(f"a{n}=''" for n in range(60_000))
    yield Bad("attributes.phcx", f"<phcf {many}></phcf>".encode(), "without a profile")
    yield Bad("many.phcx", b"<phcf>" + b"<a/>" * 10_001 + b"</phcf>", "more elements")
    yield Bad("large.phcx", b"<phcf>" + b" " * 5 * 2**20, "is larger than 5 MiB")


def _votables() -> Iterator[Bad]:
    sizes = "larger sizes than are read"
    for lie in ("9" * 6, "9" * 30):
        yield Bad(
            f"rows {lie}.vot", votable(_listed(), more=f"nrows='{lie}'").encode(), sizes
        )
    for size in ("99999999", "9x99999", "9" * 40, "10001"):
        fields = f'{_FIELDS}<FIELD name="x" datatype="char" arraysize="{size}"/>'
        content = votable(_listed(f"{_CELLS}<TD/>"), fields).encode()
        yield Bad(f"cell {size}.vot", content, sizes)
    yield Bad(
        "no rows.vot",
        votable(" " * 5 * 2**20, "").encode(),
        "without rows in its first",
    )
    long = f"<TR ID='{'x' * 2**21}'>"
    yield Bad("tag.vot", votable(f"<TABLEDATA>{long}").encode(), "longer than 1 MiB")
    text = f"<TABLEDATA><TR><TD>{'1' * (2**20 + 9)}</TD></TR></TABLEDATA>"
    yield Bad("text.vot", votable(text).encode(), "row longer than 1 MiB")
    length = "BINARY><STREAM encoding='base64'>f////w==</STREAM></BINARY"
    fields = '<FIELD name="x" datatype="char" arraysize="*"/>' + _FIELDS
    yield Bad(
        "length.vot", votable(f"<{length}>", fields).encode(), "longer than 1 MiB"
    )


def _card(key: str, value: object) -> bytes:
    return f"{key:8}= {value:>20}".ljust(80).encode()


def _fits() -> Iterator[Bad]:
    sound = SOUND["fits"]
    begin = sound.index(b"XTENSION")
    for key in ("NAXIS1", "NAXIS2", "TFIELDS", "PCOUNT", "GCOUNT", "BITPIX", "NAXIS"):
        place = sound.index(key.ljust(8).encode() + b"=", begin)
        for lie in ("-1", "999999", "9" * 18, "T", "1.5E3", "'x'"):
            content = sound[:place] + _card(key, lie) + sound[place + 80 :]
            yield Bad(f"{key} {lie}.fits".replace("/", ""), content, None)
    for form in ("'0D'", "'9999999D'", "'PD(9999)'", "'QD'", "'X'", "'?'", "'-1D'"):
        place = sound.index(b"TFORM1  =")
        content = sound[:place] + _card("TFORM1", form) + sound[place + 80 :]
        yield Bad(f"form {form}.fits", content, None)
    blank = sound[:80] + b" " * 2880 * 400
    yield Bad("no end.fits", blank, "Empty or corrupt FITS file")


def _parquets() -> Iterator[Bad]:
    sound = SOUND["parquet"]
    for size in (0, 1, len(sound), 2**31 - 1, 2**32 - 1):
        content = sound[:-8] + struct.pack("<I", size) + b"PAR1"
        yield Bad(f"footer {size}.parquet", content, "is a damaged Parquet file")


def entities(_: random.Random) -> Iterator[Bad]:
    """Documents that would have others fetched, or grow while they are read."""
    declares = "declares a document type or entities"
    for kind, doctype in _DOCTYPES.items():
        phcx = raw_files.phcx().decode().replace("\n<phcf>", f"{doctype}<phcf>", 1)
        assert doctype in phcx
        phcx = phcx.replace(">G1<", ">&a;<")
        cells = _CELLS.replace("102.5", "&a;")
        vot = votable(_listed(cells), before=doctype)
        yield Bad(f"{kind}.phcx", phcx.encode(), declares)
        yield Bad(f"{kind}.phcx.gz", gzip.compress(phcx.encode(), mtime=0), declares)
        yield Bad(f"{kind}.vot", vot.encode(), declares)
        inside = {"a.phcx": phcx.encode(), "b.vot": vot.encode()}
        yield Bad(f"{kind}.zip", zipped(inside), declares)
        yield Bad(f"{kind} utf-16.vot", vot.encode("utf-16"))
    plain = raw_files.phcx().decode()
    include = "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{}'/>"
    for kind, more in {
        "sheet": f"<?xml-stylesheet href='{_SECRET}'?>",
        "include": include.format(_SECRET),
        "cdata": "<![CDATA[ ]]>",
    }.items():
        content = plain.replace("<head>", f"{more}<head>").encode()
        # Taken for what it is: nothing of it is followed.
        yield Bad(f"{kind}.phcx", content, None)
    undefined = plain.replace(">G1<", ">&a;<").encode()
    yield Bad("undefined.phcx", undefined, "is no well-formed XML: undefined entity")
    html = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
    yield Bad("page.html", html, "no table was found")
    yield Bad("page.phcx", html)


def nested(_: random.Random) -> Iterator[Bad]:
    """What is deep, so that whoever follows it falls."""
    for depth in (101, 3_000, 9_999, 200_000):
        tags = b"<a>" * depth
        yield Bad(f"{depth}.phcx", b"<phcf>" + tags, "more elements|no well-formed XML")
        yield Bad(f"{depth}.vot", b"<VOTABLE>" + tags, "nested more than 100 deep")
        yield Bad(f"{depth}.json", b"[" * depth)
        yield Bad(f"{depth} objects.json", b'{"a":' * depth)
        line = b'{"prof_mean": ' + b"[" * depth + b"]" * depth + b"}\n"
        yield Bad(f"{depth}.jsonl", line * 2)
        quotes = table([row()]) + b'"' * depth + b"\n"
        yield Bad(f"{depth} quotes.csv", quotes)
    yield Bad(
        "all of it.phcx", b"<phcf>" + b"<a>" * 9_000 + b"</a>" * 900, "XML|elements"
    )
