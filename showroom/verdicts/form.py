"""What people fill in to judge a row."""

from typing import Any

from django import forms

from registry.models import Label
from registry.models.label import PULSARS, Word
from showroom.models import Candidate, DrawnRow, Verdict
from showroom.verdicts.give import How, Said

# Takes one's own back; it is never kept.
UNCAT = "UNCAT"
_KNOWN = frozenset({Word.KNOWN, Word.NEARBY})
_MISSING = "Say what it is: one of the six words, or UNCAT to take yours back."


class VerdictForm(forms.Form):
    """A word on a row, and what belongs to it."""

    word = forms.ChoiceField(
        choices=[*Word.choices, (UNCAT, "take back")],
        error_messages={"required": _MISSING, "invalid_choice": _MISSING},
    )
    note = forms.CharField(required=False, max_length=2000)
    pulsar = forms.CharField(required=False, max_length=40)
    harmonic = forms.BooleanField(required=False)
    # Where the queue had brought it, in which order.
    order = forms.ChoiceField(required=False, choices=Verdict.Order.choices)
    # The number of one's own verdict that the page showed; 0 where it showed none.
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)

    def said(self) -> Said:
        """What is to be kept; what cannot belong to the word is left out."""
        given: dict[str, Any] = self.cleaned_data
        word = given["word"]
        if word == UNCAT:
            return Said("")
        return Said(
            word,
            given["note"],
            given["pulsar"] if word in _KNOWN else "",
            given["harmonic"] and word in PULSARS,
        )

    def how(self, candidate: Candidate) -> How:
        """How the row came before their eyes."""
        order = self.cleaned_data["order"]
        if order == Verdict.Order.AUDIT:
            # Only what chance has picked may count as that, whatever the form says.
            is_drawn = DrawnRow.objects.filter(candidate=candidate).exists()
            return How(Label.Drawn.AUDIT, order) if is_drawn else How()
        return How(Label.Drawn.QUEUE if order else Label.Drawn.PICKED, order)
