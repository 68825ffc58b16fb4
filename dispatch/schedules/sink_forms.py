"""What sinks into a database and the registry want to know, as forms of their own."""

from typing import Any, Self

from django import forms

from dispatch import sinks
from dispatch.schedules.columns import Known, Loaded, load
from dispatch.schedules.kind_form import KindForm
from registry.connections import configured

# HTMX asks for the tables as soon as a connection is chosen; without it a button does.
_ASKS = {
    "hx-post": "",
    "hx-vals": '{"load": "results"}',
    "hx-target": "#sink-table",
    "hx-select": "#sink-table",
    "hx-swap": "outerHTML",
    "hx-sync": "closest form:replace",
}


class TableForm(KindForm):
    """Results in a table of a database."""

    made = sinks.Table
    kind = "table"
    prefix = "results"
    label = "A table of a database: each candidate once, with its latest score"
    page = "dispatch/_table_sink.html"

    connection = forms.ChoiceField(
        widget=forms.Select(_ASKS),
        help_text="Those of config.yaml that may write (read_only: false).",
        error_messages={"required": "Choose a connection that may write."},
    )
    table = forms.CharField(
        max_length=255,
        widget=forms.TextInput(
            {"class": "mono", "spellcheck": "false", "list": "results-tables"}
        ),
        help_text="With its schema if it needs one, such as public.pulsar_scores.",
    )
    make = forms.BooleanField(
        required=False, initial=True, label="Make it if it is not there"
    )

    # What the database was found to have, to be offered once.
    loaded: Loaded | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        field = self.fields["connection"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the types
        field.choices = _writable(str(self.initial.get("connection", "")))

    @classmethod
    def is_offered(cls) -> bool:
        """Whether there is any connection to write into, or that could be one."""
        return bool(configured.names())

    def ask(self) -> Self:
        """The same form with the tables of the chosen connection."""
        chosen = {name: self[name].value() for name in self.fields}
        again = type(self)(initial=chosen)
        if chosen["connection"]:
            again.loaded = load(str(chosen["connection"]), "", "", Known())
        return again


class DatasetForm(KindForm):
    """A dataset for each run."""

    made = sinks.Dataset
    kind = "dataset"
    label = "A dataset of the registry for each run, of a table with labels"

    @classmethod
    def is_offered(cls) -> bool:
        """Whether there is any connection to read labels from."""
        return bool(configured.names())

    name = forms.CharField(
        required=False,
        max_length=70,
        help_text="What people call it; the time of the run is put behind. Left empty, "
        "it is called after the schedule.",
    )


def _writable(kept: str) -> list[tuple[str, str]]:
    """Each connection that may write, and the one that a schedule has."""
    there = [configured.find(name) for name in configured.names()]
    names = {one.name: one.name for one in there if not one.read_only}
    if kept and kept not in names:
        names[kept] = f"{kept} (may not write)"
    nothing = "Choose one" if names else "None may write yet"
    return [("", nothing), *names.items()]
