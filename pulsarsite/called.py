"""Names in the API's schema: a state of a check is no state of a run."""

import re
from typing import Any

from ninja.openapi.schema import OpenAPISchema
from ninja.schema import NinjaGenerateJsonSchema
from pydantic import BaseModel
from pydantic.json_schema import CoreModeRef, CoreRef, DefsRef

# Of `monitor.models.checks.Check.State:94` the two that begin with a capital.
_PART = re.compile(r"\.([A-Z]\w*)\.([A-Z]\w*)(?=:)")


class _Names(NinjaGenerateJsonSchema):
    """What is part of another is called after it: CheckState."""

    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        ref, mode = core_mode_ref
        return super().get_defs_ref((CoreRef(_PART.sub(r".\1\2", ref)), mode))


class _Called:
    """A model that describes itself by these names, whoever asks it."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def model_json_schema(self, **asked: Any) -> dict[str, Any]:
        return self._model.model_json_schema(**asked | {"schema_generator": _Names})


class Called(OpenAPISchema):
    """A schema in which two things have two names; ninja's has their last word."""

    def _extract_parameters(self, model: Any) -> list[dict[str, Any]]:
        called: Any = _Called(model)
        return super()._extract_parameters(called)

    def _create_schema_from_model(
        self, model: Any, *how: Any, **named: Any
    ) -> tuple[dict[str, Any], bool]:
        called: Any = _Called(model)
        return super()._create_schema_from_model(called, *how, **named)
