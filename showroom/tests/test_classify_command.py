"""`manage.py classify`: files in, scores out, by a version of the registry."""

import csv
import json
import sys

import pytest
from astropy.table import Table
from django.core.management import CommandError, call_command

from pulsar_ml.features import FEATURES
from pulsar_ml.tests.screens import terminal
from showroom.models import Batch
from showroom.tests.conftest import as_csv, simulate

__all__ = ["terminal"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "sky.csv"
    path.write_bytes(as_csv(simulate(20), beam=[str(n) for n in range(20)]))
    return path


def test_a_table_is_scored_by_the_champion_and_summed_up_in_one_line(
    champion, table, tmp_path, capsys
):
    out = tmp_path / "scores.csv"
    call_command("classify", str(table), "--out", str(out), "--json")

    summary = json.loads(capsys.readouterr().out)
    assert summary.pop("seconds") > 0
    assert summary == {
        "rows": 20,
        "scored": 20,
        "pulsars": 2,
        "rejected": 0,
        "model_version": str(champion),
    }
    header, *lines = csv.reader(out.read_text().splitlines())
    assert header == [
        *("name", *FEATURES, "probability", "predicted", "warnings", "model_version"),
        "beam",
    ]
    assert [line[-1] for line in lines] == [str(n) for n in range(20)]
    assert {line[-2] for line in lines} == {str(champion)}
    assert not Batch.objects.exists()


@pytest.mark.parametrize("kind", ["votable", "fits"])
def test_other_formats_and_a_bar_come_through_this_door_as_well(
    champion, table, tmp_path, monkeypatch, terminal, kind
):
    shown, screen = terminal
    monkeypatch.setattr(sys, "stderr", shown)
    out = tmp_path / "scores"
    call_command("classify", str(table), "--out", str(out), "--format", kind)

    found = Table.read(out, format=kind)
    assert found["beam"].tolist() == [str(n) for n in range(20)]
    assert "\r\x1b[K[####################] 100%" in screen()


def test_another_version_is_taken_when_it_is_named(champion, table, capsys):
    call_command("classify", str(table), "--model", "models:/pulsar/1")

    lines = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert {line["model_version"] for line in lines} == {"pulsar/1"}


def test_nothing_scored_ends_with_one(champion, tmp_path, capsys):
    path = tmp_path / "diary.csv"
    path.write_text("dear diary\ntoday was cloudy\n")
    with pytest.raises(SystemExit) as end:
        call_command("classify", str(path))

    assert end.value.code == 1
    assert "1 rejected" in capsys.readouterr().err


def test_a_version_that_is_not_there_is_wrong_usage(champion, table):
    with pytest.raises(CommandError, match=r"There is no version pulsar/9\.") as end:
        call_command("classify", str(table), "--model", "pulsar/9")

    assert end.value.returncode == 2
