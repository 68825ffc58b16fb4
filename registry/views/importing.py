"""Bring a labelled table in."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.requests import Request
from pulsar_ml.datasets import htru2, intake
from pulsar_ml.verdicts import TAUGHT
from registry.datasets import ask, bring_in
from registry.datasets.forms import ImportForm
from registry.errors import RegistryError
from registry.models import Build


@permission_required("registry.add_dataset", raise_exception=True)
def import_file(request: Request) -> HttpResponse:
    """A file in, a build out; or HTRU2, which is fetched."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _page(request, form, 422 if form.is_bound else 200)
    try:
        return redirect(start(request, form))
    except RegistryError as error:
        form.add_error(None, str(error))
    except OSError as error:
        form.add_error(None, f"The storage of the site refused: {error.strerror}.")
    return _page(request, form, 503)


def start(request: Request, form: ImportForm) -> Build:
    """Have made what a form that is valid asks for."""
    cleaned = form.cleaned_data
    preset = cleaned["preset"]
    file = cleaned["file"]
    url = htru2.ADDRESS if preset and not file else ""
    given = {bring_in.TABLE: file, bring_in.BESIDE: cleaned["observations"]}
    files = {key: _brought(upload) for key, upload in given.items() if upload}
    return ask.ask(
        Build.Kind.IMPORT,
        name=cleaned["name"] or bring_in.title(preset, url, file.name if file else ""),
        order={"url": url, "preset": preset},
        files=files,
        by=request.user,
    )


def _brought(upload: TemporaryUploadedFile) -> ask.Brought:
    path = Path(upload.temporary_file_path())
    return ask.Brought(upload.name or "unnamed", path, temporary=True)


def _page(request: Request, form: ImportForm, status: int) -> HttpResponse:
    context = {
        "form": form,
        "max_bytes": settings.PULSAR.showroom.max_upload_bytes,
        "address": htru2.ADDRESS,
        "most_columns": intake.MOST_COLUMNS,
        "pulsars": [label for label, teaches in TAUGHT.items() if teaches],
        "others": [label for label, teaches in TAUGHT.items() if not teaches],
    }
    return render(request, "registry/dataset_import.html", context, status=status)
