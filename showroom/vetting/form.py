"""What people fill in to have keys of their own."""

from typing import Any

from django import forms

from showroom.vetting import keys
from showroom.vetting.keys import Keys

_PRESETS = [
    ("candyjar", "CandyJar: the six words by letters"),
    ("binary", "Binary: 1 pulsar, 0 not a pulsar, ? unsure"),
]
_NO_KEY = (
    "Write one character, such as Y, a letter with Shift, such as Shift+Y, or the name "
    "of a key, such as Space, Home or ArrowUp."
)


class KeysForm(forms.Form):
    """A key for each thing that can be done; a field left empty has none."""

    preset = forms.ChoiceField(choices=_PRESETS, widget=forms.HiddenInput)
    advance = forms.BooleanField(required=False)

    def __init__(self, *args: Any, mine: Keys, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(mine.by_action, preset=mine.preset, advance=mine.advance)
        for action, words, _ in mine.lines:
            self.fields[action] = forms.CharField(
                label=words,
                required=False,
                max_length=20,
                strip=False,
                widget=forms.TextInput(
                    attrs={"data-key-field": "", "autocomplete": "off", "size": 8}
                ),
            )

    def actions(self) -> list[forms.BoundField]:
        """The fields of the keys, the words first."""
        return [self[action] for action in keys.EVERY]

    def chosen(self) -> dict[str, str]:
        """The keys as they are written down."""
        return {action: self.cleaned_data[action] for action in keys.EVERY}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for action in keys.EVERY:
            found = keys.key(values.get(action, ""))
            if found is None:
                self.add_error(action, _NO_KEY)
            values[action] = found or ""
        self._refuse_conflicts(values)
        return values

    def _refuse_conflicts(self, values: dict[str, Any]) -> None:
        chosen = {action: values[action] for action in keys.EVERY}
        for key, actions in keys.conflicts(chosen).items():
            for action in actions:
                others = [
                    str(self[other].label) for other in actions if other != action
                ]
                self.add_error(action, f"{key} is also the key of “{others[0]}”.")


class PresetForm(forms.Form):
    """A preset, instead of whatever keys there are."""

    preset = forms.ChoiceField(choices=_PRESETS, widget=forms.RadioSelect)
