"""A trigger as programs send it: with the words in which it is told."""

from typing import Annotated, Any

from ninja import Field, Schema
from ninja.errors import ValidationError

from accounts.programs.values import refusal
from registry.api.given import Finite, Slug, Text
from registry.models import TrainingRun, Trigger
from registry.triggers.forms import TriggerForm

# What the form calls otherwise.
_CALLED = {
    "percent": "share",
    "state": "bound",
    "below": "bound",
    "audited": "n",
    "split": "policy",
}


class ConditionIn(Schema):
    """What its kind asks for, and nothing of the others."""

    cron: Text = Field("", description="Of the clock: five fields.")
    number: int | None = Field(None, description="So many new labels;")
    share: Finite | None = Field(None, description="or for this share of the rows.")
    bound: int | Finite | None = Field(
        None, description="Drift: 1 or 2. Hit rate: below which share."
    )
    minutes: int | None = Field(None, description="Drift: for so long.")
    n: int | None = Field(None, description="Hit rate: of at least so many audited.")


class LearningIn(Schema):
    """How it trains; of no algorithm as the last training that succeeded."""

    algorithm: TrainingRun.Algorithm | None = None
    policy: TrainingRun.Policy = TrainingRun.Policy.GROUPED
    recall: Finite = 0.92


class TriggerIn(Schema):
    """A reason to retrain, and what follows."""

    name: Annotated[Text, Field(min_length=1, max_length=80)]
    model: Slug = "pulsar"
    kind: Trigger.Kind
    condition: ConditionIn = Field({}, validate_default=True)
    policy: Trigger.Policy = Trigger.Policy.NOTIFY
    training: LearningIn = Field({}, validate_default=True)
    cool_down_hours: int = Field(24, ge=1, le=8760)
    daily_cap: int = Field(1, ge=1, le=24)

    def typed(self) -> dict[str, Any]:
        """As an admin types it into the form."""
        wanted, bound = self.condition, self.condition.bound
        return self.dict(exclude={"condition", "training"}) | {
            "cron": wanted.cron,
            "of": "number" if wanted.share is None else "share",
            "number": wanted.number,
            "percent": _percent(wanted.share),
            "state": "" if bound is None else f"{bound:.9g}",
            "minutes": wanted.minutes,
            "below": _percent(bound),
            "audited": wanted.n,
            "algorithm": self.training.algorithm,
            "split": self.training.policy,
            "recall": self.training.recall,
        }

    def values(self, start: Trigger | None = None) -> dict[str, Any]:
        """What is stored of it; or what the form has against it."""
        form = TriggerForm(self.typed(), start=start)
        if form.is_valid():
            return form.values()
        refused = refusal(form)
        for wrong in refused.errors:
            wrong["loc"] = [_CALLED.get(place, place) for place in wrong["loc"]]
        raise ValidationError(refused.errors)


class TriggerChange(TriggerIn):
    """All of it anew, over what was read."""

    revision: int = Field(ge=1, le=2**31 - 1)


def _percent(share: float | None) -> float | None:
    """As people say it; a share of more digits than a float has is no share."""
    return None if share is None else round(100 * float(share), 4)
