"""candidates.csv and .cands: what they say goes to the raw candidates beside them."""

from pathlib import Path

import pytest

from pulsar_ml import files
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import listing
from pulsar_ml.loader import Position, Source, count_rows, read
from pulsar_ml.tests import listed, raw_files
from pulsar_ml.tests.test_archive import rejects, tarred, zipped

PHCX = raw_files.phcx()
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
OWN = {
    "period_s",
    "pdot",
    "dm",
    "snr",
    "ra_deg",
    "dec_deg",
    "mjd",
    "kind",
    "source",
    "other_kind",
}
ALONE = (
    "is a list of candidates (CandyJar's candidates.csv), without the eight features"
)
PICTURES = (
    "is a picture, like 2 more of these files: pictures are not read; plots are drawn "
    "from the raw files (PHCX or PFD)"
)
NO_ROW = listing._OF_NONE


@pytest.fixture
def upload(tmp_path: Path):
    """Write files and give them as one upload, in this order."""

    def write(content: dict[str, bytes]) -> list[Source]:
        found = []
        for place, (name, data) in enumerate(content.items()):
            path = tmp_path / str(place)
            path.write_bytes(data)
            found.append(Source(path, name))
        return found

    return write


def whole(sources):
    """The only chunk of all of them."""
    (chunk,) = read(sources)
    return chunk


def said(frame, row: int = 0) -> dict[str, str]:
    """What a row has besides what the raw file says itself."""
    kept = {n: v for n, v in frame.iloc[row].items() if isinstance(v, str)}
    own = {"name", *OWN, *FEATURES}
    return {name: value for name, value in kept.items() if name not in own}


def test_a_raw_candidate_has_every_column_of_its_row_as_it_is_written(upload):
    row = listed.candidate("plots/x.pfd.png", source_name='a "b", =1+1')
    content = {"x.phcx": PHCX, "candidates.csv": listed.candyjar([row])}
    chunk = whole(upload(content))
    assert said(chunk.frame) == row
    assert [n for n in chunk.frame if n in row] == list(listed.CANDYJAR)
    assert (chunk.n_rows, chunk.rejects) == (1, [])
    assert chunk.notes == (
        "x.phcx: Its columns in candidates.csv are kept beside its score.",
    )


def test_the_names_stand_in_the_line_that_has_utc_start(upload):
    row = listed.candidate("x.png", f0_usr="2.5")
    before = "# made by hand\n\nnothing,to,see\n"
    table = listed.candyjar([row], before).replace(b",", b"\t")
    content = {"x.phcx": PHCX, "list.CSV": table.replace(b"\n", b"\r\n")}
    chunk = whole(upload(content))
    assert said(chunk.frame) == row


def test_each_row_finds_its_own_file_whatever_the_order(upload):
    rows = [listed.candidate(f"plots/c_{n}.png", sn_fold=f"{n}.0") for n in (3, 1, 2)]
    content = {f"c_{n}.phcx.gz": raw_files.phcx(compressed=True) for n in (1, 2, 3)}
    chunk = whole(upload({"candidates.csv": listed.candyjar(rows)} | content))
    found = dict(zip(chunk.frame["name"], chunk.frame["sn_fold"], strict=True))
    assert found == {"c_1.phcx.gz": "1.0", "c_2.phcx.gz": "2.0", "c_3.phcx.gz": "3.0"}
    assert chunk.notes[0].endswith("beside its score, as are those of 2 more.")


def test_of_equal_names_the_folders_decide(upload):
    rows = {n: listed.candidate("plots/x.png", pointing_id=n) for n in ("1", "2")}
    content = {f"p{n}/x.phcx": PHCX for n in rows}
    tables = {f"p{n}/candidates.csv": listed.candyjar([rows[n]]) for n in ("2", "1")}
    chunk = whole(upload(content | tables))
    assert chunk.frame["pointing_id"].tolist() == ["1", "2"]

    both = [listed.candidate(f"b{n}/x.png", pointing_id=n) for n in ("1", "2")]
    content = {f"b{n}/x.phcx": PHCX for n in ("2", "1")}
    table = {"candidates.csv": listed.candyjar(both)}
    chunk = whole(upload(content | table))
    assert chunk.frame["pointing_id"].tolist() == ["2", "1"]


