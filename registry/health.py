"""Is the champion well: there, unchanged, and able to score."""

import time
from datetime import datetime

import numpy as np
from django.utils import timezone

from accounts.templatetags.times import duration
from monitor.models import Check
from monitor.probes.reading import Reading
from pulsar_ml.errors import PulsarError
from registry import serving
from registry.errors import RegistryError
from registry.load import load
from registry.models import AliasMove, Version

SLUG = "champion"
FIGURE = "champion.age"

_REFERENCE = f"{serving.DEFAULT_MODEL}@champion"


def look() -> Reading:
    """Load the champion as it lies there, and have it score a row of its own."""
    begun = time.perf_counter()
    try:
        version = serving.find(_REFERENCE)
        score = _score(version)
    except (RegistryError, PulsarError, OSError) as error:
        took = time.perf_counter() - begun
        return Reading(Check.State.DOWN, _plainly(error), took=took)
    at = timezone.now()
    age = max(0.0, (at - _since(version)).total_seconds())
    return Reading(
        Check.State.UP,
        f"{version} for {duration(age)}",
        detail={
            "version": str(version),
            "address": version.get_absolute_url(),
            "sha256": version.sha256,
            "age": age,
            "score": score,
        },
        took=time.perf_counter() - begun,
        figures={FIGURE: age},
    )


def _score(version: Version) -> float:
    """Of a point among its training rows; nothing that a process has in memory."""
    scorer = load(version)
    point = np.array(scorer.reference["background"]["points"][:1], dtype=np.float64)
    return float(scorer.score(point)[0])


def _since(version: Version) -> datetime:
    """When it became champion."""
    moves = AliasMove.objects.filter(model=version.model, alias="champion")
    move = moves.filter(after=version).order_by("at").last()
    return move.at if move else version.created_at


def _plainly(error: RegistryError | PulsarError | OSError) -> str:
    if isinstance(error, OSError):
        return f"Its files cannot be read: {error.strerror or error}."
    return str(error)
