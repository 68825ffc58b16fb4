"""`manage.py dispatch_run`: one line of output, and an exit code to rely on."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils.timezone import now

from conftest import eventually
from dispatch.models import Run, Schedule
from dispatch.runs.line import take_place
from dispatch.tests.conftest import arrive, begin
from monitor.models import Ping
from monitor.work import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(schedule_over) -> Schedule:
    """A schedule whose last slot nothing has served yet."""
    at = now()
    return schedule_over(
        cron=f"0 {(at.hour - 1) % 24} * * *",
        ledger_until=at - timedelta(days=1),
        start_within=86_400,
        retries=0,
    )


@pytest.fixture
def dispatch(capsys):
    """Run the command as cron would; its exit code and its one line."""

    def call(*arguments: str) -> tuple[int, str]:
        code = 0
        try:
            call_command("dispatch_run", *arguments)
        except SystemExit as end:
            code = end.code
        out = capsys.readouterr().out
        assert out.count("\n") == 1
        return code, out.strip()

    return call


def ping() -> tuple[bool, str]:
    sign = Ping.objects.get()
    assert sign.slug == "dispatch-nightly"
    return sign.failing, sign.detail


def test_it_serves_the_slot_that_is_due_once(due, dispatch):
    code, line = dispatch("nightly")
    run = Run.objects.get()
    assert code == 0
    assert re.fullmatch(
        rf"{run} of nightly: success, 1 files, 40 rows, 4 pulsars, 0 rejected, "
        rf"batch {run.batch_id}, \d+\.\d s",
        line,
    )
    assert (run.trigger, run.slot.outcome, run.slot.run) == ("clock", "ran", run)
    assert ping() == (False, "")

    code, line = dispatch("nightly")
    second = Run.objects.latest("pk")
    why = "Nothing is due: its last slot is served already."
    assert (code, line) == (0, f"{second} of nightly: skipped: {why}")
    assert ping() == (False, "")


def test_now_runs_beside_all_slots_and_says_when_nothing_is_new(due, dispatch):
    assert dispatch("nightly", "--now")[0] == 0
    code, line = dispatch("nightly", "--now")

    run = Run.objects.latest("pk")
    assert (run.trigger, run.slot, due.slots.count()) == ("hand", None, 0)
    assert (code, line) == (
        0,
        f"{run} of nightly: success, nothing new (0 not whole yet)",
    )


def test_json_is_one_object_for_programs(due, dispatch):
    code, line = dispatch("nightly", "--json")

    run, said = Run.objects.get(), json.loads(line)
    assert said.pop("seconds") > 0
    assert (code, said) == (
        0,
        {
            "schedule": "nightly",
            "run": run.pk,
            "state": "success",
            "reason": "",
            "slot": run.slot.at.isoformat(),
            "batch": run.batch_id,
            "files": 1,
            "waiting": 0,
            "known": 0,
            "rows": 40,
            "scored": 40,
            "pulsars": 4,
            "rejected": 0,
            "output": {},
        },
    )


def test_a_failure_is_told_and_ends_with_one(due, dispatch, folder):
    (folder / "sky.csv").write_text("prof_mean,prof_std\n1,2\n")
    code, line = dispatch("nightly")

    run = Run.objects.get()
    why = "No row could be used; the rejects say why."
    assert (code, line) == (1, f"{run} of nightly: failed: {why}")
    assert ping() == (True, f"Failed: {line}")


def test_what_waits_for_its_next_try_ends_with_one_too(due, dispatch, folder):
    Schedule.objects.update(retries=1, source=due.source | {"folder": f"{folder}/no"})
    code, line = dispatch("nightly")

    why = f"The folder {folder}/no is not there."
    assert (code, line) == (1, f"{Run.objects.get()} of nightly: up for retry: {why}")


def test_beside_an_open_run_it_is_refused_on_record(due, dispatch):
    first = begin(due)
    code, line = dispatch("nightly")

    second = Run.objects.latest("pk")
    assert (code, second.state) == (0, State.SKIPPED)
    assert line.startswith(
        f"{second} of nightly: skipped: Run {first.pk} was open since "
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "There is no schedule nobody."),
        (["gone"], "The schedule gone was removed."),
        (
            ["nightly", "--slot", "2026-11-20T02:30:00Z"],
            "2026-11-20T02:30:00+00:00 is ",
        ),
        (["nightly", "--slot", "yesterday"], "invalid _moment value: 'yesterday'"),
    ],
)
def test_what_cannot_be_started_is_told(schedule, schedule_over, arguments, words):
    schedule_over("gone", live=None)
    with pytest.raises(CommandError, match=re.escape(words)):
        call_command("dispatch_run", *arguments)
    assert not Run.objects.exists()


def test_another_user_of_the_system_is_refused(schedule, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 4321)

    with pytest.raises(CommandError, match="this is user 4321: run it as the user of"):
        call_command("dispatch_run", "nightly")
    assert not Run.objects.exists()


@pytest.fixture
def full_line(schedule_over, reconfigured) -> Run:
    """A run of another schedule that has the only place."""
    reconfigured("dispatch", max_parallel=1)
    other = begin(schedule_over("other"))
    assert take_place(other)
    return other


@pytest.mark.django_db(transaction=True)
def test_it_waits_in_the_line_until_there_is_a_place(due, dispatch, full_line):
    def leave() -> None:
        eventually(lambda: Run.objects.filter(schedule=due).exists())
        Run.objects.filter(pk=full_line.pk).update(
            state=State.SUCCESS, **Run.ALONG[State.SUCCESS]
        )

    with_a_connection_of_its_own = threading.Thread(target=leave)
    with_a_connection_of_its_own.start()
    code, line = dispatch("nightly")
    with_a_connection_of_its_own.join()

    assert (code, "success, 1 files, 40 rows" in line) == (0, True)


def test_told_to_end_it_leaves_its_run_to_a_worker(
    due, dispatch, full_line, mailbox, monkeypatch
):
    before = signal.getsignal(signal.SIGTERM)
    standing = "dispatch.management.commands.dispatch_run.execute"

    def told(*_: object) -> bool:
        os.kill(os.getpid(), signal.SIGTERM)
        return False

    monkeypatch.setattr(standing, told)
    code, line = dispatch("nightly")

    run = Run.objects.get(schedule=due)
    assert (code, line) == (0, f"{run} of nightly: a worker goes on with it")
    assert (run.state, mailbox()) == (State.QUEUED, [(run.pk, "heavy")])
    assert signal.getsignal(signal.SIGTERM) == before


def test_it_starts_without_what_only_scoring_needs():
    code = (
        "import sys, django; django.setup()\n"
        "from dispatch.management.commands import dispatch_run\n"
        "heavy = {'pandas', 'sklearn', 'onnxruntime', 'matplotlib', 'astropy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "pulsarsite.settings"}
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "[]\n"


def test_new_files_at_the_next_slot_are_the_next_run_s(due, dispatch, folder):
    assert dispatch("nightly")[0] == 0
    arrive(folder, "later.csv", 25, seed=7)
    code, line = dispatch("nightly", "--now")

    assert (code, "success, 1 files, 25 rows" in line) == (0, True)


def test_a_database_that_refuses_is_told_in_a_line(due, monkeypatch):
    def locked(*_: object, **__: object) -> Run:
        raise OperationalError("database is locked")

    monkeypatch.setattr("dispatch.management.commands.dispatch_run.start", locked)
    with pytest.raises(
        CommandError, match=r"^The database refused: database is locked$"
    ):
        call_command("dispatch_run", "nightly")
    assert ping() == (True, "OperationalError: database is locked")
