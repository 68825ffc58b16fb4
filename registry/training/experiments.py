"""Experiments: found by their name, or opened."""

from django.db import IntegrityError, transaction

from accounts.models import User
from monitor.events import record
from registry.errors import CannotTrain
from registry.models import Experiment

LONGEST = 80


def find_or_open(
    name: str, by: User | None = None, *, description: str = ""
) -> Experiment:
    """The experiment of this name; a new one if there is none."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST:
        raise CannotTrain(f"An experiment has a name of 1 to {LONGEST} characters.")
    found = Experiment.objects.filter(name=name).first()
    return found or _open(name, by, description)


def _open(name: str, by: User | None, description: str) -> Experiment:
    try:
        with transaction.atomic():
            made = Experiment.objects.create(
                name=name, created_by=by, description=description
            )
            record("experiment.created", about=f"experiment {made}", who=by)
    except IntegrityError:  # another was first
        return Experiment.objects.get(name=name)
    return made
