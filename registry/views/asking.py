"""Ask for a training; and the experiments that runs belong to."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.requests import Request
from pulsar_ml.errors import PulsarError
from registry.errors import RegistryError
from registry.models import Dataset, Experiment, TrainingRun
from registry.runs.experiments import listed
from registry.runs.forms import ExperimentForm, NewRunForm, like
from registry.runs.policies import hints
from registry.training.ask import ask
from registry.training.experiments import find_or_open
from registry.views.runs import known_experiments, may_view

# More than any column of numbers holds is no number.
_DIGITS = 9


@permission_required("registry.add_trainingrun", raise_exception=True)
def new(request: Request) -> HttpResponse:
    """A form; filled in, a run that waits for its worker."""
    if request.fragment:
        context = {"hints": _hints(request.GET.get("dataset"))}
        return render(request, "registry/_policy_hints.html", context)
    form = NewRunForm(request.POST or None, start=_start(request))
    if not form.is_bound:
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        return redirect(ask(**form.asked(), by=request.user))
    except (RegistryError, PulsarError) as error:
        form.add_error(None, str(error))
        return _page(request, form, status=422)


@may_view
def experiments(request: Request) -> HttpResponse:
    """All experiments with their best runs; whoever may train opens new ones."""
    may_open = request.user.has_perm("registry.add_trainingrun")
    if request.method == "POST" and not may_open:
        raise PermissionDenied
    form = ExperimentForm(request.POST or None)
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data
        made = find_or_open(
            wanted["name"], request.user, description=wanted["description"]
        )
        return redirect(f"{reverse('registry:run-new')}?experiment={made.pk}")
    context = {"listed": listed(), "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "registry/experiments.html", context, status=status)


def _start(request: Request) -> dict[str, Any]:
    """What the address has the form begin with: a dataset, or all of another run."""
    if run := _named(TrainingRun, request.GET.get("like"), "pk"):
        return like(run)
    start: dict[str, Any] = {}
    if dataset := _named(Dataset, request.GET.get("dataset"), "number"):
        start["dataset"] = dataset.number
    if experiment := _named(Experiment, request.GET.get("experiment"), "pk"):
        start["experiment"] = experiment.name
    return start


def _hints(number: str | None) -> list[Any]:
    dataset = _named(Dataset, number, "number")
    return hints(dataset) if dataset else []


def _named(rows: type[Any], text: str | None, column: str) -> Any:
    """The row that an address names; None for what names none."""
    if not text or not text.isdecimal() or len(text) > _DIGITS:
        return None
    return rows.objects.filter(**{column: text}).first()


def _page(request: Request, form: NewRunForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "hints": _hints(str(form["dataset"].value() or _newest())),
        "experiments": known_experiments(),
        "there_are_datasets": Dataset.objects.exists(),
        "max_candidates": settings.PULSAR.training.max_candidates,
    }
    return render(request, "registry/run_new.html", context, status=status)


def _newest() -> int | None:
    """What stands in the field while nothing was chosen."""
    numbers = Dataset.objects.order_by("-number").values_list("number", flat=True)
    return numbers.first()
