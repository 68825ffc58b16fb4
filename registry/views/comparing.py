"""Two versions side by side, and what the gate says of them."""

from django.http import HttpResponse

from accounts.requests import Request


def compare(request: Request) -> HttpResponse:
    raise NotImplementedError


def comparison(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError


def cancel(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError
