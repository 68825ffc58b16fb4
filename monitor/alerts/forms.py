"""What people fill in about rules and alerts."""

from collections.abc import Mapping
from typing import Any

from django import forms

from monitor.alerts.words import EACH
from monitor.alerts.world import KEPT
from monitor.figures.declared import called
from monitor.figures.series import names
from monitor.models import Alert, Channel, Check, Rule, Severity

_EVERYTHING = "everything"
_OF_FIGURES = (Rule.Condition.ABOVE, Rule.Condition.BELOW)
_LONGEST_MINUTES = 7 * 24 * 60
_LONGEST_OF_FIGURES = round(KEPT.total_seconds() / 60)
_VALUES = ("kind", "slug", "figure")


class RuleForm(forms.Form):
    """A rule: what is watched, when it is an alert, and who is told."""

    name = forms.CharField(max_length=100)
    condition = forms.ChoiceField(label="Alert when it", choices=Rule.Condition)
    value = forms.FloatField(
        label="Bound", required=False, help_text="Of a figure, in its unit."
    )
    minutes = forms.FloatField(
        label="For so many minutes",
        min_value=0,
        max_value=_LONGEST_MINUTES,
        help_text="0: at the first look that finds it.",
    )
    severity = forms.ChoiceField(choices=Severity)
    whom = forms.ChoiceField(
        label="Who is told",
        choices=[("all", "every channel"), ("some", "only these:")],
        widget=forms.RadioSelect,
    )
    channels = forms.ModelMultipleChoiceField(
        queryset=Channel.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    revision = forms.IntegerField(
        required=False, widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1
    )

    def __init__(
        self, data: Mapping[str, Any] | None, rule: Rule | None = None
    ) -> None:
        super().__init__(data, initial=_stored(rule) if rule else _NEW)
        # Read anew for each form: what there is to watch comes and goes.
        self.fields["watches"] = forms.ChoiceField(
            label="What is watched", choices=_watchable(rule)
        )
        self.order_fields(["name", "watches"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if {"watches", "condition"} <= cleaned.keys():
            self._fits(cleaned)
        if cleaned.get("whom") == "some" and not cleaned.get("channels"):
            self.add_error("channels", "Choose whom to tell, or tell every channel.")
        return cleaned

    def _fits(self, cleaned: dict[str, Any]) -> None:
        of_figure = cleaned["watches"].startswith("figure:")
        if of_figure != (cleaned["condition"] in _OF_FIGURES):
            words = "A figure is above or below a bound; all else is down or not read."
            self.add_error("condition", words)
        elif of_figure and cleaned.get("value") is None and "value" not in self.errors:
            self.add_error("value", "A figure needs a bound.")
        if of_figure and cleaned.get("minutes", 0) > _LONGEST_OF_FIGURES:
            words = f"Of a figure, at most {_LONGEST_OF_FIGURES} (a day) are read."
            self.add_error("minutes", words)

    def values(self) -> dict[str, Any]:
        """The columns of the rule."""
        given = self.cleaned_data
        kind, _, what = given["watches"].partition(":")
        of_figure = kind == "figure"
        return {
            "name": given["name"],
            "condition": given["condition"],
            **dict.fromkeys(_VALUES, ""),
            **({kind: what} if kind in _VALUES else {}),
            "value": given["value"] if of_figure else None,
            "for_seconds": round(given["minutes"] * 60),
            "severity": given["severity"],
            "tells_all": given["whom"] == "all",
        }

    def channels_chosen(self) -> list[Channel]:
        """Those that it names; none where all are told."""
        given = self.cleaned_data
        return list(given["channels"]) if given["whom"] == "some" else []


_NEW = {"minutes": 2, "severity": Severity.WARNING, "whom": "all"}


def _stored(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "watches": _watched(rule),
        "condition": rule.condition,
        "value": rule.value,
        "minutes": f"{rule.for_seconds / 60:.6g}",
        "severity": rule.severity,
        "whom": "all" if rule.tells_all else "some",
        "channels": list(rule.channels.values_list("pk", flat=True)),
        "revision": rule.revision,
    }


def _watched(rule: Rule) -> str:
    named = ((name, getattr(rule, name)) for name in ("figure", "slug", "kind"))
    return next((f"{name}:{what}" for name, what in named if what), _EVERYTHING)


def _watchable(rule: Rule | None) -> list[Any]:
    """All that can be chosen; what the rule has is among it, whatever became of it."""
    checks = Check.objects.order_by("slug").values_list("slug", "name")
    seen = set(names()) | ({rule.figure} if rule and rule.figure else set())
    one = {f"slug:{slug}": f"{name} ({slug})" for slug, name in checks}
    if rule and rule.slug:
        one.setdefault(f"slug:{rule.slug}", f"{rule.slug} (not looked at now)")
    return [
        (_EVERYTHING, "everything that is looked at"),
        ("All of a kind", [(f"kind:{kind}", EACH[kind]) for kind in Check.Kind]),
        ("One of them", sorted(one.items())),
        ("A figure", sorted((f"figure:{name}", _figure(name)) for name in seen)),
    ]


def _figure(name: str) -> str:
    figure = called(name)
    unit = "from 0 to 1" if figure.unit == "share" else figure.unit
    named = name if figure.title == name else f"{figure.title} ({name})"
    return f"{named}, {unit}" if unit else named


class AlertFilter(forms.Form):
    """Which alerts to show."""

    state = forms.ChoiceField(
        choices=[("", "any state"), *Alert.State.choices], required=False
    )
    severity = forms.ChoiceField(
        choices=[("", "any severity"), *Severity.choices], required=False
    )
    text = forms.CharField(label="About", required=False, max_length=100)
