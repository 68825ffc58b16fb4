"""The models, as the Open Inference Protocol (v2) asks for them."""

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from registry import serving
from registry.errors import NoSuchVersion
from registry.models import Version
from registry.serving import Served
from showroom.predictions.answer import answer
from showroom.protocols.door import body_of, door
from showroom.protocols.tensors import (
    call_of,
    described,
    inputs,
    must_be_known,
    outputs,
)

_may_look = door("registry.view_version")
_PRODUCTION = "champion"


@require_safe
@_may_look
def model(request: Request, name: str, version: str = "") -> HttpResponse:
    """What it takes, what it answers, and which versions may be asked."""
    found = serving.find(_reference(name, version))
    ready = Version.objects.ready().filter(model=found.model).order_by("number")
    numbers = [found.number] if version else ready.values_list("number", flat=True)
    return JsonResponse(
        {
            "name": name,
            "versions": [str(number) for number in numbers],
            "platform": "onnxruntime_onnx",
            "inputs": inputs(),
            "outputs": described(),
        }
    )


@require_safe
@_may_look
def ready(request: Request, name: str, version: str = "") -> HttpResponse:
    """Whether it answers; where it does not, the error says why."""
    _served(name, version)
    return JsonResponse({"name": name, "ready": True})


@require_POST
@door("showroom.add_prediction")
def infer(request: Request, name: str, version: str = "") -> HttpResponse:
    """Ask it; what it answers is kept."""
    served = _served(name, version)
    call = call_of(body_of(request))
    must_be_known(call.outputs)
    given = answer(served, call.rows(), by=request.user)
    told: dict[str, object] = {
        "model_name": given.version.model.name,
        "model_version": str(given.version.number),
        "parameters": {"batch": given.batch, "threshold": given.threshold},
        "outputs": outputs(given, call.outputs),
    }
    if call.id is not None:
        told["id"] = call.id
    return JsonResponse(told)


def _served(name: str, version: str) -> Served:
    """Of a version by its number, else of an alias, which is known for a second."""
    if version:
        return serving.resolve(_reference(name, version))
    model, _, alias = name.partition("@")
    return serving.at_alias(model, alias or _PRODUCTION)


def _reference(name: str, version: str) -> str:
    if not version:
        return name if "@" in name else f"{name}@{_PRODUCTION}"
    if not version.isdecimal():
        raise NoSuchVersion(f"{version!r} is no number of a version.")
    return f"{name}/{version}"
