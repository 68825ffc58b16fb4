"""The diagnostic plots, interactive and as pictures."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree
from matplotlib.image import imread  # noqa: TID253  # it is what is tested

from pulsar_ml.candidate import Curve, Header, Image, Panels, open_candidate
from pulsar_ml.cases import CASES
from pulsar_ml.normalise import rows_alike
from pulsar_ml.plots import facts, figures, render
from pulsar_ml.plots.drawing import drawings, thinned

VELA = "2009-05-06-05:52:25.05.fil_sigproc_001.phcx.gz"
EMPTY = Header()


@pytest.fixture(scope="module")
def bright():
    candidate = CASES[0].candidate()
    return candidate.panels(), candidate.header


def image(values) -> Image:
    values = np.asarray(values, dtype=float)
    rows, columns = values.shape
    phase = np.arange(columns) / columns
    return Image(values, phase, np.arange(rows), "Phase (turns)", "Time (s)", "")


def test_a_phcx_gives_all_five_figures_with_axes_named_and_in_units(bright):
    made = figures(*bright)
    labels = {
        name: [figure["layout"][f"{axis}axis"]["title"]["text"] for axis in "xy"]
        for name, figure in made.items()
    }
    assert labels == {
        "profile": ["Phase (turns)", "Intensity"],
        "subints": ["Phase (turns)", "Time (s)"],
        "subbands": ["Phase (turns)", "Frequency (MHz)"],
        "dm": ["DM (pc cm⁻³)", "S/N"],
        "plane": ["Period offset (ps)", "DM (pc cm⁻³)"],
    }


def test_figures_are_small_json_without_a_ground_of_their_own(bright):
    for theme in ("light", "dark"):
        text = json.dumps(figures(*bright, theme=theme), allow_nan=False)
        assert len(text) < 200_000
        grounds = {
            figure["layout"][key]
            for figure in json.loads(text).values()
            for key in ("paper_bgcolor", "plot_bgcolor")
        }
        assert grounds == {"rgba(0,0,0,0)"}


def test_the_two_themes_differ_in_nothing_but_colours(bright):
    light, dark = (
        json.dumps(figures(*bright, theme=theme)) for theme in ("light", "dark")
    )
    assert light != dark
    for a, b in (
        ("#181c25", "#e6e9ef"),
        ("#7c8595", "#667082"),
        ("#e1e5eb", "#272d38"),
        ("#2f4fc9", "#93a9ff"),
        ("#b3261e", "#ff9c94"),
    ):
        light = light.replace(a, b)
    assert light == dark


def test_everything_against_phase_is_drawn_over_two_turns(bright):
    panels, header = bright
    drawn = drawings(panels, header)
    n = len(panels.profile)
    assert drawn["profile"].x[[0, -1]].tolist() == [0.5 / n, 2 - 0.5 / n]
    np.testing.assert_array_equal(drawn["profile"].y, np.tile(panels.profile, 2))
    for name in ("subints", "subbands"):
        values = drawn[name].image.values
        half = values.shape[1] // 2
        np.testing.assert_array_equal(values[:, :half], values[:, half:])
        assert drawn[name].image.x[half] == 1


def test_the_best_dm_and_the_best_trial_are_marked(bright):
    panels, header = bright
    made = figures(panels, header)
    (line,) = made["dm"]["layout"]["shapes"]
    assert (line["x0"], line["x1"]) == (header.dm, header.dm)
    assert made["dm"]["layout"]["annotations"][0]["text"] == f"best {header.dm:.2f}"
    plane = panels.plane
    row, column = np.unravel_index(plane.values.argmax(), plane.values.shape)
    cross = made["plane"]["data"][1]
    assert (cross["x"], cross["y"]) == ([plane.x[column]], [plane.y[row]])


def test_a_dm_outside_the_curve_is_not_marked(bright):
    panels, _ = bright
    layout = figures(panels, Header(dm=5000.0))["dm"]["layout"]
    assert "shapes" not in layout


def test_panels_without_data_are_left_out_of_figures_and_said_in_pictures():
    panels = Panels(profile=np.sin(np.arange(32.0)))
    assert list(figures(panels, EMPTY)) == ["profile"]
    words = render(panels, EMPTY, format="svg").decode()
    for said in ("sub-integrations", "sub-bands", "DM trials", "trial plane"):
        assert f"<!-- no {said} in this file -->" in words


def test_thinning_keeps_peaks_of_a_statistic_and_means_of_intensities():
    values = np.zeros((130, 201))
    values[77, 200] = 9.0
    plane = image(values)
    peaks = thinned(plane, 64, 64, peaks=True)
    assert peaks.values.shape == (44, 51)
    assert peaks.values.max() == 9
    assert np.argwhere(peaks.values == 9).tolist() == [[77 // 3, 200 // 4]]
    assert peaks.y[:2].tolist() == [1, 4]
    # The last block along phase holds one column.
    assert thinned(plane, 64, 64, peaks=False).values[25, 50] == pytest.approx(9 / 3)


def test_a_small_plane_is_not_thinned(bright):
    plane = bright[0].plane._replace(values=np.ones((2, 3)))
    same = thinned(plane._replace(x=np.arange(3), y=np.arange(2)), 64, 64, peaks=True)
    np.testing.assert_array_equal(same.values, np.ones((2, 3)))


def test_rows_that_descend_are_drawn_with_the_highest_frequency_on_top():
    rows = image([[0, 1, 0, 0], [0, 0, 3, 0]])._replace(y=np.array([1500.0, 1400.0]))
    drawn = drawings(Panels(profile=np.ones(4), subbands=rows), EMPTY)["subbands"].image
    assert drawn.y.tolist() == [1400, 1500]
    assert drawn.values[:, :4].argmax(axis=1).tolist() == [2, 1]


def test_rows_of_any_gain_are_drawn_alike_and_dead_ones_are_blank():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4, 256))
    rows[:, 40:44] += 8
    rows[2] = 0
    gains = np.array([[1], [50], [3], [7]])
    alike = rows_alike(image(rows * gains + 1e6 * gains)).values
    np.testing.assert_allclose(alike, rows_alike(image(rows)).values, atol=1e-6)
    assert np.isnan(alike[2]).all()
    assert alike[[0, 1, 3], 50:].std() == pytest.approx(1, abs=0.15)


def test_a_pulse_of_few_levels_is_not_blown_up_by_its_missing_noise():
    rows = np.zeros((2, 64))
    rows[:, 10] = 255
    assert rows_alike(image(rows)).values.max() == pytest.approx(255 * np.sqrt(12))


def test_facts_have_units_and_leave_out_what_is_not_known():
    header = Header(
        name="a",
        telescope="Parkes",
        period_s=0.08936466713310,
        pdot=1.25e-13,
        dm=67.502542,
        snr=19263.972656,
        sigma=240.91,
        width=0.03125,
        ra_deg=128.859583,
        dec_deg=-45.170306,
        mjd=54957.244734,
        tobs_s=560.92409,
        centre_mhz=1382.0,
        bandwidth_mhz=-400.0,
    )
    assert facts(header, 31.374) == [
        ("Period", "89.36466713 ms"),
        ("Period derivative", "1.25e-13 s/s"),
        ("DM", "67.50 pc cm⁻³"),
        ("S/N", "19264.0"),
        ("Significance", "240.9 σ"),
        ("Reduced χ²", "31.37"),
        ("Pulse width", "3.1% of a turn"),
        ("RA (J2000)", "08:35:26.30"),
        ("Dec (J2000)", "-45:10:13.1"),
        ("Epoch", "MJD 54957.24473"),
        ("Observed for", "561 s"),
        ("Telescope", "Parkes"),
        ("Band", "1382.0 MHz, 400.0 MHz wide"),
    ]
    assert facts(EMPTY) == []
    assert facts(Header(period_s=1.5, centre_mhz=150.0)) == [
        ("Period", "1.500000000 s"),
        ("Band", "150.0 MHz"),
    ]


@pytest.mark.slow
def test_a_picture_has_the_width_wanted_and_the_ground_of_its_theme(bright):
    for theme, ground in (("light", 0xFFFFFF), ("dark", 0x161A21)):
        png = render(*bright, theme=theme, width_px=660)
        pixels = imread(io.BytesIO(png))
        assert pixels.shape == (420, 660, 4)
        red, green, blue, _ = (pixels[0, 0] * 255).round().astype(int)
        assert (red << 16) + (green << 8) + blue == ground


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_is_the_same_at_any_time_and_in_any_thread(bright, kind):
    once = render(*bright, format=kind)
    with ThreadPoolExecutor(3) as pool:
        again = list(pool.map(lambda _: render(*bright, format=kind), range(3)))
    assert again == [once] * 3


@pytest.mark.slow
def test_an_svg_is_well_formed_and_says_nothing_of_when_it_was_made(bright):
    svg = render(*bright, format="svg")
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert b"dc:date" not in svg


def test_a_flat_candidate_can_be_drawn():
    flat = image(np.zeros((3, 8)))
    curve = Curve(np.arange(3.0), np.zeros(3), "DM", "S/N")
    panels = Panels(np.zeros(8), flat, flat, curve, flat)
    assert render(panels, EMPTY)[:4] == b"\x89PNG"
    json.dumps(figures(panels, EMPTY), allow_nan=False)


@pytest.mark.slow
def test_all_real_files_can_be_drawn(data: Path):
    for file in sorted((data / "candidates").iterdir()):
        if file.suffix in {".gz", ".phcx", ".pfd"}:
            candidate = open_candidate(file)
            panels = candidate.panels()
            made = figures(panels, candidate.header)
            assert json.dumps(made, allow_nan=False)
            wanted = {"profile": panels.profile, **vars(panels)}
            there = [name for name in made if wanted.get(name) is not None]
            assert there == list(made)
            assert render(panels, candidate.header)[:4] == b"\x89PNG"


def test_vela_peaks_where_its_file_has_it(data: Path):
    candidate = open_candidate(data / "candidates" / VELA)
    made = figures(candidate.panels(), candidate.header)
    (line,) = made["profile"]["data"]
    assert line["x"][int(np.argmax(line["y"]))] == pytest.approx(100.5 / 128)
    cross = made["plane"]["data"][1]
    assert cross["y"] == pytest.approx([67.5], abs=0.2)
    assert made["dm"]["layout"]["shapes"][0]["x0"] == 67.502542
