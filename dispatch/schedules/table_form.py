"""What of a table is read: its columns are chosen from those that it really has."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from django import forms

from dispatch import sources
from dispatch.schedules.columns import Column, Known, Loaded, guessed, load
from dispatch.schedules.kind_form import KindForm
from pulsar_ml.features import FEATURES
from registry.connections import configured

_NONE = ("", "none")
# HTMX asks as soon as another table is chosen; without it the button does.
_ASKS = {
    "hx-post": "",
    "hx-vals": '{"load": "1"}',
    "hx-trigger": "change",
    "hx-target": "#source-table",
    "hx-select": "#source-table",
    "hx-swap": "outerHTML",
    "hx-sync": "closest form:replace",
}


class _Choice(forms.CharField):
    """One of what the database has; what was chosen stays, answer it or not."""

    widget = forms.Select

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, strip=False, **kwargs)

    def offer(self, choices: Sequence[tuple[str, str]], chosen: object) -> None:
        """Offer these, and what is chosen already."""
        offered = list(choices)
        if chosen and str(chosen) not in dict(offered):
            offered.append((str(chosen), str(chosen)))
        self.widget.choices = offered


class _Ticks(forms.CheckboxSelectMultiple):
    """Boxes to tick; one name alone is a list of one."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return [value] if isinstance(value, str) else value


class _Choices(forms.MultipleChoiceField):
    """Some of what the database has."""

    widget = _Ticks

    def valid_value(self, value: str) -> bool:
        """Whether it is a name at all: the database says at a run if it has it."""
        return len(value) <= 255


def _feature(name: str) -> _Choice:
    return _Choice(label=name)


class FromTableForm(KindForm):
    """A table of a database, or what a SELECT gives."""

    made = sources.Table
    kind = "table"
    prefix = "source"
    label = "a table of a database"
    page = "dispatch/_table_source.html"

    connection = forms.ChoiceField(widget=forms.Select(_ASKS))
    table = _Choice(required=False, widget=forms.Select(_ASKS))
    select = forms.CharField(
        required=False,
        max_length=20_000,
        label="SELECT",
        widget=forms.Textarea({"rows": 4, "class": "mono", "spellcheck": "false"}),
        help_text="One statement that only reads, such as SELECT c.*, b.dm FROM c JOIN "
        "b ON b.id = c.beam. Then press “Load columns”.",
    )
    every = forms.ChoiceField(
        choices=[("new", "new rows"), ("all", "all rows each time")],
        initial="new",
        label="Each run reads",
    )
    key = _Choice(
        help_text="Tells candidates apart: no two rows have the same, and none has "
        "none.",
    )
    mark = _Choice(
        required=False,
        label="Mark of changes",
        help_text="A time or number that grows when a row is added or changed. Without "
        "one, rows are read in the order of the key, each once.",
    )
    overlap = forms.FloatField(
        min_value=0,
        max_value=1e12,
        initial=0,
        label="Look back by",
        help_text="For rows that are written late: each run looks so far back, and "
        "takes what it has not read. Seconds where the mark is a time, else in units "
        "of the mark; without a mark, in numbers of the key.",
    )
    prof_mean = _feature("prof_mean")
    prof_std = _feature("prof_std")
    prof_skew = _feature("prof_skew")
    prof_exkurt = _feature("prof_exkurt")
    dm_mean = _feature("dm_mean")
    dm_std = _feature("dm_std")
    dm_skew = _feature("dm_skew")
    dm_exkurt = _feature("dm_exkurt")
    label_column = _Choice(
        required=False,
        label="Label",
        help_text="What a candidate is, where somebody has said so.",
    )
    keep = _Choices(required=False, label="Keep beside the results")
    # What was loaded, between two presses of a button.
    known = forms.CharField(required=False, widget=forms.HiddenInput)

    # What “Load columns” has found, to be shown once.
    loaded: Loaded | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._offer(Known.of(str(self["known"].value() or "")))

    @classmethod
    def is_offered(cls) -> bool:
        """Whether there is any connection to read from."""
        return bool(configured.names())

    @classmethod
    def shown(cls, settings: dict[str, Any]) -> dict[str, Any]:
        shown = {**settings, **settings.get("columns", {})}
        overlap = f"{settings.get('overlap', 0):.15g}"
        return shown | {"label_column": settings.get("label", ""), "overlap": overlap}

    def settings(self) -> dict[str, Any]:
        given = self.cleaned_data
        plain = ("connection", "table", "select", "key", "mark", "overlap", "every")
        return {
            "kind": self.kind,
            **{name: given[name] for name in plain},
            "columns": {name: given[name] for name in FEATURES},
            "keep": given["keep"],
            "label": given["label_column"],
        }

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("table") and given.get("select"):
            self.add_error("select", "Choose a table or give a SELECT, not both.")
        elif not self.errors and not (given["table"] or given["select"]):
            self.add_error("table", "Choose a table, or give a SELECT.")
        return super().clean()

    def ask(self) -> Self:
        """The same form with what the database has, and a guess what is what."""
        chosen = {name: self[name].value() for name in self.fields}
        text = {name: str(chosen[name] or "") for name in ("table", "select")}
        before = Known.of(str(chosen["known"] or ""))
        connection = str(chosen["connection"] or "")
        loaded = load(connection, text["table"], text["select"].strip(), before)
        if loaded.known.columns and not loaded.problem:
            chosen |= self._guessed(loaded.known.columns, chosen)
        again = type(self)(initial=chosen | {"known": loaded.known.text()})
        again.loaded = loaded
        return again

    def features(self) -> list[forms.BoundField]:
        """The fields of the eight."""
        return [self[name] for name in FEATURES]

    def _guessed(
        self, columns: tuple[Column, ...], chosen: Mapping[str, Any]
    ) -> dict[str, Any]:
        found = guessed(columns, {**chosen, "label": chosen["label_column"]})
        return {**found, "label_column": found.pop("label")}

    def _offer(self, known: Known) -> None:
        connection = self.fields["connection"]
        assert isinstance(connection, forms.ChoiceField)  # noqa: S101  # for the types
        connection.choices = _connections(str(self.initial.get("connection") or ""))
        choices = [(one.name, f"{one.name} ({one.type})") for one in known.columns]
        for name in ("table", *FEATURES, "key", "mark", "label_column"):
            field = self.fields[name]
            assert isinstance(field, _Choice)  # noqa: S101
            some = (
                [(name, name) for name in known.tables] if name == "table" else choices
            )
            first = ("", "choose one") if field.required or name == "table" else _NONE
            field.offer([first, *some], self[name].value())
        keep = self.fields["keep"]
        assert isinstance(keep, _Choices)  # noqa: S101
        kept = [
            name for name in self["keep"].value() or () if name not in dict(choices)
        ]
        keep.choices = [*choices, *((name, name) for name in kept)]


def _connections(chosen: str) -> list[tuple[str, str]]:
    there = [configured.find(name) for name in configured.names()]
    names = {one.name: f"{one.name}: {one.words()}" for one in there}
    if chosen and chosen not in names:
        names[chosen] = f"{chosen} (not in config.yaml)"
    return list(names.items())
