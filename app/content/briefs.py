"""A brief as it is stored with its run, and read back for another look at a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from app.content.catalogue_files import load_catalogue
from app.content.inputs import COMMON_INPUTS, Inputs, validate_inputs
from app.content.models import Generation
from app.content.template import Template
from app.core.errors import Conflict, InvalidInput


def inputs_text(inputs: Inputs) -> str:
    """Return a brief as the JSON that is stored."""
    given: Mapping[str, object] = {
        **{name: value for name, value in inputs.values.items() if value not in (None, "", ())},
        "language": inputs.language,
        "tone": inputs.tone,
        "register": inputs.register,
        "variants": inputs.variants,
    }
    return json.dumps(given, ensure_ascii=False)


def stored_inputs(run: Generation) -> dict[str, object]:
    """Return the brief of a run as it was given."""
    return cast(dict[str, object], json.loads(run.inputs))


def brief_of(run: Generation) -> tuple[Template, Inputs]:
    """Return a run's template as it is today, and its brief; fields that the template lost are left out.

    Raises:
        NotFound: the template is gone.
        Conflict: the template asks for more today than the brief has.
    """
    template = load_catalogue().get(run.template_id)
    known = {field.name for field in template.fields} | set(COMMON_INPUTS)
    try:
        return template, validate_inputs(
            template, {name: value for name, value in stored_inputs(run).items() if name in known}
        )
    except InvalidInput as error:
        raise Conflict(
            "{template} asks for more than it did when this was written. Run it again.",
            code="template.changed",
            params={"template": template.name},
        ) from error
