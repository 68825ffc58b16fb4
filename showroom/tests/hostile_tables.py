"""Tables whose numbers, columns or letters are not what they should be."""

import json
import random
from collections.abc import Iterator

import numpy as np
import pandas as pd  # noqa: TID253  # a test may take its time

from pulsar_ml.features import FEATURES
from pulsar_ml.tests import raw_files
from showroom.tests.hostile_raw import votable
from showroom.tests.hostile_sound import (
    SOUND,
    Bad,
    as_parquet,
    frame,
    row,
    table,
    written,
)

_BAD_NUMBERS = {
    "NaN": "is missing",
    "nan": "is missing",
    "": "is missing",
    "?": "is missing",
    "inf": "is infinite",
    "-Infinity": "is infinite",
    "1e39": "is infinite",
    "-1e309": "is infinite",
    "9" * 400: "is infinite",
    "1,5": "columns|is not a number",
    "0x1F": "is not a number",
    "1_000": "is not a number",
    "1e": "is not a number",
    "--1": "is not a number",
    "1 2": "is not a number",
    "١٢٣": "is not a number",
    "１２３": "is not a number",
    "½": "is not a number",
    "1\N{NO-BREAK SPACE}000": "is not a number",
    "\N{MINUS SIGN}1": "is not a number",
    "True": "is not a number",
    "1+2j": "is not a number",
    "<b>1</b>": "is not a number",
    "'1'": "is not a number",
    "1;drop": "is not a number",
    "\u202e1": "is not a number",
}
# Python knows all of these; no XML does, or not of such bytes.
_CODECS = (
    *("utf-7", "hex", "zip", "rot13", "base64", "idna", "punycode", "uu", "mbcs"),
    *(
        "raw_unicode_escape",
        "undefined",
        "utf-16",
        "utf-32",
        "x" * 99,
    ),
    *("cp037", "shift_jis", "iso2022_jp", "big5", "gb18030", "koi8-r", "", "../utf-8"),
)
_SPOILT = {
    "latin.csv": "süd".encode("latin-1"),
    "continuation.csv": b"\x80\xbf\x80",
    "overlong.csv": b"\xc0\xaf\xe0\x80\xaf",
    "surrogates.csv": b"\xed\xa0\x80\xed\xb0\x80",
    "beyond.csv": b"\xf4\x90\x80\x80\xff\xfe",
    "mark inside.csv": b"\xef\xbb\xbf\xff\xfe",
    "c1.csv": bytes(range(0x80, 0xA0)),
    "separators.csv": "\x1c\x1d\x1e\x85\u2028\u2029".encode(),
}


def numbers(_: random.Random) -> Iterator[Bad]:
    """What is no number, in each column and in every format that can hold it."""
    for place, (value, says) in enumerate(_BAD_NUMBERS.items()):
        cells = row()
        cells[place % len(FEATURES)] = value
        yield Bad(f"number {place}.csv", table([cells, row(1)]), says)
        plain = dict(zip(FEATURES, cells, strict=True))
        said = says.removeprefix("columns|") + "|is not a number"
        yield Bad(f"number {place}.json", json.dumps([plain]).encode(), said)
        if "," not in value and "<" not in value:
            text = "".join(f"<TD>{cell}</TD>" for cell in cells)
            rows = f"<TABLEDATA><TR>{text}</TR></TABLEDATA>"
            yield Bad(f"number {place}.vot", votable(rows).encode())
    yield from _infinite()
    yield from _tokens()


def _infinite() -> Iterator[Bad]:
    for place, feature in enumerate(FEATURES):
        for value in (np.nan, np.inf, 3.5e38):
            of = frame(3)
            of.loc[1, feature] = value
            for kind, content in {
                "fits": written(of, "fits"),
                "jsonl": of.to_json(orient="records", lines=True).encode(),
                "binary.vot": written(of, "votable", tabledata_format="binary2"),
            }.items():
                yield Bad(f"{value} {place}.{kind}", content, "is missing|is infinite")
    of = frame(3)
    of.loc[0, "prof_mean"], of.loc[1, "dm_skew"] = np.nan, np.inf
    yield Bad("numbers.parquet", as_parquet(of), "is missing|is infinite")


