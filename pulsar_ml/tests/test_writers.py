"""Results as files: what other programs read back is what was written."""

import csv
import re
import warnings
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd  # noqa: TID253  # a test may take its time
import pytest
from astropy import units
from astropy.io import fits, votable
from astropy.io.votable.ucd import check_ucd
from astropy.table import Table

from pulsar_ml import loader, parquet
from pulsar_ml.features import FEATURES
from pulsar_ml.writers import votable_file
from pulsar_ml.writers.columns import TEXT, Column, distinct, plain, results
from pulsar_ml.writers.fits_file import escaped
from pulsar_ml.writers.sheet import Provenance, Query, Sheet
from pulsar_ml.writers.write import FORMATS, by_name, by_suffix, write

HOSTILE = [
    "J0437-4715",
    "=1+1",
    "é ü ÿ",
    "脉冲星",
    "\U0001f600 \U0001f6f0",
    "quo\"ted, and'so",
    "line\nbreak\r\n and\ttab",
    "\x01\x1b[31m\x7f",
    "<TD>&amp;]]></TD>",
    "back\\slash \\xe9",
    "  blanks",
    "-",
    "NaN",
    None,
    "",
]
N = 200
NAMES = [HOSTILE[n % len(HOSTILE)] for n in range(N)]
METADATA = {
    "DM": [repr(n / 3) for n in range(N)],
    "period_s": [" 0.5", "", None, "1e-3"] * 50,
    "snr": ["12.5"] * 199 + ["n/a"],
    "Ra (deg)": ["83.63"] * N,
    "dec_deg": ["-22.01"] * N,
    "RA": ["5.5"] * N,
    '名 "x"; drop': NAMES,
    "beam": ["4"] * N,
    "Beam": ["5"] * N,
    "title": ["t"] * N,
    "0_first": ["z"] * N,
    "a" * 100: ["long"] * N,
    "nul\x07line\n": ["c"] * N,
}
NUMBERS = ("DM", "period_s", "Ra (deg)", "dec_deg")
PROVENANCE = Provenance(
    site="Sternwarte Ü",
    batch=7,
    title='sky "\U0001f600".csv',
    model_version="pulsar/2",
    model_sha256="ab" * 32,
    threshold=0.25,
    selection="predicted=1&sort=row",
    written_at="2026-11-21T10:02:00Z",
)
UNITS = {
    "DM": (units.pc / units.cm**3, "phys.dispMeasure"),
    "period_s": (units.s, "time.period"),
    "Ra (deg)": (units.deg, "pos.eq.ra;meta.main"),
    "dec_deg": (units.deg, "pos.eq.dec;meta.main"),
}
UCDS = [
    "meta.id;meta.main",
    "meta.id",
    *("stat.value;stat.mean", "stat.stdev", "stat.skewness", "stat.kurtosis") * 2,
    "stat.probability",
    "src.class",
    "meta.code",
    "meta.version",
]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    features = np.abs(random.normal(size=(N, 8))) + 0.1
    # Of all sizes, most of them too wild for a model.
    features[:20] *= -(10.0 ** random.integers(-300, 300, (20, 8)))
    metadata = enumerate(METADATA.values())
    return pd.DataFrame(
        {
            "row": np.arange(1, N + 1),
            "name": pd.Series(NAMES, dtype=object),
            **dict(zip(FEATURES, features.T, strict=True)),
            "probability": random.random(N, dtype=np.float32),
            "predicted": random.integers(0, 2, N).astype(np.int8),
            "warnings": ["", "unusual"] * 100,
            **{f"meta_{n}": pd.Series(v, dtype=object) for n, v in metadata},
        }
    )


@pytest.fixture(scope="module")
def columns():
    named = [(name, f"meta_{place}") for place, name in enumerate(METADATA)]
    return results(named, version="'pulsar/2'", numbered=True)


