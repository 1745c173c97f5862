"""`schema`: the JSON schema of template files, for editors."""

from __future__ import annotations

import json
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Print the schema."""
    from app.content.template import template_schema

    print(json.dumps(template_schema(), indent=2, ensure_ascii=False))
    return 0
