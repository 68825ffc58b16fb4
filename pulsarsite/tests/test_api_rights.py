"""Every operation of the API, asked by everybody, answers whom the table says."""

from pulsarsite.api import api
from pulsarsite.who_may.operations import OPERATIONS


def declared() -> list[tuple[str, str]]:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"].values()
    return sorted(
        (operation["operationId"], operation["x-right"])
        for methods in paths
        for operation in methods.values()
    )


def test_every_operation_stands_in_the_table_with_its_right():
    assert declared() == sorted(OPERATIONS.items())
