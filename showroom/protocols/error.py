"""How these protocols say what is wrong: one sentence."""

from django.http import JsonResponse

_UNDER = "/v2/"
_AT = frozenset({"/v2", "/invocations", "/ping", "/health", "/version"})


def is_of_protocol(path: str) -> bool:
    """Whether whoever asks there expects to be told so."""
    return path in _AT or path.startswith(_UNDER)


def error(status: int, sentence: str) -> JsonResponse:
    """An answer that says why there is no other."""
    return JsonResponse({"error": sentence}, status=status)
