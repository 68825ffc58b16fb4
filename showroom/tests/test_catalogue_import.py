"""The catalogue of known pulsars comes in: by file, from the network, again."""

import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.management import CommandError, call_command

from monitor.models import Outbox
from pulsar_ml import psrcat
from pulsar_ml.catalogue import Pulsar
from pulsar_ml.tests.test_psrcat import TEXT, tar
from showroom import catalogue
from showroom.errors import ShowroomError
from showroom.models import Catalogue, KnownPulsar

pytestmark = pytest.mark.django_db
NEWER = TEXT.replace("1.66", "2.5.1")


@pytest.fixture
def served():
    """A server on this machine that answers with what it is given."""
    answers = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=partial(server.serve_forever, 0.05))
    thread.start()

    def answer(body: bytes, status: int = 200) -> str:
        answers[:] = [(status, body)]
        return f"http://127.0.0.1:{server.server_port}/psrcat_pkg.tar.gz"

    yield answer
    server.shutdown()
    thread.join()
    server.server_close()


def active() -> list[tuple[str, int]]:
    return [(str(c), c.pulsars.count()) for c in Catalogue.objects.filter(active=True)]


def test_a_file_becomes_the_catalogue_in_use(tmp_path, capsys):
    file = tmp_path / "psrcat.db"
    file.write_text(TEXT)
    call_command("catalogue_import", "--file", str(file))

    assert capsys.readouterr().out == (
        f"psrcat 1.66 with 4 pulsars is in use, from {file}\n"
    )
    assert active() == [("psrcat 1.66", 4)]
    assert KnownPulsar.objects.get(name="J0332+5434").pulsar == Pulsar(
        "J0332+5434",
        "B0329+54",
        pytest.approx(53.24754),
        pytest.approx(54.5787025),
        0.5,
        26.7641,
        1500,
        None,
    )
    event = Outbox.objects.get(kind="catalogue.imported")
    assert (event.about, event.detail["pulsars"]) == ("psrcat 1.66", 4)


def test_the_same_bytes_are_kept_once_and_an_old_version_can_be_taken_up_again():
    for text in (TEXT, TEXT, NEWER, NEWER):
        catalogue.bring_in(text.encode(), source="here")
    assert active() == [("psrcat 2.5.1", 4)]
    assert (Catalogue.objects.count(), KnownPulsar.objects.count()) == (2, 8)
    assert Outbox.objects.filter(kind="catalogue.imported").count() == 2

    catalogue.bring_in(TEXT.encode(), source="there")
    assert active() == [("psrcat 1.66", 4)]
    assert KnownPulsar.objects.count() == 8


def test_an_import_that_was_killed_is_done_again_and_never_in_use(monkeypatch):
    catalogue.bring_in(TEXT.encode(), source="here")

    class Killed(BaseException):
        pass

    def killed(*_args):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "_AT_ONCE", 3)
        save = KnownPulsar.objects.bulk_create
        patch.setattr(
            KnownPulsar.objects,
            "bulk_create",
            lambda rows: save(rows) if len(rows) == 3 else killed(),
        )
        with pytest.raises(Killed):
            catalogue.bring_in(NEWER.encode(), source="here")
    assert active() == [("psrcat 1.66", 4)]

    catalogue.bring_in(NEWER.encode(), source="here")
    assert active() == [("psrcat 2.5.1", 4)]


def test_two_imports_do_not_run_at_once():
    with (
        catalogue.leases.hold("catalogue_import", 60),
        pytest.raises(ShowroomError, match="under way"),
    ):
        catalogue.bring_in(TEXT.encode(), source="here")
    assert active() == []


def test_a_download_takes_what_the_server_sends(served):
    call_command(
        "catalogue_import",
        "--url",
        served(tar("psrcat_tar/psrcat.db", TEXT.encode())),
    )

    assert active() == [("psrcat 1.66", 4)]


def test_a_download_that_fails_says_why_and_what_to_do(served, monkeypatch):
    monkeypatch.setattr(psrcat, "MAX_BYTES", 2**20)
    address = served(b"gone", 404)
    nobody = "http://127.0.0.1:9/psrcat_pkg.tar.gz"
    cases = [
        (address, "answered 404 Not Found"),
        (nobody, "cannot be reached: [Errno 111] Connection refused"),
        ("file:///etc/passwd", "is no web address"),
    ]
    for url, words in cases:
        with pytest.raises(CommandError) as refusal:
            call_command("catalogue_import", "--url", url)
        assert words in str(refusal.value)
        assert "give it by --file" in str(refusal.value)

    with pytest.raises(CommandError, match="sends more than 1 MB"):
        call_command("catalogue_import", "--url", served(bytes(2**20 + 1)))
    assert Catalogue.objects.count() == 0


def test_a_file_that_is_no_catalogue_is_refused_with_words(tmp_path):
    file = tmp_path / "psrcat.db"
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("catalogue_import", "--file", str(file))
    file.write_text("PSRJ J0000\n")
    with pytest.raises(CommandError, match="holds no pulsars in the format"):
        call_command("catalogue_import", "--file", str(file))
    assert Catalogue.objects.count() == 0
