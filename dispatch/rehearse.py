"""Try a source with a model: some rows are read and scored, and nothing is kept."""

from typing import Any, NamedTuple

from dispatch.errors import DispatchError
from dispatch.sources.source import Source
from pulsar_ml.errors import PulsarError
from pulsar_ml.features import FEATURES
from pulsar_ml.loader import Reject
from registry import serving
from registry.errors import RegistryError
from registry.models import Version
from showroom.table import warned

_SHOWN = ("name", *FEATURES, "probability", "predicted", "warnings")


class Rehearsal(NamedTuple):
    """What came of it."""

    version: Version
    # By the names of their columns.
    rows: list[dict[str, Any]]
    rejects: list[Reject]
    # What was decided about the files, and why some are not taken.
    notes: list[str]
    # Names of what was read, and of the first of what has to wait.
    files: list[str]
    waiting: list[str]


def rehearse(source: Source, reference: str, n: int = 10) -> Rehearsal:
    """Read and score the first rows that there are; a DispatchError in words."""
    if problems := source.check():
        raise DispatchError(" ".join(problems))
    try:
        served = serving.resolve(reference)
        sample = source.sample(n)
        rows: list[dict[str, Any]] = []
        if sample.frame is not None and len(sample.frame):
            scored = served.scorer.classify(sample.frame)
            columns = scored[list(_SHOWN)]
            columns = columns.assign(warnings=columns["warnings"].map(warned))
            rows = [
                dict(zip(_SHOWN, row, strict=True)) for row in columns.values.tolist()
            ]
    except (PulsarError, RegistryError) as error:
        raise DispatchError(str(error)) from error
    except OSError as error:
        raise DispatchError(f"It cannot be read: {error.strerror or error}.") from error
    return Rehearsal(served.version, rows, *sample[1:])
