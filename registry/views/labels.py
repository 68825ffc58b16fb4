"""PLACEHOLDER: its owner replaces all of it."""

from django.http import Http404


def labels(request, **kw):
    raise Http404


def import_file(request, **kw):
    raise Http404


def withdraw(request, **kw):
    raise Http404

