"""Files over REST: streamed in and counted, out by range, never shown in our own origin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from app.api import build_api
from app.api.gate import Gate
from app.core.ports import Ports
from app.core.settings import Settings
from tests.doors.conftest import CallerOf, client_of

PATH = "/api/v1/files"
TEXT = b"0123456789" * 1000


async def test_what_went_in_comes_out(program_of: CallerOf) -> None:
    ana = await program_of("ana")

    put = await ana.http.put(PATH, params={"name": "brief.txt"}, content=TEXT)
    out = await ana.http.get(f"{PATH}/{put.json()['id']}/content")

    assert (put.status_code, put.json()["size_bytes"], put.json()["name"]) == (201, len(TEXT), "brief.txt")
    assert out.content == TEXT
    assert out.headers["content-disposition"].startswith('attachment; filename="brief.txt"')
    assert out.headers["cache-control"] == "private, no-store"
    assert out.headers["accept-ranges"] == "bytes"
    assert "sandbox" in out.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("asked", "status", "got"),
    [
        ("bytes=0-4", 206, TEXT[:5]),
        ("bytes=9990-", 206, TEXT[9990:]),
        ("bytes=-3", 206, TEXT[-3:]),
        ("bytes=9995-20000", 206, TEXT[9995:]),
        ("bytes=10000-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=5-2", 200, TEXT),
        ("bytes=0-1,5-6", 200, TEXT),
        ("bytes=x-y", 200, TEXT),
        ("lines=1-2", 200, TEXT),
    ],
)
async def test_a_range_is_served_as_the_rfc_says(
    program_of: CallerOf, asked: str, status: int, got: bytes | None
) -> None:
    ana = await program_of("ana")
    file_id = (await ana.http.put(PATH, params={"name": "a.txt"}, content=TEXT)).json()["id"]

    answer = await ana.http.get(f"{PATH}/{file_id}/content", headers={"range": asked})

    assert answer.status_code == status
    if got is not None:
        assert answer.content == got
        assert int(answer.headers["content-length"]) == len(got)
    if status == 206:
        assert answer.headers["content-range"].endswith("/10000")


async def test_a_file_beyond_the_limit_is_refused_however_it_is_sent(
    ports: Ports, program_of: CallerOf, settings_of: Callable[..., Settings]
) -> None:
    small = replace(ports, settings=settings_of(max_upload_mb=1))
    ana = await program_of("ana")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(1100):
            yield b"x" * 1024

    async with client_of(Gate(build_api(small), settings=small.settings), authorization=f"Bearer {ana.token}") as http:
        declared = await http.put(PATH, params={"name": "a.txt"}, content=b"x" * (1024 * 1024 + 1))
        streamed = await http.put(PATH, params={"name": "a.txt"}, content=chunks())
        listed = (await http.get(PATH)).json()["items"]

    assert (declared.status_code, streamed.status_code) == (413, 413)
    assert listed == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/b\\c.txt", 'x".html', "\u202egnp.exe", "名前.txt", "a\r\nset-cookie: x=1.txt"]
)
async def test_a_name_from_outside_is_never_a_path_or_a_header(program_of: CallerOf, name: str) -> None:
    ana = await program_of("ana")

    put = await ana.http.put(PATH, params={"name": name}, content=b"hello")
    out = await ana.http.get(f"{PATH}/{put.json()['id']}/content")

    assert put.status_code == 201
    assert "/" not in put.json()["name"]
    assert "set-cookie" not in out.headers
    plain = out.headers["content-disposition"].split('"')[1]
    assert plain.isascii()
    assert "/" not in plain


async def test_what_is_no_plain_text_is_refused(program_of: CallerOf) -> None:
    ana = await program_of("ana")

    answers = [
        await ana.http.put(PATH, params={"name": "x.txt"}, content=b"\x89PNG\r\n\x1a\n\x00\x00"),
        await ana.http.put(PATH, params={"name": "x.txt"}, content=b""),
        await ana.http.put(PATH, params={"name": " "}, content=b"x"),
        await ana.http.put(PATH, content=b"x"),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422]


async def test_a_deleted_file_is_gone(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    file_id = (await ana.http.put(PATH, params={"name": "a.txt"}, content=b"x")).json()["id"]

    deleted = await ana.http.delete(f"{PATH}/{file_id}")

    assert deleted.status_code == 204
    assert (await ana.http.get(f"{PATH}/{file_id}/content")).status_code == 404


async def test_files_are_listed_page_by_page(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    ids = [(await ana.http.put(PATH, params={"name": f"{n}.txt"}, content=b"x")).json()["id"] for n in range(3)]

    first = (await ana.http.get(PATH, params={"limit": 2})).json()
    rest = (await ana.http.get(PATH, params={"limit": 2, "cursor": first["next_cursor"]})).json()

    assert [one["id"] for one in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
