"""A training is asked for: checked, put on record, and sent."""

import pytest

from monitor.models import Outbox
from monitor.work import State
from pulsar_ml.errors import BadInput
from registry.errors import CannotTrain
from registry.models import Experiment, TrainingRun
from registry.tests.made import dataset
from registry.tests.run_rows import dataset_row
from registry.training.again import again, go_on
from registry.training.ask import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def data():
    return dataset()


def test_it_is_put_on_record_with_all_that_was_wanted_and_sent(data, person, mailbox):
    admin = person("admin")
    run = ask(
        dataset=data,
        algorithm="gradient_boosting",
        parameters={"max_iter": 50},
        search={"learning_rate": [0.03, 0.1]},
        policy="time",
        seed=7,
        recall=0.95,
        experiment="  Later   years ",
        tags=["night"],
        notes="why not",
        by=admin,
    )

    run.refresh_from_db()
    assert (run.state, run.algorithm, run.policy) == (
        State.QUEUED,
        "gradient_boosting",
        "time",
    )
    assert (run.parameters, run.search, run.seed, run.recall) == (
        {"max_iter": 50},
        {"learning_rate": [0.03, 0.1]},
        7,
        0.95,
    )
    assert (run.experiment.name, run.experiment.created_by) == ("Later years", admin)
    assert (run.tags, run.notes, run.source, run.by) == (
        ["night"],
        "why not",
        "page",
        admin,
    )
    assert mailbox() == [(run.pk, "heavy")]
    told = Outbox.objects.order_by("pk").values_list("kind", "about", "who")
    assert list(told) == [
        ("experiment.created", "experiment Later years", str(admin.pk)),
        ("training.requested", str(run), str(admin.pk)),
    ]


def test_an_experiment_is_opened_once(data):
    runs = [ask(dataset=data, experiment="Forests") for _ in range(2)]

    assert {run.experiment for run in runs} == {Experiment.objects.get()}
    assert Outbox.objects.filter(kind="experiment.created").count() == 1


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"algorithm": "oracle"},
            (
                "There is no algorithm 'oracle', but random_forest, gradient_boosting, "
                "logistic_regression."
            ),
        ),
        (
            {"policy": "by moon"},
            "There is no split policy 'by moon', but stratified, grouped, time.",
        ),
        ({"seed": -1}, "The seed is a whole number from 0 to 2147483647."),
        (
            {"recall": 1},
            "The share of pulsars to be found is more than 0 and less than 1.",
        ),
        ({"experiment": "  "}, "An experiment has a name of 1 to 80 characters."),
        (
            {"parameters": {"C": 1.0}},
            (
                "random_forest has no parameter 'C', but n_estimators, "
                "min_samples_leaf, max_features."
            ),
        ),
        (
            {"parameters": {"max_features": 9}},
            "max_features is a whole number from 1 to 8, not 9.",
        ),
        (
            {"search": {"max_features": [3, 9]}},
            "max_features is a whole number from 1 to 8, not 9.",
        ),
        (
            {"search": {"max_features": [3, 3]}},
            "max_features is to be tried with different values.",
        ),
        (
            {"search": {"max_features": []}},
            "max_features is to be tried with different values.",
        ),
        (
            {"parameters": {"max_features": 3}, "search": {"max_features": [4]}},
            "max_features is both set and to be tried; say one of them.",
        ),
        (
            {"search": {"n_estimators": [*range(10, 31)]}},
            (
                "That makes 21 sets of parameters to try; at most 20 are tried "
                "(training.max_candidates)."
            ),
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(data, wanted, words, mailbox):
    with pytest.raises((CannotTrain, BadInput)) as refused:
        ask(dataset=data, **wanted)

    assert str(refused.value) == words
    assert (TrainingRun.objects.count(), Outbox.objects.count()) == (0, 0)
    assert mailbox() == []


def test_again_is_a_new_run_with_the_same_settings(data, person):
    wanted = {"algorithm": "logistic_regression", "search": {"C": [0.1, 1.0]}}
    run = ask(dataset=data, seed=3, tags=["a"], notes="of that one", **wanted)
    second = again(run, by=person("admin"))

    same = ("dataset", "algorithm", "parameters", "search", "policy", "seed", "tags")
    assert second != run
    assert [getattr(second, name) for name in same] == [
        getattr(run, name) for name in same
    ]
    assert (second.experiment, second.notes, second.by.username) == (
        run.experiment,
        "",
        "admin",
    )


def test_only_what_failed_or_was_stopped_can_go_on(data):
    run = ask(dataset=data)
    words = "Only a training that failed or was cancelled can go on."
    with pytest.raises(CannotTrain, match=words):
        go_on(run, by=None)


@pytest.mark.parametrize(
    ("counts", "few"),
    [
        (
            {"n_rows": 30, "n_pulsars": 9, "n_holdout": 4, "n_holdout_pulsars": 1},
            "8 pulsars and 18 others to learn from, and 1 pulsar and 3 others in the",
        ),
        ({"n_pulsars": 0, "n_holdout_pulsars": 0}, "0 pulsars and 14,376 others to"),
        ({"n_pulsars": 334, "n_holdout_pulsars": 315}, "19 pulsars and"),
        ({"n_holdout_pulsars": 19}, "19 pulsars and 3,503 others in the hold-out;"),
    ],
)
def test_a_dataset_with_too_few_of_a_class_is_refused_at_once(counts, few):
    with pytest.raises(CannotTrain) as refused:
        ask(dataset=dataset_row(**counts))

    assert few in str(refused.value)
    assert str(refused.value).endswith("; of each, at least 20 are needed.")
    assert not TrainingRun.objects.exists()


def test_one_with_just_enough_is_not():
    counts = {"n_rows": 80, "n_pulsars": 40, "n_holdout": 40, "n_holdout_pulsars": 20}
    assert ask(dataset=dataset_row(**counts)).state == State.QUEUED
