"""Which line of our block belongs to whom, and what it says."""

from datetime import UTC, datetime

from monitor.crontab import entries
from monitor.crontab.entries import Found
from monitor.crontab.remark import Remark

HASH = "5333ad43a757830862e7efb432b906a0"
TICK = f"* * * * * py manage.py --config /c crontab run {HASH} # pulsarsite /var"
OLD = (
    f"* * * * * cd /x && CONFIG_FILE=/c py manage.py crontab run {HASH} # pulsarsite /x"
)
REMARK = Remark(
    "ana", datetime(2026, 11, 21, 10, 2, tzinfo=UTC), None, "why # job seal"
)


def test_each_job_has_its_line_and_what_a_person_did_stays():
    before = f"""{TICK}
# a remark
1 1 * * * old way # job seal
2 2 * * * gone # job gone
# 3 3 * * * off by hand # job report
{REMARK.line("prune")}
MAILTO=ana
"""
    wanted = {
        "seal": "17 * * * * new way # job seal",
        "report": "4 4 * * * on # job report",
        "prune": "6 6 * * * on # job prune",
        "fresh": "5 5 * * * fresh # job fresh",
    }
    after = f"""{TICK}
# a remark
17 * * * * new way # job seal
# 3 3 * * * off by hand # job report
{REMARK.line("prune")}
MAILTO=ana
5 5 * * * fresh # job fresh
"""
    assert entries.with_jobs(before, wanted) == after
    assert entries.with_jobs(after, wanted) == after
    assert entries.found(before, wanted) == {
        "seal": Found("edited", "1 1 * * * old way # job seal"),
        "report": Found("off", "# 3 3 * * * off by hand # job report"),
        "prune": Found("off", REMARK.line("prune"), REMARK),
        "fresh": Found("missing"),
    }
    assert entries.found(after, wanted)["seal"] == Found("on", wanted["seal"])


def test_an_active_line_counts_before_any_comment_and_stands_once():
    on = "1 1 * * * x # job x"
    for comment in ("# 2 2 * * * old # job x", REMARK.line("x")):
        text = f"{comment}\n{on}\n{on}\n"
        assert entries.found(text, {"x": on}) == {"x": Found("on", on)}
        assert entries.with_jobs(text, {"x": on}) == f"{on}\n"


def test_what_a_person_says_behind_a_line_does_not_hide_it():
    on = "1 1 * * * x # job x"
    for noted, state in ((f"# {on} - disk full", "off"), (f"{on} until May", "edited")):
        text = f"# job x is mine to watch\n{noted}\n"
        assert entries.found(text, {"x": on}) == {"x": Found(state, noted)}
        kept = noted if state == "off" else on
        assert entries.with_jobs(text, {"x": on}) == text.replace(noted, kept)


def test_one_job_gets_a_line_and_the_others_keep_theirs():
    text = "1 1 * * * a # job a\r\n# 2 2 * * * b # job b\nFOO=bar\n"
    assert entries.with_line(text, "b", "new") == (
        "1 1 * * * a # job a\nnew\nFOO=bar\n"
    )
    assert entries.with_line(text, "c", "new") == (
        "1 1 * * * a # job a\n# 2 2 * * * b # job b\nFOO=bar\nnew\n"
    )


def test_what_only_looks_like_the_end_of_a_line_is_none():
    odd = "# one\x0btwo\x85three\u2028four"
    assert entries.with_jobs(f"{odd}\n", {}) == f"{odd}\n"


def test_the_tick_comes_first_and_no_older_one_stays():
    text = f"# mine\n{OLD}\n#{OLD}\n1 1 * * * x # job x\n"
    assert entries.with_tick(text, TICK) == f"{TICK}\n# mine\n1 1 * * * x # job x\n"
    assert entries.with_tick("", TICK) == f"{TICK}\n"


def test_the_tick_is_found_where_it_is_on():
    assert entries.tick(f"# {TICK}\n{TICK}\n") == TICK
    assert entries.tick(f"# {TICK}\n* * * * * crontab run x\n\n") == ""
