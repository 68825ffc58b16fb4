"""Models from elsewhere."""

from django.http import HttpResponse

from accounts.requests import Request


def new(request: Request) -> HttpResponse:
    raise NotImplementedError


def pushes(request: Request) -> HttpResponse:
    raise NotImplementedError


def push(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError


def cancel(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError
