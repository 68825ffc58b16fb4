"""/dispatch/runs/<id>/: one run, as it happens and after."""

from datetime import timedelta

import pytest
import time_machine
from django.utils.timezone import now

from dispatch.models import Run, Slot
from dispatch.runs import tail
from dispatch.tests.conftest import arrive, begin, go
from dispatch.tests.rows import NOON, run_row, schedule_row, step_row
from monitor import kept_log
from monitor.work import State
from showroom.models import Batch

pytestmark = pytest.mark.django_db

POLLS = 'hx-trigger="every 2s"'


@pytest.fixture
def olga(client, person):
    """An operator, logged in."""
    user = person("operator", "olga")
    client.force_login(user)
    return user


@pytest.fixture
def page(client):
    """What a run's page says, without its line breaks."""

    def read(run: Run, part: str = "") -> str:
        response = client.get(f"/dispatch/runs/{run.pk}/{part}")
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return read


def written(run: Run, content: str) -> None:
    tail.path(run).parent.mkdir(exist_ok=True)
    tail.path(run).write_text(content)


def test_every_role_may_look_and_only_operators_may_stop_and_retry(client, person):
    schedule = schedule_row()
    stopped, waiting = run_row(schedule, "failed"), run_row(schedule, "queued")
    looks, acts = {}, {}
    for role in ("researcher", "operator", "admin"):
        client.force_login(person(role))
        paths = ["", "progress/", "log/"]
        looks[role] = [
            client.get(f"/dispatch/runs/{waiting.pk}/{path}").status_code
            for path in paths
        ]
        shown = client.get(waiting.get_absolute_url()).content.decode()
        acts[role] = (
            ">Cancel</button>" in shown,
            client.post(f"/dispatch/runs/{waiting.pk}/cancel/").status_code,
            client.post(f"/dispatch/runs/{stopped.pk}/retry/").status_code,
        )
        assert client.get(f"/dispatch/runs/{waiting.pk}/cancel/").status_code == 405
        Run.objects.filter(pk=stopped.pk).update(state="failed", open=None)
        Run.objects.filter(pk=waiting.pk).update(
            state="queued", open=True, cancel_requested=False
        )

    assert set(map(tuple, looks.values())) == {(200, 200, 200)}
    assert acts == {
        "researcher": (False, 403, 403),
        "operator": (True, 302, 302),
        "admin": (True, 302, 302),
    }


def test_who_has_no_role_sees_no_run(client, django_user_model):
    run = run_row(schedule_row())
    assert client.get(run.get_absolute_url()).status_code == 302
    client.force_login(django_user_model.objects.create_user("newt"))

    for path in ("", "progress/", "log/"):
        assert client.get(f"/dispatch/runs/{run.pk}/{path}").status_code == 403


def test_a_run_that_is_not_there_is_not_found(client, olga):
    for number in ("999", "9" * 30):
        assert client.get(f"/dispatch/runs/{number}/").status_code == 404


def test_a_run_that_ended_well_shows_all_that_came_of_it(
    client, olga, schedule, folder, page
):
    table = arrive(folder, "torn.csv")
    table.write_bytes(table.read_bytes() + b"x,1,2,3,4,5,6,7\n" * 25)
    run = go(begin(schedule))
    assert (run.state, run.n_rejected) == (State.SUCCESS, 25)
    run.output = {
        "path": "/data/out/nightly.csv", "rows": 80, "note": "",
        "rejects": "nightly.csv.rejects.csv", "rejected": 25,
    }  # fmt: skip
    run.save(update_fields=["output"])

    shown = page(run)

    assert shown.count(POLLS) == 0
    tiles = [("Files", 2), ("Rows", 105), ("Scored", 80), ("Rejected", 25)]
    for label, figure in tiles:
        assert f"<dt>{label}</dt><dd>{figure}</dd>" in shown
    assert shown.count('<li class="done">') == 4
    assert f'<a class="button primary" href="{run.batch.get_absolute_url()}">' in shown
    assert f'<a href="{run.version.get_absolute_url()}">{run.version}</a>' in shown
    assert "<dt>Output: path</dt><dd" in shown
    assert "/data/out/nightly.csv" in shown
    assert "Output: note" not in shown
    assert "25 rejects in nightly.csv.rejects.csv</dd>" in shown
    assert "Output: rejected" not in shown
    assert len(client.get(run.get_absolute_url()).context["rejects"]) == 20
    assert f'href="/showroom/batches/{run.batch_id}/rejects.csv"' in shown
    assert "Inferred: " in shown  # its log
    # And back: the batch says of which run it is.
    back = f'by schedule Nightly, <a href="{run.get_absolute_url()}">run {run.pk}</a>'
    assert back in " ".join(
        client.get(run.batch.get_absolute_url()).content.decode().split()
    )
    assert f'<a href="{run.get_absolute_url()}">run {run.pk}</a>' in (
        client.get("/showroom/").content.decode()
    )


def test_rejects_that_cannot_be_read_do_not_take_the_page_along(
    client, olga, schedule, folder, page
):
    table = arrive(folder, "torn.csv")
    table.write_bytes(table.read_bytes() + b"x,1,2,3,4,5,6,7\n")
    run = go(begin(schedule))
    for part in run.batch.folder.glob("rejects-*"):
        part.unlink()

    assert "What was rejected cannot be read now" in page(run)


def test_a_batch_that_was_deleted_is_told_and_not_linked(
    client, olga, schedule, folder, page
):
    run = go(begin(schedule))
    Batch.objects.update(deleted_at=now())

    shown = page(run)

    assert "<dt>Batch</dt><dd>deleted</dd>" in shown
    assert run.batch.get_absolute_url() not in shown


def test_a_private_batch_is_not_there_for_others(client, person, champion, page):
    owner = person("admin")
    batch = Batch.objects.create(owner=owner, title="x", version=champion, private=True)
    run = run_row(schedule_row(), "success", batch=batch)
    client.force_login(person("operator"))
    assert batch.get_absolute_url() not in page(run)

    client.force_login(owner)
    assert batch.get_absolute_url() in page(run)


def test_at_work_the_page_asks_again_and_shows_how_far_it_is(
    client, olga, champion, page
):
    batch = Batch.objects.create(
        owner=olga, title="Nightly", version=champion, source="dispatch",
        state="running", bytes_total=1000, bytes_read=420, n_scored=4200,
        n_pulsars=13, n_rejected=2, n_rows=4202, holder="f" * 32,
    )  # fmt: skip
    for number in range(3):
        part = f"part-{number:05d}-{'f' * 8}.parquet"
        chunk = batch.chunks.create(
            number=number, first_row=1 + 1000 * number, n_rows=1000, n_scored=1000,
            n_pulsars=0, histogram=[], part=part,
        )  # fmt: skip
        batch.chunks.filter(pk=chunk.pk).update(
            written_at=NOON + timedelta(seconds=2 * number)
        )
    run = run_row(
        schedule_row(), "running", batch=batch, started_at=now(), tried_at=NOON
    )
    step_row(run, "collected", 2, files=3, bytes=2048, known=0, seconds=2, path="/d")
    step_row(run, "loaded", 0.5, n_rows=1234)
    step_row(run, "inferred", None)

    for shown in (page(run), page(run, "progress/")):
        assert f'hx-get="/dispatch/runs/{run.pk}/progress/" {POLLS}' in shown
        assert '<progress max="100" value="42"' in shown
        into = f'<a href="{batch.get_absolute_url()}">batch {batch.pk}</a>'
        assert f"42 % read into {into} · 4 200 rows scored · 13 pulsars" in shown
        assert "13 pulsars · 2 rejected" in shown
        assert "500 rows a second · about 12 s left" in shown
        assert "done in 2.0 s" in shown
        assert "<small>files 3 · bytes 2.0 KB</small>" in shown
        assert "<small>rows 1 234</small>" in shown
        assert '<li class="now" aria-current="step">' in shown
        assert '<noscript><p><a href="/dispatch/runs/' in shown
    assert "Must end by" in page(run)
    # Its batch sends whoever wants to stop it to the run.
    Batch.objects.update(run=run.pk)
    told = client.get(batch.get_absolute_url()).content.decode()
    assert "which can be stopped there" in told
    assert ">Cancel</button>" not in told
    batch.chunks.all().delete()
    Batch.objects.update(state="failed", reason="It broke.")
    told = client.get(batch.get_absolute_url()).content.decode()
    assert "if that is retried" in told
    assert "Go on where it stopped" not in told


def test_at_the_end_the_page_is_read_anew(client, olga):
    run = run_row(schedule_row(), "running")
    address = f"/dispatch/runs/{run.pk}/progress/"
    assert "HX-Refresh" not in client.get(address)

    Run.objects.update(state="success", open=None)

    assert client.get(address)["HX-Refresh"] == "true"


