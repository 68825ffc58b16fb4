"""Connections as operators and admins see them, and how one is tried."""

import pytest

from conftest import free_port
from dispatch.connections import look as looking
from dispatch.tests.pages import text
from dispatch.tests.tables import configure, make, source
from registry.connections import ask, configured
from registry.errors import NoConnection

pytestmark = pytest.mark.django_db
sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

PAGE = "/dispatch/connections/"


@pytest.fixture
def browser(client, person):
    client.force_login(person("operator"))
    return client


def away(**values):
    """A server that nobody has started."""
    return {
        "driver": "MariaDB Unicode",
        "options": {"SERVER": "127.0.0.1", "PORT": str(free_port()), "DATABASE": "sky"},
        "user": "reader",
        "password": "geheim'; {x}",
        "connect_seconds": 2,
    } | values


def test_without_any_it_is_told_how_one_is_made(browser, settings):
    page = text(browser.get(PAGE))

    assert "There is no connection yet." in page
    assert f"Add one to <code>{settings.CONFIG_FILE}</code>" in page


def test_each_is_told_in_words_with_the_schedules_that_use_it(
    browser, settings, schedule_over, tmp_path
):
    file = {"file": str(tmp_path / "old.sqlite")}
    configure(settings, survey=away(), old=file | {"read_only": False})
    reader = schedule_over("reader", source=source())
    writer = schedule_over(
        "writer", sink={"kind": "table", "connection": "old", "table": "t"}
    )
    page = browser.get(PAGE)

    assert [
        (
            one.connection.name,
            one.connection.words(),
            one.connection.read_only,
            one.readers,
            one.writers,
        )
        for one in page.context["listed"]
    ] == [
        (
            "survey",
            "MariaDB Unicode at 127.0.0.1, database sky, as reader",
            True,
            [reader],
            [],
        ),
        ("old", f"the SQLite file {tmp_path}/old.sqlite", False, [], [writer]),
    ]
    assert "geheim" not in page.content.decode()


@sqlite
def test_each_step_of_a_test_is_told_with_its_time(browser, settings, engine):
    make(engine)
    configure(settings, survey=engine.target())
    answer = browser.post(f"{PAGE}survey/", headers={"HX-Request": "true"})
    steps = answer.context["steps"]

    assert all(step.ok is not False for step in steps), steps
    assert {"Connected", "Tables read", "Only reading is allowed"} <= {
        step.name for step in steps
    }
    assert text(answer).startswith('<section class="card" id="connection-survey"')
    assert "<b>Tables read</b> <span>yes, " in text(answer)


@sqlite
def test_without_javascript_the_whole_page_comes_back(browser, settings, engine):
    configure(settings, survey=engine.target(), other=away())
    page = text(browser.post(f"{PAGE}survey/"))

    assert "<h1>Connections</h1>" in page
    assert page.count('class="steps tried"') == 1


def test_what_does_not_answer_is_told_without_its_password(browser, settings):
    configure(settings, survey=away())
    answer = browser.post(f"{PAGE}survey/")
    last = answer.context["steps"][-1]

    assert (last.ok, "geheim" in answer.content.decode()) == (False, False)
    assert last.words


def test_a_test_that_takes_too_long_is_stopped(settings, monkeypatch):
    configure(settings, survey=away())
    monkeypatch.setattr(looking, "SECONDS", 0)

    def asked(name, order, *, beat):
        yield {"step": "Driver found", "ok": True, "words": "", "seconds": 0.1}
        beat()

    monkeypatch.setattr(ask, "ask", asked)
    driver, last = looking.look("survey")

    assert (driver.name, last.name, last.ok) == ("Driver found", "Stopped", False)
    assert last.words == "It did not come to its end within 0 s, so it was stopped."


def test_a_connection_that_there_is_not_is_no_page(browser, settings):
    configure(settings, survey=away())

    assert browser.post(f"{PAGE}other/").status_code == 404
    with pytest.raises(NoConnection, match=r"“other” .* there are: survey"):
        configured.find("other")


def test_the_way_there_is_shown_to_those_who_may_go_it(client, person):
    for role, may in (("researcher", False), ("operator", True)):
        client.force_login(person(role, role))
        assert (f'href="{PAGE}"' in text(client.get("/dispatch/"))) == may


def test_what_is_read_only_is_never_told_to_write(settings):
    configure(settings, survey=away(), results=away(read_only=False))
    survey, results = map(configured.find, configured.names())

    assert survey.target(read_only=False)["read_only"] is True
    assert results.target(read_only=False)["read_only"] is False
    assert results.target(read_only=True)["read_only"] is True
    assert results.target(read_only=False) == {
        **away(),
        "name": "results",
        "dsn": "",
        "file": "",
        "options": results.entry.options,
        "read_only": False,
        "statement_seconds": 60,
    }
