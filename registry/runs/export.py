"""Runs as a table for other programs: all that is known of each, one a line."""

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo

from django.db.models import QuerySet

from pulsar_ml import safe_csv
from registry.models import TrainingRun
from registry.runs.parameters import parameters

_AT_ONCE = 500

Record = list[object]

_COLUMNS: dict[str, Callable[[TrainingRun], object]] = {
    "run": lambda run: run.pk,
    "state": lambda run: run.state,
    "reason": lambda run: run.reason,
    "experiment": lambda run: run.experiment.name,
    "dataset": lambda run: run.dataset.number,
    "dataset_sha256": lambda run: run.dataset.sha256,
    "algorithm": lambda run: run.algorithm,
    "policy": lambda run: run.policy,
    "seed": lambda run: run.seed,
    "recall_asked_for": lambda run: run.recall,
    "source": lambda run: run.source,
    "user": lambda run: str(run.by or ""),
    "version": lambda run: str(run.version or ""),
    "git_commit": lambda run: run.git_commit,
    "seconds": lambda run: run.took and run.took.total_seconds(),
    "tags": lambda run: ", ".join(run.tags),
    "notes": lambda run: run.notes,
}
_TIMES = ("created_at", "started_at", "finished_at")


def lines(runs: QuerySet[TrainingRun], zone: tzinfo) -> Iterator[str]:
    """The runs as CSV after RFC 4180, safe to be opened in a spreadsheet."""
    settings, measured = _names(runs)
    heads = [f"parameter.{name}" for name in settings]
    yield _written([[*_COLUMNS, *_TIMES, *heads, *measured]])
    block: list[Record] = []
    for run in runs.iterator(_AT_ONCE):
        block.append(_record(run, zone, settings, measured))
        if len(block) == _AT_ONCE:
            yield _written(block)
            block = []
    yield _written(block)


def _names(runs: QuerySet[TrainingRun]) -> tuple[list[str], list[str]]:
    """Every parameter and figure that any of them has, each with a column."""
    settings: dict[str, None] = {}
    measured: dict[str, None] = {}
    told = runs.only("algorithm", "parameters", "search", "chosen", "metrics")
    for run in told.select_related(None).iterator(_AT_ONCE):
        settings |= dict.fromkeys(parameters(run))
        measured |= dict.fromkeys(run.metrics)
    return sorted(settings), sorted(measured)


def _record(
    run: TrainingRun, zone: tzinfo, settings: list[str], measured: list[str]
) -> Record:
    used = parameters(run)
    return [
        *(value(run) for value in _COLUMNS.values()),
        *(_moment(getattr(run, time), zone) for time in _TIMES),
        *(used.get(name) for name in settings),
        *(run.metrics.get(name) for name in measured),
    ]


def _moment(at: datetime | None, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


def _written(records: Iterable[Record]) -> str:
    text = io.StringIO(newline="")
    safe_csv.write(text, records)
    return text.getvalue()
