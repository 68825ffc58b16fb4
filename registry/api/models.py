"""Models: names under which versions are kept."""

from datetime import datetime

from django.db.models import Count, Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from registry.api.given import Slug
from registry.models import STAGES, Alias, Model, Version

router = Router()
_looks = Needs("registry.view_version")


class AliasOut(Schema):
    """A movable name, and the version that it names now."""

    alias: str
    # Production or Staging, of the two aliases that have such a word.
    stage: str | None
    version: str
    number: int

    @staticmethod
    def resolve_alias(alias: Alias) -> str:
        return alias.name

    @staticmethod
    def resolve_stage(alias: Alias) -> str | None:
        return STAGES.get(alias.name)

    @staticmethod
    def resolve_version(alias: Alias) -> str:
        return str(alias.version)

    @staticmethod
    def resolve_number(alias: Alias) -> int:
        return alias.version.number


class ModelOut(Schema):
    """A model, how many versions it has, and which of them have a name."""

    name: str
    kind: Model.Kind
    n_versions: int
    aliases: list[AliasOut]
    created_at: datetime

    @staticmethod
    def resolve_aliases(model: Model) -> list[Alias]:
        return list(model.aliases.all())


@router.get("", auth=_looks, response=list[ModelOut])
@paginate(Pages)
def list_models(request: Request) -> QuerySet[Model]:
    """All of them, the newest first."""
    return _models()


@router.get("/{model}", auth=_looks, response=ModelOut)
def get_model(request: Request, model: Slug) -> Model:
    """One of them."""
    return get_object_or_404(_models(), name=model)


def named() -> QuerySet[Alias]:
    """Aliases with what their versions are called; cards are long."""
    versions = Version.objects.select_related("model").defer("card")
    known = Alias.objects.select_related("model").order_by("name")
    return known.prefetch_related(Prefetch("version", versions))


def _models() -> QuerySet[Model]:
    counted = Model.objects.annotate(n_versions=Count("versions"))
    return counted.prefetch_related(Prefetch("aliases", named()))
