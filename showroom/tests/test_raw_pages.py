"""Pages of raw candidates: their plots, in every form, and the rejects among them."""

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from django.urls import reverse

from monitor.models import Outbox
from pulsar_ml.candidate import open_candidate
from pulsar_ml.cases import CASES
from pulsar_ml.features import FEATURES
from pulsar_ml.simulate import simulate
from pulsar_ml.tests import raw_files
from showroom import catalogue, rows
from showroom.models import Prediction
from showroom.seal import seal
from showroom.start import start
from showroom.tests.conftest import as_csv, stored
from showroom.tests.conftest import simulate as simulate_rows

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PLOTTING = {"style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:"}
STRICT = {
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}


@pytest.fixture(scope="module")
def phcx() -> bytes:
    return simulate("pulsar", seed=3).to_phcx()


@pytest.fixture(scope="module")
def pfd() -> bytes:
    return simulate("pulsar", seed=4).to_pfd()


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, content in members.items():
            opened.writestr(name.replace("_", "."), content)
    return packed.getvalue()


def policy(answer) -> set[str]:
    return {part.strip() for part in answer["Content-Security-Policy"].split(";")}


def address(name, batch, row, *rest):
    return reverse(f"showroom:{name}", args=[batch.pk, row, *rest])


@pytest.fixture
def made(champion, researcher):
    """Make a batch of named contents."""

    def make(*named: tuple[str, bytes], private: bool = False):
        files = [stored(name, content) for name, content in named]
        return start(files, owner=researcher, private=private)

    return make


def test_a_page_that_plots_may_plot_and_nothing_else(ana, made, phcx):
    batch = made(("a.phcx", phcx), ("b.csv", as_csv(simulate_rows(1))))
    plots, table = (ana.get(address("row", batch, row)) for row in (1, 2))

    assert policy(plots) == STRICT | PLOTTING
    assert policy(table) == STRICT
    page = plots.content.decode()
    assert "plotly/plotly.min.js" in page
    for theme in ("light", "dark"):
        assert address("row-figures", batch, 1, theme) in page
        assert address("row-picture", batch, 1, theme) in page
    assert f'href="{address("row-svg", batch, 1, "light")}"' in page
    assert "plotly" not in table.content.decode()


@pytest.mark.parametrize("kind", ["phcx", "pfd"])
def test_figures_are_those_of_the_file(ana, made, request, kind, tmp_path):
    content = request.getfixturevalue(kind)
    batch = made((f"a.{kind}", content))
    answer = ana.get(address("row-figures", batch, 1, "dark"))

    assert policy(answer) == STRICT
    figures = json.loads(answer.content)
    assert set(figures) == {"profile", "subints", "subbands", "dm", "plane"}
    (tmp_path / "a").write_bytes(content)
    profile = open_candidate(tmp_path / "a").panels().profile
    drawn = figures["profile"]["data"][0]["y"]
    assert drawn == pytest.approx([*profile, *profile], rel=1e-5)


def test_pictures_are_drawn_once_in_both_themes(ana, made, phcx, storage):
    batch = made(("a.phcx", phcx))
    shown = {}
    for theme in ("light", "dark"):
        answer = ana.get(address("row-picture", batch, 1, theme))
        assert answer["Content-Type"] == "image/png"
        shown[theme] = answer.content
        assert shown[theme].startswith(b"\x89PNG")
    assert shown["light"] != shown["dark"]

    digest = batch.files.get().sha256
    kept = storage / "plots" / f"{digest}-light.png"
    assert sorted(file.name for file in kept.parent.iterdir()) == [
        f"{digest}-dark.png",
        f"{digest}-light.png",
    ]
    kept.write_bytes(b"kept")
    assert ana.get(address("row-picture", batch, 1, "light")).content == b"kept"


def test_pictures_are_there_as_svg_too_and_kept_beside_the_png(
    ana, made, phcx, storage
):
    batch = made(("a.phcx", phcx))
    for theme in ("light", "dark"):
        png = ana.get(address("row-picture", batch, 1, theme)).content
        answer = ana.get(address("row-svg", batch, 1, theme))
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer.content.startswith(b"<?xml")
        assert answer.content.endswith(b"</svg>\n")
        assert ana.get(address("row-picture", batch, 1, theme)).content == png

    digest = batch.files.get().sha256
    folder = storage / "plots"
    assert {file.name for file in folder.iterdir()} == {
        f"{digest}-{theme}.{kind}"
        for theme in ("light", "dark")
        for kind in ("png", "svg")
    }
    (folder / f"{digest}-light.svg").write_bytes(b"kept")
    assert ana.get(address("row-svg", batch, 1, "light")).content == b"kept"
    assert ana.get(address("row-svg", batch, 1, "blue")).status_code == 404


