"""The form of a schedule, filled in by a program with the schedule's own values."""

from collections.abc import Mapping
from typing import Any

from dispatch.choose import choose
from dispatch.models import Schedule
from dispatch.schedules.differences import merged
from dispatch.schedules.forms import FIELDS, NewScheduleForm, ScheduleForm, stored
from dispatch.sinks import SINKS
from dispatch.sources import SOURCES

# People are asked for minutes.
_IN_MINUTES = ("timeout_seconds", "start_within")


def new(values: Mapping[str, Any], slug: str) -> NewScheduleForm:
    """Of one that is not made yet; its settings are known to be of a kind."""
    return NewScheduleForm(_sent(values) | {"slug": slug})


def edit(schedule: Schedule, values: Mapping[str, Any]) -> ScheduleForm:
    """Of one that is there, with some of its values replaced."""
    return ScheduleForm(_sent({**stored(schedule), **values}), start=schedule)


def problems(form: ScheduleForm) -> dict[str, list[str]]:
    """What is wrong, by the field of the schedule that it is about."""
    found = {name: list(map(str, told)) for name, told in form.errors.items()}
    for what, kinds in (("source", form.sources), ("sink", form.sinks)):
        chosen = next((kind for kind in kinds if kind.is_chosen), None)
        errors = chosen.errors.items() if chosen else ()
        found |= {f"{what}.{name}": list(map(str, told)) for name, told in errors}
    return found


def _sent(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a browser would send of a form that shows them."""
    whole = {
        **values,
        "source": choose(SOURCES, values["source"], "source").model_dump(mode="json"),
        "sink": choose(SINKS, values["sink"], "sink").model_dump(mode="json"),
    }
    shown = merged({}, Schedule(**whole), FIELDS)
    # Those that are shown are rounded.
    return shown | {name: values[name] / 60 for name in _IN_MINUTES}
