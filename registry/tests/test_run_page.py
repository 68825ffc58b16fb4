"""/registry/training/<id>/: one training, as it happens and after."""

from datetime import timedelta

import pytest

from monitor.models import Outbox
from monitor.work import State
from registry.models import Build, TrainingRun, Version
from registry.ship import register_shipped
from registry.tests.run_rows import NOON, dataset_row, run_row, step_row
from registry.training import log

pytestmark = pytest.mark.django_db

POLLS = 'hx-trigger="every 2s"'


@pytest.fixture
def rea(client, person):
    """A researcher, logged in."""
    user = person("researcher", "rea")
    client.force_login(user)
    return user


@pytest.fixture
def ada(client, person):
    """An admin, logged in."""
    user = person("admin", "ada")
    client.force_login(user)
    return user


@pytest.fixture
def page(client):
    """What a run's page says, without its line breaks."""

    def read(run: TrainingRun, **headers: str) -> str:
        response = client.get(run.get_absolute_url(), headers=headers)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return read


def left(run: TrainingRun, name: str, content: bytes = b"{}") -> dict:
    """A file as a step leaves it."""
    path = run.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return {"name": name, "size": len(content), "sha256": "ab" * 32}


def test_a_run_at_work_tells_how_far_it_is_and_looks_again(page, rea):
    run = run_row(
        "running",
        started_at=NOON,
        search={"n_estimators": [100, 200]},
        progress={
            "step": "fit",
            "rehearsal": False,
            "done": 3,
            "of": 12,
            "words": "random_forest: fold 3 of set 1",
        },
    )
    for name in ("load", "split"):
        step_row(run, name, rehearsal=True)
        step_row(run, name)
    step_row(run, "fit", "running", attempts=2, reason="Fit: too little memory.")

    shown = page(run)

    assert shown.count(POLLS) == 2
    assert "<strong>Fit</strong>: Random Forest: fold 3 of set 1 · 25 %" in shown
    assert '<progress max="100" value="25"' in shown
    assert '<li class="now" aria-current="step"> <strong>Fit</strong>' in shown
    assert ", attempt 2</span> <small>Fit: too little memory.</small>" in shown
    assert shown.count('<li class="done">') == 4
    # Of the run itself, and of its rehearsal.
    assert shown.count('<li class="waiting">') == 5 + 6
    assert "<dd>one of 100, 200</dd>" in shown
    assert "Cancel</button>" not in shown


def test_a_rehearsal_at_work_is_unfolded(page, rea):
    run = run_row("running", progress={"step": "load", "rehearsal": True, "of": 0})

    shown = page(run)

    assert "<strong>Rehearsal, load</strong>" in shown
    assert '<details id="rehearsal" open>' in shown
    assert '<progress aria-label="Nothing to count yet">' in shown


