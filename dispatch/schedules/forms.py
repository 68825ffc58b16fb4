"""What an admin fills in to make a schedule, or to change one."""

import json
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.text import slugify

from dispatch import sinks, sources
from dispatch.models import Schedule
from dispatch.schedules.fields import Minutes, live
from dispatch.schedules.kind_form import KindForm
from dispatch.schedules.kinds import SINKS, SOURCES
from dispatch.schedules.save import RESERVED
from dispatch.schedules.sink_forms import TableForm
from dispatch.schedules.table_form import FromTableForm
from dispatch.schedules.versions import offered
from monitor.clock.cron import BadCron, check

# What of a schedule is changed by its form; the slug stays.
FIELDS = (
    "name",
    "cron",
    "source",
    "sink",
    "reference",
    "timeout_seconds",
    "retries",
    "retry_seconds",
    "concurrency",
    "catch_up",
    "catch_up_most",
    "start_within",
)
LONGEST_RETRY = 3600


class ScheduleForm(forms.Form):
    """A schedule as an admin sees it; the settings of each kind are forms within."""

    name = forms.CharField(max_length=100, help_text="What people call it.")
    slug = forms.SlugField(
        required=False,
        max_length=50,
        label="Address",
        widget=forms.TextInput({"data-slug-of": "id_name"}),
        help_text="Below /dispatch/, and in the crontab; it stays once the schedule is "
        "made. Left empty, it is made of the name.",
    )
    cron = forms.CharField(
        max_length=120,
        initial="0 * * * *",
        label="Times",
        help_text="Five fields, as in a crontab: minute, hour, day of the month, "
        "month, day of the week.",
        widget=forms.TextInput(
            {"class": "mono", "spellcheck": "false"} | live("preview")
        ),
    )
    source_kind = forms.ChoiceField(
        choices=[(kind.kind, kind.label) for kind in SOURCES],
        initial=SOURCES[0].kind,
        widget=forms.RadioSelect,
        label="Read from",
    )
    sink_kind = forms.ChoiceField(
        choices=[(kind.kind, kind.label) for kind in SINKS],
        initial=SINKS[0].kind,
        widget=forms.RadioSelect,
        label="Write",
    )
    reference = forms.ChoiceField(
        choices=offered,
        initial="pulsar@champion",
        label="Model version",
        help_text="An alias is looked up when a run starts; the run keeps to that "
        "version.",
    )
    timeout_seconds = Minutes(
        most=7 * 24 * 60,
        initial=3600,
        label="Time-out, in minutes",
        help_text="A run that takes longer is stopped, and tried again.",
    )
    retries = forms.IntegerField(
        min_value=0,
        max_value=20,
        initial=2,
        widget=forms.NumberInput(live("waits")),
        help_text="After a failure of the machine: a full disk, a database away. A "
        "retry goes on where the run stopped.",
    )
    retry_seconds = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_RETRY,
        initial=60,
        widget=forms.NumberInput(live("waits")),
        label="First wait, in seconds",
        help_text="Each further wait is twice as long, an hour at most.",
    )
    concurrency = forms.ChoiceField(
        choices=Schedule.Concurrency,
        initial=Schedule.Concurrency.FORBID,
        label="While a run is open, a slot that comes is",
        help_text="concurrencyPolicy in the words of Kubernetes.",
    )
    catch_up = forms.ChoiceField(
        choices=Schedule.CatchUp,
        initial=Schedule.CatchUp.LAST,
        label="Of slots that were missed",
        help_text="Missed is what nothing started: the machine was off, for instance.",
    )
    catch_up_most = forms.IntegerField(
        min_value=1,
        max_value=1000,
        initial=10,
        label="That limit",
        help_text="Only with “all”: the latest so many.",
    )
    start_within = Minutes(
        most=24 * 60,
        initial=300,
        label="Late after, in minutes",
        help_text="startingDeadlineSeconds: a start later than this counts as late; "
        "without one the slot counts as missed.",
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    # The values as they were when the form was opened, to tell what others changed.
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, start: Schedule | None = None
    ) -> None:
        super().__init__(data, initial=_initial(start) if start else None)
        given: Any = data
        self.sources = _settings(SOURCES, given, start and start.source)
        self.sinks = _settings(SINKS, given, start and start.sink)
        chosen = self._chosen()
        for kind in (*self.sources, *self.sinks):
            kind.is_chosen = kind in chosen
        field = cast("forms.ChoiceField", self.fields["source_kind"])
        field.choices = [(kind.kind, kind.label) for kind in self.sources]
        field = cast("forms.ChoiceField", self.fields["sink_kind"])
        field.choices = [(kind.kind, kind.label) for kind in self.sinks]
        field = cast("forms.ChoiceField", self.fields["reference"])
        field.choices = offered(start.reference if start else "")

    def is_valid(self) -> bool:
        """Whether it and the settings of the chosen kinds can be used."""
        # Each is looked at, so that every error is told at once.
        if not all([super().is_valid(), *(f.is_valid() for f in self._chosen())]):
            return False
        for problem in self._quarrels():
            self.add_error("sink_kind", problem)
        return not self.errors

    def ask(self, of: str) -> FromTableForm | TableForm | None:
        """Have a database tell what it has; the form that then shows it.

        It is the one of the results, or else the one that is read.
        """
        kinds = self.sinks if of == TableForm.prefix else self.sources
        for place, kind in enumerate(kinds):
            if isinstance(kind, FromTableForm | TableForm):
                kinds[place] = asked = kind.ask()
                return asked
        return None

    def clean_cron(self) -> str:
        try:
            return check(self.cleaned_data["cron"])
        except BadCron as error:
            raise forms.ValidationError(str(error)) from error

    def values(self) -> dict[str, Any]:
        """What is stored of it, less the slug."""
        given = self.cleaned_data
        source, sink = self._chosen()
        kinds = {"source": source.settings(), "sink": sink.settings()}
        return {name: kinds.get(name) or given[name] for name in FIELDS}

    def _quarrels(self) -> list[str]:
        """What makes source and sink impossible together, whenever it is tried."""
        values = self.values()
        source, sink = sources.of(values["source"]), sinks.of(values["sink"])
        alone = sink.check()
        return [problem for problem in sink.check(source) if problem not in alone]

    def _chosen(self) -> list[KindForm]:
        return [
            _chosen(self.sources, self["source_kind"].value()),
            _chosen(self.sinks, self["sink_kind"].value()),
        ]


