"""Which two versions are seen side by side."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q

from registry.models import Alias, Version

# Older ones are reached by their addresses.
_NEWEST = 100
_NAMED = re.compile(r"([\w-]{1,60})/(\d{1,9})", re.ASCII)


class PairForm(forms.Form):
    """Two versions that may answer."""

    a = forms.ChoiceField(label="Version")
    b = forms.ChoiceField(label="Against")

    def __init__(self, asked: Any) -> None:
        super().__init__(asked)
        self.versions = offered([asked.get("a", ""), asked.get("b", "")])
        choices = [(name, _label(one)) for name, one in self.versions.items()]
        for field in (self.fields["a"], self.fields["b"]):
            field.choices = choices  # type: ignore[attr-defined]  # has them
            field.error_messages["invalid_choice"] = (
                "%(value)s is no version, or is quarantined and never loaded."
            )

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        if "a" in chosen and chosen["a"] == chosen.get("b"):
            self.add_error("b", "Choose another version than the first.")
        return chosen

    def pair(self) -> tuple[Version, Version]:
        """The two that were chosen."""
        chosen = self.cleaned_data
        return self.versions[chosen["a"]], self.versions[chosen["b"]]


def offered(asked: Iterable[str] = ()) -> dict[str, Version]:
    """By name: those with an alias, the newest, and those that are asked for."""
    ready = Version.objects.ready()
    wanted = Q(
        pk__in=list(ready.order_by("-pk").values_list("pk", flat=True)[:_NEWEST])
    )
    wanted |= Q(pk__in=list(Alias.objects.values_list("version", flat=True)))
    for name in asked:
        if match := _NAMED.fullmatch(name):
            wanted |= Q(model__name=match[1], number=int(match[2]))
    # A card is long, and only two of them are read.
    found = ready.filter(wanted).newest_first().defer("card")
    return {str(one): one for one in found}


def proposed() -> dict[str, str]:
    """The challenger, else the newest, against the champion; or what there is."""
    versions = sorted(offered().values(), key=lambda one: -one.pk)
    named = {alias.name: one for one in versions for alias in one.aliases.all()}
    champion = named.get("champion") or (versions[-1] if versions else None)
    others = [one for one in versions if one != champion]
    challenger = named.get("challenger")
    first = challenger if challenger in others else next(iter(others), None)
    return {"a": str(first), "b": str(champion)} if first else {}


def _label(version: Version) -> str:
    return " · ".join([str(version), *version.stages])
