"""The card of a version as JSON, as Markdown, and the files behind it."""

import hashlib
import json

import pytest
from django.utils import timezone

from registry.card import limits, numbers
from registry.models import Dataset, Experiment, TrainingRun
from registry.ship import register_shipped
from registry.tests.evaluated import EVALUATION, MISSED, evaluated, older

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(tmp_path):
    return evaluated(tmp_path)


@pytest.fixture
def reader(client, person):
    client.force_login(person("researcher"))
    return client


def _get(reader, version, name):
    response = reader.get(f"{version.get_absolute_url()}{name}")
    assert response.status_code == 200
    return response


def test_json_holds_the_whole_card_and_names_no_person(reader, version):
    document = _get(reader, version, "card.json").json()

    assert list(document) == [
        "format",
        "version",
        "training",
        "card",
        "evaluation",
        "features",
        "limits",
        "missing",
        "files",
    ]
    assert document["format"] == "pulsarsite-card/1"
    assert document["version"] == {
        "name": str(version),
        "model": "pulsar",
        "number": 1,
        "sha256": version.sha256,
        "stages": [],
        "registered": version.created_at.isoformat(),
    }
    assert document["card"] == version.card
    assert document["evaluation"] == EVALUATION
    assert document["training"]["run"] is None
    assert document["missing"] == []
    assert list(document["features"]) == version.card["features"]
    assert document["features"]["prof_mean"]["range"] == [6.1875, 192.617]
    assert [file["name"] for file in document["files"]] == [
        "card.json",
        "evaluation.json",
        "holdout.txt.gz",
        "model.onnx",
        "reference.json",
        "training.txt.gz",
    ]


def test_json_names_the_run_and_the_dataset_it_comes_from(reader, tmp_path, person):
    dataset = Dataset.objects.create(
        number=4, name="HTRU2", source="import", sha256="d" * 64, size=1, n_rows=1,
        n_pulsars=1, n_holdout=0, n_holdout_pulsars=0,
    )  # fmt: skip
    told = register_shipped()[0].card["dataset"] | {"sha256": dataset.sha256}
    version = evaluated(tmp_path, dataset=told)
    run = TrainingRun.objects.create(
        experiment=Experiment.objects.create(name="first"), dataset=dataset,
        version=version, git_commit="abc", packages={"numpy": "2"},
        by=person("admin"), finished_at=timezone.now(),
    )  # fmt: skip
    response = _get(reader, version, "card.json")

    assert response.json()["training"] == {
        "run": run.pk,
        "experiment": "first",
        "git_commit": "abc",
        "packages": {"numpy": "2"},
        "dataset": {"number": 4, "name": "HTRU2", "sha256": "d" * 64},
    }
    assert run.by.username not in response.content.decode()
    page = _get(reader, version, "").content.decode()
    assert f'href="{run.get_absolute_url()}"' in page
    assert f'href="{dataset.get_absolute_url()}"' in page


def test_markdown_says_all_of_it_in_tables_and_sentences(reader, version):
    response = _get(reader, version, "card.md")
    text = response.content.decode()

    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "How good it is",
        "How rows were set aside, and the threshold chosen",
        "What other thresholds would win and cost, on the hold-out",
        "Slices of the hold-out, the worst first",
        "Pulsars of the hold-out that it misses",
        "Which features it leans on",
        "Beside others",
        "What to beware of",
        "Files of the artefact",
    ]
    assert "| 0.0764 (shipped) | 0.9372 | 0.7505 |" in text
    assert "| beam: 6 | 200 | 30 | 0.6000 (0.500 to 0.700) |" in text
    assert "| too few rows: 3 pulsars |" in text
    assert f"| {MISSED['name']} | 0.00400 | 6 | 2009-01-01T00:00:00Z |" in text
    assert version.sha256 in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_no_name_is_read_as_a_mark_of_markdown(reader, tmp_path):
    strange = MISSED | {"name": "a|b\n# <img> [x](y) `z` *w*", "observed": {}}
    version = evaluated(tmp_path, EVALUATION | {"missed": [strange]})
    text = _get(reader, version, "card.md").content.decode()

    assert "| a\\|b \\# \\<img\\> \\[x\\](y) \\`z\\` \\*w\\* | 0.00400 |" in text


def test_markdown_of_an_older_version_says_what_is_missing(reader, tmp_path):
    text = _get(reader, older(tmp_path), "card.md").content.decode()

    assert text.count("**Not on this card.**") == 2
    assert "## Slices" not in text
    assert "| Recall | 0.9372 (0.911 to 0.962) | 0.9183" in text


def test_a_file_of_the_artefact_is_what_was_registered(reader, version):
    for file in _get(reader, version, "card.json").json()["files"]:
        response = _get(reader, version, f"files/{file['name']}")
        assert hashlib.sha256(response.content).hexdigest() == file["sha256"]
        assert len(response.content) == file["size"]
        assert response["Content-Disposition"] == (
            f'attachment; filename="pulsar-1-{file["name"]}"'
        )


@pytest.mark.parametrize("name", ["SHA256SUMS", "nothing", "..%2f..%2fsecret_key"])
def test_no_other_file_is_handed_out(reader, version, name):
    address = f"{version.get_absolute_url()}files/{name}"
    assert reader.get(address).status_code == 404


def test_a_file_that_changed_is_not_handed_out(reader, version):
    (version.folder / "model.onnx").write_bytes(b"another")
    address = f"{version.get_absolute_url()}files/model.onnx"

    assert reader.get(address).status_code == 404


def test_limits_are_those_of_the_rows_it_was_trained_on():
    shipped = register_shipped()[1].card
    said = {limit.title: limit.words for limit in limits.limits(shipped, EVALUATION)}

    assert list(said) == [
        "It ranks, it never deletes",
        "What it has seen",
        "What it has not seen",
        "The threshold",
        "Scores are not odds everywhere",
        "How honest the figures are",
        "Years drift",
        "Parts nobody can judge",
    ]
    assert "Parkes" in said["What it has seen"]
    assert "finds 343 of 366 pulsars, misses 23" in said["The threshold"]
    assert "about 2.5 of 1\u202f000" in said["Scores are not odds everywhere"]
    assert said["Parts nobody can judge"] == (
        "1 slice has too few rows to say anything about. Nothing is known of how it "
        "does by period, DM or S/N: the dataset does not have them."
    )


def test_limits_of_other_rows_do_not_speak_of_parkes():
    card = json.loads(json.dumps(register_shipped()[1].card))
    card["dataset"] |= {"rows": 20_000, "name": "mine"}
    card |= {"weights": {"pulsars": 5.0, "others": 1.0}, "sentinels": 3}
    del card["metrics"]["time"]
    said = {limit.title: limit.words for limit in limits.limits(card, None)}

    honest = said["How honest the figures are"]
    assert "Every version of this dataset is judged" in honest
    assert "Parkes" not in said["What it has seen"]
    assert said["What it has seen"].endswith(
        "Rows did not weigh the same in training: pulsars 5, others 1. "
        "3 rows were left out, being of the sentinel set."
    )
    assert "PFD" not in said["What it has not seen"]
    assert not {"Years drift", "Parts nobody can judge"} & said.keys()


def test_limits_say_which_folds_chose_the_parameters():
    card = register_shipped()[1].card
    tried = [{"parameters": {"C": c}, "average_precision": 0.9} for c in (0.1, 0.3)]
    searched = card | {"policy": "grouped", "search": tried}
    words = [
        " ".join(limit.words for limit in limits.limits(each, None))
        for each in (card, searched)
    ]

    told = "The folds of the grouped split chose the parameters, among 2 sets"
    assert [told in each for each in words] == [False, True]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.5, "0.5000"), (0.0764, "0.0764"), (0.0066, "0.00660"), (1e-5, "1.00e-05")],
)
def test_small_scores_keep_their_digits(value, said):
    assert numbers.score(value) == said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "\u2013"),
        ({"value": 0.5}, "0.5000"),
        ({"value": 0.5, "low": 0.5, "high": 0.5}, "0.5000"),
        ({"value": 0.5, "low": -0.0001, "high": 0.6}, "0.5000 (0.000 to 0.600)"),
        ({"value": 0.5, "low": -0.1, "high": 0.6}, "0.5000 (\u22120.100 to 0.600)"),
    ],
)
def test_an_interval_stands_beside_its_figure_where_there_is_one(found, said):
    assert numbers.figure(found) == said
