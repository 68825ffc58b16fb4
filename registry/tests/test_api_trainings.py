"""/api/v1/trainings and /api/v1/experiments: started, followed, stopped, found."""

import csv
import io
from datetime import UTC, datetime

import pytest

from monitor.models import Outbox
from registry.models import Experiment, TrainingRun
from registry.tests.run_rows import dataset_row, run_row, step_row
from registry.tests.test_run_page import left
from registry.tests.triggered import version_row
from registry.training import log

pytestmark = pytest.mark.django_db

URL, EXPERIMENTS = "/api/v1/trainings", "/api/v1/experiments"
MADE = datetime(2026, 6, 1, tzinfo=UTC)
UNUSABLE = "What was sent cannot be used."


@pytest.fixture
def asking(caller):
    return caller("researcher")


@pytest.fixture
def admin(caller, mailbox):
    return caller("admin", "ana")


def post(client, address, **sent):
    return client.post(f"{URL}{address}", sent, content_type="application/json")


def found(client, **asked) -> list[int]:
    answer = client.get(URL, asked)
    assert answer.status_code == 200, answer.content
    return [run["id"] for run in answer.json()["results"]]


def test_a_training_is_told_with_its_steps_and_its_version(asking, person):
    champion, version = version_row(1, "champion"), version_row(2)
    run = run_row(
        by=person("admin", "ana"),
        parameters={"min_samples_leaf": 3},
        search={"max_features": [2, 4]},
        chosen={"max_features": 4},
        metrics={"holdout.recall": 0.9},
        tags=["night"],
        notes="How deep?",
        version=version,
        champion=champion,
        packages={"numpy": "2"},
        git_commit="abc",
    )
    step_row(run, "load", rehearsal=True)
    step_row(run, "load", reason="Slow.")
    TrainingRun.objects.update(created_at=MADE)
    told = {
        "id": run.pk,
        "url": f"/registry/training/{run.pk}/",
        "state": "success",
        "reason": "",
        "experiment": "Trainings",
        "dataset": 1,
        "model": "pulsar",
        "algorithm": "random_forest",
        "parameters": {"n_estimators": 150, "min_samples_leaf": 3, "max_features": 4},
        "search": {"max_features": [2, 4]},
        "policy": "grouped",
        "recall": 0.92,
        "seed": 0,
        "source": "page",
        "by": "ana",
        "tags": ["night"],
        "notes": "How deep?",
        "metrics": {"holdout.recall": 0.9},
        "version": "pulsar/2",
        "champion": "pulsar/1",
        "created_at": "2026-06-01T00:00:00Z",
        "started_at": "2026-06-01T12:00:00Z",
        "finished_at": "2026-06-01T12:01:00Z",
        "took": "PT1M",
    }
    step = {
        "name": "load",
        "state": "success",
        "attempts": 1,
        "started_at": "2026-06-01T12:00:00Z",
        "finished_at": "2026-06-01T12:00:04Z",
        "took": "PT4S",
    }
    whole = {
        "steps": [
            step | {"rehearsal": True, "reason": ""},
            step | {"rehearsal": False, "reason": "Slow."},
        ],
        "progress": {},
        "git_commit": "abc",
        "packages": {"numpy": "2"},
    }
    assert asking.get(URL).json()["results"] == [told]
    assert asking.get(f"{URL}/{run.pk}").json() == told | whole


@pytest.fixture
def three() -> list[TrainingRun]:
    first = dataset_row()
    one = run_row(metrics={"holdout.recall": 0.9}, tags=["night"], notes="Deep")
    two = run_row("failed", experiment="Depth", algorithm="logistic_regression")
    dataset_row()
    three = run_row("running", policy="time", metrics={"holdout.recall": 0.5})
    assert (one.dataset, three.dataset.number) == (first, 2)
    return [one, two, three]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({}, [2, 1, 0]),
        ({"experiment": "Depth"}, [1]),
        ({"dataset": 2}, [2]),
        ({"state": "failed"}, [1]),
        ({"algorithm": "logistic_regression"}, [1]),
        ({"policy": "time"}, [2]),
        ({"tag": "NIGHT"}, [0]),
        ({"notes": "deep"}, [0]),
        ({"figure": "holdout.recall"}, [2, 0]),
        ({"figure": "holdout.recall", "least": 0.6}, [0]),
        ({"figure": "holdout.recall", "most": 0.6, "state": "running"}, [2]),
    ],
)
def test_trainings_are_found_as_on_the_page(asking, three, asked, places):
    assert found(asking, **asked) == [three[place].pk for place in places]


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    asking, django_assert_max_num_queries
):
    for number in range(1, 12):
        run_row(version=version_row(number), champion=version_row(100 + number))
    for address in (URL, f"{URL}.csv"):
        with django_assert_max_num_queries(9):
            assert asking.get(address).getvalue()


