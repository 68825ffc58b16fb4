"""Figures that Plotly's script draws, as plain dictionaries: plotly is not imported."""

from typing import Any, Literal

import numpy as np

from pulsar_ml.candidate import Array, Header, Panels
from pulsar_ml.plots.drawing import Heat, Line, drawings
from pulsar_ml.plots.inks import INKS, Inks

_DIGITS = 6  # of a number; more cannot be seen, and each is sent to the browser
_FIGURE_HEIGHT = {"profile": 220, "dm": 280, "plane": 280}


def figures(
    panels: Panels, header: Header, *, theme: Literal["light", "dark"] = "light"
) -> dict[str, dict[str, Any]]:
    """Make the diagnostic plots for a page.

    Parameters
    ----------
    panels : Panels
        Of the candidate.
    header : Header
        Its dispersion measure is marked on the DM curve.
    theme : {"light", "dark"}
        The ground that the figures will stand on; they have none of their own.

    Returns
    -------
    dict of dict
        By name, of ``profile``, ``subints``, ``subbands``, ``dm`` and ``plane`` those
        that the candidate has; each with Plotly's ``data`` and ``layout`` made of
        nothing but what JSON knows. How planes are thinned: see `drawings`.
    """
    inks = INKS[theme]
    return {
        name: {
            "data": _curve(drawn, inks)
            if isinstance(drawn, Line)
            else _heat(drawn, inks),
            "layout": _layout(drawn, inks) | {"height": _FIGURE_HEIGHT.get(name, 360)},
        }
        for name, drawn in drawings(panels, header).items()
    }


def _curve(line: Line, inks: Inks) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": _numbers(line.x),
            "y": _numbers(line.y),
            "line": {
                "color": inks.curve,
                "width": 1.5,
                "shape": "hvh" if line.steps else "linear",
            },
            "hovertemplate": "%{x:.5~g}: %{y:.4~g}<extra></extra>",
        }
    ]


def _heat(heat: Heat, inks: Inks) -> list[dict[str, Any]]:
    image = heat.image
    plane: dict[str, Any] = {
        "type": "heatmap",
        "z": [_numbers(row, 4) for row in image.values],
        "x": _numbers(image.x, 12),
        "y": _numbers(image.y, 12),
        "zmin": heat.low,
        "zmax": heat.high,
        "colorscale": "Cividis",
        "showscale": heat.best is not None,
        "colorbar": {
            "title": {"text": image.z_label, "side": "right"},
            "thickness": 10,
            "outlinewidth": 0,
        },
        "hovertemplate": "%{x:.7~g}, %{y:.6~g}: %{z:.4~g}<extra></extra>",
    }
    if heat.best is None:
        return [plane]
    x, y = heat.best
    cross = {
        "type": "scatter",
        "mode": "markers",
        "x": [x],
        "y": [y],
        "marker": {
            "symbol": "cross-thin",
            "size": 14,
            "line": {"color": inks.best, "width": 2},
        },
        "hovertemplate": "best: %{x:.7~g}, %{y:.6~g}<extra></extra>",
        "showlegend": False,
    }
    return [plane, cross]


def _layout(drawn: Line | Heat, inks: Inks) -> dict[str, Any]:
    labels = drawn if isinstance(drawn, Line) else drawn.image
    layout: dict[str, Any] = {
        "title": {"text": drawn.title, "font": {"size": 14}, "x": 0, "xref": "paper"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": inks.text, "size": 12},
        "margin": {"l": 64, "r": 16, "t": 36, "b": 48},
        "showlegend": False,
        "xaxis": _axis(labels.x_label, inks, grid=isinstance(drawn, Line)),
        "yaxis": _axis(labels.y_label, inks, grid=isinstance(drawn, Line)),
    }
    if isinstance(drawn, Line) and drawn.steps:
        # Arbitrary units: the numbers would say nothing.
        layout["yaxis"] |= {"showticklabels": False, "ticks": ""}
    if isinstance(drawn, Line) and drawn.mark is not None:
        layout["shapes"] = [
            {
                "type": "line",
                "x0": drawn.mark,
                "x1": drawn.mark,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": inks.mark, "width": 1.5, "dash": "dash"},
            }
        ]
        layout["annotations"] = [
            {
                "x": drawn.mark,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "text": f"best {drawn.mark:.2f}",
                "showarrow": False,
                "font": {"color": inks.mark},
            }
        ]
    return layout


def _axis(label: str, inks: Inks, *, grid: bool) -> dict[str, Any]:
    return {
        "title": {"text": label, "standoff": 8},
        "automargin": True,
        "showgrid": grid,
        "gridcolor": inks.grid,
        "linecolor": inks.frame,
        "tickcolor": inks.frame,
        "ticks": "outside",
        "showline": True,
        "zeroline": False,
        "exponentformat": "power",
    }


def _numbers(values: Array, digits: int = _DIGITS) -> list[float | None]:
    """As JSON has them, which knows no NaN."""
    return [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in values]
