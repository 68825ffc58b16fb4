"""Do what a run is there for: collect, load, infer, persist; again where it stopped."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import DatabaseError

from dispatch import sinks, sources
from dispatch.errors import DispatchError, NothingUsable, TimedOut
from dispatch.models import Run, Step
from dispatch.runs import log
from dispatch.runs.beat import Beat, counts
from dispatch.runs.end import end
from dispatch.runs.infer import batch_of, infer
from dispatch.runs.line import take_place
from dispatch.runs.steps import Steps
from dispatch.runs.try_again import try_again
from monitor import claims, crash
from monitor.send import send
from monitor.work import Cancelled, Interrupted, LeaseLost, State
from pulsar_ml.errors import PulsarError
from registry import serving
from registry.errors import RegistryError
from registry.models import Version

logger = logging.getLogger(__name__)

# What the source fixes; the run's other fields are ours, and its holder above all.
_COLLECTED = ("batch", "n_files", "n_bytes", "n_waiting", "n_known", "output")
_FAILURES = (
    DispatchError,
    PulsarError,
    RegistryError,
    OSError,
    DatabaseError,
    MemoryError,
    TimedOut,
)


def execute(
    run: Run,
    stopping: Callable[[], bool] = lambda: False,
    at_work: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> bool:
    """Work on a run until it ends or must wait; `at_work` is around that.

    False while it stands in the line, and when another has it.
    """
    # A queued run has a reason where it failed before, or waited for room.
    before = run.reason
    if not take_place(run):
        return False
    crash.at("run.claimed")
    with log.kept(run), at_work():
        _work(run, Beat(run, stopping), before)
    return True


def _work(run: Run, beat: Beat, before: str) -> None:
    try:
        _try(run, beat, before)
    except LeaseLost as lost:
        logger.warning("%s", lost)  # whoever has it now brings it to its end
    except Cancelled as request:
        end(run, State.CANCELLED, reason=str(request))
    except Interrupted as request:
        _hand_over(run, request)


def _try(run: Run, beat: Beat, before: str) -> None:
    n_rows = run.n_rows
    try:
        _do(run, beat)
    except _FAILURES as error:
        try_again(run, error, before=before, n_rows=n_rows)


def _do(run: Run, beat: Beat) -> None:
    version = run.version or _fix_version(run)
    steps = Steps(run)
    _collect(run, steps, beat)
    if run.batch_id:
        _infer(run, version, steps, beat)
        _persist(run, steps, beat)
    elif run.n_files:
        raise NothingUsable("Its batch was removed, and with it what it had read.")
    crash.at("run.closing")
    end(run, State.SUCCESS)


def _fix_version(run: Run) -> Version:
    run.version = version = serving.find(run.schedule.reference)
    claims.keep(run, version=version)
    return version


def _collect(run: Run, steps: Steps, beat: Beat) -> None:
    if steps.is_done(Step.Name.COLLECTED):
        return
    with steps.take(Step.Name.COLLECTED) as told:
        sources.of(run.schedule.source).collect(run, beat)
        run.refresh_from_db(fields=_COLLECTED)
        told["files"] = run.n_files
        told["bytes"] = run.n_bytes
        told["waiting"] = run.n_waiting
        told["known"] = run.n_known


def _infer(run: Run, version: Version, steps: Steps, beat: Beat) -> None:
    """Load the model only now: most runs of a busy folder find nothing in it."""
    if steps.is_done(Step.Name.INFERRED):
        return
    if batch_of(run).state != State.SUCCESS:
        with steps.take(Step.Name.LOADED) as told:
            told["version"] = str(serving.serve(version).version)
    with steps.take(Step.Name.INFERRED) as told:
        infer(run, beat)
        told |= {name.removeprefix("n_"): n for name, n in counts(run).items()}


def _persist(run: Run, steps: Steps, beat: Beat) -> None:
    if steps.is_done(Step.Name.PERSISTED):
        return
    with steps.take(Step.Name.PERSISTED) as told:
        output: dict[str, Any] = sinks.of(run.schedule.sink).persist(run, beat)
        claims.keep(run, output=output)
        crash.at("persist.noted")
        told |= output


def _hand_over(run: Run, why: Interrupted) -> None:
    """Have a worker go on at once with what this process must leave."""
    try:
        claims.give_back(run)
    except Cancelled as request:
        end(run, State.CANCELLED, reason=str(request))
    except LeaseLost as lost:
        logger.warning("%s", lost)
    else:
        logger.warning("%s A worker goes on.", why)
        send(run)
