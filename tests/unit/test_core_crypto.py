"""Sealed values open only where they were sealed; the master key's file is for its owner alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.crypto import DataKey, MasterKey, SealBroken, load_master_key

KEY = DataKey(b"k" * 32)


@pytest.mark.parametrize("text", ["", "plain", "g1.looks sealed", "ünï — 日本語 🙂", "a\x00b", "\ud800"])
def test_what_was_sealed_opens_to_the_same_text(text: str) -> None:
    assert KEY.open(KEY.seal(text, where="t|a|1|c"), where="t|a|1|c") == text


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert KEY.seal("x", where="here") != KEY.seal("x", where="here")


def test_a_value_does_not_open_elsewhere() -> None:
    with pytest.raises(SealBroken):
        KEY.open(KEY.seal("x", where="here"), where="there")


def test_a_value_does_not_open_under_another_key() -> None:
    with pytest.raises(SealBroken):
        DataKey(b"o" * 32).open(KEY.seal("x", where="here"), where="here")


@pytest.mark.parametrize("broken", ["plain", "g1.", "g1.????", "g1.AAAA"])
def test_what_is_no_sealed_value_does_not_open(broken: str) -> None:
    with pytest.raises(SealBroken):
        KEY.open(broken, where="here")


def test_every_altered_byte_is_noticed() -> None:
    sealed = KEY.seal("secret", where="here")
    opened = 0
    for at in range(3, len(sealed)):
        altered = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        try:
            opened += KEY.open(altered, where="here") != "secret"
        except SealBroken:
            continue

    assert opened == 0


def test_a_data_key_is_unwrapped_for_its_own_tenant_only() -> None:
    master = MasterKey(b"m" * 32)
    wrapped = master.new_data_key(tenant="a")
    sealed = master.unwrap(wrapped, tenant="a").seal("x", where="here")

    assert master.unwrap(wrapped, tenant="a").open(sealed, where="here") == "x"
    with pytest.raises(SealBroken):
        master.unwrap(wrapped, tenant="b")


def test_a_master_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(b"short")


def test_the_master_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    wrapped = load_master_key(path).new_data_key(tenant="a")

    assert path.stat().st_mode & 0o777 == 0o600
    assert load_master_key(path).unwrap(wrapped, tenant="a")


def test_a_master_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    load_master_key(path)
    path.chmod(0o640)

    with pytest.raises(PermissionError, match="chmod 600"):
        load_master_key(path)


def test_equal_texts_have_equal_digests_under_one_key_only() -> None:
    other = DataKey(b"o" * 32)

    assert KEY.digest("same") == KEY.digest("same") != KEY.digest("else")
    assert KEY.digest("same") != other.digest("same")
    assert len(KEY.digest("\ud800")) == 64
