"""Fields of forms that take more care than a text."""

from typing import Any, cast

from django import forms
from django.utils.functional import lazy

from dispatch import places
from dispatch.errors import DispatchError


class Minutes(forms.FloatField):
    """Minutes to people, whole seconds to the rest."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=most, step_size=None, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value / 60:g}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        minutes = cast("float", super().clean(value))
        return round(minutes * 60)


class AllowedFolder(forms.CharField):
    """A folder that schedules may use; it need not be there yet."""

    def __init__(self, **kwargs: Any) -> None:
        may = lazy(_told_allowed, str)()
        super().__init__(max_length=1000, help_text=may, **kwargs)

    def clean(self, value: Any) -> str:
        folder: str = super().clean(value)
        try:
            places.inside(folder)
        except DispatchError as error:
            raise forms.ValidationError(str(error)) from error
        return folder


def live(target: str) -> dict[str, str]:
    """What has a field show what follows from it while one types."""
    return {
        "hx-post": "",
        "hx-vals": '{"preview": "1"}',
        "hx-trigger": "input changed delay:300ms",
        "hx-target": f"#{target}",
        "hx-select": f"#{target}",
        "hx-swap": "outerHTML",
        # Who types fast is shown what was typed last.
        "hx-sync": "this:replace",
    }


def _told_allowed() -> str:
    *others, last = map(str, places.allowed())
    return f"Schedules may use {', '.join(others)} and {last}, and what is below."
