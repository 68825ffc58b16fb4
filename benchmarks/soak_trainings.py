"""Trainings whose workers and steps are killed at random moments; see soak.py."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

# One without a baseline beside it, on few rows: the quickest there is.
_ASKED = {"algorithm": "logistic_regression", "policy": "stratified"}
_ROWS = 1200
_MOST_KILLS = 6

Fork = Callable[..., int]
Answer = Callable[[Callable[[str], Any], str], Any]


def soak(repeat: int, fork: Fork, answer: Answer) -> list[dict[str, Any]]:
    """Let so many trainings be killed and go on; what is wrong with each.

    Processes are forked by the caller, since this one opens no database.
    """
    if not repeat:
        return []
    answer(_make, "")
    smooth = answer(_ask, "")
    _wait(fork(_work, smooth))
    wanted = answer(_outcome, smooth)
    chance = random.Random(0)  # noqa: S311  no secret
    return [
        _killed(answer(_ask, ""), wanted, chance, fork, answer) for _ in "x" * repeat
    ]


def told(cases: list[dict[str, Any]]) -> str:
    """What was found, in a line, and in one more for each that was not as it should."""
    workers, steps = (sum(case[what] for case in cases) for what in ("worker", "step"))
    wrong = [case["wrong"] for case in cases if case["wrong"]]
    right = f"{len(cases) - len(wrong)} of {len(cases)}"
    line = f"trainings: {right} right; killed: {workers} workers and {steps} steps"
    return "\n".join([line, *(f"other in {', '.join(names)}" for names in wrong)])


def _killed(
    number: str,
    wanted: dict[str, Any],
    chance: random.Random,
    fork: Fork,
    answer: Answer,
) -> dict[str, Any]:
    kills = {"worker": 0, "step": 0}
    for _ in range(chance.randint(1, _MOST_KILLS)):
        worker = fork(_work, number)
        time.sleep(chance.uniform(0.1, 8))
        what = chance.choice(list(kills))
        kills[what] += _kill(worker, what)
        if what == "step":
            time.sleep(chance.uniform(0.1, 4))
            _kill(worker, "worker")
        _wait(worker)
        answer(_sweep, number)
    _wait(fork(_work, number))
    found = answer(_outcome, number)
    return {**kills, "wrong": [what for what in wanted if found[what] != wanted[what]]}


def _kill(worker: int, what: str) -> int:
    """End the worker, or the step that it waits for, without a word; how many."""
    import psutil

    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        steps = psutil.Process(worker).children()
        pids = [worker] if what == "worker" else [step.pid for step in steps]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return len(pids)
    return 0


def _wait(worker: int) -> None:
    os.waitpid(worker, 0)


def _make(_: str) -> None:
    from pulsar_ml.tests import simulated
    from registry.tests.made import dataset

    dataset(simulated.table(_ROWS))


def _ask(_: str) -> str:
    from registry.models import Dataset
    from registry.training.ask import ask

    return str(ask(dataset=Dataset.objects.get(), at_once=False, **_ASKED).pk)


def _work(number: str) -> None:
    from registry.models import TrainingRun
    from registry.training.work import work

    work(TrainingRun.objects.get(pk=int(number)))


def _sweep(number: str) -> None:
    """What follows when the lease of a dead worker has ended."""
    from django.utils.timezone import now

    from monitor.sweep import sweep
    from registry.models import TrainingRun
    from registry.training.end import mend

    sweep(TrainingRun, now() + timedelta(hours=1))
    mend()


def _outcome(number: str) -> dict[str, Any]:
    """All that there is of a training, but for times and attempts."""
    import psutil

    from registry.models import TrainingRun

    run = TrainingRun.objects.get(pk=int(number))
    told = run.metrics.items()
    left = (path.relative_to(run.folder) for path in run.folder.rglob("*"))
    lines = (p.info["cmdline"] or [""] for p in psutil.process_iter(["cmdline"]))
    return {
        "state": run.state,
        "metrics": {name: value for name, value in told if name != "seconds"},
        "versions": _versions(run),
        "place": run.place,
        "steps": sorted(run.steps.values_list("rehearsal", "name", "state")),
        "files": sorted(map(str, left)),
        "processes": sum(str(run.folder) in line[-1] for line in lines),
        "events": _events(run),
    }


def _versions(run: Any) -> list[int]:
    """How many were made since the run before it, and how many are its own."""
    from registry.models import TrainingRun, Version

    made = Version.objects.exclude(training_runs=None).count()
    ended = TrainingRun.objects.filter(pk__lte=run.pk).count()
    drafts = list(Path(run.version.folder).parent.glob(".*"))
    return [made - ended, run.version.training_runs.count(), len(drafts)]


def _events(run: Any) -> list[str]:
    from monitor.models import Outbox

    told = Outbox.objects.filter(about__in=[str(run), str(run.version)])
    ends = told.exclude(kind="training.resumed").order_by("pk")
    return list(ends.values_list("kind", flat=True))