def test_a_tarball_or_metafile_names_the_file_only_where_no_other_row_does(upload):
    rows = [
        listed.candidate("a.png", candidate_tarball_path="t/x.tar.gz"),
        listed.candidate("b.png", metafile_path="m/y.meta"),
        listed.candidate("c.png", metafile_path="m/z.meta"),
        listed.candidate("d.png", metafile_path="n/z.meta"),
    ]
    content = {f"{n}.phcx": PHCX for n in "xyz"}
    chunk = whole(upload(content | {"candidates.csv": listed.candyjar(rows)}))
    assert chunk.frame["png_path"].tolist() == ["a.png", "b.png", None]
    assert [(r.line, r.column, r.value) for r in chunk.rejects] == [
        (4, "png_path", "c.png"),
        (5, "png_path", "d.png"),
    ]


def test_a_row_without_its_file_is_told(upload):
    rows = [listed.candidate(p) for p in ("x.png", "y.png", "", "x.png")]
    table = listed.candyjar(rows) + b"1,2,3\n"
    chunk = whole(upload({"candidates.csv": table, "x.phcx": PHCX}))
    assert chunk.n_rows == 5
    assert chunk.frame["row"].tolist() == [5]
    assert [(r.row, r.line, r.value, r.reason) for r in chunk.rejects] == [
        (1, 3, "y.png", NO_ROW),
        (2, 4, "", NO_ROW),
        (3, 5, "x.png", NO_ROW),
        (4, 6, "1,2,3", "has 3 columns; the table has 34"),
    ]


def test_a_list_without_any_of_its_files_is_one_reject_that_says_what_to_do(upload):
    table = listed.candyjar([listed.candidate(f"{n}.png") for n in range(50)])
    for content in ({"c.csv": table}, {"c.csv": table, "other.phcx": PHCX}):
        chunk = whole(upload(content))
        [reject] = chunk.rejects
        assert reject.reason.startswith(f"{ALONE}: bring it together with their raw")
        assert chunk.n_rows == len(content)


def test_reading_goes_on_at_any_place(upload):
    rows = [listed.candidate(f"{n}.png") for n in range(6)]
    raws = {f"{n}.phcx": PHCX for n in (1, 4)}
    sources = upload({"c.csv": listed.candyjar(rows)} | raws | {"p.png": PNG})
    at_once = whole(sources)
    position, first, seen = Position(), 1, []
    while chunk := next(read(sources, position, first, chunk_rows=2), None):
        seen += [*chunk.frame["row"], *(reject.row for reject in chunk.rejects)]
        position, first = chunk.end, first + chunk.n_rows
    assert sorted(seen) == list(range(1, at_once.n_rows + 1)) == list(range(1, 8))
    assert count_rows(sources, 1000) == 4 + 2 * 100 + 100


def test_pulsarx_lines_go_to_the_files_of_their_numbers(upload):
    cands = listed.pulsarx([1, 12, 3])
    raws = {"b/t_59352_beam_00012.phcx": PHCX, "b/t_59352_beam_00001.phcx": PHCX}
    chunk = whole(upload(raws | {"b/t_59352_beam.cands": cands}))
    assert chunk.frame["id"].tolist() == ["12", "1"]
    assert said(chunk.frame) == {
        "Filename": "/data/beam.fil",
        "Telescope": "MeerKAT",
        "Source_name": "J1748-2446A",
        "Beam": "cfbf00012",
        "Date": "59352.0416666667",
        "RA": "17:48:04.85",
        "DEC": "-24:46:46.20",
        "GL": "3.85",
        "GB": "1.70",
        "MaxDM_YMW16": "1800",
        "Pepoch": "59352.045",
        "id": "12",
        "dm_old": "20.10",
        "dm_new": "20.00",
        "dm_err": "0.1",
        "dist_ymw16": "1.2",
        "f0_old": "2.0000001",
        "f0_new": "2.0",
        "f0_err": "1e-8",
        "f1_old": "0",
        "f1_new": "-4e-15",
        "f1_err": "1e-16",
        "acc_old": "0",
        "acc_new": "-0.5",
        "acc_err": "0.1",
        "S/N": "13.5",
        "S/N_new": "14.07",
        "boxcar_width": "0.05",
    }
    assert [(r.line, r.column, r.value) for r in chunk.rejects] == [
        (15, "id", "b/t_59352_beam_3")
    ]


def test_both_lists_may_speak_of_one_candidate_and_no_column_is_lost(upload):
    row = listed.candidate("t_00001.png", dm="20.5", Source="me")
    content = {
        "t_00001.phcx": PHCX,
        "candidates.csv": listed.candyjar([row]),
        "t.cands": listed.pulsarx([1]),
    }
    chunk = whole(upload(content))
    frame = chunk.frame.iloc[0]
    assert (frame["dm"], frame["dm_2"], frame["Source_2"]) == ("61.5", "20.5", "me")
    assert (frame["source_name"], frame["Source_name_2"]) == (
        "MSGPS_S_0042",
        "J1748-2446A",
    )
    assert not chunk.rejects
    assert "t_00001.phcx: The column dm is shown as dm_2." in chunk.notes


@pytest.mark.parametrize("pack", [zipped, tarred, lambda f: tarred(f, "w:gz")])
def test_inside_an_archive_they_are_found_as_well(upload, pack):
    rows = [listed.candidate(f"plots/{n}.png") for n in "xyw"]
    members = {
        "o/candidates.csv": listed.candyjar(rows),
        "o/x.phcx": PHCX,
        "o/y.phcx": PHCX,
        "o/plots/x.png": PNG,
        "o/plots/y.png": PNG,
        "o/plots/w.png": PNG,
    }
    sources = upload({"all.zip": pack(members)})
    chunk = whole(sources)
    assert chunk.frame["png_path"].tolist() == ["plots/x.png", "plots/y.png"]
    assert rejects([chunk]) == [
        (1, "all.zip!o/candidates.csv", NO_ROW),
        (
            4,
            "all.zip!o/plots/x.png",
            PICTURES,
        ),
    ]
    assert "png_path" in files.metadata(sources)


def test_a_folder_on_the_command_line_is_one_upload(tmp_path):
    (tmp_path / "x.phcx").write_bytes(PHCX)
    table = listed.candyjar([listed.candidate("x.png")])
    (tmp_path / "candidates.csv").write_bytes(table)
    sources = files.sources([tmp_path], None)
    chunks = [chunk for source in sources for chunk in read([source])]
    assert [chunk.frame["sn_fold"].tolist() for chunk in chunks] == [["14.070"]]


def test_with_the_eight_features_it_is_a_table_like_others(upload):
    row = listed.candidate("x.png", note="  two blanks  ")
    values = ("100.0", "50", "1", "2", "3", "4", "5", "60")
    table = listed.candyjar([row | dict(zip(FEATURES, values, strict=True))])
    chunk = whole(upload({"candidates.csv": table}))
    assert chunk.frame.iloc[0][list(row)].to_dict() == row
    assert chunk.rejects == []


@pytest.mark.parametrize(
    ("name", "table", "reason"),
    [
        ("c.csv", b"utc_start,png_path\n" * 2, ALONE),
        ("c.csv", b"utc_start,png_path\n", ALONE),
        ("c.csv", b'a,utc_start\n"x\n', ALONE),
        ("c.csv", b"a,utc_start\n" + b"x" * 3 * 2**20, ALONE),
        (
            "c.csv",
            "a,utc_start,\U0001f600\n1,2,\udcff".encode("utf-16", "replace"),
            ALONE,
        ),
        ("c.csv", b",".join([b"utc_start"] * 2500) + b"\n", "has 2500 columns"),
        ("c.csv", b"utc_start,png_path\n" + b"1," * 2**24, "lists candidates in more"),
        ("c.cands", b"#Filename x\n#id\tdm_old\tdm_new\n1\t\0\t2\n", "is in no format"),
        ("c.cands", b"#id\tdm_new\n" + b"9" * 30 + b"\t1\n", "is a list of"),
        ("c.cands", b"#id\tdm_new\nx\t1\n", "is a list of"),
        ("c.cands", b"#" * 2**20, "no table was found"),
    ],
)
def test_a_hostile_list_is_one_reject_in_words(upload, name, table, reason):
    chunk = whole(upload({name: table, "x.phcx": PHCX}))
    [reject] = chunk.rejects
    assert (reject.file, len(chunk.frame)) == (name, 1)
    assert reject.reason.startswith(reason)


def test_no_row_of_a_list_makes_a_raw_file_of_a_table(upload):
    features = ",".join(FEATURES) + "\n100,50,1,2,3,4,5,60\n"
    table = listed.candyjar([listed.candidate("x.png")])
    chunk = whole(upload({"x.csv": features.encode(), "candidates.csv": table}))
    assert "png_path" not in chunk.frame
    assert [reject.file for reject in chunk.rejects] == ["candidates.csv"]
