"""PLACEHOLDER: its owner replaces all of it."""

from django.http import Http404


def sentinels(request, **kw):
    raise Http404


def add(request, **kw):
    raise Http404


def remove(request, **kw):
    raise Http404


def restore(request, **kw):
    raise Http404

