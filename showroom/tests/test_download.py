"""Downloads: at once where the rows are few, prepared by a worker where not."""

import csv
import hashlib
import io
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from astropy import units
from astropy.io import fits, votable
from astropy.table import Table
from django.core.management import call_command
from django.db import OperationalError
from django.urls import reverse

from monitor import claims
from monitor.sweep import sweep
from monitor.work import LeaseLost, State
from pulsar_ml.features import FEATURES
from pulsar_ml.writers.write import FORMATS
from showroom import rows
from showroom.downloads import prepare, watched
from showroom.forms import RowsForm
from showroom.models import Batch, Download
from showroom.start import start
from showroom.tasks import prepare_download
from showroom.tests.conftest import as_csv, every, simulate, stored

pytestmark = pytest.mark.django_db

HOSTILE = ["=1+1", "é 脉冲星", "\U0001f600", "a\tb", "'; drop table scores --", "J1"]
SUFFIXES = ("csv", "parquet", "vot", "fits")
QUERY = {"predicted": "0", "text": "J", "sort": "-dm_mean"}


@pytest.fixture
def limit(settings):
    """Let more rows than this be prepared by a worker."""

    def most(rows: int) -> None:
        showroom = settings.PULSAR.showroom.model_copy(update={"download_rows": rows})
        settings.PULSAR = settings.PULSAR.model_copy(update={"showroom": showroom})

    return most


@pytest.fixture
def survey(batch) -> Batch:
    """200 rows with hostile names, DM and position."""
    names = [f"{HOSTILE[n % len(HOSTILE)]} {n % 50}" for n in range(200)]
    numbers = {"DM": [repr(n / 7) for n in range(200)], "ra_deg": ["83.5"] * 200}
    return batch(200, name=names, **numbers, **{"名\x07": names})


@pytest.fixture
def queued(survey, limit, ana, mailbox) -> Download:
    """A download that waits for its worker."""
    limit(10)
    ana.get(address(survey, "fits"), QUERY)
    mailbox()
    return Download.objects.get()


def address(batch: Batch, suffix: str) -> str:
    return reverse("showroom:batch-download", args=[batch.pk, suffix])


