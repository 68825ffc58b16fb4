"""Verdicts as CandyJar's files: brought in, and given out."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import Request
from monitor import room
from pulsar_ml.errors import PulsarError
from registry.models.label import Word
from showroom import parts
from showroom.models import Batch
from showroom.verdicts import candyjar
from showroom.verdicts.bring_in import Plan, bring_in, plan
from showroom.verdicts.classification import MOST, read
from showroom.views.find import batch_or_404
from showroom.views.reading import reading
from showroom.views.sending import as_csv

_REFUSED_SHOWN = 200
# A file that was looked at waits so long to be brought in.
_WAITS_SECONDS = 6 * 3600
_SALT = "showroom.classification"
_GONE = "The file waits no longer: choose it again."
_may_view = permission_required("showroom.view_batch", raise_exception=True)


class ImportForm(forms.Form):
    """A file of verdicts."""

    file = forms.FileField(label="classification.csv", allow_empty_file=True)


class _Waiting(NamedTuple):
    """A file that was looked at and is not brought in yet."""

    path: Path
    name: str
    token: str


@permission_required("showroom.add_verdict", raise_exception=True)
@reading
def import_verdicts(request: Request, number: int) -> HttpResponse:
    """Look at a file: what it would do. Then, once more asked for, do it."""
    batch = batch_or_404(request, number)
    if batch.is_under_way:
        messages.info(request, "It is still being scored: bring verdicts in then.")
        return redirect(batch)
    if "token" in request.POST:
        return _confirmed(request, batch)
    form = ImportForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _asked(request, batch, form, 422 if form.is_bound else 200)
    waiting = _kept(form.cleaned_data["file"], batch, request.user)
    return _looked_at(request, batch, form, waiting)


@require_safe
@_may_view
@reading
def candidates_csv(request: Request, number: int) -> HttpResponseBase:
    """The rows as CandyJar lists candidates."""
    batch = batch_or_404(request, number)
    lines = candyjar.candidates(batch, _wanted(request, batch))
    return as_csv(lines, f"batch-{batch.pk}-candidates.csv")


@require_safe
@permission_required("showroom.view_verdict", raise_exception=True)
@reading
def classification_csv(request: Request, number: int) -> HttpResponseBase:
    """What somebody says of the rows, as CandyJar writes it."""
    batch = batch_or_404(request, number)
    form = request.GET.get("form", "")
    if form not in {"", "full", "old"}:
        raise Http404("There is no such form of the file.")
    lines = candyjar.classification(batch, _wanted(request, batch), form)
    return as_csv(lines, f"batch-{batch.pk}-classification.csv")


def _wanted(request: Request, batch: Batch) -> candyjar.Wanted:
    return candyjar.wanted(
        batch,
        person=_person(request),
        to=request.user,
        everything=request.GET.get("all") == "1",
    )


def _person(request: Request) -> User | None:
    """Whose words; nobody's number is an answer too, so that none can be guessed."""
    number = request.GET.get("person", "")
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Http404("There is no such person.")
    return User(pk=int(number))


def _looked_at(
    request: Request, batch: Batch, form: ImportForm, waiting: _Waiting
) -> HttpResponse:
    try:
        found = plan(batch, read(waiting.path), by=request.user)
    except PulsarError as error:
        waiting.path.unlink(missing_ok=True)
        form.add_error("file", f"{waiting.name} {error}.")
        return _asked(request, batch, form, 422)
    return _asked(request, batch, form, waiting=waiting, **_shown(found))


def _confirmed(request: Request, batch: Batch) -> HttpResponse:
    waiting = _awaited(request, batch)
    if waiting is None:
        form = ImportForm({})
        form.errors["file"] = form.error_class([_GONE])
        return _asked(request, batch, form, 409)
    found = plan(batch, read(waiting.path), by=request.user)
    n_given = bring_in(batch, found, by=request.user)
    waiting.path.unlink(missing_ok=True)
    context = {"n_given": n_given, "done": True, **_shown(found)}
    return _asked(request, batch, ImportForm(), waiting=waiting, **context)


def _asked(
    request: Request, batch: Batch, form: ImportForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"batch": batch, "form": form, "words": Word.choices, "most": MOST}
    return render(
        request, "showroom/verdicts_import.html", context | more, status=status
    )


def _shown(found: Plan) -> dict[str, Any]:
    return {"plan": found, "refused": found.refused[:_REFUSED_SHOWN]}


def _kept(upload: TemporaryUploadedFile, batch: Batch, by: User) -> _Waiting:
    """Keep a copy until it is brought in; forgotten, it goes with other leavings."""
    room.check()
    name = uuid4()
    shutil.copyfile(upload.temporary_file_path(), _path(name))
    own = (upload.name or "The file")[:255]
    token = signing.dumps([name.hex, own, batch.pk, by.pk], salt=_SALT)
    return _Waiting(_path(name), own, token)


def _awaited(request: Request, batch: Batch) -> _Waiting | None:
    token = request.POST["token"]
    try:
        told = signing.loads(token, salt=_SALT, max_age=_WAITS_SECONDS)
    except signing.BadSignature:
        return None
    name, own, *whose = told
    path = _path(UUID(name))
    is_theirs = whose == [batch.pk, request.user.pk]
    return _Waiting(path, own, token) if is_theirs and path.is_file() else None


def _path(name: UUID) -> Path:
    return parts.temporary() / f"verdicts-{name.hex}.csv"
