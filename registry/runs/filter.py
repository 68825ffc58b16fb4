"""What people fill in to find training runs, and to see them as a chart."""

from typing import Any

from django import forms

from monitor.work import State
from registry.models import Dataset, Experiment, TrainingRun
from registry.runs import chart, figures, listing
from registry.runs.listing import Wanted
from registry.runs.tags import LONGEST

_ANY = ("", "any")
# No training is skipped.
_STATES = [(state, state.label.lower()) for state in State if state != State.SKIPPED]


class Datasets(forms.ModelChoiceField):  # type: ignore[type-arg]  # not at run time
    """By number, which is a dataset's name for ever."""

    def label_from_instance(self, dataset: Any) -> str:
        return f"{dataset.number} · {dataset.name}"


class RunFilter(forms.Form):
    """Which runs to show, with which figures, and in which order."""

    experiment = forms.ModelChoiceField(
        Experiment.objects.order_by("name"), required=False, empty_label="any"
    )
    dataset = Datasets(
        Dataset.objects.order_by("-number"),
        required=False,
        empty_label="any",
        to_field_name="number",
    )
    algorithm = forms.ChoiceField(
        choices=[_ANY, *TrainingRun.Algorithm.choices], required=False
    )
    policy = forms.ChoiceField(
        choices=[_ANY, *TrainingRun.Policy.choices], required=False, label="Split"
    )
    state = forms.ChoiceField(choices=[_ANY, *_STATES], required=False)
    tag = forms.CharField(max_length=LONGEST, required=False)
    notes = forms.CharField(max_length=200, required=False, label="Notes contain")
    figure = forms.ChoiceField(choices=[_ANY, *figures.choices()], required=False)
    least = forms.FloatField(required=False, label="from")
    most = forms.FloatField(required=False, label="to")
    split = forms.ChoiceField(
        choices=figures.splits(), required=False, label="Figures on the"
    )
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_split(self) -> str:
        return self.cleaned_data["split"] or "holdout"

    def clean_sort(self) -> str:
        sort: str = self.cleaned_data["sort"]
        return sort if sort in listing.sorts() else listing.NEWEST

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        least, most = cleaned.get("least"), cleaned.get("most")
        if (least, most) != (None, None) and not cleaned.get("figure"):
            self.add_error("figure", "Say which figure these are the bounds of.")
        if least is not None and most is not None and least > most:
            self.add_error("most", "This is less than where it begins.")
        return cleaned

    def wanted(self) -> Wanted:
        """What was asked for."""
        asked = Wanted.__dataclass_fields__
        return Wanted(**{k: v for k, v in self.cleaned_data.items() if k in asked})


class ChartForm(forms.Form):
    """What is drawn against what."""

    y = forms.ChoiceField(choices=figures.choices(), required=False, label="Upwards")
    x = forms.ChoiceField(choices=chart.across(), required=False, label="Across")
    by = forms.ChoiceField(
        choices=chart.groups(), required=False, label="Told apart by"
    )
    log = forms.BooleanField(required=False, label="Logarithmic")

    def asked(self) -> chart.Asked:
        """With what most want to see where nothing is said."""
        cleaned = self.cleaned_data
        return chart.Asked(
            x=cleaned["x"] or "parameter.min_samples_leaf",
            y=cleaned["y"] or "holdout.average_precision",
            by=cleaned["by"] or "algorithm",
            is_logarithmic=cleaned["log"],
        )


class SplitForm(forms.Form):
    """Figures measured on what are compared."""

    split = forms.ChoiceField(
        choices=figures.splits(), required=False, label="Figures on the"
    )
