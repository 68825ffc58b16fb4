"""Which labels no export of a model has given out yet, and which hold no more."""

from django.db.models import Exists, OuterRef, QuerySet

from monitor.work import State
from registry.models import Exported, Label, Model
from registry.models.label import LabelQuerySet


def new(model: Model) -> LabelQuerySet:
    """Those that hold, the earliest first; replaced or restored ones among them."""
    return Label.objects.current().exclude(Exists(_given(model))).order_by("pk")


def gone(model: Model) -> LabelQuerySet:
    """Those that were given out and were replaced or withdrawn since."""
    return Label.objects.gone().filter(Exists(_given(model))).order_by("pk")


def _given(model: Model) -> QuerySet[Exported]:
    return Exported.objects.filter(
        label=OuterRef("pk"), export__model=model, export__state=State.SUCCESS
    )
