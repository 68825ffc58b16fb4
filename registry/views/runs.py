"""PLACEHOLDER: its owner replaces all of it."""

from django.http import Http404


def runs(request, **kw):
    raise Http404


def new(request, **kw):
    raise Http404


def compare(request, **kw):
    raise Http404


def chart(request, **kw):
    raise Http404


def as_csv(request, **kw):
    raise Http404


def experiments(request, **kw):
    raise Http404


def run(request, **kw):
    raise Http404


def edit(request, **kw):
    raise Http404


def cancel(request, **kw):
    raise Http404


def again(request, **kw):
    raise Http404


def log(request, **kw):
    raise Http404


def file(request, **kw):
    raise Http404

