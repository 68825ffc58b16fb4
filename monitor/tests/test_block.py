"""Our block among the lines of others: found, exchanged, taken out."""

from pathlib import Path

import pytest

from monitor.crontab import block
from monitor.crontab.errors import BrokenBlock

ROOT = Path("/srv/pulsars/var")
BLOCK = b"# BEGIN pulsarsite /srv/pulsars/var\n%s# END pulsarsite /srv/pulsars/var\n"


def test_a_table_without_our_block_has_none():
    others = (
        BLOCK.replace(b"/var", b"/var 2")
        + b"echo # BEGIN pulsarsite /srv/pulsars/var\n"
    )
    for table in (b"", b"1 1 * * * x\n", others, b" " + BLOCK.partition(b"\n")[0]):
        assert block.find(table, ROOT) is None
        assert block.without(table, ROOT) == table


def test_the_block_comes_last_and_is_exchanged_where_it_stands():
    table = block.put(b"before\r\n", ROOT, "one\n")
    assert table == b"before\r\n" + BLOCK % b"one\n"
    table = block.put(table + b"after \xe9", ROOT, "two\nthree\n")
    assert table == b"before\r\n" + BLOCK % b"two\nthree\n" + b"after \xe9"
    assert block.find(table, ROOT) == "two\nthree\n"
    assert block.without(table, ROOT) == b"before\r\nafter \xe9"


def test_a_last_line_without_an_end_is_without_one_again():
    table = block.put(b"before", ROOT, "one\n")
    assert table.startswith(
        b"before\n# BEGIN pulsarsite /srv/pulsars/var, after a line"
    )
    assert block.find(table, ROOT) == "one\n"
    assert block.without(block.put(table, ROOT, "two\n"), ROOT) == b"before"
    assert block.without(table + b"after\n", ROOT) == b"before\nafter\n"


def test_marks_are_known_by_their_line_whatever_an_editor_did_to_its_end():
    table = (BLOCK % b"one\n").replace(b"\n", b" \r\n").removesuffix(b"\r\n")
    assert block.find(table, ROOT) == "one \r\n"
    assert block.without(b"a\n" + table, ROOT) == b"a\n"


def test_what_is_no_text_in_our_block_stays_what_it_was():
    table = BLOCK % b"# caf\xe9\n"
    text = block.find(table, ROOT)
    assert block.put(table, ROOT, text) == table


def test_a_copy_of_our_block_is_told_and_goes_with_the_next_install():
    table = b"a\n" + BLOCK % b"one\n" + b"b\n" + BLOCK % b"one\n" + b"c\n"
    with pytest.raises(BrokenBlock, match=r"2 times \(from line 2 and 6\)"):
        block.find(table, ROOT)
    assert block.put(table, ROOT, "two\n") == b"a\n" + BLOCK % b"two\n" + b"b\nc\n"
    assert block.without(table, ROOT) == b"a\nb\nc\n"


@pytest.mark.parametrize(
    ("marks", "places"),
    [
        (["BEGIN"], "2"),
        (["END"], "2"),
        (["END", "BEGIN"], "2 and 3"),
        (["BEGIN", "BEGIN", "END"], "2 and 3 and 4"),
        (["BEGIN", "END", "END"], "2 and 3 and 4"),
    ],
)
def test_marks_that_do_not_belong_together_stop_every_change(marks, places):
    lines = "".join(f"# {mark} pulsarsite {ROOT}\n" for mark in marks)
    table = f"1 1 * * * x\n{lines}".encode()
    for attempt in (block.find, block.without, lambda *a: block.put(*a, "")):
        with pytest.raises(BrokenBlock, match=rf"line {places} is there") as error:
            attempt(table, ROOT)
    assert "'# BEGIN pulsarsite /srv/pulsars/var'" in str(error.value)
    assert str(error.value).endswith("Put that right with crontab -e.")
