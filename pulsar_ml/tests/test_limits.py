"""Numbers that nothing in the sky has, and files that cost more than they look."""

from pathlib import Path

import pytest

from pulsar_ml.candidate import open_candidate
from pulsar_ml.errors import BadInput
from pulsar_ml.formats.table import Source
from pulsar_ml.loader import count_rows, read
from pulsar_ml.tests import raw_files


def phcx_with(tmp_path: Path, old: str, new: str) -> Source:
    content = raw_files.phcx().decode()
    assert old in content
    path = tmp_path / "a.phcx"
    path.write_text(content.replace(old, new))
    return Source(path, path.name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">251.5<", ">1e308<"),
        (">-33.25<", ">-1e308<"),
        (">560.0<", ">1e300<"),
        (">1382.0<", ">-1e40<"),
    ],
)
def test_a_number_beyond_all_measure_is_refused_with_its_name(tmp_path, old, new):
    with pytest.raises(BadInput, match=r"^has a .* that is no number"):
        open_candidate(phcx_with(tmp_path, old, new))


@pytest.mark.parametrize(
    ("old", "new"), [(">251.5<", ">400<"), (">-33.25<", ">-90.5<")]
)
def test_an_angle_that_is_no_place_is_unknown(tmp_path, old, new):
    header = open_candidate(phcx_with(tmp_path, old, new)).header

    assert (header.ra_deg is None) != (header.dec_deg is None)


def test_a_file_that_is_opened_in_vain_counts_as_much_as_one_that_is_read(tmp_path):
    damaged = tmp_path / "a.phcx"
    damaged.write_bytes(raw_files.phcx()[:300])
    files = [Source(damaged, f"{n}.phcx") for n in range(3)]

    assert count_rows(files, 1000) == 300


def test_quotation_marks_that_never_close_are_read_line_by_line(tmp_path):
    # Each line closes the field before it and opens another: to look at all of them
    # again at each would take minutes for what is a moment's work.
    path = tmp_path / "a.csv"
    good = "100,50,0.2,0.3,3,20,9,110\n"
    path.write_text(good * 110 + f'x"y,"{"z" * 70}\n' * 1000)
    (chunk,) = read([Source(path, "a.csv")])

    assert chunk.frame["row"].tolist() == list(range(1, 111))
    assert len(chunk.rejects) == 1000
