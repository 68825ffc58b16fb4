"""The Showroom's front page, and what is dropped there."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.requests import Request
from pulsar_ml.cases import CASES
from pulsar_ml.errors import PulsarError
from registry.errors import RegistryError
from showroom.errors import ShowroomError
from showroom.forms import UploadForm
from showroom.models import Batch
from showroom.storage.quota import why_not
from showroom.upload import upload
from showroom.views.again import question

_PAGE = 20


def showroom(request: Request) -> HttpResponse:
    """Look at the batches, or bring one."""
    return receive(request) if request.method == "POST" else index(request)


@require_safe
@permission_required("showroom.view_batch", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """The drop zone, and the batches that are there."""
    return _index(request, UploadForm())


@permission_required("showroom.add_batch", raise_exception=True)
def receive(request: Request) -> HttpResponse:
    """Files in, a batch out."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _index(request, form, status=422)
    try:
        asked = {name: form.cleaned_data[name] for name in ("private", "blind")}
        found = upload(form.cleaned_data["files"], by=request.user, **asked)
    except (PulsarError, RegistryError, ShowroomError) as error:
        form.add_error(None, str(error))
        return _index(request, form, status=503)
    except OSError as error:
        form.add_error(None, f"The storage of the site refused: {error.strerror}.")
        return _index(request, form, status=503)
    is_known = found.came_before
    return redirect(question(found.batch, **asked) if is_known else found.batch)


def _index(request: Request, form: UploadForm, status: int = 200) -> HttpResponse:
    batches = Batch.objects.visible_to(request.user).newest()
    version = request.GET.get("version", "")
    if version.isdecimal():
        batches = batches.filter(version_id=int(version[:18]))
    page = Paginator(batches, _PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "batches": page,
        "version": version,
        "cases": CASES,
        "max_bytes": settings.PULSAR.showroom.max_upload_bytes,
        "refused": why_not(),
    }
    return render(request, "showroom/index.html", context, status=status)
