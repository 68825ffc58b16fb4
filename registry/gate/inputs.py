"""All that a comparison depends on: with the same the same would be found."""

import hashlib
import json
from typing import NamedTuple

from django.conf import settings

from pulsar_ml.evaluation.contenders import Known, Margins
from registry.models import Dataset, Sentinel, Version

# Raised when the same inputs would be judged otherwise.
_RULES = 1


class Inputs(NamedTuple):
    """What is held against what, by what, as it is now."""

    candidate: Version
    champion: Version
    dataset: Dataset | None
    sentinels: list[Known]
    margins: Margins

    @property
    def sha256(self) -> str:
        """Of everything that has a say in the result."""
        told = {
            "rules": _RULES,
            "candidate": self.candidate.sha256,
            "champion": self.champion.sha256,
            "dataset": self.dataset.sha256 if self.dataset else "",
            "sentinels": sorted(one.hash for one in self.sentinels),
            "margins": self.margins._asdict(),
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def inputs(candidate: Version, champion: Version, dataset: Dataset | None) -> Inputs:
    """Read them: the sentinels that are in the set, and the margins of the config."""
    present = Sentinel.objects.filter(removed_at=None).order_by("name", "hash")
    wanted = settings.PULSAR.gate
    return Inputs(
        candidate,
        champion,
        dataset,
        [Known(*one) for one in present.values_list("name", "hash", "features")],
        Margins(
            recall=wanted.recall_margin,
            in_slice=wanted.slice_margin,
            slice_pulsars=wanted.slice_pulsars,
            resamples=wanted.resamples,
        ),
    )