@pytest.fixture(scope="module")
def written(frame, columns, tmp_path_factory):
    """Files of all formats, with all rows and with none."""
    folder = tmp_path_factory.mktemp("written")
    part = folder / "part.parquet"
    parquet.write(part, frame, temp=folder)
    seen = []
    for kind in FORMATS:
        for name, condition in (("all", "true"), ("none", "false")):
            with parquet.connection(folder) as connection:
                rows = f"{parquet.scan([part])} where {condition} and row > ?"
                write(
                    folder / f"{name}.{kind.name}",
                    kind,
                    Query(connection, rows, [0], "row"),
                    columns,
                    PROVENANCE,
                    temp=folder / "temp",
                    seen=lambda done, of: seen.append((done, of)),
                )
    assert seen == [(0, N), (N, N), (0, 0)] * len(FORMATS)
    assert {path.name for path in folder.iterdir()} == {
        *(f"{name}.{kind.name}" for name in ("all", "none") for kind in FORMATS),
        "part.parquet",
        "temp",
    }
    assert list((folder / "temp").iterdir()) == []
    return folder


def text(values) -> list[str]:
    """Texts, where a missing one is an empty one."""
    return ["" if value is None or value is np.ma.masked else value for value in values]


def numbers(name: str) -> list[float]:
    return [float(v) if v and v.strip() else np.nan for v in METADATA[name]]


def same_numbers(table, frame, names) -> None:
    for name in ("row", *FEATURES, "probability", "predicted"):
        found = np.asarray(table[names[name]])
        assert found.tolist() == frame[name].tolist(), name
    for name in NUMBERS:
        found = np.ma.filled(np.ma.asarray(table[names[name]]).astype(float), np.nan)
        assert np.array_equal(found, numbers(name), equal_nan=True), name


def test_every_ucd_is_one_that_astropy_knows(columns):
    assert [column.ucd for column in columns[: len(UCDS)]] == UCDS
    for ucd in [*UCDS, "stat.snr", "time.epoch", *(ucd for _, ucd in UNITS.values())]:
        assert check_ucd(ucd, check_controlled_vocabulary=True, has_colon=False), ucd


def test_a_votable_comes_back_equal_with_units_and_ucds(written, frame, columns):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = votable.parse(written / "all.votable", verify="exception")
    found = whole.get_first_table()
    names = dict(zip([c.name for c in columns], found.array.dtype.names, strict=True))

    assert whole.version == "1.4"
    assert [field.ucd for field in found.fields][: len(UCDS)] == UCDS
    said = {f.name: (f.unit, f.ucd) for f in found.fields if f.unit is not None}
    assert said == UNITS
    same_numbers(found.array, frame, names)
    assert list(found.array[names["name"]]) == text(NAMES)
    assert list(found.array[names['名 "x"; drop']]) == text(NAMES)
    assert list(found.array[names["snr"]]) == METADATA["snr"]
    assert set(found.array["model_version"]) == {"pulsar/2"}
    provenance = {info.name: info.value for info in found.infos}
    provenance |= {param.name: param.value for param in found.params}
    assert provenance == PROVENANCE._asdict()
    assert [field.name for field in found.fields][len(UCDS) :] == [
        *list(METADATA)[:8],
        "Beam_2",
        *list(METADATA)[9:-1],
        "nul\ufffdline\ufffd",
    ]


def test_a_votable_has_every_missing_value_marked(written):
    found = votable.parse(written / "all.votable").get_first_table()

    assert found.array.mask["period_s"].tolist() == [False, True, True, False] * 50


def test_binary2_tells_a_missing_text_from_an_empty_one():
    texts = pd.DataFrame({"text": pd.Series([None, "", "\U0001f600"], dtype=object)})
    packed = votable_file._Rows([Column("text", TEXT, "text")]).packed(texts)

    assert packed == (b"\x80\0\0\0\0" + b"\0\0\0\0\0" + b"\0\0\0\0\2\xd8\x3d\xde\x00")