def wanted(**query: str) -> dict:
    form = RowsForm(query)
    assert form.is_valid()
    return form.cleaned_data


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def columns(path: Path) -> dict[str, list]:
    """The columns of a file by name, its texts as they are, missing ones empty."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            header, *lines = csv.reader(file)
        return dict(zip(header, map(list, zip(*lines, strict=True)), strict=True))
    if path.suffix == ".parquet":
        with duckdb.connect() as opened:
            found = opened.execute("from read_parquet(?)", [str(path)])
            names = [name for name, *_ in found.description]
            cells = map(list, zip(*found.fetchall(), strict=True))
            return dict(zip(names, cells, strict=True))
    kind = "fits" if path.suffix == ".fits" else "votable"
    table = Table.read(path, format=kind)
    return {name: table[name].tolist() for name in table.colnames}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_holds_the_rows_of_the_table_in_its_order(ana, survey, tmp_path, suffix):
    response = ana.get(address(survey, suffix), QUERY)
    path = tmp_path / f"scores.{suffix}"
    path.write_bytes(content(response))
    shown = every(survey, wanted(**QUERY))
    found = columns(path)

    assert 20 < len(shown) < 200
    assert response["Content-Disposition"] == (
        f'attachment; filename="batch-{survey.pk}-scores-selected.{suffix}"'
    )
    assert response["Content-Type"] == next(
        known.media_type for known in FORMATS if f".{suffix}" in known.suffixes
    )
    assert int(response["Content-Length"]) == path.stat().st_size
    assert [int(n) for n in found["row"]] == [row["row"] for row in shown]
    for name in (*FEATURES, "probability"):
        kind = np.float32 if name == "probability" else np.float64
        values = [kind(cell) for cell in found[name]]
        assert values == [kind(row[name]) for row in shown], name
    if suffix in {"vot", "parquet"}:
        assert found["name"] == [row["name"] for row in shown]
    assert set(found["model_version"]) == {str(survey.version)}
    assert [float(cell) for cell in found["DM"]] == [
        float(row["meta_0"]) for row in shown
    ]


def test_units_ucds_and_provenance_are_in_the_file(ana, survey, tmp_path):
    for suffix in ("vot", "fits"):
        (tmp_path / suffix).write_bytes(content(ana.get(address(survey, suffix))))
    table = votable.parse(tmp_path / "vot").get_first_table()
    fields = {field.name: (field.unit, field.ucd) for field in table.fields}
    said = {info.name: info.value for info in table.infos}
    said |= {param.name: param.value for param in table.params}
    header = fits.getheader(tmp_path / "fits", 1)

    assert fields["row"] == (None, "meta.id;meta.main")
    assert fields["DM"] == (units.pc / units.cm**3, "phys.dispMeasure")
    assert fields["ra_deg"] == (units.deg, "pos.eq.ra;meta.main")
    written_at = said.pop("written_at")
    assert written_at.endswith("Z")
    assert said == {
        "site": "pulsarsite",
        "batch": survey.pk,
        "title": "sky.csv",
        "model_version": str(survey.version),
        "model_sha256": survey.version.sha256,
        "threshold": survey.version.card["threshold"],
        "selection": "all rows",
    }
    assert (header["TTYPE15"], header["TUNIT15"], header["TUCD15"]) == (
        "DM",
        "pc cm-3",
        "phys.dispMeasure",
    )
    assert header["MODELSHA"] == survey.version.sha256


def test_a_batch_of_single_cases_can_be_downloaded_while_it_is_open(ana, champion):
    values = dict(zip(FEATURES, map(str, simulate(1)[0]), strict=True))
    ana.post(reverse("showroom:case"), {"name": "one", **values})
    response = ana.get(address(Batch.objects.get(), "csv"))

    lines = list(csv.DictReader(io.StringIO(content(response).decode())))
    assert [line["name"] for line in lines] == ["one"]


def test_a_filter_that_nothing_fits_gives_a_table_without_rows(ana, batch, tmp_path):
    found = batch(5)
    for suffix in SUFFIXES:
        response = ana.get(address(found, suffix), {"text": "nowhere"})
        (tmp_path / f"a.{suffix}").write_bytes(content(response))

    assert len(Table.read(tmp_path / "a.fits")) == 0
    assert len(Table.read(tmp_path / "a.vot")) == 0
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 1


def test_ranges_and_an_order_by_metadata_hold_in_a_file(ana, survey):
    middle = sorted(row["dm_mean"] for row in every(survey, wanted()))[100]
    query = {"sort": "meta_0", "dm_mean_from": str(middle)}
    response = ana.get(address(survey, "csv"), query)
    lines = list(csv.DictReader(io.StringIO(content(response).decode(), newline="")))
    found = [float(line["DM"]) for line in lines]

    assert len(lines) == 100
    assert found == sorted(found)
    assert min(float(line["dm_mean"]) for line in lines) == middle


def test_there_is_no_other_format(ana, batch):
    found = batch(5)

    for suffix in ("xml", "json", "CSV"):
        assert ana.get(address(found, suffix)).status_code == 404


def test_nothing_stays_behind_where_temporary_files_are(ana, batch, storage):
    content(ana.get(address(batch(5), "parquet")))

    assert [path for path in (storage / "tmp").rglob("*") if path.is_file()] == []


def test_a_full_disk_is_told_in_words(ana, batch, settings):
    found = batch(5)
    room = settings.PULSAR.storage.model_copy(update={"reserve_bytes": 2**60})
    settings.PULSAR = settings.PULSAR.model_copy(update={"storage": room})
    response = ana.get(address(found, "csv"))

    assert response.status_code == 503
    assert "disk is full" in response.content.decode()


def test_many_rows_are_left_to_a_worker(ana, survey, limit, mailbox, researcher):
    limit(25)
    few = ana.get(address(survey, "fits"), {"predicted": "1"})
    assert (few.status_code, Download.objects.count()) == (200, 0)

    response = ana.get(address(survey, "fits"), {**QUERY, "after": "[1.0,2]"})
    waiting = Download.objects.get()
    assert response.url == f"/showroom/downloads/{waiting.pk}/"
    assert (waiting.batch, waiting.by, waiting.format) == (survey, researcher, "fits")
    assert waiting.wanted == "text=J&predicted=0&sort=-dm_mean"
    assert waiting.n_rows == len(every(survey, wanted(**QUERY)))
    assert waiting.name == f"batch-{survey.pk}-scores-selected.fits"
    assert mailbox() == [(waiting.pk, "heavy")]


def test_a_prepared_file_is_the_one_that_would_have_come_at_once(
    ana, queued, limit, tmp_path
):
    prepare_download(queued.pk)
    queued.refresh_from_db()
    page = ana.get(queued.get_absolute_url()).content.decode()
    response = ana.get(reverse("showroom:download-file", args=[queued.pk]))
    (tmp_path / "a.fits").write_bytes(content(response))
    limit(1000)
    at_once = ana.get(address(queued.batch, "fits"), QUERY)
    (tmp_path / "b.fits").write_bytes(content(at_once))

    assert (queued.state, queued.n_written) == (State.SUCCESS, queued.n_rows)
    assert queued.path.read_bytes() == (tmp_path / "a.fits").read_bytes()
    assert queued.size == queued.path.stat().st_size
    assert queued.sha256 == hashlib.sha256(queued.path.read_bytes()).hexdigest()
    assert f"/showroom/downloads/{queued.pk}/file" in page
    assert queued.sha256 in page
    assert "hx-get" not in page.partition('id="download"')[2].partition("</section>")[0]
    assert response["Content-Disposition"] == at_once["Content-Disposition"]
    a, b = (fits.getdata(tmp_path / name, 1) for name in ("a.fits", "b.fits"))
    assert a.tobytes() == b.tobytes()


def test_the_same_wish_is_prepared_once(ana, queued, mailbox):
    again = ana.get(address(queued.batch, "fits"), QUERY)
    assert again.url == queued.get_absolute_url()
    prepare_download(queued.pk)
    ready = ana.get(address(queued.batch, "fits"), {**QUERY, "before": "[1.0,2]"})
    assert ready.url == queued.get_absolute_url()
    assert mailbox() == []

    for other, query in (("fits", {}), ("csv", QUERY), ("fits", {**QUERY, "low": "0"})):
        assert ana.get(address(queued.batch, other), query).url != again.url
    assert Download.objects.count() == 4


def test_where_too_many_wait_the_batchs_page_says_so(ana, queued, monkeypatch):
    monkeypatch.setattr("showroom.downloads.download.MOST", 1)
    answer = ana.get(address(queued.batch, "csv"), follow=True)

    assert answer.redirect_chain == [(queued.batch.get_absolute_url(), 302)]
    assert "1 downloads of yours are not ready yet" in answer.content.decode()


def test_a_file_that_is_no_longer_kept_is_prepared_anew(ana, queued, mailbox):
    prepare_download(queued.pk)
    queued.path.unlink()
    page = ana.get(queued.get_absolute_url()).content.decode()
    file = ana.get(reverse("showroom:download-file", args=[queued.pk]))
    again = ana.get(address(queued.batch, "fits"), QUERY)

    assert "no longer kept" in page
    assert file.url == queued.get_absolute_url()
    assert mailbox() == [(Download.objects.latest("pk").pk, "heavy")]
    assert again.url == Download.objects.latest("pk").get_absolute_url()


def test_rows_that_came_since_are_not_missing_from_an_equal_wish(queued, ana):
    prepare_download(queued.pk)
    Download.objects.update(n_rows=1)

    assert ana.get(address(queued.batch, "fits"), QUERY).url != (
        queued.get_absolute_url()
    )


def test_a_dead_workers_download_is_swept_and_starts_anew(
    queued, mailbox, capsys, time_machine
):
    claims.claim(queued)
    queued.folder.mkdir(parents=True)
    (queued.folder / ".writing-half").write_text("half")
    time_machine.move_to(queued.lease_until + timedelta(seconds=1))
    call_command("sweep_batches")

    assert capsys.readouterr().out == f"sent {queued} again\n"
    assert mailbox() == [(queued.pk, "heavy")]
    prepare_download(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.attempts) == (State.SUCCESS, 2)
    assert len(Table.read(queued.path)) == queued.n_rows
    assert list(queued.folder.iterdir()) == [queued.path]


def test_a_worker_that_lost_its_lease_writes_nothing(queued, monkeypatch):
    def lost(work, **changes):
        raise LeaseLost

    monkeypatch.setattr(claims, "keep", lost)
    prepare.prepare(queued)

    queued.refresh_from_db()
    assert queued.state == State.RUNNING
    assert queued.sha256 == ""


def test_a_download_that_kills_its_workers_is_given_up(queued, mailbox):
    for _ in range(3):
        assert claims.claim(queued)
        sweep(Download, queued.lease_until + timedelta(seconds=1))
        queued.refresh_from_db()

    assert (queued.state, queued.reason) == (
        State.FAILED,
        "Given up: 3 workers died over it.",
    )


def test_a_message_that_comes_twice_is_served_once(queued):
    prepare_download(queued.pk)
    before = queued.path.stat()
    prepare_download(queued.pk)
    prepare_download(queued.pk + 1)

    assert queued.path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_waiting_download_is_cancelled_at_once(ana, queued):
    response = ana.post(reverse("showroom:download-cancel", args=[queued.pk]))
    prepare_download(queued.pk)
    queued.refresh_from_db()

    assert response.url == queued.get_absolute_url()
    assert (queued.state, queued.reason) == (State.CANCELLED, "Cancelled on request.")
    assert "Prepare it again" in ana.get(queued.get_absolute_url()).content.decode()


def test_a_running_download_stops_at_its_next_beat_and_leaves_no_file(queued):
    claims.claim(queued)
    prepare.cancel(queued)
    queued.refresh_from_db()
    assert (queued.state, queued.cancel_requested) == (State.RUNNING, True)
    Download.objects.update(state=State.QUEUED, holder="")
    prepare_download(queued.pk)

    queued.refresh_from_db()
    assert (queued.state, queued.reason) == (State.CANCELLED, "Cancelled on request.")
    assert not queued.path.exists()


def test_a_full_disk_fails_a_download_in_words(queued, settings):
    room = settings.PULSAR.storage.model_copy(update={"reserve_bytes": 2**60})
    settings.PULSAR = settings.PULSAR.model_copy(update={"storage": room})
    prepare_download(queued.pk)

    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert queued.reason.startswith("The disk is full")


def test_a_file_that_would_take_the_reserve_is_not_finished(
    queued, reconfigured, monkeypatch
):
    written = prepare.export

    def filling(*given, **named):
        reconfigured("storage", reserve_bytes=2**60)
        written(*given, **named)

    monkeypatch.setattr(prepare, "export", filling)
    monkeypatch.setattr(watched, "_BEAT_SECONDS", 60)
    prepare_download(queued.pk)

    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert queued.reason.startswith("The disk is full")
    assert not list(queued.folder.iterdir())


def test_a_query_may_take_of_the_disk_what_is_not_reserved(queued, reconfigured):
    reconfigured("storage", reserve_bytes=2**62)
    with rows.query(queued.batch, wanted()) as query:
        asked = "select current_setting('max_temp_directory_size')"
        assert query.connection.execute(asked).fetchall() == [("0 bytes",)]


@pytest.fixture
def endless(monkeypatch):
    """A query that is not over before the watch has a reason to stop it."""
    monkeypatch.setattr(watched, "_BEAT_SECONDS", 0.05)

    def begin(before=lambda: None):
        def export(_batch, query, *_, **__):
            before()
            query.connection.execute("select sum(random()) from range(3_000_000_000)")

        monkeypatch.setattr(prepare, "export", export)

    return begin


def test_a_query_is_stopped_when_others_take_the_room(queued, reconfigured, endless):
    endless(lambda: reconfigured("storage", reserve_bytes=2**60))
    prepare_download(queued.pk)

    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert queued.reason.startswith("The disk is full")


def test_a_beat_that_fails_is_made_good_by_the_next(queued, monkeypatch):
    keep, failed = claims.keep, []

    def locked(*given, **named):
        if not failed:
            failed.append(True)
            raise OperationalError("database is locked")
        keep(*given, **named)

    monkeypatch.setattr(claims, "keep", locked)
    prepare_download(queued.pk)

    queued.refresh_from_db()
    assert (failed, queued.state) == ([True], State.SUCCESS)
    assert queued.path.is_file()


def test_without_a_beat_nobody_writes_on_and_another_worker_begins_anew(
    queued, monkeypatch, endless, reconfigured, mailbox
):
    def locked(*_, **__):
        raise OperationalError("database is locked")

    reconfigured("scheduler", lease_seconds=0.2)
    with monkeypatch.context() as patch:
        patch.setattr(claims, "keep", locked)
        endless()
        with pytest.raises(OperationalError, match="database is locked"):
            prepare_download(queued.pk)

    queued.refresh_from_db()
    assert queued.state == State.RUNNING
    lost_at = queued.lease_until + timedelta(seconds=1)
    assert sweep(Download, lost_at) == [queued]


def test_what_the_storage_refuses_is_told_in_words(queued):
    queued.folder.parent.write_text("not a folder")
    prepare_download(queued.pk)

    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert queued.reason.startswith("The storage of the site refused: ")


@pytest.mark.parametrize(
    "change", [{"format": "xls"}, {"wanted": "sort=nothing"}, {"wanted": "low=high"}]
)
def test_a_wish_that_is_not_understood_fails_with_words(queued, change):
    Download.objects.update(**change)
    prepare_download(queued.pk)

    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert queued.reason.endswith(".")


def test_the_page_tells_how_far_it_is(ana, queued):
    waiting = ana.get(queued.get_absolute_url())
    claims.claim(queued)
    claims.keep(queued, n_written=queued.n_rows // 2)
    running = ana.get(queued.get_absolute_url(), headers={"HX-Request": "true"})
    whole = ana.get(queued.get_absolute_url()).content.decode()
    prepare.cancel(queued)
    stopping = ana.get(queued.get_absolute_url())

    assert "Waiting for a worker" in waiting.content.decode()
    assert "It is the next." in waiting.content.decode()
    assert "name contains “J”, no pulsars; by dm_mean, falling" in (
        waiting.content.decode()
    )
    part = running.content.decode().strip()
    assert part.startswith('<section id="download"')
    assert f'hx-get="{queued.get_absolute_url()}" hx-trigger="every 1s"' in part
    assert f"{queued.n_rows // 2} of {queued.n_rows} rows" in part
    assert "<noscript>" in whole
    assert "Stopping" in stopping.content.decode()


def test_the_batchs_page_offers_every_format_and_lists_what_is_prepared(ana, queued):
    page = ana.get(queued.batch.get_absolute_url(), QUERY).content.decode()

    for suffix in SUFFIXES:
        assert f"{address(queued.batch, suffix)}?predicted=0&amp;text=J" in page
    assert queued.get_absolute_url() in page


def test_where_no_row_fits_nothing_is_offered(ana, batch):
    found = batch(10)
    query = {"text": "nobody is called that"}
    page = ana.get(found.get_absolute_url(), query).content.decode()

    assert "No row fits." in page
    assert not any(f"{address(found, suffix)}?" in page for suffix in SUFFIXES)


def test_an_order_alone_is_no_selection(ana, survey):
    names = [
        ana.get(address(survey, "csv"), query)["Content-Disposition"]
        for query in ({"sort": "row", "text": ""}, {"dm_mean_to": "9"})
    ]
    assert names == [
        f'attachment; filename="batch-{survey.pk}-scores{selected}.csv"'
        for selected in ("", "-selected")
    ]


def test_the_last_ten_prepared_are_listed_in_words(ana, queued):
    others = [
        Download.objects.create(batch=queued.batch, format="fits", state=state)
        for state in (State.RUNNING, State.SUCCESS, State.FAILED, State.CANCELLED)
    ]
    prepare_download(queued.pk)
    listed = ana.get(queued.batch.get_absolute_url()).context["prepared"]
    words = "name contains “J”, no pulsars; by dm_mean, falling"

    assert [(entry.download, entry.words, entry.state) for entry in listed] == [
        (others[3], "all; by probability, falling", "cancelled"),
        (others[2], "all; by probability, falling", "failed"),
        (others[1], "all; by probability, falling", "no longer kept"),
        (others[0], "all; by probability, falling", "being written"),
        (queued, words, "ready"),
    ]
    for _ in range(9):
        Download.objects.create(batch=queued.batch, format="fits")
    listed = ana.get(queued.batch.get_absolute_url()).context["prepared"]
    states = [entry.state for entry in listed]
    assert states == ["waiting"] * 9 + ["cancelled"]


@pytest.fixture
def private(champion, person, limit, client, mailbox) -> Download:
    """A download of somebody else's private batch."""
    limit(1)
    bob = person("researcher", "bob")
    file = stored("s.csv", as_csv(simulate(9)))
    batch = start([file], owner=bob, private=True)
    client.force_login(bob)
    client.get(address(batch, "csv"))
    return Download.objects.get()


def test_nobody_learns_of_a_private_batchs_download(private, ana):
    prepare_download(private.pk)
    pages = [
        ana.get(address(private.batch, "vot")),
        ana.get(private.get_absolute_url()),
        ana.get(reverse("showroom:download-file", args=[private.pk])),
        ana.post(reverse("showroom:download-cancel", args=[private.pk])),
        ana.get(reverse("showroom:download", args=[2**63])),
    ]

    assert [page.status_code for page in pages] == [404] * 5


def test_only_who_asked_or_may_change_the_batch_cancels(queued, client, person):
    cancel = reverse("showroom:download-cancel", args=[queued.pk])
    client.force_login(person("researcher", "bob"))
    page = client.get(queued.get_absolute_url()).content.decode()
    assert "Cancel</button>" not in page
    assert client.post(cancel).status_code == 403

    client.force_login(person("operator"))
    assert client.post(cancel).status_code == 302
    queued.refresh_from_db()
    assert queued.state == State.CANCELLED
