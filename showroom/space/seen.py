"""A batch in the plane of two features, against what its version was trained on."""

from collections.abc import Mapping
from typing import Any

from pulsar_ml import landscape
from pulsar_ml.errors import PulsarError
from registry import serving
from showroom.models import Batch
from showroom.space.counting import look
from showroom.space.scene import Scene, scene

# Where a version cannot say which two features separate best.
_USUAL = ("prof_exkurt", "dm_skew")


def seen(
    batch: Batch,
    reference: Mapping[str, Any],
    pair: tuple[str, str],
    wanted: Mapping[str, Any],
) -> Scene:
    """The wanted rows, and the outlines of both classes behind them."""
    plane = look(batch, *pair, wanted, reference.get("ranges", {}))
    return scene(plane, landscape.outlines(reference, *pair) if reference else [])


def reference_of(batch: Batch) -> tuple[Mapping[str, Any], str]:
    """What the version remembers of its training rows, or why it cannot be asked."""
    try:
        return serving.serve(batch.version).scorer.reference, ""
    except PulsarError as error:
        return {}, str(error)


def best(reference: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of features, those that separate the classes best before others."""
    return landscape.apart(reference) or [_USUAL]


def axes(asked: Mapping[str, str], best: tuple[str, str]) -> tuple[str, str]:
    """The features that were asked for; one that is not is of the best pair."""
    x, y = asked["x"], asked["y"]
    x = x or next(feature for feature in best if feature != y)
    return x, y or next(feature for feature in best if feature != x)
