"""PLACEHOLDER: its owner replaces all of it."""

from django.http import Http404


def build(request, **kw):
    raise Http404


def cancel(request, **kw):
    raise Http404


def rejects(request, **kw):
    raise Http404

