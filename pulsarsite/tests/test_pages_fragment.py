"""templates/_pages.html: the way on and back through a numbered list."""

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string


def shown(rf, number: int, **words: str) -> str:
    page = Paginator(range(25), 10).get_page(number)
    request = rf.get("/list/", {"state": "done", "page": number})
    text = render_to_string("_pages.html", {"page": page, **words}, request=request)
    return "".join(line.strip() for line in text.splitlines())


@pytest.mark.parametrize(
    ("number", "links"),
    [
        (1, ["", '<a rel="next" href="?state=done&amp;page=2">Older</a>']),
        (
            2,
            [
                '<a rel="prev" href="?state=done&amp;page=1">Newer</a>',
                '<a rel="next" href="?state=done&amp;page=3">Older</a>',
            ],
        ),
        (3, ['<a rel="prev" href="?state=done&amp;page=2">Newer</a>', ""]),
    ],
)
def test_it_leads_on_and_back_and_keeps_what_was_asked_for(rf, number, links):
    before, after = links
    assert shown(rf, number) == (
        '<nav class="pager" aria-label="Pages">'
        f"{before}<span>Page {number} of 3</span>{after}</nav>"
    )


def test_it_says_the_words_of_its_list(rf):
    words = {"called": "Pages of moves", "newer": "Later", "older": "Earlier"}
    text = shown(rf, 2, **words)
    assert 'aria-label="Pages of moves"' in text
    assert ">Later</a>" in text
    assert ">Earlier</a>" in text


def test_of_one_page_there_is_nothing_to_turn(rf):
    page = Paginator(range(3), 10).get_page(1)
    shown = render_to_string("_pages.html", {"page": page}, request=rf.get("/"))
    assert not shown.strip()
