"""The pages of figures: who may see them, what they show, what is downloaded."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from monitor.figures import samples

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 12, 34, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def olga(client, person):
    client.force_login(person("operator"))
    return client


def put(values: dict[float, float], name: str = "machine.load", **labels: str) -> None:
    for minutes, value in values.items():
        samples.put(name, value, at=AT - minutes * MINUTE, **labels)


def test_declared_figures_and_unknown_ones_show_by_themselves_in_order(olga):
    put({1: 0.25}, name="zz.later")
    put({1: 0.5, 15: 0.3}, name="machine.memory")
    put({1: 12, 15: 3}, name="batch.rows", source="upload")
    answer = olga.get("/monitor/figures/")
    shown = [
        (chart.figure.title, chart.latest, [line.said.words for line in chart.lines])
        for chart in answer.context["charts"]
    ]
    assert shown == [
        (
            "Rows of a batch",
            "12 rows",
            ["source upload: latest 12, lowest 3, mean 7.5, highest 12"],
        ),
        ("Memory", "50 %", ["latest 50 %, lowest 30 %, mean 40 %, highest 50 %"]),
        ("zz.later", "0.25", ["latest 0.25, lowest 0.25, mean 0.25, highest 0.25"]),
    ]
    assert [template.name for template in answer.templates][:1] == [
        "monitor/figures.html"
    ]


def test_what_is_drawn_is_said_too_and_no_style_or_script_stands_in_it(olga):
    put({1: 0.5}, name="machine.memory")
    text = olga.get("/monitor/figures/").content.decode()
    said = "Memory over a day: latest 50 %, lowest 50 %, mean 50 %, highest 50 %"
    assert f'role="img" aria-label="{said}"' in text
    assert "style=" not in text
    assert "<script>" not in text


def test_the_ends_of_the_upright_axis_stand_at_it_and_the_hours_below(olga):
    put({1: -30, 2: 30}, name="clock.step")
    text = olga.get("/monitor/figures/").content.decode()
    marks = ('<p class="scale">', "<svg", '<p class="scale low">', '<ol class="times">')
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


def test_htmx_is_given_the_charts_alone_and_they_ask_for_the_same_range(olga):
    put({1: 2})
    answer = olga.get("/monitor/figures/?range=week", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.strip().startswith('<section id="figures"')
    assert 'hx-get="?range=week" hx-trigger="every 60s"' in text
    assert "/monitor/figures/machine.load/?range=week" in text


def test_where_nothing_was_measured_the_page_says_so(olga):
    put({24 * 60 * 3: 2})
    assert "Nothing was measured in this time" in (
        olga.get("/monitor/figures/").content.decode()
    )
    alone = olga.get("/monitor/figures/machine.load/").content.decode()
    assert "Nothing of it was measured in this time" in alone


def test_a_figures_own_page_has_its_lines_and_points(olga):
    put({1: 2, 15: 4}, host="a")
    put({1: 3}, host="b")
    answer = olga.get("/monitor/figures/machine.load/")
    assert [s.label for s in answer.context["summaries"]] == ["host a", "host b"]
    told = [(f"{p.at:%H:%M}", *p[1:]) for p in answer.context["places"]]
    assert told == [
        ("12:30", "host a", 1, "2", "2", "2"),
        ("12:30", "host b", 1, "3", "3", "3"),
        ("12:10", "host a", 1, "4", "4", "4"),
    ]


def test_one_line_can_be_looked_at_alone(olga):
    put({1: 2}, host="a")
    put({1: 3}, host="b")
    line = {"line": '{"host": "b"}'}
    answer = olga.get("/monitor/figures/machine.load/", line)
    assert answer.context["one"] == "host b"
    assert [place.mean for place in answer.context["places"]] == ["3"]
    assert '<a href="?">All lines</a>' in answer.content.decode()


def test_times_are_those_of_the_viewer(olga):
    put({1: 2})
    olga.post("/accounts/zone/", {"zone": "Asia/Kolkata"})
    text = olga.get("/monitor/figures/machine.load/").content.decode()
    assert "times are those of Asia/Kolkata" in text
    assert ">2026-11-21 18:00<" in text
    assert "<li>19:00</li><li>01:00</li><li>07:00</li><li>13:00</li>" in text


def test_the_download_has_every_point_of_every_line(olga):
    put({1: 2, 2: 4}, host="a")
    put({15: 0.5}, host="=b")
    answer = olga.get("/monitor/figures/machine.load.csv?range=week")
    assert answer["Content-Disposition"] == (
        'attachment; filename="machine.load-week.csv"'
    )
    assert b"".join(answer.streaming_content).decode().splitlines() == [
        "at,labels,samples,mean,lowest,highest",
        '2026-11-21T12:00:00+00:00,"{""host"": ""=b""}",1,0.5,0.5,0.5',
        '2026-11-21T12:00:00+00:00,"{""host"": ""a""}",2,3.0,2.0,4.0',
    ]


@pytest.mark.parametrize(
    "address",
    [
        "/monitor/figures/?range=year",
        "/monitor/figures/no.such/",
        "/monitor/figures/no.such.csv",
    ],
)
def test_what_is_not_there_is_not_found(olga, address):
    put({1: 2})
    assert olga.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/monitor/figures/",
        "/monitor/figures/machine.load/",
        "/monitor/figures/machine.load.csv",
    ],
)
def test_a_researcher_sees_none_of_it(client, person, address):
    put({1: 2})
    client.force_login(person("researcher"))
    assert client.get(address).status_code == 403


def test_the_number_of_questions_does_not_grow_with_the_lines(
    olga, django_assert_max_num_queries
):
    for number in range(30):
        put({1: number}, host=str(number))
    with django_assert_max_num_queries(20):
        answer = olga.get("/monitor/figures/")
    (chart,) = answer.context["charts"]
    assert (len(chart.lines), chart.beyond) == (6, 24)