def test_fits_comes_back_equal_with_units_and_ucds(written, frame, columns):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = Table.read(written / "all.fits", unit_parse_strict="raise")
        with fits.open(written / "all.fits") as extensions:
            extensions.verify("exception")
            header = extensions[1].header
    names = dict(zip([c.name for c in columns], table.colnames, strict=True))

    same_numbers(table, frame, names)
    for name, values in (("name", NAMES), ('名 "x"; drop', NAMES)):
        assert text(table[names[name]].tolist()) == [
            escaped(value).rstrip() for value in text(values)
        ]
    assert table.colnames[len(UCDS) :] == [
        "DM",
        "period_s",
        "snr",
        "Ra_deg",
        "dec_deg",
        "RA",
        "x_drop",
        "beam",
        "Beam_2",
        "title",
        "0_first",
        "a" * 60,
        "nul_line",
    ]
    for name, (unit, ucd) in UNITS.items():
        place = table.colnames.index(names[name]) + 1
        assert table[names[name]].unit == unit
        assert header[f"TUCD{place}"] == ucd
    assert [header[f"TUCD{n}"] for n in range(1, len(UCDS) + 1)] == UCDS
    assert header["TCOMM21"] == 'named \\u540d "x"; drop in its file'
    assert header["TCOMM26"] == f"named {'a' * 100} in its file"
    assert {
        "ORIGIN": "Sternwarte \\xdc",
        "BATCH": 7,
        "TITLE": 'sky "\\U0001f600".csv',
        "MODELVER": "pulsar/2",
        "MODELSHA": "ab" * 32,
        "THRESHLD": 0.25,
        "ROWSEL": PROVENANCE.selection,
        "DATE": PROVENANCE.written_at,
    }.items() <= dict(header).items()


def test_parquet_comes_back_equal_and_says_what_it_holds(written, frame):
    path = str(written / "all.parquet")
    with duckdb.connect() as opened:
        table = opened.execute("from read_parquet(?)", [path])
        types = {name: str(kind) for name, kind, *_ in table.description}
        found = dict(zip(types, zip(*table.fetchall(), strict=True), strict=True))
        said = dict(
            opened.execute(
                "select decode(key), decode(value) from parquet_kv_metadata(?)", [path]
            ).fetchall()
        )

    assert list(types.values())[: len(UCDS)] == [
        "BIGINT",
        "VARCHAR",
        *["DOUBLE"] * 8,
        "FLOAT",
        "TINYINT",
        "VARCHAR",
        "VARCHAR",
    ]
    assert list(types)[len(UCDS) :] == [
        "Beam_2" if name == "Beam" else name for name in METADATA
    ]
    for name in ("row", "name", *FEATURES, "probability", "predicted", "warnings"):
        assert list(found[name]) == frame[name].tolist(), name
    assert list(found['名 "x"; drop']) == NAMES
    assert list(found["period_s"]) == [0.5, None, None, 0.001] * 50
    assert list(found["DM"]) == numbers("DM")
    header = said.pop("IVOA.VOTable-Parquet.content")
    assert said == {
        **{name: str(value) for name, value in PROVENANCE._asdict().items()},
        "IVOA.VOTable-Parquet.version": "1.0",
        "IVOA.VOTable-Parquet.encoding": "utf-8",
        "IVOA.VOTable-Parquet.type": "Parquet-local-XML",
    }
    (written / "header.xml").write_text(header)
    fields = votable.parse(written / "header.xml").get_first_table().fields
    (written / "header.xml").unlink()
    assert {f.name: (f.unit, f.ucd) for f in fields if f.unit is not None} == UNITS
    assert [field.ucd for field in fields][: len(UCDS)] == UCDS


