"""What a trigger started, step by step."""

from django.http import HttpResponse

from accounts.requests import Request


def retraining(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError


def approve(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError


def decline(request: Request, pk: int) -> HttpResponse:
    raise NotImplementedError