def test_they_are_a_table_too(asking, three):
    def table(**asked):
        answer = asking.get(f"{URL}.csv", asked)
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))

    assert [line["run"] for line in table()] == [str(run.pk) for run in three[::-1]]
    (line,) = table(tag="night")
    told = {name: line[name] for name in ("state", "tags", "holdout.recall")}
    assert told == {"state": "success", "tags": "night", "holdout.recall": "0.9"}
    assert line["finished_at"] == "2026-06-01T12:01:00+00:00"
    assert asking.get(f"{URL}.csv", {"state": "asleep"}).status_code == 422


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"experiment": "Unheard of"}, ["experiment"]),
        ({"figure": "beauty"}, ["figure"]),
        ({"least": 1}, ["figure"]),
        ({"figure": "holdout.recall", "least": 1, "most": 0}, ["most"]),
        ({"least": "nan"}, ["least"]),
        ({"state": "asleep"}, ["state"]),
        ({"dataset": 9}, ["dataset"]),
        ({"dataset": 10**20}, ["dataset"]),
        ({"tag": "\0"}, ["tag"]),
        ({"notes": "x" * 201}, ["notes"]),
        ({"page_size": 0}, ["page_size"]),
    ],
)
def test_what_is_no_filter_is_refused(asking, three, asked, fields):
    answer = asking.get(URL, asked)
    assert answer.status_code == 422
    assert [one["loc"][-1] for one in answer.json()["errors"]] == fields


def test_what_is_asked_for_is_trained(admin, mailbox):
    dataset_row()
    answer = post(
        admin,
        "",
        dataset=1,
        parameters={"min_samples_leaf": 3, "max_features": [2, 4]},
        policy="stratified",
        recall=0.95,
        seed=7,
        experiment=" Depth of  the forest",
        tags=["night", "first try"],
        notes="How deep?",
    )
    run = TrainingRun.objects.get()
    assert answer.status_code == 202, answer.content
    assert answer.json() == admin.get(f"{URL}/{run.pk}").json()
    wanted = {
        "algorithm": "random_forest",
        "parameters": {"min_samples_leaf": 3},
        "search": {"max_features": [2, 4]},
        "policy": "stratified",
        "recall": 0.95,
        "seed": 7,
        "tags": ["night", "first try"],
        "notes": "How deep?",
        "state": "queued",
    }
    assert {name: getattr(run, name) for name in wanted} == wanted
    assert (run.by.username, run.experiment.name) == ("ana", "Depth of the forest")
    assert mailbox() == [(run.pk, "heavy")]
    assert Outbox.objects.filter(kind="training.requested").count() == 1


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"dataset": 2}, 422, "dataset"),
        ({"dataset": None}, 422, "dataset"),
        ({"algorithm": "perceptron"}, 422, "algorithm"),
        ({"parameters": {"n_estimators": 1}}, 422, "random_forest-n_estimators"),
        ({"parameters": {"n_estimators": 10**50}}, 422, "random_forest-n_estimators"),
        ({"parameters": {"n_estimators": 20.5}}, 422, "random_forest-n_estimators"),
        ({"parameters": {"beauty": 1}}, 422, None),
        ({"parameters": {"n_estimators": []}}, 422, None),
        ({"parameters": {"n_estimators": "1"}}, 422, None),
        ({"parameters": {"n_estimators": [*range(10, 90)]}}, 409, None),
        ({"recall": 1}, 422, "recall"),
        ({"seed": 2**31}, 422, "seed"),
        ({"tags": ["a,b"]}, 422, 0),
        ({"tags": ["x" * 41]}, 422, 0),
        ({"tags": ["a"] * 21}, 422, "tags"),
        ({"experiment": " "}, 422, "experiment"),
        ({"experiment": "\0"}, 422, "experiment"),
        ({"notes": "x" * 10_001}, 422, "notes"),
    ],
)
def test_what_cannot_be_trained_is_refused(admin, sent, status, field):
    dataset_row()
    answer = post(admin, "", **({"dataset": 1} | sent))
    assert answer.status_code == status, answer.content
    if field is not None:
        assert answer.json()["errors"][0]["loc"][-1] == field
    assert TrainingRun.objects.count() == 0


def test_its_log_is_followed_line_by_line(asking):
    run = run_row("running")

    def read(after=0):
        return asking.get(f"{URL}/{run.pk}/log", {"after": after}).json()

    assert read() == {"text": "", "after": 0, "is_under_way": True}
    path = log.path(run)
    path.parent.mkdir(parents=True)
    path.write_text("α: one\ntwo\nhalf a li")
    first = "α: one\ntwo\n"
    assert read() == {"text": first, "after": 12, "is_under_way": True}
    with path.open("a") as file:
        file.write("ne\n")
    TrainingRun.objects.update(state="success")
    assert read(12) == {"text": "half a line\n", "after": 24, "is_under_way": False}
    assert read(24) == {"text": "", "after": 24, "is_under_way": False}
    assert read(10**30) == {"text": "", "after": 24, "is_under_way": False}
    assert asking.get(f"{URL}/{run.pk}/log", {"after": -1}).status_code == 422