def _tokens() -> Iterator[Bad]:
    for token in ("NaN", "Infinity", "-Infinity", "1e999", "9" * 5_000, "true", "null"):
        text = ",".join([token, *row()[1:]])
        yield Bad(f"token {token[:9]}.json", f"[[{text}],[{text}]]".encode())
    for value in (b"NaN", b"inf", b"1e400", b"-", b"0x1", "١".encode()):
        sound = raw_files.phcx()
        for old in (b">251.5<", b">9.5<", b">560.0<"):
            content = sound.replace(old, b">" + value + b"<")
            # Of a folder of others what stands in them is not looked at.
            yield Bad(f"{old[1:-1].decode()} {value!r}.phcx", content, None)


def encodings(chance: random.Random) -> Iterator[Bad]:
    """Letters in other codes than the file says, or than anybody uses."""
    text = SOUND["csv"].decode()
    for codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037", "cp500"):
        says = None if codec.startswith("cp") else "looks like binary data"
        yield Bad(f"{codec} without mark.csv", text.encode(codec), says)
    for codec in ("utf-16", "utf-32"):
        sound = text.encode(codec)
        for cut in (3, 5, 7, 201):
            yield Bad(f"{codec} less {cut}.csv", sound[:-cut], None)
        yield Bad(f"{codec} shifted.csv", sound[:20] + b"\n" + sound[20:])
        noisy = sound[:4] + chance.randbytes(900)
        yield Bad(f"{codec} of noise.csv", noisy)
    for name, spoilt in _SPOILT.items():
        yield Bad(f"note {name}", table([row()], "note").strip() + b"," + spoilt, None)
        head = table([row()]).replace(b"prof_mean", b"prof_mean" + spoilt)
        yield Bad(f"head {name}", head, None)
        value = table([row(), row()]).replace(b"58.75", b"5" + spoilt, 1)
        yield Bad(f"value {name}", value)
        member = SOUND["json"].replace(b"note 1", spoilt, 1)
        yield Bad(f"text {name}.json", member, None)
    for codec in _CODECS:
        declared = f"<?xml version='1.0' encoding='{codec}'?>".encode()
        for kind in ("phcx", "vot"):
            sound = SOUND[kind]
            content = declared + sound[sound.index(b"?>") + 2 :]
            yield Bad(f"declares {codec[:20]}.{kind}".replace("/", ""), content, None)


def columns(chance: random.Random) -> Iterator[Bad]:
    """Columns that change places, come twice, are missing, or are called alike."""
    for place, feature in enumerate(FEATURES):
        others = [name for name in FEATURES if name != feature]
        short = SOUND["csv"].replace(feature.encode(), b"other")
        lacks = f"^lacks the columns? {feature}|^lacks the columns {feature}"
        yield Bad(f"without {feature}.csv", short, lacks)
        twice = SOUND["csv"].replace(b"note", feature.encode(), 1)
        yield Bad(f"twice {feature}.csv", twice, "^has two columns for")
        for kind in ("json", "vot", "fits"):
            lacking = SOUND[kind].replace(feature.encode(), b"x" * len(feature))
            yield Bad(f"without {feature}.{kind}", lacking, "^lacks the columns")
        chance.shuffle(others)
        lines = [[*others, feature], row(place)]
        # In another order they are found by their names.
        moved = "".join(",".join(cells) + "\n" for cells in lines).encode()
        yield Bad(f"moved {place}.csv", moved, None)
    for width in (1, 2, 7, 9, 12, 30):
        cells = [str(1.5 + place) for place in range(width)]
        lines = (",".join(cells) + "\n").encode() * 3
        yield Bad(f"{width} without names.csv", lines, "no header|no table was found")
    swapped = SOUND["csv"].replace(b"prof_skew,prof_exkurt", b"prof_exkurt,prof_skew")
    yield Bad("swapped.csv", swapped, None)
    same = table([[*row(), *map(str, range(50))]], *["same"] * 25, *["SAME"] * 25)
    yield Bad("same.csv", same, None)
    ours = ("row", "probability", "kind", "source", "other_kind", "meta_0", "warnings")
    pointing = [[*row(), *["/etc/passwd"] * len(ours)]]
    yield Bad("ours.csv", table(pointing, *ours), None)
    for name in (
        "\x1f",
        " ",
        "\u202e",
        "\U0001f600",
        "a" * 5_000,
        "'--",
        "%s",
        "{{x}}",
    ):
        yield Bad(f"called {name[:9]!r}.csv", table([[*row(), "1"]], name), None)
        called = [dict(zip((*FEATURES, name), (*map(float, row()), 1), strict=True))]
        yield Bad(f"called {name[:9]!r}.json", json.dumps(called).encode(), None)
    half = json.dumps([dict.fromkeys(FEATURES, 1.0) | {"\ud800": "\udfff\0"}])
    yield Bad("half letters.json", half.encode(), None)


