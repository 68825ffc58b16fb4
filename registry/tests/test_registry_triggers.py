"""The command of the clock: it looks at the triggers and brings retrainings further."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from monitor import jobs
from monitor.work import State
from registry.models import Comparison, Push, TrainingRun
from registry.tests.run_rows import dataset_row
from registry.tests.triggered import stages, trigger_row, version_row

pytestmark = pytest.mark.django_db


def said(command: str) -> str:
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


def test_one_call_looks_fires_and_begins_the_training():
    dataset_row()
    trigger_row("dataset", name="Archive")

    assert said("registry_triggers") == "Archive fired: Dataset 1 is new.\n"
    assert stages() == [("training", "", True)]
    assert TrainingRun.objects.get().source == "trigger"
    assert said("registry_triggers") == ""


def test_the_clock_calls_it_each_minute_without_a_process_of_its_own():
    job = jobs.declared["registry_triggers"]

    assert (job.cron, job.argv, job.sweep) == (
        "* * * * *",
        ("registry_triggers",),
        True,
    )
    assert job.page == "/registry/triggers/"


def test_comparisons_and_pushes_whose_message_was_lost_are_sent_again():
    long_ago = now() - timedelta(hours=1)
    waits = {"state": State.QUEUED, "sent_at": long_ago}
    comparison = Comparison.objects.create(
        candidate=version_row(2), champion=version_row(1), inputs_sha256="a", **waits
    )
    push = Push.objects.create(name="a.onnx", sha256="a", size=1, **waits)

    assert said("sweep_registry").splitlines() == [
        f"sent {comparison} again",
        f"sent {push} again",
    ]
