"""Which version is in production, and which was."""

from django.http import HttpResponse

from accounts.requests import Request


def history(request: Request) -> HttpResponse:
    raise NotImplementedError


def roll_back(request: Request, model: str) -> HttpResponse:
    raise NotImplementedError


def promote(request: Request, model: str, number: int) -> HttpResponse:
    raise NotImplementedError
