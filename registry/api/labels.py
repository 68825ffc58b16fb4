"""Labels: found, taken back and given again, brought in from a file."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Field, File, Form, Query, Router, Schema, Status, UploadedFile
from ninja.pagination import paginate

from accounts.models import User
from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Moment, Text, refusal
from accounts.requests import Request
from pulsar_ml.features import FEATURES
from registry.api.builds import BuildOut
from registry.api.people import name_of
from registry.api.storing import storing
from registry.datasets.ask import Brought
from registry.labels.ask import ask
from registry.labels.forms import ImportForm
from registry.labels.withdraw import restore, withdraw
from registry.models import Build, Label
from registry.models.label import LabelQuerySet, Word
from registry.views.labels import own_or_403

router = Router()
_looks = Needs("registry.view_label")
_brings = Needs("registry.add_label")


class LabelOut(Schema):
    """A candidate as one person judged it."""

    id: int
    # Of the row that it is on, as `<batch>-<row>`; none where it came from a file.
    prediction: str | None
    name: str
    hash: str
    features: dict[str, float]
    # The field's word, and the class that it teaches.
    label: Word
    expected: int
    # How the candidate came before whoever judged it.
    origin: Label.Drawn
    survey: str
    pointing: str
    observed: dict[str, Any]
    by: str | None
    at: datetime
    # Whether it is neither replaced nor withdrawn.
    holds: bool

    @staticmethod
    def resolve_prediction(label: Label) -> str | None:
        return f"{label.batch}-{label.row}" if label.batch else None

    @staticmethod
    def resolve_features(label: Label) -> dict[str, float]:
        return dict(zip(FEATURES, label.features, strict=True))

    @staticmethod
    def resolve_label(label: Label) -> str:
        return label.verdict

    @staticmethod
    def resolve_expected(label: Label) -> int:
        return int(label.is_pulsar)

    @staticmethod
    def resolve_origin(label: Label) -> str:
        return label.drawn

    @staticmethod
    def resolve_by(label: Label) -> str | None:
        return name_of(label.person)

    @staticmethod
    def resolve_holds(label: Label) -> bool:
        return bool(label.current or label.coming)


class LabelsAsked(Schema):
    """Which labels are wanted; what is left out asks nothing."""

    survey: Text | None = None
    by: Text | None = Field(None, description="The user name of a person.")
    label: list[Word] = []
    origin: list[Label.Drawn] = []
    since: Moment | None = None
    until: Moment | None = None
    gone: bool = Field(
        default=False, description="Those that were replaced or withdrawn instead."
    )

    def labels(self) -> LabelQuerySet:
        """Those of them that are asked for, found as a page finds them."""
        labels = Label.objects.all()
        shown = labels.gone() if self.gone else labels.current()
        people = User.objects.filter(username=self.by).values_list("pk", flat=True)
        return shown.fitting(
            surveys=[self.survey] if self.survey else [],
            # Nobody has no number: of somebody unknown there is nothing.
            people=[people.first() or 0] if self.by else [],
            verdicts=self.label,
            drawn=self.origin,
            since=self.since,
            until=self.until,
        )


@router.get("", auth=_looks, response=list[LabelOut])
@paginate(Pages)
def list_labels(request: Request, asked: Query[LabelsAsked]) -> QuerySet[Label]:
    """Those that one may see, the newest first."""
    return asked.labels().shown_to(request.user).select_related("person")


@router.get("/{label}", auth=_looks, response=LabelOut)
def get_label(request: Request, label: int) -> Label:
    """One of them."""
    return _label_or_404(request, label)


@router.post("/{label}/withdraw", auth=_looks, response=LabelOut)
def withdraw_label(request: Request, label: int) -> Label:
    """Take it back; one that does not hold stays as it is."""
    withdraw(own_or_403(request, label), by=request.user)
    return _label_or_404(request, label)


@router.post("/{label}/restore", auth=_looks, response=LabelOut)
def restore_label(request: Request, label: int) -> Label:
    """Let it hold again, unless its person has said something else since."""
    restore(own_or_403(request, label), by=request.user)
    return _label_or_404(request, label)


@router.post("", auth=_brings, response={202: BuildOut})
def import_labels(
    request: Request,
    file: File[UploadedFile],
    survey: Form[Text],
    by: Form[Text | None] = None,
) -> Status[Build]:
    """Bring a file of judged candidates in; whose words they are, if not one's own."""
    person = get_object_or_404(User, username=by) if by else request.user
    form = ImportForm({"survey": survey, "person": person.pk}, request.FILES)
    if not form.is_valid():
        raise refusal(form)
    upload = form.cleaned_data["file"]
    brought = Brought(upload.name, Path(upload.temporary_file_path()), temporary=True)
    with storing():
        build = ask(
            brought,
            survey=form.cleaned_data["survey"],
            person=form.cleaned_data["person"],
            by=request.user,
        )
    return Status(202, build)


def _label_or_404(request: Request, number: int) -> Label:
    shown = Label.objects.shown_to(request.user).exclude(current=None, coming=True)
    return get_object_or_404(shown.select_related("person"), pk=number)
