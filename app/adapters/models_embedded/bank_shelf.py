"""Where the phrase banks stand: which languages there are, and each of them read once."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml

from app.adapters.models_embedded.bank import Bank, BankError
from app.adapters.models_embedded.bank_file import BankReader

BANKS = Path(__file__).parent / "banks"


def languages() -> tuple[str, ...]:
    """Return the languages that have a bank, sorted."""
    return tuple(sorted(path.stem for path in BANKS.glob("*.yaml")))


@functools.cache
def load_bank(language: str) -> Bank:
    """Read and check the bank of `language`.

    Raises:
        BankError: there is none, or it differs from the table of roles.
    """
    if language not in languages():
        raise BankError(f"banks/{language}.yaml: there is no bank for this language")
    text = (BANKS / f"{language}.yaml").read_text(encoding="utf-8")
    try:
        raw = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise BankError(f"banks/{language}.yaml: {error}") from None
    return BankReader(f"banks/{language}.yaml").bank(raw, language=language)
