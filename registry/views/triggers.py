"""What starts a retraining by itself."""

from django.http import HttpResponse

from accounts.requests import Request


def triggers(request: Request) -> HttpResponse:
    raise NotImplementedError


def new(request: Request) -> HttpResponse:
    raise NotImplementedError


def trigger(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError


def edit(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError


def switch(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError


def press(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError


def remove(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError


def restore(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError
