"""/registry/training/new/: a form that asks for a training."""

import json

import pytest

from accounts.roles import ADMIN
from monitor.models import Outbox
from pulsar_ml.datasets import describe
from pulsar_ml.tests import simulated
from registry.models import Dataset, Experiment, TrainingRun
from registry.runs.policies import hints
from registry.tests.run_rows import dataset_row, run_row

pytestmark = pytest.mark.django_db

URL = "/registry/training/new/"


@pytest.fixture
def ada(client, person):
    """An admin, logged in."""
    user = person(ADMIN, "ada")
    client.force_login(user)
    return user


def described(dataset: Dataset, *, pointings: bool) -> Dataset:
    """Give it the description of a small table with or without pointings."""
    dataset.folder.mkdir(parents=True)
    describe.write(dataset.folder, simulated.table(40, pointings=pointings))
    return dataset


def filled(**values: object) -> dict[str, object]:
    """The form as an admin sends it, but for these values."""
    return {
        "dataset": "1",
        "algorithm": "random_forest",
        "policy": "grouped",
        "recall": "0.92",
        "seed": "0",
        "experiment": "Trainings",
        "tags": "",
        "notes": "",
    } | values


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_without_a_dataset_the_page_leads_to_where_one_is_made(client, ada):
    shown = text(client.get(URL))

    assert "There is no dataset to learn from." in shown
    assert 'href="/registry/datasets/import/"' in shown
    assert client.post(URL, filled()).status_code == 422


def test_the_form_offers_each_algorithm_with_its_parameters(client, ada, settings):
    dataset_row("HTRU2")
    dataset_row("The night of May 3")

    shown = text(client.get(URL))

    assert '<option value="2">2 · The night of May 3</option>' in shown
    assert shown.count('class="fields kind"') == 3
    assert 'name="gradient_boosting-learning_rate" class="mono" placeholder="0.03"' in (
        shown
    )
    assert "Rows of a leaf: more make it smoother; 1 to 1000." in shown
    assert "at most 20 sets" in shown
    assert '<option value="1" selected>' in text(client.get(URL, {"dataset": "1"}))
    for wrong in ("7", "x", "9" * 30, "²"):
        assert client.get(URL, {"dataset": wrong, "like": wrong}).status_code == 200


def test_what_is_asked_for_is_what_was_filled_in(client, ada):
    dataset = dataset_row()
    wanted = filled(
        **{
            "random_forest-n_estimators": "150",
            "random_forest-min_samples_leaf": " 3 ",
            "random_forest-max_features": "2, 4,4,",
            # Of another algorithm, and so of no interest.
            "logistic_regression-C": "x",
        },
        policy="stratified",
        recall="0.95",
        seed="7",
        experiment="  Depth of  the forest ",
        tags="night, first try",
        notes="How deep?",
    )

    answer = client.post(URL, wanted)

    run = TrainingRun.objects.get()
    assert answer["Location"] == run.get_absolute_url()
    assert {
        name: getattr(run, name)
        for name in (
            "dataset",
            "algorithm",
            "parameters",
            "search",
            "policy",
            "recall",
            "seed",
            "tags",
            "notes",
            "by",
            "source",
            "state",
        )
    } == {
        "dataset": dataset,
        "algorithm": "random_forest",
        # What is the default need not be said.
        "parameters": {"min_samples_leaf": 3},
        "search": {"max_features": [2, 4]},
        "policy": "stratified",
        "recall": 0.95,
        "seed": 7,
        "tags": ["night", "first try"],
        "notes": "How deep?",
        "by": ada,
        "source": "page",
        "state": "queued",
    }
    assert Experiment.objects.get().name == "Depth of the forest"
    assert Outbox.objects.filter(kind="training.requested").count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"dataset": "2"}, "Select a valid choice."),
        ({"algorithm": "perceptron"}, "Select a valid choice."),
        ({"policy": "random"}, "Select a valid choice."),
        ({"recall": "1.2"}, "less than or equal to 0.999"),
        ({"seed": "-1"}, "greater than or equal to 0"),
        ({"experiment": " "}, "This field is required."),
        ({"tags": "x" * 41}, "A tag has at most 40 characters"),
        (
            {"random_forest-max_features": "9"},
            "max_features is a whole number from 1 to 8, not 9.",
        ),
        (
            {"random_forest-n_estimators": "100, many"},
            "n_estimators is a whole number from 10 to 2000, not &#x27;many&#x27;.",
        ),
        (
            {
                "random_forest-n_estimators": "10,20,30,40,50",
                "random_forest-max_features": "1,2,3,4,5",
            },
            "That makes 25 sets of parameters to try; at most 20 are tried",
        ),
    ],
)
def test_what_cannot_be_trained_is_said_where_it_stands(client, ada, wrong, said):
    dataset_row()

    answer = client.post(URL, filled(**wrong))

    assert answer.status_code == 422
    assert said in text(answer)
    assert not TrainingRun.objects.exists()


def test_a_dataset_without_pointings_says_which_splits_make_no_sense(client, ada):
    described(dataset_row(), pointings=False)

    shown = text(client.get(URL))

    assert "<strong>Grouped by pointing</strong>: No row has a pointing" in shown
    why = "Impossible: it needs pointings of two years, and this dataset has none."
    assert f"<strong>Later year</strong>: {why}" in shown
    refused = client.post(URL, filled(policy="time"))
    assert refused.status_code == 422
    assert f'<p class="field-error">{why}</p>' in text(refused)
    assert client.post(URL, filled(policy="grouped")).status_code == 302


def test_the_hint_follows_the_dataset_that_is_chosen(client, ada):
    described(dataset_row(), pointings=False)
    described(dataset_row(), pointings=True)

    def told(number: str) -> str:
        answer = client.get(URL, {"dataset": number}, headers={"HX-Request": "true"})
        return text(answer)

    assert told("1").count('<p class="notice') == 2
    assert told("2") == '<div id="policy-hints" aria-live="polite"> </div>'
    assert told("x") == told("2")


def test_without_a_description_nothing_is_said_of_its_splits(storage):
    dataset = dataset_row()
    assert hints(dataset) == []
    dataset.folder.mkdir(parents=True)
    (dataset.folder / describe.SUMMARY).write_text("{")
    assert hints(dataset) == []
    one_year = {"pointings": {"rows": 5}, "years": [{"value": "2008"}]}
    (dataset.folder / describe.SUMMARY).write_text(json.dumps(one_year))
    (hint,) = hints(dataset)
    assert hint.is_impossible
    assert "two years, and this dataset has 1." in hint.words


def test_that_a_dataset_has_too_few_rows_is_said_before_it_is_asked_for(client, ada):
    described(dataset_row(n_pulsars=330), pointings=True)

    assert '<p class="notice warning">Dataset 1 has 15 pulsars' in text(client.get(URL))
    refused = client.post(URL, filled())
    assert refused.status_code == 422
    assert '<p class="notice error" role="alert">Dataset 1 has 15' in text(refused)
    assert not TrainingRun.objects.exists()


def test_a_form_begins_as_another_run_was_asked_for(client, ada):
    dataset_row()
    run = run_row(
        algorithm="logistic_regression",
        parameters={},
        search={"C": [0.1, 1.0]},
        policy="time",
        seed=3,
        recall=0.9,
        tags=["a", "b"],
        experiment="Depth",
    )
    dataset_row("a newer one")

    form = client.get(URL, {"like": run.pk}).context["form"]

    assert {
        name: form[name].value() for name in (*filled(), "logistic_regression-C")
    } == {
        "dataset": 1,
        "algorithm": "logistic_regression",
        "policy": "time",
        "recall": 0.9,
        "seed": 3,
        "experiment": "Depth",
        "tags": "a, b",
        "notes": None,
        "logistic_regression-C": "0.1, 1",
    }
    of_experiment = client.get(URL, {"experiment": run.experiment_id})
    assert of_experiment.context["form"]["experiment"].value() == "Depth"
    assert '<option value="Depth"></option>' in text(of_experiment)
