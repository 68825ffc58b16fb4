"""PLACEHOLDER: its owner replaces all of it."""

from django.http import Http404


def datasets(request, **kw):
    raise Http404


def dataset(request, **kw):
    raise Http404


def note(request, **kw):
    raise Http404


def download(request, **kw):
    raise Http404

