"""Search without regard to capitals: on MariaDB its tables' order regards them."""

from typing import Any

from django.db.models import Field
from django.db.models.lookups import IContains, IExact


class _Lowered:
    """Both sides in small letters: the engine compares them as they are."""

    def as_mysql(self: Any, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Give the condition as MariaDB has it."""
        column, before = self.process_lhs(compiler, connection)
        text, after = self.process_rhs(compiler, connection)
        like = self.get_rhs_op(connection, f"LOWER({text})")
        return f"LOWER({column}) {like}", [*before, *after]


class _Contains(_Lowered, IContains):
    pass


class _Exact(_Lowered, IExact):  # type: ignore[type-arg]
    pass


def register() -> None:
    """Have every column searched so."""
    Field.register_lookup(_Contains)
    Field.register_lookup(_Exact)
