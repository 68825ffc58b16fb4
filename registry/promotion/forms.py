"""What people fill in to move an alias, and to ask where it was."""

from typing import Any

from django import forms

from registry.models import STAGES, AliasMove, Model
from registry.move_alias import REASON_LENGTH
from registry.serving import DEFAULT_MODEL

PASSED, PAST = "promote", "override"


class _Moment(forms.DateTimeInput):
    input_type = "datetime-local"


class ReasonForm(forms.Form):
    """Why an alias is moved, and which version whoever moves it saw there."""

    expected = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        required=False, max_length=REASON_LENGTH, help_text="Others read it here."
    )


class PromoteForm(ReasonForm):
    """With the gate's consent, or past it: then somebody says why."""

    act = forms.ChoiceField(choices=[("ask", "ask"), (PASSED, ""), (PAST, "")])

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("act") == PAST and not values.get("reason"):
            self.add_error("reason", "Say why: it stays in the history.")
        return values


class HistoryForm(forms.Form):
    """Of which alias, and of which moment."""

    model = forms.ModelChoiceField(
        Model.objects.order_by("name"),
        to_field_name="name",
        empty_label=None,
        required=False,
    )
    alias = forms.ChoiceField(required=False)
    at = forms.DateTimeField(
        required=False,
        label="Which was it on",
        widget=_Moment(format="%Y-%m-%dT%H:%M:%S", attrs={"step": 1}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = AliasMove.objects.order_by("alias").values_list("alias", flat=True)
        names = dict.fromkeys([*STAGES, *used.distinct()])
        self.fields["alias"].choices = [  # type: ignore[attr-defined]
            (name, f"{name} ({STAGES[name]})" if name in STAGES else name)
            for name in names
        ]

    def clean_model(self) -> Model | None:
        chosen: Model | None = self.cleaned_data["model"]
        return chosen or Model.objects.filter(name=DEFAULT_MODEL).first()

    def clean_alias(self) -> str:
        return self.cleaned_data["alias"] or "champion"
