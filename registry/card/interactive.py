"""Charts as Plotly's script draws them: plain dictionaries, plotly is not imported."""

from collections.abc import Iterator
from typing import Any

from pulsar_ml.plots.inks import INKS, Inks
from registry.card.curves import Chart, Curve

_CLEAR = "rgba(0,0,0,0)"
# The trace that follows the slider.
MARK = "mark"


def figures(charts: list[Chart], theme: str) -> dict[str, dict[str, Any]]:
    """By the chart's name its ``data`` and ``layout``."""
    inks = INKS[theme]
    return {
        chart.name: {"data": list(_data(chart, inks)), "layout": _layout(chart, inks)}
        for chart in charts
    }


def _data(chart: Chart, inks: Inks) -> Iterator[dict[str, Any]]:
    if chart.diagonal:
        yield {
            "type": "scatter",
            "mode": "lines",
            "x": [0, 1],
            "y": [0, 1],
            "line": {"color": inks.frame, "width": 1, "dash": "dot"},
            "hoverinfo": "skip",
        }
    for curve in chart.curves:
        yield _line(chart, curve, inks)
    if chart.mark:
        yield {
            "type": "scatter",
            "mode": "markers",
            "name": chart.mark_label,
            "uid": MARK,
            "x": [chart.mark[0]],
            "y": [chart.mark[1]],
            "marker": {"color": inks.mark, "size": 10},
            "hovertemplate": _hover(chart),
        }


def _line(chart: Chart, curve: Curve, inks: Inks) -> dict[str, Any]:
    held = curve.kind == "held"
    x, y = (list(side) for side in zip(*curve.places, strict=True))
    drawn: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers" if curve.spans else "lines",
        "name": curve.label,
        "x": x,
        "y": y,
        "line": {
            "color": inks.curve if held else inks.faint,
            "width": 2 if held else 1.5,
            "dash": "solid" if held else "dash",
        },
        "hovertemplate": _hover(chart),
    }
    if curve.spans:
        spans = list(zip(y, curve.spans, strict=True))
        drawn["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [high - value for value, (_, high) in spans],
            "arrayminus": [value - low for value, (low, _) in spans],
            "thickness": 1,
            "width": 3,
        }
    return drawn


def _hover(chart: Chart) -> str:
    return f"{chart.x_label} %{{x:.4f}}<br>{chart.y_label} %{{y:.4f}}"


def _layout(chart: Chart, inks: Inks) -> dict[str, Any]:
    return {
        "height": 320,
        "title": {
            "text": chart.title,
            "font": {"size": 14},
            "x": 0,
            "xref": "paper",
        },
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "font": {"color": inks.text, "size": 12},
        "margin": {"l": 52, "r": 12, "t": 36, "b": 48},
        # The page has one for all three.
        "showlegend": False,
        "xaxis": _axis(chart.x_label, inks),
        "yaxis": _axis(chart.y_label, inks),
        "hovermode": "closest",
    }


def _axis(label: str, inks: Inks) -> dict[str, Any]:
    return {
        "title": {"text": label},
        "range": [-0.02, 1.02],
        "gridcolor": inks.grid,
        "linecolor": inks.frame,
        "zeroline": False,
    }