def test_its_files_are_listed_and_given_out(asking):
    run = run_row()
    kept = left(run, "slices/beam.json", b'{"beam": 1}')
    step_row(run, "slice", outputs=[kept, kept | {"name": "gone.json"}])
    assert asking.get(f"{URL}/{run.pk}/files").json() == [kept]
    answer = asking.get(f"{URL}/{run.pk}/files/slices/beam.json")
    assert answer.getvalue() == b'{"beam": 1}'
    for other in ("gone.json", "log.txt", "..%2f..%2fsecret", "%00"):
        status = asking.get(f"{URL}/{run.pk}/files/{other}").status_code
        assert status in (404, 422), other


def test_one_that_waits_is_cancelled_goes_on_and_is_done_again(admin, mailbox):
    run = run_row("queued", tags=["night"])
    told = post(admin, f"/{run.pk}/cancel").json()
    assert (told["state"], told["reason"]) == ("cancelled", "Cancelled on request.")

    answer = post(admin, f"/{run.pk}/resume")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    answer = post(admin, f"/{run.pk}/resume")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "Only a training that failed or was cancelled can go on.",
    )
    answer = post(admin, f"/{run.pk}/again")
    other = TrainingRun.objects.exclude(pk=run.pk).get()
    assert (answer.status_code, answer.json()["id"]) == (202, other.pk)
    assert (other.tags, other.by.username) == (["night"], "ana")
    assert mailbox() == [(run.pk, "heavy"), (other.pk, "heavy")]


def test_what_people_write_about_it_is_changed_piece_by_piece(admin):
    run = run_row(tags=["night"], notes="How deep?")

    def change(**sent):
        address = f"{URL}/{run.pk}"
        return admin.patch(address, sent, content_type="application/json")

    def written(answer):
        told = answer.json()
        return told["experiment"], told["tags"], told["notes"]

    assert written(change(tags=["a", "b"])) == ("Trainings", ["a", "b"], "How deep?")
    assert written(change(notes="")) == ("Trainings", ["a", "b"], "")
    assert written(change(experiment="Depth")) == ("Depth", ["a", "b"], "")
    assert written(change()) == ("Depth", ["a", "b"], "")
    for wrong in ({"tags": ["a,b"]}, {"experiment": ""}, {"notes": 1}):
        assert change(**wrong).status_code == 422, wrong


@pytest.mark.parametrize("number", ["9", "9" * 40])
def test_what_is_not_there_is_not_found(admin, number):
    for address in ("", "/log", "/files", "/files/x"):
        assert admin.get(f"{URL}/{number}{address}").status_code == 404
    for act in ("cancel", "resume", "again"):
        assert post(admin, f"/{number}/{act}").status_code == 404


def test_experiments_are_listed_with_their_best_and_opened(admin):
    run_row("failed")
    best = run_row(metrics={"holdout.average_precision": 0.8})
    run_row(metrics={"holdout.average_precision": 0.7})
    Experiment.objects.update(created_at=MADE)
    known = {
        "id": best.experiment.pk,
        "name": "Trainings",
        "description": "",
        "n_trainings": 3,
        "n_succeeded": 2,
        "best": best.pk,
        "figure": 0.8,
        "created_at": "2026-06-01T00:00:00Z",
        "created_by": None,
    }
    assert admin.get(EXPERIMENTS).json() == [known]

    def opened(**sent):
        return admin.post(EXPERIMENTS, sent, content_type="application/json")

    answer = opened(name=" How  deep? ", description="Leaves")
    made = Experiment.objects.get(name="How deep?")
    assert answer.status_code == 201
    assert answer.json() | {"created_at": ""} == {
        "id": made.pk,
        "name": "How deep?",
        "description": "Leaves",
        "n_trainings": 0,
        "n_succeeded": 0,
        "best": None,
        "figure": None,
        "created_at": "",
        "created_by": "ana",
    }
    again = opened(name="How deep?").json()
    assert again["errors"] == [
        {"loc": ["body", "name"], "msg": "There is an experiment of this name."}
    ]


def test_researchers_read_and_admins_train(caller):
    run = run_row("queued")
    for asking in (
        caller("researcher"),
        caller("operator"),
        caller("admin", read_only=True),
    ):
        assert asking.get(f"{URL}/{run.pk}").status_code == 200
        assert post(asking, "", dataset=1).status_code == 403
        for act in ("cancel", "resume", "again"):
            assert post(asking, f"/{run.pk}/{act}").status_code == 403
        assert asking.patch(f"{URL}/{run.pk}").status_code == 403
        assert asking.post(EXPERIMENTS).status_code == 403
    assert TrainingRun.objects.get().state == "queued"
