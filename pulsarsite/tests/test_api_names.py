"""What the API's schema calls things."""

from pulsarsite.api import api


def test_what_is_part_of_another_is_called_after_it():
    known = api.get_openapi_schema(path_prefix="/api/")["components"]["schemas"]

    states = ("AlertState", "CheckState", "State")
    assert {name: known[name]["enum"] for name in states} == {
        "AlertState": ["open", "acknowledged", "closed"],
        "CheckState": ["new", "up", "started", "grace", "down", "paused"],
        "State": [
            "queued",
            "running",
            "up_for_retry",
            "success",
            "failed",
            "cancelled",
            "skipped",
        ],
    }
