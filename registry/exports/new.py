"""Which labels no export of a model has given out yet."""

from django.db.models import Exists, OuterRef

from monitor.work import State
from registry.models import Exported, Label, Model
from registry.models.label import LabelQuerySet


def new(model: Model) -> LabelQuerySet:
    """Those that hold, the earliest first; replaced or restored ones among them."""
    given = Exported.objects.filter(
        label=OuterRef("pk"), export__model=model, export__state=State.SUCCESS
    )
    # A file shows everybody all that it holds: blind ones wait until all may see them.
    held = Label.objects.current().filter(blind=False)
    return held.exclude(Exists(given)).order_by("pk")
