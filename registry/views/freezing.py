"""PLACEHOLDER: its owner replaces all of it."""

from django.http import Http404


def freeze(request, **kw):
    raise Http404

