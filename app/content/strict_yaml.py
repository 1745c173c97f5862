"""YAML as the catalogue reads it: safe, by the C parser, and a key that is written twice is an error."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml


class _StrictLoader(yaml.CSafeLoader):
    """Refuses double keys: the second would silently win."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # Any: as in PyYAML's own stubs
        keys = [key.value for key, _ in node.value]
        if len(keys) != len(set(keys)):
            twice = sorted({key for key in keys if keys.count(key) > 1})
            raise yaml.constructor.ConstructorError(
                None, None, f"key written twice: {', '.join(twice)}", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> object:
    """Return what a YAML file holds.

    Raises:
        OSError: it cannot be read.
        yaml.YAMLError: it is not YAML, or a key is written twice.
    """
    return yaml.load(path.read_bytes(), Loader=_StrictLoader)  # noqa: S506 - derived from CSafeLoader