class NewScheduleForm(ScheduleForm):
    """A schedule that is not made yet; it may begin as a copy."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, start: Schedule | None = None
    ) -> None:
        super().__init__(data, start=start)
        if start:
            self.initial.update(name=f"Copy of {start.name}"[:100], slug="")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "slug" in given and "name" in given:
            given["slug"] = (given["slug"] or slugify(given["name"])[:50]).lower()
            if problem := _slug_problem(given["slug"]):
                self.add_error("slug", problem)
        return given


def stored(schedule: Schedule) -> dict[str, Any]:
    """What the form could change of a schedule."""
    return {name: getattr(schedule, name) for name in FIELDS}


def _initial(start: Schedule) -> dict[str, Any]:
    return stored(start) | {
        "slug": start.slug,
        "source_kind": start.source["kind"],
        "sink_kind": start.sink["kind"],
        "revision": start.revision,
        "opened": json.dumps(stored(start)),
    }


def _settings(kinds: tuple[type[KindForm], ...], data: Any, of: Any) -> list[KindForm]:
    return [
        kind(
            data,
            prefix=kind.prefix or kind.kind,
            initial=kind.shown(of) if of and of["kind"] == kind.kind else None,
        )
        for kind in kinds
        if kind.is_offered() or (of and of["kind"] == kind.kind)
    ]


def _chosen(forms_of_kinds: list[KindForm], kind: Any) -> KindForm:
    return next((f for f in forms_of_kinds if f.kind == kind), forms_of_kinds[0])


def _slug_problem(slug: str) -> str:
    if not slug:
        return "Nothing of the name can stand in an address; give one here."
    if slug in RESERVED:
        return f"“{slug}” is an address of the site itself; choose another."
    if Schedule.objects.live().filter(slug=slug).exists():
        return f"There is a schedule {slug} already; choose another."
    return ""
