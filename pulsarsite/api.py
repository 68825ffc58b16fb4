"""The REST API: each app's router, in one schema, with one way to say what is wrong."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

import dispatch.api
import monitor.api
import pulsarsite
import registry.api
import showroom.api
from accounts.programs.acted import acted
from accounts.programs.needs import Needs
from dispatch.errors import DispatchError
from pulsar_ml.errors import PulsarError
from pulsarsite.called import Called
from pulsarsite.problem import MEDIA_TYPE, problem
from registry.errors import NoSuchVersion, RegistryError
from registry.views.plotting import plotting
from showroom.errors import Made, NoRoom, ShowroomError

_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "Why there is no other answer, as in RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_WRONG = {
    "description": "What is wrong",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request gives the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


class _Page(DocsBase):
    """The schema to be read and tried, among the site's own pages."""

    def render_page(
        self, request: HttpRequest, api: NinjaAPI, **kwargs: Any
    ) -> HttpResponse:
        settings = {
            "url": self.get_openapi_url(api, kwargs),
            "layout": "BaseLayout",
            "deepLinking": True,
            "docExpansion": "none",
            "validatorUrl": None,
        }
        context = {"settings": settings, "paths": api.get_openapi_schema()["paths"]}
        return render(request, "api/docs.html", context)


def _merged(responses: dict[Any, Any]) -> dict[str, Any]:
    """By status as JSON has it, whether it was told as a number or as a text."""
    merged: dict[str, Any] = {}
    for status, response in responses.items():
        merged[str(status)] = merged.get(str(status), {}) | response
    return merged | {"default": _WRONG}


class _Schema(Called):
    """Each operation with its right, and with what it says when it refuses."""

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        details = super().operation_details(operation)
        said = operation.description or ""
        details["summary"], _, rest = said.partition("\n")
        details["description"] = rest.strip()
        details["responses"] = _merged(details["responses"])
        details["x-right"] = next(
            asked.right
            for asked in operation.auth_callbacks
            if isinstance(asked, Needs)
        )
        if "POST" in operation.methods:
            details["parameters"].append(_KEY)
        return details


def _readable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What is drawn there brings its styles along, as the plots do."""
    return plotting(require_safe(view))


class Api(NinjaAPI):
    """Operations are called as their functions, and each may end in a problem."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(
        self,
        *,
        path_prefix: str | None = None,
        path_params: dict[str, Any] | None = None,
    ) -> OpenAPISchema:
        return _schema(self, path_prefix or self.get_root_path(path_params or {}))


@cache
def _schema(of: Api, path_prefix: str) -> OpenAPISchema:
    """It takes a second, and stays as it is."""
    schema = _Schema(of, path_prefix)
    schema["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
    return schema


api = Api(
    title="pulsarsite",
    version=pulsarsite.__version__,
    description="Everything that the pages do, for programs. Times are RFC 3339.",
    urls_namespace="api",
    openapi_url="/schema",
    docs=_Page(),
    docs_url="/docs",
    docs_decorator=_readable,
)
# Django looks for an address in this order: what is asked most often comes first.
api.add_router("", showroom.api.direct)
api.add_router("v1/", dispatch.api.router)
api.add_router("v1/", monitor.api.router)
api.add_router("v1/", registry.api.router)
api.add_router("v1/", showroom.api.router)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, str(error) or "You may not do this.")


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "There is no such thing here.")


@api.exception_handler(NoSuchVersion)
def _no_version(request: HttpRequest, error: NoSuchVersion) -> HttpResponse:
    return problem(404, str(error))


@api.exception_handler(DispatchError)
@api.exception_handler(RegistryError)
@api.exception_handler(ShowroomError)
def _not_now(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(409, str(error))


for refusal in monitor.api.REFUSALS:
    api.exception_handler(refusal)(_not_now)


@api.exception_handler(Made)
def _made(request: HttpRequest, error: Made) -> HttpResponse:
    return acted(problem(409, str(error)))


@api.exception_handler(NoRoom)
def _full(request: HttpRequest, error: NoRoom) -> HttpResponse:
    return problem(507, str(error))


@api.exception_handler(RawPostDataException)
def _form(request: HttpRequest, error: RawPostDataException) -> HttpResponse:
    """The form of a browser, in which its CSRF token was looked for."""
    return problem(415, "Send application/json.")


@api.exception_handler(PulsarError)
def _unusable(request: HttpRequest, error: PulsarError) -> HttpResponse:
    return problem(422, str(error))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = [
        {"loc": list(one.get("loc", [])), "msg": str(one.get("msg", ""))}
        for one in error.errors
    ]
    return problem(422, "What was sent cannot be used.", errors=wrong)


urlpatterns = api.urls[0]
