"""Fields by which rows and verdicts are found."""

from django import forms

from accounts.models import User
from registry.models.label import Word
from showroom.verdicts.chosen import GIVEN, ME, NONE

_WORDS = [(word.value, word.value) for word in Word]


class Judge(forms.RegexField):
    """Anybody, oneself, or the number of a person; offers whoever is asked for."""

    def __init__(self) -> None:
        pattern = rf"\A({ME}|[0-9]{{1,18}})\Z"
        super().__init__(pattern, required=False, widget=forms.Select, label="By")

    def offer(self, given: str) -> None:
        """Show these two, and the person of this number."""
        found = User.objects.none()
        if given.isdecimal() and len(given) < 19:
            found = User.objects.filter(pk=int(given))
        others = [(str(user.pk), user.username) for user in found]
        choices = [("", "anybody"), (ME, "me"), *others]
        self.widget.choices = choices


def word_field(*, of_rows: bool) -> forms.ChoiceField:
    """One of the six; of rows also whether there is any."""
    whether = [(GIVEN, "judged"), (NONE, "not judged")] if of_rows else []
    choices = [("", "all"), *whether, *_WORDS]
    return forms.ChoiceField(required=False, choices=choices, label="Verdict")