def test_steps_stand_as_they_are(client, olga):
    run = run_row(schedule_row(), "running", tried_at=NOON)

    def states() -> list[tuple[str, str]]:
        steps = client.get(run.get_absolute_url()).context["steps"]
        return [(step.name.value, step.state) for step in steps]

    names = ["collected", "loaded", "inferred", "persisted"]
    assert states() == [(name, "waiting") for name in names]
    step_row(run, "collected")
    step_row(run, "loaded", None)
    told = ["done", "now", "waiting", "waiting"]
    assert states() == list(zip(names, told, strict=True))

    # Its worker died, and another has it now.
    Run.objects.update(tried_at=NOON + timedelta(seconds=1))
    told[1] = "broken"
    assert states() == list(zip(names, told, strict=True))

    Run.objects.update(state="failed", open=None)
    told[2:] = ["never", "never"]
    assert states() == list(zip(names, told, strict=True))


def test_steps_of_earlier_attempts_are_kept_behind_a_fold(client, olga, page):
    run = run_row(schedule_row(), "failed")
    step_row(run, "collected", 2)
    step_row(run, "loaded", None)
    step_row(run, "loaded", None, attempt=2)

    shown = page(run)

    assert "<summary>Steps of earlier attempts</summary>" in shown
    assert "Attempt 1: model loaded, broke off" in shown
    assert "broke off, attempt 2" in shown


def test_who_waits_sees_the_place_in_the_line(client, olga, reconfigured, page):
    reconfigured("dispatch", max_parallel=3)
    run_row(schedule_row("first"), "running", place=1)
    before = run_row(schedule_row("second"), "queued")
    run = run_row(schedule_row("third"), "queued")

    assert "1 run before it in the line; 1 of at most 3 at work" in page(run)
    assert "The next in the line; 1 of at most 3 at work" in page(before)
    assert "as soon as the worker for long work is free" in page(run)
    reconfigured("dispatch", max_parallel=1)
    assert "dispatch.max_parallel" in page(run)


def test_a_retry_says_when_and_why(client, olga, page):
    run = run_row(
        schedule_row(retries=4), "up_for_retry", not_before=NOON, tries=2,
        reason="The disk is asleep.",
    )  # fmt: skip
    with time_machine.travel(NOON - timedelta(seconds=40), tick=False):
        shown = page(run)

    assert "The disk is asleep." in shown
    assert "It tries again in 40 s (<time" in shown
    assert "2026-06-01 12:00:00</time>); retry" in shown
    assert "retry 2 of 4" in shown
    assert POLLS in shown
    again = f'<form method="post" action="/dispatch/runs/{run.pk}/retry/">'
    assert shown.index(again) < shown.index(">Try now</button>")
    assert shown.index(">Try now</button>") < shown.index(">Cancel</button>")
    client.post(f"/dispatch/runs/{run.pk}/retry/")
    run.refresh_from_db()
    assert (run.state, run.not_before) == (State.QUEUED, None)
    assert "Try now" not in page(run)


def test_a_refused_start_says_why_and_links_what_was_open(client, olga, page):
    schedule = schedule_row()
    run_row(schedule, "success", -60, finished_at=NOON - timedelta(minutes=5))
    then = run_row(schedule, "success", -1, finished_at=NOON + timedelta(minutes=9))
    run_row(schedule, "success", 10, finished_at=NOON + timedelta(minutes=12))
    refused = run_row(schedule, "skipped", reason="Another run was open.")

    shown = page(refused)

    assert "This start was refused, and nothing ran: Another run was open." in shown
    assert f'See <a href="{then.get_absolute_url()}">' in shown
    assert "<dt>Asked for</dt><dd>by the clock" in shown
    assert 'id="progress"' not in shown
    assert "Retry" not in shown


def test_a_start_for_a_slot_already_served_links_its_run(client, olga, page):
    schedule = schedule_row()
    slot = Slot.objects.create(schedule=schedule, at=NOON)
    served = run_row(schedule, "success", -9, finished_at=NOON - timedelta(minutes=8))
    Slot.objects.update(run=served)
    refused = run_row(schedule, "skipped", slot=slot)

    assert f'The slot is that of <a href="{served.get_absolute_url()}">' in page(
        refused
    )


@pytest.mark.parametrize(
    ("done", "advice"),
    [
        ([], "source can be read."),
        (["collected"], "See in the registry whether the version is there"),
        (["collected", "loaded"], "See the log, and what was rejected."),
        (["collected", "loaded", "inferred"], "room and leave to write its output."),
        (["collected", "loaded", "inferred", "persisted"], "<p>See the log. </p>"),
    ],
)
def test_a_failure_is_told_with_where_to_look(client, olga, page, done, advice):
    run = run_row(schedule_row(), "failed", reason="It broke.")
    for name in done:
        step_row(run, name)

    shown = page(run)

    assert '<div class="notice error" role="alert"> <p>It broke.</p>' in shown
    assert advice in shown
    assert f'action="/dispatch/runs/{run.pk}/retry/"' in shown


