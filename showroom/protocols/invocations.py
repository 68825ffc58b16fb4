"""The champion, as MLflow's scoring servers are asked."""

import numpy as np
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST
from numpy.typing import NDArray

from accounts.requests import Request
from registry import serving
from showroom.predictions.answer import answer
from showroom.protocols.door import OtherMedia, body_of, door
from showroom.protocols.frames import rows_of, rows_of_csv


@require_POST
@door("showroom.add_prediction")
def invocations(request: Request) -> HttpResponse:
    """Ask it; what it answers is kept."""
    given = answer(serving.champion(), _rows(request), by=request.user)
    return JsonResponse(
        {
            "predictions": [one._asdict() for one in given.predictions],
            "model": given.version.model.name,
            "model_version": str(given.version.number),
            "batch": given.batch,
        }
    )


def _rows(request: Request) -> NDArray[np.float64]:
    if request.content_type == "text/csv":
        return rows_of_csv(request.body)
    if request.content_type == "application/json":
        return rows_of(body_of(request))
    raise OtherMedia("Send application/json or text/csv.")
