"""The answers that hold plots."""

from typing import Any, cast

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import Http404, HttpResponse, JsonResponse

from pulsar_ml import plots
from pulsar_ml.errors import PulsarError
from showroom.picture import WHOLE, Format, Theme, picture
from showroom.raw import Raw

# An SVG is a document of its own when it is opened: it may have the styles and images
# that stand in it, and nothing else; no script at all.
_alone: Any = csp_replace(
    {"default-src": [NONE], "style-src": [UNSAFE_INLINE], "img-src": ["data:"]}
)

_CONTENT_TYPES: dict[Format, str] = {"png": "image/png", "svg": "image/svg+xml"}
_SECONDS_KEPT = 3600


def picture_of(
    raw: Raw | None,
    theme: str,
    width: int = WHOLE,
    format: Format = "png",  # noqa: A002  # as of picture()
) -> HttpResponse:
    """All plots as one PNG or SVG."""
    raw, shade = _known(raw, theme)
    try:
        content = picture(raw, shade, width, format)
    except PulsarError as error:
        raise Http404(str(error)) from error
    response = HttpResponse(content, content_type=_CONTENT_TYPES[format])
    response["Cache-Control"] = f"private, max-age={_SECONDS_KEPT}"
    return response


def svg_of(raw: Raw | None, theme: str) -> HttpResponse:
    """All plots as one SVG, which may not run a script however it is opened."""
    return cast("HttpResponse", _alone(picture_of)(raw, theme, format="svg"))


def figures_of(raw: Raw | None, theme: str) -> HttpResponse:
    """The plots as Plotly's script draws them."""
    raw, shade = _known(raw, theme)
    try:
        candidate = raw.open()
        drawn = plots.figures(candidate.panels(), candidate.header, theme=shade)
    except PulsarError as error:
        raise Http404(str(error)) from error
    return JsonResponse(drawn)


def _known(raw: Raw | None, theme: str) -> tuple[Raw, Theme]:
    if raw is None or theme not in {"light", "dark"}:
        raise Http404("There are no such plots.")
    return raw, "dark" if theme == "dark" else "light"