def test_the_part_that_changes_is_alone_and_says_when_there_is_more_to_see(client, rea):
    run = run_row("running")
    address = run.get_absolute_url()

    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith('<section id="progress"')
    assert "HX-Refresh" not in answer
    TrainingRun.objects.update(state=State.SUCCESS)
    ended = client.get(address, headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"
    assert POLLS not in ended.content.decode()


def test_one_that_waits_tells_its_place_in_the_line(page, rea, settings):
    run_row("running", place=1)
    run_row("queued")
    run = run_row("queued")

    shown = page(run)

    assert "1 training before it in the line; 1 of at most 1 at work." in shown
    assert "<code>training.max_parallel</code>" in shown


def test_one_that_waits_behind_work_of_another_kind_tells_so(page, rea):
    for state, queue in (("running", "heavy"), ("queued", "heavy"), ("queued", "")):
        Build.objects.create(kind="import", state=state, queue=queue)
    run_row("queued")
    run = run_row("queued")
    Build.objects.create(kind="import", queue="heavy")

    shown = page(run)

    assert "1 training before it in the line; 0 of at most 1 at work." in shown
    assert (
        "2 other pieces of long work, such as a large batch, come before it: the worker"
        " does one thing at a time."
    ) in shown


def test_one_that_waits_for_room_says_so(page, rea):
    run = run_row("up_for_retry", reason="Too little room.", not_before=NOON)

    assert "Too little room.</p> <p>It tries again <time" in page(run)


def test_a_run_that_succeeded_shows_its_figures_files_and_version(page, rea):
    register_shipped()
    dataset_row("The night of May 3")
    run = run_row(
        search={"max_features": [2, 4]},
        chosen={"n_estimators": 150, "min_samples_leaf": 5, "max_features": 2},
        metrics={"holdout.recall": 0.93127, "holdout.f1": 0.9},
        git_commit="c0ffee" * 6 + "beef",
        packages={"scikit-learn": "1.7.2"},
        notes="Better than\nthe last one. <b>",
        source="command",
    )
    version = Version.objects.latest("number")
    TrainingRun.objects.filter(pk=run.pk).update(version=version, champion=version)
    run.refresh_from_db()
    card = left(run, "artefact/card.json", b"{}" * 1024)
    gone = {"name": "rows.parquet", "size": 5, "sha256": "cd" * 32}
    step_row(run, "load", outputs=[gone])
    step_row(run, "register", outputs=[card], inputs_sha256="0123456789abcdef" * 4)

    shown = page(run)

    assert POLLS not in shown
    assert "<dt>Recall</dt><dd>0.9313</dd>" in shown
    assert "<dt>F1</dt><dd>0.9000</dd>" in shown
    assert f"Read the card of {version}</a>" in shown
    assert "through a command" in shown
    assert "<dd>2 <small>chosen of 2, 4</small></dd>" in shown
    assert '<code title="c0ffee' in shown
    assert "<dt>scikit-learn</dt><dd>1.7.2</dd>" in shown
    assert "Better than<br>the last one. &lt;b&gt;" in shown
    assert f'{run.get_absolute_url()}files/artefact/card.json" download' in shown
    assert f"{run.get_absolute_url()}files/rows.parquet" not in shown
    assert "inputs <code>0123456789</code>" in shown
    assert "1 file, 2.0 KB" in shown


def test_a_run_that_failed_says_why_and_offers_to_go_on(page, client, ada):
    run = run_row("failed", reason="Split: no pulsars are left.")
    step_row(run, "load")
    step_row(run, "split", "failed", reason="No pulsars are left.")

    shown = page(run)

    assert '<div class="notice error" role="alert">' in shown
    assert "<p>Split: no pulsars are left.</p>" in shown
    assert '<li class="broken"> <strong>Split</strong>' in shown
    assert shown.count('<li class="never">') == 6 + 8
    answer = client.post(f"{run.get_absolute_url()}resume/")
    assert answer["Location"] == run.get_absolute_url()
    run.refresh_from_db()
    assert run.state == State.QUEUED
    # Pressed twice: nothing is wrong with it, and it is said.
    client.post(f"{run.get_absolute_url()}resume/")
    assert "Only a training that failed or was cancelled can go on." in page(run)


def test_when_it_goes_on_what_broke_off_waits_for_another_go(page, rea):
    run = run_row("running", started_at=NOON)
    step_row(run, "load")
    step_row(run, "split", "failed", reason="It was killed.", attempts=2)

    shown = page(run)

    assert (
        '<li class="waiting"> <strong>Split</strong> <span>waiting, attempt 2</span>'
        " <small>It was killed.</small>"
    ) in shown


def test_what_failed_in_the_rehearsal_is_seen_there_at_once(page, rea):
    run = run_row("failed", reason="HTRU2 has no pulsars.")
    step_row(run, "load", "failed", rehearsal=True, reason="HTRU2 has no pulsars.")

    shown = page(run)

    assert '<details id="rehearsal" open>' in shown
    assert "It broke off in the rehearsal on a few rows; nothing was trained." in shown


def test_of_one_that_never_began_nothing_is_said_to_be_kept(page, rea):
    begun = run_row("cancelled", reason="Cancelled on request.")
    assert "What is done is kept" in page(begun)

    waited = run_row("cancelled", reason="Cancelled on request.", started_at=None)
    assert "What is done is kept" not in page(waited)


def test_a_step_that_was_at_work_when_it_ended_has_broken_off(page, rea):
    run = run_row("cancelled")
    step_row(run, "load", "running")

    assert '<li class="broken"> <strong>Load</strong>' in page(run)


def test_what_a_researcher_may_not_do_is_not_shown_and_refused(page, client, rea):
    run = run_row("failed")
    address = run.get_absolute_url()

    shown = page(run)

    for words in ("Go on with", "Train again", "edit notes", "its events"):
        assert words not in shown
    for action in ("cancel", "again", "resume", "edit"):
        assert client.post(f"{address}{action}/").status_code == 403
    assert client.get(f"{address}edit/").status_code == 403
    assert client.get("/registry/training/new/").status_code == 403


def test_an_admin_cancels(page, client, ada):
    run = run_row("queued")
    address = run.get_absolute_url()
    assert f'action="{address}cancel/"' in page(run)
    assert client.get(f"{address}cancel/").status_code == 405

    client.post(f"{address}cancel/")

    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert "Cancelled on request." in page(run)


def test_one_that_is_being_stopped_offers_nothing(page, ada):
    run = run_row("running", cancel_requested=True)

    shown = page(run)

    assert "Stopping…" in shown
    assert "Cancel</button>" not in shown


def test_the_same_is_trained_again_or_something_is_changed_first(client, ada, page):
    run = run_row(
        algorithm="logistic_regression",
        parameters={"C": 0.5},
        policy="stratified",
        seed=7,
        tags=["night"],
        notes="Not taken along.",
    )
    assert f'href="/registry/training/new/?like={run.pk}"' in page(run)

    answer = client.post(f"{run.get_absolute_url()}again/")

    made = TrainingRun.objects.latest("pk")
    assert answer["Location"] == made.get_absolute_url() != run.get_absolute_url()
    same = ("dataset", "algorithm", "parameters", "policy", "seed", "tags")
    assert [getattr(made, name) for name in same] == [
        getattr(run, name) for name in same
    ]
    assert (made.by, made.notes, made.state) == (ada, "", State.QUEUED)


def test_notes_tags_and_experiment_are_edited_and_on_record(client, ada):
    run = run_row(tags=["old"], notes="One.")
    address = f"{run.get_absolute_url()}edit/"
    shown = client.get(address).content.decode()
    assert 'value="old"' in shown
    assert "One.</textarea>" in shown

    wanted = {"experiment": "Depth", "tags": " b, a  b,b ", "notes": "Two."}
    assert client.post(address, wanted)["Location"] == run.get_absolute_url()

    run.refresh_from_db()
    assert run.experiment.name == "Depth"
    assert (run.tags, run.notes) == (["b", "a b"], "Two.")
    (told,) = Outbox.objects.filter(kind="training.edited")
    assert (told.about, told.who) == (str(run), str(ada.pk))
    assert told.detail == {
        "changed": ["experiment", "notes", "tags"],
        "experiment": "Depth",
        "tags": "['b', 'a b']",
    }
    client.post(address, wanted)
    assert Outbox.objects.filter(kind="training.edited").count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"experiment": ""}, "This field is required."),
        ({"tags": "x" * 41}, "A tag has at most 40 characters"),
        ({"tags": ",".join(map(str, range(21)))}, "At most 20 tags, not 21."),
    ],
)
def test_what_cannot_be_saved_is_said_beside_its_field(client, ada, wrong, said):
    run = run_row()
    wanted = {"experiment": "Depth", "tags": "", "notes": ""} | wrong

    answer = client.post(f"{run.get_absolute_url()}edit/", wanted)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    run.refresh_from_db()
    assert run.experiment.name == "Trainings"