def test_csv_comes_back_equal_but_for_its_formulas(written, frame):
    with (written / "all.csv").open(newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    table = dict(zip(header, zip(*lines, strict=True), strict=True))
    harmless = {"=1+1": "'=1+1", "-": "'-"}

    assert header[len(UCDS) :] == [
        "Beam_2" if name == "Beam" else name for name in METADATA
    ]
    for name in ("row", *FEATURES, "predicted"):
        assert [float(cell) for cell in table[name]] == frame[name].tolist(), name
    found = [np.float32(cell) for cell in table["probability"]]
    assert found == frame["probability"].tolist()
    assert list(table["name"]) == [harmless.get(n, n) for n in text(NAMES)]
    assert list(table["DM"]) == METADATA["DM"]


def test_a_table_without_rows_keeps_its_columns_and_types(written, columns):
    names = [column.name for column in columns]
    empty = votable.parse(written / "none.votable").get_first_table()
    table = Table.read(written / "none.fits")
    with duckdb.connect() as opened:
        path = str(written / "none.parquet")
        described = opened.execute("from read_parquet(?)", [path]).description

    assert (len(empty.array), len(table)) == (0, 0)
    assert len(empty.fields) == len(table.colnames) == len(columns)
    assert table["probability"].dtype.kind == "f"
    assert [name for name, *_ in described] == names
    assert [str(kind) for _, kind, *_ in described][:3] == [
        "BIGINT",
        "VARCHAR",
        "DOUBLE",
    ]
    assert len((written / "none.csv").read_text().splitlines()) == 2
    assert (written / "none.fits").stat().st_size % 2880 == 0


def test_our_own_reader_takes_what_was_written(written, frame):
    for kind in FORMATS:
        source = loader.Source(written / f"all.{kind.name}", kind.name)
        (chunk,) = loader.read([source])
        good = chunk.frame["row"].to_numpy() - 1
        assert {*range(20, N)} <= {*good}
        assert len(good) + len(chunk.rejects) == N
        for name in FEATURES:
            assert chunk.frame[name].tolist() == frame[name].iloc[good].tolist()


def test_fits_texts_have_just_the_room_that_they_need(written):
    with fits.open(written / "all.fits") as extensions:
        room = extensions[1].columns["name"].format

    assert room == f"{max(len(escaped(name)) for name in text(NAMES))}A"


def test_what_is_too_long_for_fits_is_cut_and_said(tmp_path):
    part = tmp_path / "part.parquet"
    long = "x" * 2_000
    frame = pd.DataFrame({"name": [long], "warnings": "", "v": "v"})
    frame = frame.assign(**dict.fromkeys((*FEATURES, "probability", "predicted"), 1))
    parquet.write(part, frame, temp=tmp_path)
    columns = results([], version="v", numbered=False)
    for name in ("fits", "votable"):
        with parquet.connection(tmp_path) as connection:
            query = Query(connection, parquet.scan([part]))
            kind = by_name(name)
            args = (query, columns, Provenance())
            path = tmp_path / name
            write(path, kind, *args, temp=tmp_path, seen=lambda *_: None)

    table = Table.read(tmp_path / "fits", format="fits")
    assert table["name"].tolist() == [long[:1024]]
    assert table.meta["TCOMM1"] == (
        "Name of the candidate; cut after 1024 of up to 2000 letters"
    )
    assert table.meta["TUCD1"] == "meta.id;meta.main"
    whole = votable.parse(tmp_path / "votable").get_first_table()
    assert whole.array["name"].tolist() == [long]


def test_words_that_turn_up_in_base64_by_chance_do_not_keep_us_from_reading(
    frame, columns, tmp_path
):
    # In UTF-16 and base64 these are `href` and `gzip` where they begin a group of
    # three bytes; one of three in a row does.
    words = ["\u86b7\u9f00" * 3, "\u8338\ua900" * 3]
    part = tmp_path / "part.parquet"
    rows = frame.iloc[20 : 20 + len(words)].assign(name=words)
    parquet.write(part, rows, temp=tmp_path)
    path = tmp_path / "scores.vot"
    with parquet.connection(tmp_path) as connection:
        args = (Query(connection, parquet.scan([part])), columns, Provenance())
        write(path, by_name("votable"), *args, temp=tmp_path, seen=lambda *_: None)
    (chunk,) = loader.read([loader.Source(path, "scores.vot")])

    assert {b"href", b"gzip"} <= set(re.findall(b"href|gzip", path.read_bytes()))
    assert chunk.rejects == []
    assert chunk.frame["name"].tolist() == words


def test_fits_is_not_finished_with_other_rows_than_its_header_has(frame, tmp_path):
    columns = (Column("row", "whole", "row"),)
    sheet = Sheet(columns, 2, 0, Provenance())
    path = tmp_path / "scores.fits"
    with (
        pytest.raises(ValueError, match="not as many rows"),
        by_name("fits").opened(path, sheet, tmp_path) as put,
    ):
        put(frame[["row"]].head(1))

    assert not path.exists()


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_work_that_stops_leaves_the_old_file_and_nothing_else(
    written, columns, tmp_path, kind
):
    path = tmp_path / "out" / "scores"
    path.parent.mkdir()
    path.write_text("old")

    def stop(done: int, of: int) -> None:
        if done:
            raise OSError("stop")

    with parquet.connection(tmp_path / "temp") as connection:
        rows = parquet.scan([written / "part.parquet"])
        query = Query(connection, rows)
        args = (path, kind, query, columns, PROVENANCE)
        with pytest.raises(OSError, match="stop"):
            write(*args, temp=tmp_path / "temp", seen=stop)

    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]
    assert list((tmp_path / "temp").iterdir()) == []


