"""Events know people by number, so that a person can be erased; pages show names."""

from collections.abc import Iterable

from accounts.models import User
from monitor.models import Happening, Switch


def names(events: Iterable[Happening | Switch]) -> dict[str, str]:
    """The names of those who did something, by the number in the events."""
    numbers = {event.who for event in events if event.who.isdecimal()}
    found = User.objects.filter(pk__in=numbers).values_list("pk", "username")
    return {str(number): name for number, name in found}


def number(name: str) -> str:
    """The number of whoever has this name; of somebody erased, the number itself."""
    found = User.objects.filter(username=name).values_list("pk", flat=True).first()
    if found is not None:
        return str(found)
    return name if name.isdecimal() else ""