def test_its_files_are_given_out_and_nothing_else(client, rea):
    run = run_row()
    step_row(run, "fit", outputs=[left(run, "fit.json", b'{"a": 1}')])
    left(run, "plan.json")
    address = f"{run.get_absolute_url()}files/"

    answer = client.get(f"{address}fit.json")

    assert b"".join(answer.streaming_content) == b'{"a": 1}'
    assert (
        answer["Content-Disposition"]
        == f'attachment; filename="training-{run.pk}-fit.json"'
    )
    for other in ("plan.json", "../fit.json", "/etc/passwd", "%2e%2e/secret_key"):
        assert client.get(f"{address}{other}").status_code == 404


def test_its_log_is_shown_as_it_grows_and_can_be_taken_along(client, rea, page):
    run = run_row("running")
    assert "Nothing is written yet." in page(run)
    log.path(run).parent.mkdir(parents=True)
    log.path(run).write_text("Load begins\n<Load> is done\n")
    address = f"{run.get_absolute_url()}log/"

    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    whole = client.get(address)

    assert part.strip().startswith('<section id="log"')
    assert "&lt;Load&gt; is done" in part
    assert whole.content == b"Load begins\n<Load> is done\n"
    assert whole["Content-Type"] == "text/plain; charset=utf-8"
    TrainingRun.objects.update(
        state=State.SUCCESS, finished_at=NOON + timedelta(hours=1)
    )
    assert POLLS not in client.get(address, headers={"HX-Request": "true"}).text


def test_a_run_that_is_not_there_is_not_found(client, ada):
    for part in ("", "log/", "edit/", "files/x"):
        assert client.get(f"/registry/training/7/{part}").status_code == 404
