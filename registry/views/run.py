"""One training run: as it goes, what came of it, and what can be done about it."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from monitor.work import State
from registry.errors import RegistryError
from registry.models import TrainingRun
from registry.runs import show
from registry.runs.edit import edit as save
from registry.runs.forms import EditForm
from registry.runs.parameters import settings
from registry.training import files
from registry.training import log as logs
from registry.training.again import again as ask_again
from registry.training.again import go_on
from registry.training.cancel import cancel as stop
from registry.views.runs import known_experiments, may_view

_may_train = permission_required("registry.add_trainingrun", raise_exception=True)
_may_change = permission_required("registry.change_trainingrun", raise_exception=True)


@require_safe
@may_view
def run(request: Request, pk: int) -> HttpResponse:
    """The whole page; or, for HTMX, what changes on it while the run goes on."""
    found = run_or_404(pk)
    context = _progress(found)
    if not request.fragment:
        return render(request, "registry/run.html", context | _result(found))
    response = render(request, "registry/_run_progress.html", context)
    if not found.is_under_way:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@may_view
def log(request: Request, pk: int) -> HttpResponse:
    """Its log as a text file; or, for HTMX, the end of it."""
    found = run_or_404(pk)
    if request.fragment:
        context = {"run": found, "log": logs.tail(found)}
        return render(request, "_run_log.html", context)
    text, left_out = logs.whole(found)
    if left_out:
        text = f"[{left_out} bytes before this are in {logs.path(found)}]\n{text}"
    name = f"training-{found.pk}.log"
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@may_view
def file(request: Request, pk: int, file: str) -> FileResponse:
    """One of the files that its steps left."""
    found = run_or_404(pk)
    path = files.path(found, file)
    if path is None:
        raise Http404("The run left no such file.")
    name = f"training-{found.pk}-{path.name}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@_may_change
def edit(request: Request, pk: int) -> HttpResponse:
    """Change its notes, tags and experiment."""
    found = run_or_404(pk)
    written = {
        "experiment": found.experiment.name,
        "tags": ", ".join(found.tags),
        "notes": found.notes,
    }
    form = EditForm(request.POST or None, initial=written)
    if request.method == "POST" and form.is_valid():
        save(found, **form.cleaned_data, by=request.user)
        return redirect(found)
    context = {"run": found, "form": form, "experiments": known_experiments()}
    status = 422 if form.is_bound else 200
    return render(request, "registry/run_edit.html", context, status=status)


@require_POST
@_may_change
def cancel(request: Request, pk: int) -> HttpResponse:
    """Stop it."""
    found = run_or_404(pk)
    stop(found, by=request.user)
    return redirect(found)


@require_POST
@_may_change
def resume(request: Request, pk: int) -> HttpResponse:
    """Go on at the first step that is not done."""
    found = run_or_404(pk)
    return _tried(request, found, lambda: go_on(found, by=request.user))


@require_POST
@_may_train
def again(request: Request, pk: int) -> HttpResponse:
    """Train once more with the same settings."""
    found = run_or_404(pk)
    return _tried(request, found, lambda: ask_again(found, by=request.user))


def _tried(
    request: Request, found: TrainingRun, act: Callable[[], TrainingRun | None]
) -> HttpResponse:
    """Act, and show the run that came of it; or say why not."""
    try:
        return redirect(act() or found)
    except RegistryError as error:
        messages.error(request, str(error))
        return redirect(found)


def run_or_404(pk: int) -> TrainingRun:
    """The run with all that its page names."""
    return get_object_or_404(named(), pk=pk)


def named() -> QuerySet[TrainingRun]:
    """Runs with all that their pages name."""
    return TrainingRun.objects.select_related(
        "experiment", "dataset", "version__model", "champion__model", "by"
    )


def _progress(run: TrainingRun) -> dict[str, object]:
    rehearsal = show.steps(run, rehearsal=True)
    return {
        "run": run,
        "steps": show.steps(run, rehearsal=False),
        "rehearsal": rehearsal,
        "broke_in_rehearsal": any(shown.state == "broken" for shown in rehearsal),
        "progress": show.progress(run),
        "lasts": show.lasts(run),
        "line": show.line(run) if run.state == State.QUEUED else None,
    }


def _result(run: TrainingRun) -> dict[str, object]:
    """What stands beside the progress, and is read once."""
    return {
        "headline": list(show.headline(run)),
        "settings": settings(run),
        "files": list(show.files(run)),
        "log": logs.tail(run),
    }
