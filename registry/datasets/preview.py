"""What a dataset that is to be frozen would be made of."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from registry.models import Dataset, Label
from registry.models.label import PULSARS


class Preview(NamedTuple):
    """Rows and pulsars that come in, before any treatment."""

    parent: Dataset
    labels: int
    labelled_pulsars: int

    @property
    def rows(self) -> int:
        return self.parent.n_rows + self.labels

    @property
    def pulsars(self) -> int:
        return self.parent.n_pulsars + self.labelled_pulsars


def preview(parent: Dataset, labels: Mapping[str, Any] | None) -> Preview:
    """Count what would come in; `labels` as `LabelQuerySet.chosen` takes them."""
    if labels is None:
        return Preview(parent, 0, 0)
    found = Label.objects.chosen(**labels)
    pulsars = found.filter(verdict__in=PULSARS)
    return Preview(parent, found.count(), pulsars.count())
