"""What a page that plots may do besides."""

from collections.abc import Callable
from typing import Any, ParamSpec, cast

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpResponse

# Plotly writes its styles into the page and draws planes of colours as images; scripts
# stay as strict as everywhere.
_policy: Any = csp_replace(
    {"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:", "blob:"]}
)
_Arguments = ParamSpec("_Arguments")


def plotting(
    view: Callable[_Arguments, HttpResponse],
) -> Callable[_Arguments, HttpResponse]:
    """Let the page of this view plot."""
    return cast("Callable[_Arguments, HttpResponse]", _policy(view))
