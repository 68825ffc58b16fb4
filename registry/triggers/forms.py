"""What an admin fills in to make a trigger, or to change one."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms

from monitor.clock.cron import BadCron, check
from registry.models import Model, TrainingRun, Trigger
from registry.triggers import stored
from registry.triggers.samples import STATES

_ONE_DAY = 24 * 60
_USUAL = {
    "kind": Trigger.Kind.LABELS,
    "policy": Trigger.Policy.NOTIFY,
    "cron": "0 3 * * 1",
    "of": "number",
    "number": 100,
    "percent": 5,
    "state": 2,
    "minutes": 60,
    "below": 80,
    "audited": 50,
    "recall": 0.92,
    "split": TrainingRun.Policy.GROUPED,
    "cool_down_hours": 24,
    "daily_cap": 1,
}
# Which fields a kind asks for.
_FIELDS: dict[str, tuple[str, ...]] = {
    Trigger.Kind.BUTTON: (),
    Trigger.Kind.SCHEDULE: ("cron",),
    Trigger.Kind.LABELS: ("of", "number", "percent"),
    Trigger.Kind.DATASET: (),
    Trigger.Kind.DRIFT: ("state", "minutes"),
    Trigger.Kind.HIT_RATE: ("below", "audited"),
}
_SAYS: dict[str, str] = {
    Trigger.Kind.BUTTON: "Nothing starts it but a person, on the trigger's page.",
    Trigger.Kind.SCHEDULE: "A moment that nothing served, as the machine was off, is "
    "made up for once.",
    Trigger.Kind.LABELS: "Labels that hold, and that neither the base dataset nor the "
    "last retraining has seen.",
    Trigger.Kind.DATASET: "One that was imported or frozen by a person, after this "
    "trigger was made.",
    Trigger.Kind.DRIFT: "Listens to the figure drift.state of the champion.",
    Trigger.Kind.HIT_RATE: "Listens to the figures hit_rate.audited and "
    "hit_rate.audited_n of the champion.",
}


class Group(NamedTuple):
    """The fields of a kind."""

    kind: str
    label: str
    words: str
    fields: list[forms.BoundField]


class TriggerForm(forms.Form):
    """A trigger; what another kind asks for does not matter."""

    name = forms.CharField(max_length=80, help_text="What people call it.")
    model = forms.ChoiceField()
    kind = forms.ChoiceField(
        choices=Trigger.Kind, widget=forms.RadioSelect, label="Fires by"
    )
    cron = forms.CharField(
        required=False,
        max_length=120,
        label="Times",
        help_text="Five fields, as in a crontab: minute, hour, day of the month, "
        "month, day of the week.",
        widget=forms.TextInput(
            {
                "class": "mono",
                "spellcheck": "false",
                "hx-post": "",
                "hx-vals": '{"preview": "1"}',
                "hx-trigger": "input changed delay:300ms",
                "hx-target": "#preview",
                "hx-swap": "outerHTML",
                "hx-sync": "this:replace",
            }
        ),
    )
    of = forms.ChoiceField(
        required=False,
        choices=[("number", "a number"), ("share", "a share of the base dataset")],
        label="Counted as",
    )
    number = forms.IntegerField(
        required=False, min_value=1, max_value=10**7, label="So many new labels"
    )
    percent = forms.FloatField(
        required=False,
        min_value=0.01,
        max_value=100,
        label="Or for so many per cent of its rows",
    )
    state = forms.TypedChoiceField(
        required=False,
        choices=[(value, f"{words} or worse") for value, words in STATES.items()],
        coerce=int,
        label="At",
    )
    minutes = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=_ONE_DAY,
        label="For so many minutes",
        help_text="Without a break; a day at most.",
    )
    below = forms.FloatField(
        required=False, min_value=1, max_value=100, label="Below, in per cent"
    )
    audited = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10**6,
        label="Of at least so many audited",
    )
    policy = forms.ChoiceField(
        choices=Trigger.Policy, widget=forms.RadioSelect, label="Then"
    )
    algorithm = forms.ChoiceField(
        required=False,
        choices=[
            ("", "as in the last training that succeeded"),
            *TrainingRun.Algorithm.choices,
        ],
    )
    split = forms.ChoiceField(
        required=False,
        choices=TrainingRun.Policy,
        label="Split of the training rows",
        help_text="With an algorithm chosen here.",
    )
    recall = forms.FloatField(
        required=False,
        min_value=0.5,
        max_value=0.999,
        label="Recall to reach",
        help_text="With an algorithm chosen here.",
    )
    cool_down_hours = forms.IntegerField(
        min_value=1,
        max_value=8760,
        label="Cool-down, in hours",
        help_text="After it fired. 24 hours are a day of the clock, through DST, too.",
    )
    daily_cap = forms.IntegerField(
        min_value=1, max_value=24, label="A day at most", help_text="So many times."
    )
    revision = forms.IntegerField(
        required=False, widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, start: Trigger | None = None
    ) -> None:
        super().__init__(data, initial=_USUAL | (stored.shown(start) if start else {}))
        self.start = start
        names = {"pulsar", *Model.objects.values_list("name", flat=True)}
        self.fields["model"] = forms.ChoiceField(
            choices=[(name, name) for name in sorted(names)], initial="pulsar"
        )
        self.order_fields(["name", "model", "kind"])

    def groups(self) -> Iterator[Group]:
        """The kinds with the fields of each."""
        for kind in Trigger.Kind:
            fields = [self[name] for name in _FIELDS[kind]]
            yield Group(kind, str(kind.label), _SAYS[kind], fields)

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        same = Trigger.objects.filter(name__iexact=name).first()
        if same and same != self.start:
            words = f"There is a trigger {name} already, or a removed one."
            raise forms.ValidationError(words)
        return name

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        wanted = _FIELDS.get(given.get("kind", ""), ())
        # What was typed for another kind does not matter.
        for name in {name for names in _FIELDS.values() for name in names} - {*wanted}:
            self.errors.pop(name, None)
        for name in _asked(wanted, given):
            if given.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, "This kind of trigger needs it.")
        if given.get("cron") and "cron" in wanted:
            self._check_cron(given)
        return given

    def values(self) -> dict[str, Any]:
        """What is stored of it."""
        given = self.cleaned_data
        plain = ("name", "model", "kind", "policy", "cool_down_hours", "daily_cap")
        return {name: given[name] for name in plain} | {
            "condition": stored.condition(given),
            "training": stored.training(given),
        }

    def _check_cron(self, given: dict[str, Any]) -> None:
        try:
            given["cron"] = check(given["cron"])
        except BadCron as error:
            self.add_error("cron", str(error))


def _asked(wanted: tuple[str, ...], given: Mapping[str, Any]) -> tuple[str, ...]:
    """Of a number and a share, the one that is chosen."""
    unused = "number" if given.get("of") == "share" else "percent"
    return tuple(name for name in wanted if name not in (unused, "of"))