def test_numbers_are_what_all_values_are_and_the_name_says(written):
    with parquet.connection(written / "temp") as connection:

        def kind(name: str, *values: str | None) -> str:
            listed = ", ".join("(?)" for _ in values)
            query = Query(connection, f"(values {listed}) as t(m)", values)
            (column,) = results([(name, "m")], version="''", numbered=False)[-1:]
            (found,) = query.sheet([column], Provenance()).columns
            return f"{found.kind} {found.unit}".strip()

        assert kind("dm", "12", " -1.5e3 ", "", None, ".5", "5.") == "double pc.cm-3"
        assert kind("Best DM", "12") == "double pc.cm-3"
        assert kind("P0_ms", "12") == "double ms"
        assert kind("S/N", "12") == "double"
        for values in (["1,5"], ["1e999"], ["nan"], ["0x10"], ["1", "x"], ["", None]):
            assert kind("dm", *values) == "text"
        for doubtful in ("period", "ra", "dec", "pdot", "admission", "dmx"):
            assert kind(doubtful, "1") == "text"


def test_names_are_told_apart_whatever_their_case():
    assert distinct(["a", "A", "a_2", "", "a", ""]) == [
        "a",
        "A_3",
        "a_2",
        "column_4",
        "a_4",
        "column_6",
    ]
    assert plain(["__x__", "x", "名", "é!", "DM (pc)"]) == [
        "x",
        "x_2",
        "column_3",
        "column_4",
        "DM_pc",
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.vot", "votable"),
        ("a.XML", "votable"),
        ("a.votable", "votable"),
        ("a.fit", "fits"),
        ("a.fits", "fits"),
        ("a.parquet", "parquet"),
        ("a.csv", "csv"),
    ],
)
def test_a_file_name_asks_for_its_format(name, kind):
    assert by_suffix(Path(name)) == by_name(kind)
    assert by_suffix(name) is not None


def test_no_other_name_asks_for_a_format():
    assert by_suffix("a.txt") is by_suffix("csv") is by_name("CSV") is None


def test_letters_that_fits_lacks_are_written_as_in_python():
    assert escaped("a\n\x7fé–\U0001f600~") == r"a\x0a\x7f\xe9\u2013\U0001f600~"
