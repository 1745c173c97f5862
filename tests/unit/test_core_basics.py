"""Ids, clocks, texts, errors, contexts, settings and logs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
import structlog

from app.core import telemetry
from app.core.clock import ManualClock, SystemClock, as_utc
from app.core.context import Context
from app.core.errors import InvalidInput, NotAllowed, NotSignedIn, TooMany, fill
from app.core.ids import new_id, parse_id
from app.core.ports import Ports
from app.core.settings import Settings, load_settings
from app.core.tables import SealedText, UtcDateTime
from app.core.text import one_line, storable

DIALECT = sa.create_engine("sqlite://").dialect
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(200)]

    assert made == sorted(made)


def test_an_id_is_read_back_from_its_text() -> None:
    known = uuid4()

    assert parse_id(str(known)) == known


@pytest.mark.parametrize("text", ["", "no id", "0" * 31, None, 7])
def test_what_is_no_id_reads_as_none(text: object) -> None:
    assert parse_id(text) is None  # type: ignore[arg-type]


def test_the_systems_clock_knows_its_zone() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
    assert SystemClock().monotonic_s() <= SystemClock().monotonic_s()


def test_a_manual_clock_moves_both_times_by_hand() -> None:
    clock = ManualClock(datetime(2026, 5, 1, tzinfo=UTC))
    clock.advance(timedelta(minutes=2))

    assert (clock.now(), clock.monotonic_s()) == (datetime(2026, 5, 1, 0, 2, tzinfo=UTC), 120.0)


def test_a_naive_moment_is_taken_for_utc() -> None:
    assert as_utc(datetime(2026, 1, 1)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_moment_elsewhere_is_the_same_moment_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))

    assert as_utc(datetime(2026, 1, 1, 9, tzinfo=tokyo)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_moment_without_a_zone_is_not_stored() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), DIALECT)


@pytest.mark.parametrize("moment", [None, datetime(2026, 1, 1, tzinfo=UTC)])
def test_a_moment_survives_being_stored(moment: datetime | None) -> None:
    column = UtcDateTime()
    stored = column.process_bind_param(moment, DIALECT)

    assert column.process_result_value(stored.replace(tzinfo=None) if stored else None, DIALECT) == moment


@pytest.mark.parametrize("value", [None, "g1.sealed"])
def test_only_a_sealed_value_goes_into_an_encrypted_column(value: str | None) -> None:
    assert SealedText().process_bind_param(value, DIALECT) == value
    with pytest.raises(ValueError, match="in clear"):
        SealedText().process_bind_param("plain", DIALECT)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b", "ab"),
        ("a\ud800b", "ab"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("e\u0301", "é"),
        ("\u202bعربي\u202c", "\u202bعربي\u202c"),
    ],
)
def test_text_is_made_fit_to_be_stored(text: str, kept: str) -> None:
    assert storable(text) == kept


def test_a_line_has_no_breaks_and_single_spaces() -> None:
    assert one_line("  a \n b\t\tc ") == "a b c"


def test_an_error_fills_its_sentence() -> None:
    error = TooMany(params={"seconds": 3}, retry_after_s=3)

    assert str(error) == error.text() == "Too many requests. Try again in 3 seconds."
    assert (error.code, error.status, error.retry_after_s) == ("too_many", 429, 3)


def test_an_error_may_say_more() -> None:
    error = InvalidInput("No {what}.", code="x.y", field="name", params={"what": "name"})

    assert (error.text(), error.code, error.field) == ("No name.", "x.y", "name")


def test_values_are_not_formatted_again_and_unknown_slots_stay() -> None:
    assert fill("{a} {b} {c}", {"a": "%s", "b": "{0.__class__}"}) == "%s {0.__class__} {c}"


@on_sqlite
def test_nobody_has_no_tenant(nobody: Context) -> None:
    with pytest.raises(NotSignedIn):
        _ = nobody.tenant


@on_sqlite
def test_nobody_is_asked_to_sign_in(nobody: Context) -> None:
    with pytest.raises(NotSignedIn):
        nobody.require("documents:read")


@on_sqlite
def test_a_scope_that_was_not_granted_is_refused(ports: Ports) -> None:
    ctx = Context(ports=ports, request_id="r", tenant_id=new_id(), actor="user", scopes=frozenset({"a:read"}))

    ctx.require("a:read")
    with pytest.raises(NotAllowed):
        ctx.require("a:write")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLEY_PORT", "4000")

    assert load_settings().port == 4000


def test_at_home_the_address_is_loopback_and_the_cookie_plain(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, port=3100)

    assert settings.address == "http://localhost:3100"
    assert (settings.is_https, settings.is_loopback, settings.cookie_name) == (False, True, "galley_sid")
    assert settings.origins == {"http://localhost:3100", "http://127.0.0.1:3100", "http://[::1]:3100"}
    assert settings.local_providers_allowed
    assert settings.sql_url == f"sqlite+aiosqlite:///{tmp_path / 'galley.db'}"


def test_behind_tls_the_cookie_is_bound_to_its_host() -> None:
    settings = Settings(public_url="https://studio.example.com/", allowed_origins=["https://other.example.com/"])

    assert (settings.is_https, settings.is_loopback, settings.cookie_name) == (True, False, "__Host-sid")
    assert settings.origins == {"https://studio.example.com", "https://other.example.com"}
    assert not settings.local_providers_allowed


@pytest.mark.parametrize("allowed", [True, False])
def test_an_operator_decides_about_inside_addresses(allowed: bool) -> None:
    assert Settings(allow_local_providers=allowed).local_providers_allowed is allowed


@pytest.fixture
def logging_restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("galley")
    handlers, levels = list(root.handlers), (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_log_line_is_one_line_of_json_with_its_request(
    logging_restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure_logging("info")
    telemetry.bind_request(request_id="r1", tenant_id="t1")
    structlog.get_logger("galley").info("thing.done", detail='forged\n{"event": "x"}')
    line = json.loads(capsys.readouterr().err)

    assert (line["event"], line["request_id"], line["tenant"]) == ("thing.done", "r1", "t1")
    assert line["detail"] == 'forged\n{"event": "x"}'


def test_libraries_are_held_to_warnings(logging_restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure_logging("debug")
    logging.getLogger("somebody").info("a cookie")
    logging.getLogger("somebody").warning("a warning")

    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["a warning"]
