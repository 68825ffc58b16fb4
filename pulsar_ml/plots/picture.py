"""The diagnostic plots of a candidate as one picture, for lists and for print."""

import io
import threading
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pulsar_ml.candidate import Array, Header, Panels
from pulsar_ml.plots.drawing import Heat, Line, drawings
from pulsar_ml.plots.facts import observation, pulse
from pulsar_ml.plots.inks import INKS, Inks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Matplotlib says of itself that it is not thread-safe; its caches of fonts are shared.
_one_at_a_time = threading.Lock()

_WIDTH_INCHES, _HEIGHT_INCHES = 11.0, 7.0
# From left to right and from the bottom: where each panel stands, in hundredths.
_PLACES = {
    "profile": (6, 76, 24, 18),
    "subints": (6, 8, 24, 56),
    "subbands": (38, 8, 24, 56),
    "dm": (70, 45, 27, 19),
    "plane": (70, 8, 21, 26),
}
_ABSENT = {
    "subints": "no sub-integrations in this file",
    "subbands": "no sub-bands in this file",
    "dm": "no DM trials in this file",
    "plane": "no trial plane in this file",
}


def render(
    panels: Panels,
    header: Header,
    *,
    theme: Literal["light", "dark"] = "light",
    format: Literal["png", "svg"] = "png",  # noqa: A002  # matplotlib's own word
    width_px: int = 1100,
) -> bytes:
    """Draw all panels and the header box as one picture.

    Parameters
    ----------
    panels : Panels
        Of the candidate; a panel without data says so.
    header : Header
        Of the candidate.
    theme : {"light", "dark"}
        Colours and ground.
    format : {"png", "svg"}
        Of the picture.
    width_px : int
        Width of a PNG in pixels; 7/11 of that is its height. Writing scales with it.

    Returns
    -------
    bytes
        Of the file; the same for the same candidate, at any time and in any thread.
    """
    with _one_at_a_time:
        figure = _figure(panels, header, INKS[theme])
        figure.set_dpi(width_px / _WIDTH_INCHES)
        return _saved(figure, format)


def _figure(panels: Panels, header: Header, inks: Inks) -> "Figure":
    # Half a second, which a program that draws nothing need not wait.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH_INCHES, _HEIGHT_INCHES), facecolor=inks.ground)
    drawn = drawings(panels, header)
    for name, (left, bottom, width, height) in _PLACES.items():
        place = (left / 100, bottom / 100, width / 100, height / 100)
        axes = figure.add_axes(place, facecolor="none")
        _frame(axes, inks)
        panel = drawn.get(name)
        if panel is None:
            _say_absent(axes, _ABSENT[name], inks)
        elif isinstance(panel, Line):
            _draw_line(axes, panel, inks)
        else:
            _draw_heat(axes, panel, inks)
    _write_facts(figure, header, panels.reduced_chi2, inks)
    return figure


def _saved(figure: "Figure", format: str) -> bytes:  # noqa: A002
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    picture = io.BytesIO()
    if format == "png":
        agg: Any = FigureCanvasAgg(figure)
        agg.print_png(picture, metadata={"Software": None})
        return picture.getvalue()
    # Else identifiers are random and the file says when it was made.
    with mpl.rc_context({"svg.hashsalt": "pulsar_ml"}):
        svg: Any = FigureCanvasSVG(figure)
        svg.print_svg(picture, metadata={"Date": None, "Creator": None})
    return picture.getvalue()


def _frame(axes: "Axes", inks: Inks) -> None:
    axes.tick_params(color=inks.frame, labelcolor=inks.faint, labelsize=8)
    for spine in axes.spines.values():
        spine.set_color(inks.frame)
        spine.set_linewidth(0.8)


def _say_absent(axes: "Axes", words: str, inks: Inks) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(
        0.5, 0.5, words, color=inks.faint, size=9, ha="center", transform=axes.transAxes
    )


def _label(axes: "Axes", drawn: Line | Heat, inks: Inks) -> None:
    labels = drawn if isinstance(drawn, Line) else drawn.image
    axes.set_title(drawn.title, loc="left", color=inks.text, size=10, weight="bold")
    axes.set_xlabel(labels.x_label, color=inks.text, size=9)
    axes.set_ylabel(labels.y_label, color=inks.text, size=9)
    for offset in (axes.xaxis.get_offset_text(), axes.yaxis.get_offset_text()):
        offset.set_color(inks.faint)
        offset.set_fontsize(8)


def _draw_line(axes: "Axes", line: Line, inks: Inks) -> None:
    style = "steps-mid" if line.steps else "default"
    axes.plot(line.x, line.y, color=inks.curve, linewidth=1.1, drawstyle=style)
    axes.margins(x=0)
    if line.mark is not None:
        axes.axvline(line.mark, color=inks.mark, linewidth=1, linestyle="--")
        axes.set_title(f"best {line.mark:.2f}", loc="right", color=inks.mark, size=9)
    if line.steps:
        # Arbitrary units: the numbers would say nothing.
        axes.set_yticks([])
    _label(axes, line, inks)


def _draw_heat(axes: "Axes", heat: Heat, inks: Inks) -> None:
    image = heat.image
    drawn = axes.imshow(
        np.asarray(image.values),
        cmap="cividis",
        vmin=heat.low,
        vmax=heat.high,
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        extent=(*_edges(image.x), *_edges(image.y)),
    )
    _label(axes, heat, inks)
    if heat.best is None:
        return
    axes.plot(*heat.best, "+", color=inks.best, markersize=11, markeredgewidth=1.5)
    bar = axes.figure.colorbar(drawn, ax=axes, cax=axes.inset_axes((1.04, 0, 0.05, 1)))
    bar.outline.set_visible(False)
    bar.ax.tick_params(color=inks.frame, labelcolor=inks.faint, labelsize=8)
    bar.set_label(image.z_label, color=inks.text, size=9)


def _edges(middles: Array) -> tuple[float, float]:
    """Where the first cell of an axis begins and the last one ends."""
    half = (middles[-1] - middles[0]) / max(len(middles) - 1, 1) / 2 or 0.5
    return float(middles[0] - half), float(middles[-1] + half)


def _write_facts(
    figure: "Figure", header: Header, chi2: float | None, inks: Inks
) -> None:
    figure.text(
        0.38,
        0.93,
        header.name or "Candidate",
        color=inks.text,
        size=13,
        weight="bold",
        va="center",
    )
    for x, lines in ((0.38, pulse(header, chi2)), (0.7, observation(header))):
        for row, (name, value) in enumerate(lines):
            y = 0.885 - 0.03 * row
            figure.text(x, y, name, color=inks.faint, size=9, va="center")
            figure.text(x + 0.11, y, value, color=inks.text, size=9, va="center")