def test_an_svg_can_run_no_script_and_nothing_from_elsewhere(ana, made, phcx):
    batch = made(("a.phcx", phcx))
    answer = ana.get(address("row-svg", batch, 1, "light"))

    assert policy(answer) == (STRICT - {"default-src 'self'"}) | {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
    }
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"<script" not in answer.content


def test_a_member_of_an_archive_has_its_own_plots(ana, made, phcx, pfd):
    batch = made(("sky.zip", archive(a_phcx=phcx, b_pfd=pfd)))
    profiles = [
        json.loads(ana.get(address("row-figures", batch, row, "light")).content)
        for row in (1, 2)
    ]

    assert profiles[0] != profiles[1]
    pictures = [
        ana.get(address("row-picture", batch, row, "light")).content for row in (1, 2)
    ]
    assert pictures[0] != pictures[1]
    page = ana.get(address("row", batch, 2)).content.decode()
    assert batch.files.get().sha256 in page


def test_of_files_with_one_name_each_row_shows_its_own(ana, made, phcx):
    other = simulate("pulsar", seed=5).to_phcx()
    batch = made(("a.phcx", phcx), ("a.phcx", other))
    files = batch.files.order_by("position")

    for row, file in enumerate(files, 1):
        page = ana.get(address("row", batch, row)).content.decode()
        assert file.sha256 in page
    figures = [
        ana.get(address("row-figures", batch, row, "light")).content for row in (1, 2)
    ]
    assert figures[0] != figures[1]


def test_a_folded_series_is_explained_and_plotted_on_its_reject_s_page(
    ana, made, data: Path
):
    folded = "Ter5_080912_bary_DM238.30_8.66ms_Cand.pfd"
    batch = made((folded, (data / "candidates" / folded).read_bytes()))
    (reject,) = rows.rejects(batch)
    answer = ana.get(address("reject", batch, reject["row"]))

    assert "Features unavailable: no DM trials." in answer.content.decode()
    assert policy(answer) == STRICT | PLOTTING
    figures = json.loads(ana.get(address("reject-figures", batch, 1, "light")).content)
    assert "profile" in figures
    picture = ana.get(address("reject-picture", batch, 1, "dark"))
    assert picture.content.startswith(b"\x89PNG")
    assert address("reject-svg", batch, 1, "light") in answer.content.decode()
    picture = ana.get(address("reject-svg", batch, 1, "dark"))
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<?xml")


def test_a_broken_file_has_a_reason_and_no_plots(ana, made, pfd):
    batch = made(("broken.pfd", pfd[:3000]))
    answer = ana.get(address("reject", batch, 1))

    assert policy(answer) == STRICT
    assert "plots-title" not in answer.content.decode()
    (reject,) = rows.rejects(batch)
    assert reject["reason"][1:] in answer.content.decode()
    assert ana.get(address("reject-figures", batch, 1, "light")).status_code == 404
    assert ana.get(address("reject-picture", batch, 1, "light")).status_code == 404
    assert ana.get(address("reject-svg", batch, 1, "light")).status_code == 404


def test_a_file_that_is_gone_leaves_the_rest_of_the_page(ana, made, phcx):
    batch = made(("a.phcx", phcx))
    batch.files.get().path.unlink()
    answer = ana.get(address("row", batch, 1))

    assert answer.status_code == 200
    assert "so that there are no plots." in answer.content.decode()
    assert ana.get(address("row-picture", batch, 1, "light")).status_code == 404
    assert ana.get(address("row-svg", batch, 1, "light")).status_code == 404
    assert ana.get(address("row-figures", batch, 1, "light")).status_code == 404


@pytest.mark.parametrize("theme", ["blue", "..", "light-560"])
def test_a_theme_that_there_is_not_is_404(ana, made, phcx, theme):
    batch = made(("a.phcx", phcx))
    base = address("row-figures", batch, 1, "light")

    assert ana.get(base.replace("light", theme)).status_code == 404