def test_no_retry_beside_an_open_run(client, olga, page):
    schedule = schedule_row()
    run, other = run_row(schedule, "failed"), run_row(schedule, "queued")

    shown = page(run)
    assert f'when <a href="{other.get_absolute_url()}">run {other.pk}</a> of' in shown
    assert ">Retry</button>" not in shown

    # Somebody still had the button on an older page.
    answer = client.post(f"/dispatch/runs/{run.pk}/retry/", follow=True)
    assert f"Run {other.pk} of this schedule is open" in answer.content.decode()
    run.refresh_from_db()
    assert run.state == State.FAILED


@pytest.mark.parametrize(
    ("live", "n_files", "told"),
    [(None, 0, "as its schedule was removed"), (True, 3, "as its batch was deleted")],
)
def test_what_cannot_go_on_says_why_and_has_no_button(
    client, olga, page, live, n_files, told
):
    shown = page(run_row(schedule_row(live=live), "failed", n_files=n_files))

    assert f"It cannot be retried, {told}." in shown
    assert ">Retry</button>" not in shown


def test_an_operator_stops_a_run_and_has_it_tried_again(client, olga, mailbox):
    run = run_row(schedule_row(), "queued")

    answer = client.post(f"/dispatch/runs/{run.pk}/cancel/")
    run.refresh_from_db()
    assert (answer.url, run.state) == (run.get_absolute_url(), State.CANCELLED)

    answer = client.post(f"/dispatch/runs/{run.pk}/retry/")
    run.refresh_from_db()
    assert (answer.url, run.state) == (run.get_absolute_url(), State.QUEUED)
    assert mailbox() == [(run.pk, "heavy")]


def test_a_run_asked_to_stop_says_that_it_will(client, olga, page):
    run = run_row(schedule_row(), "running", cancel_requested=True)

    shown = page(run)

    assert "Stopping after the part it is at…" in shown
    assert ">Cancel</button>" not in shown


def test_a_run_that_found_nothing_says_so(client, olga, page):
    run = run_row(schedule_row(), n_waiting=2, notes=["a.csv is a link."])
    step_row(run, "collected")

    shown = page(run)

    assert "Nothing new had arrived: 2 files were not whole yet." in shown
    assert "What was not taken in:" in shown
    assert "<li>a.csv is a link.</li>" in shown
    assert shown.count("nothing to do") == 3


def test_the_log_shows_its_last_lines_escaped_and_is_whole_as_a_file(
    client, olga, page
):
    run = run_row(schedule_row(), "running")
    assert "Nothing is written yet." in page(run)
    written(run, "".join(f"line {number} <b>\n" for number in range(500)))

    shown = page(run)
    part = client.get(f"/dispatch/runs/{run.pk}/log/", headers={"HX-Request": "true"})
    file = client.get(f"/dispatch/runs/{run.pk}/log/")

    assert "line 299 " not in shown
    assert "line 300 &lt;b&gt;" in shown
    assert "its last lines" in shown
    assert part.content.decode().strip().startswith('<section id="log"')
    assert "line 499 &lt;b&gt;" in part.content.decode()
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"] == (
        f'attachment; filename="run-{run.pk}.log"'
    )  # fmt: skip
    assert file.content.decode() == tail.path(run).read_text()


def test_of_a_huge_log_the_end_is_sent_from_the_start_of_a_line(client, olga):
    run = run_row(schedule_row())
    lines = [f"{number:07} ä\n" for number in range(150_000)]
    written(run, "".join(lines))

    sent = client.get(f"/dispatch/runs/{run.pk}/log/").content.decode()

    said, _, rest = sent.partition("\n")
    kept = rest.splitlines(keepends=True)
    assert len(rest.encode()) <= kept_log.MOST_BYTES
    assert kept == lines[-len(kept) :]
    left_out = len("".join(lines).encode()) - len(rest.encode())
    assert said == f"[{left_out} bytes before this are in {tail.path(run)}]"


def test_a_link_in_place_of_a_log_leads_nowhere(client, olga, page, tmp_path):
    run = run_row(schedule_row())
    secret = tmp_path / "secret"
    secret.write_text("the key")
    written(run, "")
    tail.path(run).unlink()
    tail.path(run).symlink_to(secret)

    assert "There is no log" in page(run)
    assert client.get(f"/dispatch/runs/{run.pk}/log/").content == b""


def test_who_may_see_events_finds_those_of_the_run(client, olga, person, page):
    run = run_row(schedule_row())
    address = f'href="/monitor/events/?about=run%20{run.pk}"'
    assert address in page(run)

    client.force_login(person("researcher"))
    assert address not in page(run)
