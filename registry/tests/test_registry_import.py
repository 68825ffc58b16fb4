"""`registry_import`: by file, by address, by preset; and what it says."""

import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from monitor.tests.test_fetch import sends, served
from pulsar_ml.datasets import htru2
from registry.models import Build, Dataset
from registry.tests.tables import files, table

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> None:
    call_command("registry_import", *map(str, arguments))


def packed(path: Path, *members: Path) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for member in members:
            file.write(member, f"HTRU2/{member.name}")
    return path.read_bytes()


def test_a_file_and_its_observations_become_a_dataset(tmp_path, capsys):
    path = table(tmp_path / "sky.csv")
    run("--file", path, "--observations", tmp_path / "sky_observations.csv")
    run("--file", path, "--name", "The sky", "--json")

    dataset = Dataset.objects.get(number=1)
    first, second = capsys.readouterr().out.splitlines()
    assert first == (
        f"dataset 1: sky.csv, 40 rows, 4 pulsars, {dataset.n_holdout} rows held out"
    )
    other = Dataset.objects.get(number=2)
    assert json.loads(second) == {
        "build": Build.objects.latest("pk").pk,
        "state": "success",
        "reason": "",
        "rows": 40,
        "rejected": 0,
        "notes": [],
        "dataset": {
            "number": 2,
            "name": "The sky",
            "sha256": other.sha256,
            "rows": 40,
            "pulsars": 4,
            "holdout": other.n_holdout,
            "holdout_pulsars": other.n_holdout_pulsars,
        },
    }


def test_a_table_is_fetched_from_an_address(tmp_path, storage):
    content = table(tmp_path / "sky.csv").read_bytes()
    with served(sends(content)) as url:
        run("--url", url)

    dataset = Dataset.objects.get()
    assert (dataset.name, dataset.n_rows) == ("table.csv", 40)
    assert dataset.recipe["url"] == url
    assert [file["size"] for file in dataset.recipe["files"]] == [len(content)]
    assert files(storage / "builds") == [f"{Build.objects.get().pk}/rejects.jsonl"]


def test_htru2_is_fetched_unpacked_and_counted(tmp_path, data, monkeypatch):
    whole = packed(tmp_path / "htru2.zip", data / "HTRU_2.csv")
    with served(sends(whole)) as url:
        monkeypatch.setattr(htru2, "ADDRESS", url)
        run("--preset", "htru2")
    # The same archive, brought by hand.
    run("--file", tmp_path / "htru2.zip")

    dataset = Dataset.objects.get()
    assert (dataset.name, dataset.n_rows, dataset.n_pulsars) == ("HTRU2", 17_898, 1_639)
    # By the shipped versions' lists, as it comes without pointings.
    assert (dataset.n_holdout, dataset.n_holdout_pulsars) == (3_458, 366)
    assert (dataset.recipe["preset"], dataset.recipe["htru2"]) == ("htru2", True)


def test_what_is_not_the_whole_of_htru2_is_refused(tmp_path):
    small = table(tmp_path / "HTRU_2.csv")
    with (
        served(sends(packed(tmp_path / "htru2.zip", small))) as url,
        pytest.raises(CommandError, match=r"has 40 candidates; HTRU2 has 17,898\."),
    ):
        run("--preset", "htru2", "--url", url)
    assert Dataset.objects.count() == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (sends(b"", 404), "answered 404 Not Found. Without a way to the network, "),
        (sends(b"", 302, Location="file:///etc/passwd"), "not allowed"),
        (sends(b"PK\3\4 no"), "is damaged"),
        (sends(b"<html>"), "can be used"),
    ],
)
def test_an_address_that_gives_no_table_says_why(tmp_path, storage, answer, words):
    with served(answer) as url, pytest.raises(CommandError) as refusal:
        run("--url", url)

    assert words in str(refusal.value)
    assert Build.objects.get().state == "failed"
    kept = [name for name in files(storage / "builds") if "rejects" not in name]
    assert kept == []


def test_an_archive_that_unpacks_without_end_is_a_reject(tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("sky.csv", bytes(200 * 2**20))
    with pytest.raises(CommandError, match="more than 100 times its size"):
        run("--file", bomb)


def test_what_cannot_be_brought_is_refused_before_anything_is_kept(tmp_path, storage):
    for arguments, words in (
        ([], "Say what to import: --file, --url, --preset or --connection."),
        (["--file", tmp_path / "no.csv"], "There is no file "),
        (["--file", tmp_path], "There is no file "),
        (["--url", "file:///etc/passwd"], "is no web address"),
        (["--url", "https://me:secret@there/x.csv"], "would be shown and kept"),
    ):
        with pytest.raises(CommandError) as refusal:
            run(*arguments)
        assert words in str(refusal.value)
    assert Dataset.objects.count() == 0


def test_with_json_a_failure_is_told_as_well(tmp_path, capsys):
    path = tmp_path / "letter.csv"
    path.write_text("Dear all,\n")
    with pytest.raises(CommandError):
        run("--file", path, "--json")

    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["dataset"], told["rejected"]) == ("failed", None, 1)
    assert told["reason"].startswith("No row of letter.csv can be used.")
