"""Labelled tables."""

from dataclasses import replace

import numpy as np
import pytest

from pulsar_ml.datasets import files
from pulsar_ml.errors import BadInput
from pulsar_ml.tests import simulated

TABLE = simulated.table(40)


@pytest.fixture
def written(tmp_path):
    return simulated.write(tmp_path / "mine.csv", TABLE)


def test_what_was_written_is_read(written):
    read = files.load(*files.find(written, None))
    for name in ("features", "labels", "hashes", "pointings"):
        assert (getattr(read, name) == getattr(TABLE, name)).all(), name
    assert read.name == "mine.csv"
    assert (read.groups == TABLE.pointings).all()


def test_a_bad_row_is_left_out_told_and_shifts_no_pointing(written):
    lines = written.read_text().split("\n")
    lines[3] = lines[3].replace(lines[3].split(",")[0], "nonsense", 1)
    written.write_text("\n".join(lines))
    read = files.load(*files.find(written, None))
    kept = np.arange(40) != 2
    assert (read.hashes == TABLE.hashes[kept]).all()
    assert (read.pointings == TABLE.pointings[kept]).all()
    assert any("line 4" in note for note in read.notes)


def test_without_pointings_each_candidate_is_its_own_group(written):
    (written.parent / "mine_observations.csv").unlink()
    read = files.load(*files.find(written, None))
    assert (read.groups == TABLE.hashes).all()


def test_htru2_is_whole_with_its_pointings(data):
    table = files.load(*files.find(data, None))
    assert (len(table.labels), int(table.labels.sum())) == (17_898, 1_639)
    assert len(set(table.hashes)) == 17_898
    assert len(set(table.pointings)) == 5_773
    assert "" not in table.pointings
    # The long names of its header are swapped; the true reading obeys Pearson.
    skew, exkurt = table.features[:, 6], table.features[:, 7]
    assert (exkurt >= skew**2 - 2 - 1e-4).all()


def test_a_part_of_htru2_under_its_name_is_refused(data, tmp_path):
    lines = (data / "HTRU_2.csv").read_text().split("\n")
    part = tmp_path / "HTRU_2.csv"
    part.write_text("\n".join(lines[:-2]))
    with pytest.raises(BadInput, match="has 17,897 candidates; HTRU2 has 17,898"):
        files.load(part)


def test_each_of_htru2s_counts_is_checked():
    other = replace(
        TABLE,
        name="HTRU_2.csv",
        labels=np.repeat(np.array([0, 1], dtype=np.int8), [16_258, 1_640]),
    )
    with pytest.raises(BadInput, match="16,258 non-pulsars; HTRU2 has 16,259"):
        files.check_htru2(other)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace("class", "sort"), "no column 'class'"),
        (lambda text: text.replace(",1\n", ",yes\n"), "row 1: class is 'yes'"),
        (lambda text: text.split("\n")[0], "mine.csv holds no rows"),
    ],
)
def test_a_table_without_labels_is_refused_in_words(written, change, reason):
    written.write_text(change(written.read_text()))
    with pytest.raises(BadInput, match=reason):
        files.load(written)


def test_pointings_without_their_columns_are_refused(written):
    beside = written.parent / "mine_observations.csv"
    beside.write_text("row,utc\n0,2008\n")
    with pytest.raises(BadInput, match="columns row and pointing_utc"):
        files.load(written, beside)


def test_the_table_is_found_by_argument_folder_or_environment(
    written, tmp_path, monkeypatch
):
    beside = tmp_path / "mine_observations.csv"
    assert files.find(written, None) == (written, beside)
    htru2 = simulated.write(tmp_path / "HTRU_2.csv", TABLE)
    found = (htru2, tmp_path / "HTRU_2_observations.csv")
    assert files.find(tmp_path, None) == found
    monkeypatch.setenv("PULSARSITE_DATA", str(tmp_path))
    assert files.find(None, None) == found
    monkeypatch.delenv("PULSARSITE_DATA")
    with pytest.raises(BadInput, match="--data FILE, or PULSARSITE_DATA"):
        files.find(None, None)
    with pytest.raises(BadInput, match="There is no file"):
        files.find(tmp_path / "absent.csv", None)
