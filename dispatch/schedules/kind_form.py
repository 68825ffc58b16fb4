"""The settings of one kind of source or sink, as a form within another."""

from typing import Any, ClassVar

from django import forms
from pydantic import ValidationError

from dispatch.choose import Settings, said


class KindForm(forms.Form):
    """The settings of one kind, as they stand in a schedule."""

    made: ClassVar[type[Settings]]
    kind: ClassVar[str]
    label: ClassVar[str]
    # Begins the names of its fields, where its kind alone would not be one of its own.
    prefix: str | None = None
    is_chosen = True
    # The template that shows it.
    page: ClassVar[str] = "dispatch/_kind.html"

    @classmethod
    def is_offered(cls) -> bool:
        """Whether this site has what the kind is about."""
        return True

    @classmethod
    def shown(cls, settings: dict[str, Any]) -> dict[str, Any]:
        """Stored settings, as its fields take them."""
        return settings

    def settings(self) -> dict[str, Any]:
        """What is stored of it."""
        return {"kind": self.kind, **self.cleaned_data}

    def full_clean(self) -> None:
        """Look at what was filled in; in what nobody has chosen nothing is wrong."""
        super().full_clean()
        if not self.is_chosen:
            self.errors.clear()

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                self.made.model_validate(self.settings())
            except ValidationError as error:
                for mistake in error.errors():
                    # Of a list, the field that it stands in.
                    words, field = said(mistake), str(mistake["loc"][0])
                    self.add_error(field, f"{words[0].upper()}{words[1:]}.")
        return self.cleaned_data
