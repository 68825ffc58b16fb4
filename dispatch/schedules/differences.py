"""What somebody else changed in a schedule while a form of it was open."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from dispatch import sinks, sources
from dispatch.errors import DispatchError
from dispatch.models import Schedule
from dispatch.schedules.forms import FIELDS, ScheduleForm, stored


class Difference(NamedTuple):
    """A field as it was when the form was opened, as it is now, and in the form."""

    label: str
    was: str
    now: str
    mine: str


def differences(
    opened: str, current: Schedule, mine: Mapping[str, Any]
) -> list[Difference]:
    """The fields that others changed; what one sees of them on a page."""
    was, now = _read(opened), stored(current)
    return [
        Difference(
            _label(name),
            _words(name, was[name]) if name in was else "",
            _words(name, now[name]),
            _words(name, mine[name]),
        )
        for name in FIELDS
        if name not in was or was[name] != now[name]
    ]


def _read(opened: str) -> dict[str, Any]:
    """It comes back from the browser: whatever it is, it is only shown."""
    try:
        values = json.loads(opened)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _label(name: str) -> str:
    fields = ScheduleForm.base_fields
    field = fields.get(name) or fields[f"{name}_kind"]
    return str(field.label or name.capitalize())


def _words(name: str, value: Any) -> str:
    try:
        if name == "source":
            return sources.of(value).words()
        if name == "sink":
            return sinks.of(value).words()
    except DispatchError:
        pass  # settings of another version of the site: shown as they are
    return str(value)
