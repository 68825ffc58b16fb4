"""Plotly's script is served from its package, and nothing else of it."""

from django.contrib.staticfiles import finders


def test_the_script_is_there_and_the_rest_of_the_package_is_not(client):
    answer = client.get("/static/plotly/plotly.min.js")

    assert answer.status_code == 200
    assert b"plotly.js v" in b"".join(answer.streaming_content)[:200]
    assert finders.find("plotly/plotly.min.js", find_all=True) == [
        finders.find("plotly/plotly.min.js")
    ]
    for name in ("plotly/widgetbundle.js", "plotly/templates/plotly.json", "plotly/"):
        assert finders.find(name) is None