def wide(_: random.Random) -> Iterator[Bad]:
    """Two thousand and one columns, and a million."""
    for kind, mark in {"tsv": "\t", "csv": ",", "semi": ";", "bar": "|"}.items():
        for width in (2_001, 1_000_000):
            line = mark.join(["1"] * width) + "\n"
            says = "columns separated by .* at most 2000 can be read"
            yield Bad(
                f"{width}.{kind}", (line * (3 if width < 9_999 else 1)).encode(), says
            )
    yield Bad("blanks.txt", (" ".join(["1"] * 1_000_000) + "\n").encode())
    many = ",".join(f'"c{place}": 1' for place in range(2_001))
    yield Bad("wide.json", f"[{{{many}}}]".encode())
    all_of = ",".join(f'"{name}": 1' for name in FEATURES)
    yield Bad("wider.json", f"[{{{all_of},{many}}}]".encode(), "at most 2000 can be")
    million = ",".join(["1"] * 500_000)
    yield Bad("rows.json", f"[[{million}],[{million}]]".encode())
    yield Bad("rows.jsonl", f"[{million}]\n".encode() * 2)
    names = "".join(f"@attribute c{place} numeric\n" for place in range(40_000))
    yield Bad("wide.arff", f"@relation x\n{names}@data\n1\n".encode(), "at most 2000")
    field = '<FIELD name="x" datatype="double"/>'
    yield Bad("wide.vot", votable("", field * 100_000).encode(), "more than the 2000")
    cells = "<TD>1</TD>" * 1_000_000
    rows = f"<TABLEDATA><TR>{cells}</TR></TABLEDATA>"
    yield Bad("wide row.vot", votable(rows).encode(), "has a row of more cells")
    more = pd.DataFrame(1, index=[0], columns=[f"c{place}" for place in range(2_001)])
    of = pd.concat([frame(1), more], axis="columns")
    yield Bad("wide.parquet", as_parquet(of), "at most 2000 can be read")


def badly(_: random.Random) -> Iterator[Bad]:
    """Text that nearly is a table."""
    good = table([row(), row(1), row(2)])
    line = ",".join(row()).encode()
    for place, (bad, says) in enumerate(
        {
            b"1,2,3": "has 3 columns; the table has 8",
            line + b",9": "has 9 columns; the table has 8",
            b'"' + line: "opens a quotation mark",
            b"1\0" + line: "zero byte|binary data",
            b"x" * (2**20 + 5): "is a line longer than 1 MiB",
            line.replace(b"0.5", b'"0.5"x'): "is not written as a row|is not a number",
            line.replace(b"0.5", b'0.5""'): "is not a number",
            line.replace(b"58.75", b"-1"): "is negative",
            line.replace(b"58.75", b"0"): "is zero",
            line.replace(b"14.5", b"1e-60"): "is zero",
            line.replace(b",", b";"): "has 1 columns; the table has 8",
            b",,,,,,,": "is missing",
            b'"","","","","","","",""': "is missing",
        }.items()
    ):
        yield Bad(f"line {place}.csv", good + bad + b"\n", says)
        # Old Macs end lines otherwise.
        yield Bad(f"mac {place}.csv", (good + bad + b"\n").replace(b"\n", b"\r"), says)
    # How a table is written is decided by its first hundred lines.
    long = table([row(place) for place in range(120)])
    yield Bad("short lines.csv", long + b"x\n" * 30_000, "has 1 columns")
    yield Bad("open.csv", long + b'"' + line * 9_000, "opens a quotation mark")
    yield Bad("quotes.csv", long + b'"\n' * 20_000, "has 1 columns")
    yield Bad("sparse.arff", b"@relation x\n@data\n{0 1, 3 4}\n", "sparse|lacks")
    yield Bad("no data.arff", b"@relation x\n@attribute a numeric\n", "without @data")
    for place, text in enumerate(
        (b"[1,2,3]", b'{"a":1}', b"[[1,2],[3,4]]", b"[{},{}]", b"[[],[]]", b"[", b"{")
    ):
        yield Bad(f"text {place}.json", text)
