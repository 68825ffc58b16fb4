"""Whether there is a reason to retrain, for each kind of trigger."""

from collections.abc import Callable
from datetime import datetime
from math import ceil

from registry.models import Alias, Label, Retraining, TrainingRun, Trigger
from registry.triggers import moments, rows, samples
from registry.triggers.look import Look, cannot, fires, waits


def find(trigger: Trigger, at: datetime) -> Look:
    """Whether it would fire if nothing held it back."""
    return _FIND[trigger.kind](trigger, at)


def _button(_trigger: Trigger, _at: datetime) -> Look:
    return waits("Nobody has pressed it.")


def _labels(trigger: Trigger, _at: datetime) -> Look:
    if not Label.objects.current().exists():
        return cannot("There is no label that holds.")
    wanted = _wanted(trigger)
    if wanted is None:
        return cannot("There is no dataset of which new labels could be a share.")
    n = rows.new_labels(trigger.model).count()
    are = "label is" if n == 1 else "labels are"
    if n < wanted:
        return waits(f"{n:,} {are} new, of {wanted:,}.", new=n, wanted=wanted)
    return fires(f"{n:,} {are} new; {wanted:,} were wanted.", new=n, wanted=wanted)


def _wanted(trigger: Trigger) -> int | None:
    """How many labels it waits for; None where its dataset is not there."""
    if "number" in trigger.condition:
        return int(trigger.condition["number"])
    base = rows.base()
    return ceil(trigger.condition["share"] * base.n_rows) if base else None


def _dataset(trigger: Trigger, _at: datetime) -> Look:
    newest = rows.base()
    if newest is None:
        return waits("There is no dataset.")
    known = _learnt(trigger.model)
    if newest.number <= known or newest.created_at <= trigger.since:
        return waits(f"Since {newest} nobody has brought a newer one.")
    return fires(f"{str(newest).capitalize()} is new.", dataset=newest.number)


def _learnt(model: str) -> int:
    """The newest dataset that the champion or a retraining has begun with."""
    begun = Retraining.objects.filter(model=model).exclude(run=None)
    last = begun.order_by("pk").select_related("run__dataset", "build").last()
    if last is None or last.run is None:
        return _of_champion(model)
    order = last.build.order if last.build else {}
    number = order.get("parent") or last.run.dataset.number
    return max(number, _of_champion(model))


def _of_champion(model: str) -> int:
    """Zero for one that came from elsewhere."""
    champions = Alias.objects.filter(model__name=model, name="champion")
    runs = TrainingRun.objects.filter(version__in=champions.values("version"))
    return runs.values_list("dataset__number", flat=True).first() or 0


_FIND: dict[str, Callable[[Trigger, datetime], Look]] = {
    Trigger.Kind.BUTTON: _button,
    Trigger.Kind.SCHEDULE: moments.find,
    Trigger.Kind.LABELS: _labels,
    Trigger.Kind.DATASET: _dataset,
    Trigger.Kind.DRIFT: samples.drifted,
    Trigger.Kind.HIT_RATE: samples.missed,
}
