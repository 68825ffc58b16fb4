"""/monitor/crontab/: the table as it is, what should be there, and mending it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitor.crontab import block, lines
from monitor.models import Switch
from monitor.switching import switch
from monitor.switching.notice import BY_HAND, notice
from monitor.tests.hosts_cron import HostsCron
from monitor.tests.pages import job, said, text

pytestmark = pytest.mark.django_db

URL = "/monitor/crontab/"
FOREIGN = b"MAILTO=ana@example.org\nDB_PASSWORD=hunter2\n0 1 * * * backup \xe4\n"


@pytest.fixture
def table(storage):
    job("nightly")
    return storage / "crontab"


@pytest.fixture
def browser(client, person):
    client.force_login(person("operator", "otto"))
    return client


@pytest.fixture
def host(settings, monkeypatch, tmp_path, storage) -> HostsCron:
    """The crontab of a host, with lines of others around ours."""
    job("nightly")
    folder = tmp_path / "bin"
    folder.mkdir()
    hosts = HostsCron(folder)
    hosts.serve(settings, monkeypatch)
    hosts.table.write_bytes(block.put(FOREIGN, storage, ""))
    lines.sync()
    return hosts


def shown(answer) -> list[tuple[str, bool]]:
    return [(row.text, row.is_ours) for row in answer.context["whole"].rows]


def change(answer) -> list[tuple[str, str]]:
    return [
        (part.sign, part.text)
        for part in answer.context["whole"].difference
        if part.sign in "+-"
    ]


def mend(browser, answer):
    return browser.post(f"{URL}mend/", {"seen": answer.context["whole"].seen})


def test_the_lines_of_the_own_clock_stand_there_as_they_are(browser, table):
    answer = browser.get(URL)

    assert shown(answer) == [(line, True) for line in table.read_text().splitlines()]
    assert "Every line of the site is as it should be." in text(answer)
    assert "Make this change" not in text(answer)
    assert f"<code>{table}</code>" in text(answer)


def test_before_the_first_start_it_says_who_will_write_it(browser):
    page = text(browser.get(URL))
    assert "Nothing stands there yet: the site's own clock writes" in page


def test_the_difference_is_shown_and_made(browser, table, person):
    right = table.read_text()
    line = right.strip()
    edited = line.replace("30 2", "30 4", 1)
    table.write_text(f"# somebody's remark\n{edited}\n")
    answer = browser.get(URL)

    assert change(answer) == [("-", edited), ("+", line)]
    page = text(answer)
    assert f'<span class="visually-hidden">goes: </span>{edited}' in page
    assert f'<span class="visually-hidden">comes: </span>{line}' in page

    answer = mend(browser, answer)
    assert answer.url == URL
    assert said(answer) == ["The lines in the crontab are as they should be."]
    assert table.read_text() == f"# somebody's remark\n{right}"
    assert switch.last("nightly").reason == switch.MENDED


def test_what_changed_since_one_looked_is_not_mended_blindly(browser, table):
    right = table.read_text()
    table.write_text(right.replace("30 2", "30 4", 1))
    seen = browser.get(URL)
    table.write_text(right.replace("30 2", "30 5", 1))

    answer = mend(browser, seen)
    assert said(answer)[0].startswith("Nothing was changed: the crontab is another")
    assert "30 5" in table.read_text()
    assert browser.post(f"{URL}mend/").status_code == 302
    assert "30 5" in table.read_text()


def test_every_line_that_was_mended_is_noted_by_who_did_it(browser, table):
    job("other")
    table.write_text("")
    answer = mend(browser, browser.get(URL))

    assert said(answer) == ["The lines in the crontab are as they should be."]
    told = Switch.objects.order_by("job").values_list("job", "on", "reason")
    assert list(told) == [
        ("nightly", True, switch.MENDED), ("other", True, switch.MENDED),
    ]  # fmt: skip
    # So nobody takes it for a hand edit the minute after.
    notice(timezone.now() + timedelta(minutes=1))
    assert not Switch.objects.filter(who=BY_HAND).exists()


def test_edits_by_hand_are_listed(browser, table):
    table.write_text(table.read_text().replace("30 2", "30 4", 1))
    notice(timezone.now())
    Switch.objects.create(job="gone", on=False, who=BY_HAND, reason="Its line is gone.")
    edits = text(browser.get(URL)).partition('id="edits-title"')[2]

    assert '<a href="/monitor/jobs/nightly/">nightly</a>: Its line was' in edits
    # Of what is no job any more there is no page.
    assert "</time> gone: Its line is gone." in edits


def test_the_hosts_table_is_shown_whole_with_ours_marked_and_secrets_hidden(
    browser, host, storage
):
    answer = browser.get(URL)
    texts = shown(answer)

    assert texts[:3] == [
        ("MAILTO=ana@example.org", False),
        ("DB_PASSWORD=••••••", False),
        ("0 1 * * * backup \\xe4", False),
    ]
    assert texts[3] == (f"# BEGIN pulsarsite {storage}", True)
    assert "# job nightly" in texts[4][0]
    assert texts[5] == (f"# END pulsarsite {storage}", True)
    assert len(texts) == 6
    assert "hunter2" not in text(answer)


def test_a_difference_in_the_hosts_table_shows_no_secret_either(browser, host):
    held = host.holds()
    host.table.write_bytes(held.replace(b"30 2", b"30 4", 1))
    answer = browser.get(URL)

    assert [sign for sign, _ in change(answer)] == ["-", "+"]
    assert "hunter2" not in text(answer)
    mend(browser, answer)
    assert host.holds() == held


def test_a_race_that_is_lost_is_told(browser, host):
    host.table.write_bytes(host.holds().replace(b"30 2", b"30 4", 1))
    answer = browser.get(URL)
    # Between the look that the change is made from and the second look.
    host.at_call(5, 'echo "# by somebody else" >> "$here/table"')

    (words,) = said(mend(browser, answer))
    assert words.startswith("The crontab was not mended: Somebody else changed")
    assert b"30 4" in host.holds()
    assert not Switch.objects.exists()


def test_where_our_lines_are_not_entered_the_command_is_shown(browser, host):
    host.table.write_bytes(FOREIGN)
    answer = browser.get(URL)

    assert "cron_install</code>" in text(answer)
    assert [row[1] for row in shown(answer)] == [False, False, False]
    assert "Make this change" not in text(answer)


def test_a_broken_block_is_told_and_shown(browser, host, storage):
    host.table.write_bytes(host.holds().replace(b"# END", b"# end", 1))
    answer = browser.get(URL)

    assert "Our lines in the crontab cannot be told from others" in text(answer)
    assert (f"# BEGIN pulsarsite {storage}", False) in shown(answer)
    assert "Make this change" not in text(answer)


def test_a_machine_without_cron_is_told(browser, host, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    page = text(browser.get(URL))

    assert "This machine has no crontab program" in page
    assert "It is empty, or cannot be read." in page