def test_an_interference_mask_is_offered_for_a_pfd_and_never_applied_by_itself(
    ana, made, phcx, pfd
):
    batch = made(("a.pfd", pfd), ("b.phcx", phcx))
    plain = ana.get(address("row", batch, 1), {"sort": "row"})
    masked = ana.get(address("row", batch, 1), {"sort": "row", "mask": "1"})

    assert "?sort=row&amp;mask=1" in plain.content.decode()
    page = masked.content.decode()
    assert "are left out of these plots" in page
    assert f'{address("row-next", batch, 1)}?sort=row"' in page
    assert plain.context["row"] == masked.context["row"]
    figures = address("row-figures", batch, 1, "light")
    assert f'data-light="{figures}?mask=1"' in page
    assert ana.get(figures).content != ana.get(figures, {"mask": "1"}).content
    picture = address("row-picture", batch, 1, "light")
    assert ana.get(picture).content != ana.get(picture, {"mask": "1"}).content

    other = ana.get(address("row", batch, 2)).content.decode()
    assert "Leave interference out" not in other


def test_a_raw_candidate_is_compared_with_known_pulsars(ana, made, data: Path):
    catalogue.bring_in((data / "psrcat.db").read_bytes(), source="here")
    name = "LOTAAS_1_PFD_Candidate_2.pfd"
    batch = made((name, (data / "candidates" / name).read_bytes()))
    page = ana.get(address("row", batch, 1)).content.decode()

    for words in ("J0332+5434", "B0329+54", "NB_PSR", "3.786°", "≈ 1/2"):
        assert words in page


def test_the_facts_of_a_pfd_have_its_chi_square_and_the_sigma_beside_it(
    ana, made, data: Path
):
    name = "Ter5_080912_DM242.30_PSR_1748-2446A.pfd"
    names = (name, f"{name}.bestprof")
    batch = made(*((n, (data / "candidates" / n).read_bytes()) for n in names))
    page = ana.get(address("row", batch, 1)).content.decode()

    assert "<dt>Reduced χ²</dt><dd>1088.41</dd>" in page
    assert "<dt>Significance</dt><dd>240.9 σ</dd>" in page
    assert "<dt>S/N</dt>" not in page


def test_a_pfd_that_cannot_be_aligned_has_its_other_facts(ana, made):
    period, drift = 0.5, 1e-12
    content = raw_files.pfd().replace(
        struct.pack("<2d", period, drift), struct.pack("<2d", 1e-320, drift)
    )
    batch = made(("a.pfd", content))
    page = ana.get(address("row", batch, 1)).content.decode()

    assert "<dt>DM</dt><dd>20.00 pc cm⁻³</dd>" in page
    assert "<dt>Reduced χ²</dt>" not in page


def test_one_click_classifies_a_ready_case_and_shows_its_plots(
    ana, champion, researcher
):
    gallery = ana.get(reverse("showroom:index")).content.decode()
    case = CASES[0]
    for ready in CASES:
        assert reverse("showroom:ready-case", args=[ready.slug]) in gallery

    answer = ana.post(reverse("showroom:ready-case", args=[case.slug]))
    prediction = Prediction.objects.get()
    assert answer.url == prediction.get_absolute_url()
    assert (prediction.name, prediction.by) == (case.title, researcher)
    assert list(prediction.features.values()) == list(case.candidate().features())
    assert Outbox.objects.filter(kind="case.classified").count() == 1
    page = ana.get(answer.url)
    assert policy(page) == STRICT | PLOTTING
    assert "made up by the site's simulator" in page.content.decode()

    assert seal() == 1
    figures = ana.get(address("row-figures", prediction.batch, 1, "light"))
    assert json.loads(figures.content)["profile"]


def test_a_case_typed_in_under_a_ready_one_s_name_does_not_get_its_plots(ana, champion):
    values = dict(zip(FEATURES, map(float, simulate_rows(1)[0]), strict=True))
    ana.post(reverse("showroom:case"), values | {"name": CASES[0].title})
    page = ana.get(Prediction.objects.get().get_absolute_url())

    assert policy(page) == STRICT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_gallery_has_a_small_picture_of_each_case(ana, champion, theme):
    sizes = set()
    for case in CASES[:2]:
        picture = ana.get(reverse("showroom:ready-picture", args=[case.slug, theme]))
        assert picture.content.startswith(b"\x89PNG")
        sizes.add(int.from_bytes(picture.content[16:20]))
    assert sizes == {560}


def test_a_ready_case_needs_a_click_a_right_and_a_champion(ana, client, person):
    case = reverse("showroom:ready-case", args=[CASES[0].slug])
    assert ana.get(case).status_code == 405
    assert ana.post(reverse("showroom:ready-case", args=["none"])).status_code == 404
    page = ana.post(case, follow=True).content.decode()
    assert "There is no version pulsar@champion." in page

    guest = person("researcher", "guest")
    guest.groups.clear()
    client.force_login(guest)
    assert client.post(case).status_code == 403
