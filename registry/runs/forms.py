"""What people fill in to have a model trained, and about what was trained."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django import forms

from pulsar_ml.errors import BadInput
from pulsar_ml.training.parameters import PARAMETERS, Number, Parameter
from registry.errors import RegistryError
from registry.models import Dataset, Experiment, TrainingRun
from registry.runs.filter import Datasets
from registry.runs.parameters import written
from registry.runs.policies import impossible
from registry.runs.tags import tags
from registry.training.ask import DEFAULT_EXPERIMENT
from registry.training.experiments import LONGEST

_LARGEST_SEED = 2**31 - 1


class Tags(forms.CharField):
    """Short words, parted by commas."""

    def __init__(self) -> None:
        words = "Parted by commas; runs are found again by them."
        super().__init__(required=False, help_text=words)

    def clean(self, value: Any) -> list[str]:
        try:
            return tags(super().clean(value))
        except RegistryError as error:
            raise forms.ValidationError(str(error)) from error


class _Values(forms.CharField):
    """A parameter: one value; or several, parted by commas, to be tried."""

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        bounds = f"{written(parameter.low)} to {written(parameter.high)}"
        super().__init__(
            required=False,
            label=parameter.name,
            help_text=f"{parameter.words}; {bounds}.",
            widget=forms.TextInput(
                attrs={"class": "mono", "placeholder": written(parameter.default)}
            ),
        )

    def clean(self, value: Any) -> list[Number]:
        texts = [text.strip() for text in super().clean(value).split(",")]
        try:
            found = [self.parameter.read(text) for text in texts if text]
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error
        return list(dict.fromkeys(found))


class Group(NamedTuple):
    """The parameters of an algorithm."""

    algorithm: str
    label: str
    fields: list[forms.BoundField]


def _experiment(help_text: str) -> forms.CharField:
    return forms.CharField(
        max_length=LONGEST,
        help_text=help_text,
        widget=forms.TextInput(attrs={"list": "experiments"}),
    )


class NewRunForm(forms.Form):
    """A training; each parameter is a field named after algorithm and parameter."""

    dataset = Datasets(
        Dataset.objects.order_by("-number"), empty_label=None, to_field_name="number"
    )
    algorithm = forms.ChoiceField(
        choices=TrainingRun.Algorithm, widget=forms.RadioSelect
    )
    policy = forms.ChoiceField(
        choices=TrainingRun.Policy,
        widget=forms.RadioSelect,
        label="Split of the training rows",
    )
    recall = forms.FloatField(
        min_value=0.5,
        max_value=0.999,
        label="Recall to reach",
        help_text="The share of pulsars that its threshold is to find.",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=_LARGEST_SEED,
        help_text="The same seed, dataset and parameters give the same figures.",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    experiment = _experiment("One that is there, or the name of a new one.")
    tags = Tags()
    notes = forms.CharField(
        required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, data: Any = None, *, start: Mapping[str, Any]) -> None:
        usual = {
            "algorithm": TrainingRun.Algorithm.FOREST,
            "policy": TrainingRun.Policy.GROUPED,
            "recall": 0.92,
            "seed": 0,
            "experiment": DEFAULT_EXPERIMENT,
        }
        super().__init__(data, initial=usual | dict(start))
        for algorithm, known in PARAMETERS.items():
            for parameter in known:
                self.fields[f"{algorithm}-{parameter.name}"] = _Values(parameter)

    def groups(self) -> Iterator[Group]:
        """The algorithms with the fields of their parameters."""
        for algorithm, known in PARAMETERS.items():
            fields = [self[f"{algorithm}-{parameter.name}"] for parameter in known]
            yield Group(algorithm, TrainingRun.Algorithm(algorithm).label, fields)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        # What was typed for another algorithm does not matter.
        for algorithm in PARAMETERS.keys() - {cleaned.get("algorithm")}:
            for parameter in PARAMETERS[algorithm]:
                self.errors.pop(f"{algorithm}-{parameter.name}", None)
        dataset, policy = cleaned.get("dataset"), cleaned.get("policy")
        if dataset and policy and (why := impossible(dataset, policy)):
            self.add_error("policy", why)
        return cleaned

    def asked(self) -> dict[str, Any]:
        """What `registry.training.ask` is to be told."""
        cleaned = self.cleaned_data
        given = self._given(cleaned["algorithm"])
        plain = ("dataset", "algorithm", "policy", "recall", "seed", "experiment")
        return {name: cleaned[name] for name in (*plain, "tags", "notes")} | {
            "parameters": {name: v[0] for name, v in given.items() if len(v) == 1},
            "search": {name: v for name, v in given.items() if len(v) > 1},
        }

    def _given(self, algorithm: str) -> dict[str, Sequence[Number]]:
        """What differs from the defaults, or is to be tried."""
        found = {
            parameter: self.cleaned_data[f"{algorithm}-{parameter.name}"]
            for parameter in PARAMETERS[algorithm]
        }
        return {
            parameter.name: values
            for parameter, values in found.items()
            if values and values != [parameter.default]
        }


def like(run: TrainingRun) -> dict[str, Any]:
    """A form filled in as this run was asked for."""
    values = {name: [value] for name, value in run.parameters.items()} | run.search
    typed = {
        f"{run.algorithm}-{name}": ", ".join(map(written, tried))
        for name, tried in values.items()
    }
    plain = ("algorithm", "policy", "recall", "seed")
    return (
        typed
        | {name: getattr(run, name) for name in plain}
        | {
            "dataset": run.dataset.number,
            "experiment": run.experiment.name,
            "tags": ", ".join(run.tags),
        }
    )


class EditForm(forms.Form):
    """What people write about a run."""

    experiment = _experiment("One that is there, or the name of a new one.")
    tags = Tags()
    notes = forms.CharField(
        required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 6})
    )


class ExperimentForm(forms.Form):
    """An experiment."""

    name = forms.CharField(max_length=LONGEST)
    description = forms.CharField(
        required=False,
        max_length=2000,
        label="What it asks",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if Experiment.objects.filter(name=name).exists():
            raise forms.ValidationError("There is an experiment of this name.")
        return name
