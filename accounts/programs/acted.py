"""What is refused though something was done: to ask again would do it twice."""

from django.http import HttpResponse

_MARK = "has_acted"


def acted(response: HttpResponse) -> HttpResponse:
    """The same, so that whoever asks again under the same key is told the same."""
    setattr(response, _MARK, True)
    return response


def has_acted(response: HttpResponse) -> bool:
    """Whether it says so of itself."""
    return bool(getattr(response, _MARK, False))
