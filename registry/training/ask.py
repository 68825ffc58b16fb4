"""Ask for a training: what is wanted is checked, put on record, and sent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from monitor import logs
from monitor.events import record
from monitor.send import send
from pulsar_ml.training import parameters as known
from registry.errors import CannotTrain
from registry.models import Dataset, TrainingRun
from registry.training import experiments
from registry.training.enough import lacks

DEFAULT_EXPERIMENT = "Trainings"
_LARGEST_SEED = 2**31 - 1

Values = Mapping[str, Any]
Lists = Mapping[str, Sequence[Any]]


def ask(
    *,
    dataset: Dataset,
    algorithm: str = TrainingRun.Algorithm.FOREST,
    parameters: Values | None = None,
    search: Lists | None = None,
    policy: str = TrainingRun.Policy.GROUPED,
    seed: int = 0,
    recall: float = 0.92,
    experiment: str = DEFAULT_EXPERIMENT,
    tags: Iterable[str] = (),
    notes: str = "",
    model: str = "pulsar",
    source: str = TrainingRun.Source.PAGE,
    by: User | None = None,
    at_once: bool = True,
) -> TrainingRun:
    """Make the run; a worker gets it, unless the caller works on it itself."""
    _check_one_of(algorithm, TrainingRun.Algorithm, "algorithm")
    _check_one_of(policy, TrainingRun.Policy, "split policy")
    _check_numbers(seed, recall)
    if why := lacks(dataset):
        raise CannotTrain(why)
    wanted = {
        "algorithm": algorithm,
        "parameters": _parameters(algorithm, parameters or {}),
        "search": _search(algorithm, parameters or {}, search or {}),
        "policy": policy,
        "seed": seed,
        "recall": recall,
        "tags": list(tags),
        "notes": notes,
        "model": model,
        "source": source,
    }
    with transaction.atomic():
        run = TrainingRun.objects.create(
            dataset=dataset,
            experiment=experiments.find_or_open(experiment, by),
            by=by,
            sent_at=now(),
            request_id=logs.request_id.get(),
            **wanted,
        )
        record("training.requested", about=str(run), who=by, **_told(run))
    if at_once:
        send(run)
    return run


def _told(run: TrainingRun) -> dict[str, Any]:
    return {
        "dataset": str(run.dataset),
        "experiment": run.experiment.name,
        "algorithm": run.algorithm,
        "parameters": run.parameters or None,
        "search": run.search or None,
        "policy": run.policy,
        "seed": run.seed,
    }


def _check_one_of(value: str, choices: Any, what: str) -> None:
    if value not in choices.values:
        raise CannotTrain(
            f"There is no {what} {value!r}, but {', '.join(choices.values)}."
        )


def _check_numbers(seed: int, recall: float) -> None:
    if not 0 <= seed <= _LARGEST_SEED:
        raise CannotTrain(f"The seed is a whole number from 0 to {_LARGEST_SEED}.")
    if not 0 < recall < 1:
        raise CannotTrain(
            "The share of pulsars to be found is more than 0 and less than 1."
        )


def _parameters(algorithm: str, given: Values) -> dict[str, Any]:
    return {name: known.of(algorithm, name).check(v) for name, v in given.items()}


def _search(algorithm: str, parameters: Values, given: Lists) -> dict[str, Any]:
    for name, values in given.items():
        if name in parameters:
            raise CannotTrain(f"{name} is both set and to be tried; say one of them.")
        if len(set(values)) != len(values) or not values:
            raise CannotTrain(f"{name} is to be tried with different values.")
    checked = {
        name: [known.of(algorithm, name).check(value) for value in values]
        for name, values in given.items()
    }
    most, n = settings.PULSAR.training.max_candidates, known.candidates(checked)
    if n > most:
        raise CannotTrain(
            f"That makes {n:,} sets of parameters to try; at most {most} are tried "
            "(training.max_candidates)."
        )
    return checked
