"""The check of drawings: what runs, fetches or cannot be framed is told; what only draws passes."""

from __future__ import annotations

import time

import pytest

from tests.checking import said, verdict

CHECK = {"check": "svg_safe", "at": "."}
OPEN = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 24 24'>"
CLEAN = f"""{OPEN}<style>.a {{ fill: url(#glow) }}</style>
<defs><linearGradient id='glow'><stop offset='0' stop-color='#0f5f57'/></linearGradient>
<symbol id='part' viewBox='0 0 8 8'><circle cx='4' cy='4' r='3'/></symbol></defs>
<use href='#part'/><use xlink:href='#part' x='8'/><path class='a' d='M4 4h16' stroke='url(#glow)'/>
<filter id='grey'><feColorMatrix values='1 0 0 0 0 0 1 0 0 0 0 0 1 0 0 0 0 0 1 0'/></filter>
<image href='data:image/png;base64,iVBORw0KGgo=' width='4' height='4'/>
<circle r='2'><animate attributeName='r' values='2;4;2' dur='1s'/></circle><text>on 5 % off</text></svg>"""


def faults(inside: str) -> list[str]:
    return said(verdict(CHECK, f"{OPEN}{inside}</svg>"))


def test_a_drawing_that_only_draws_passes() -> None:
    assert "passed" == verdict(CHECK, CLEAN).status


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<script>alert(1)</script>", "<script> can run something or hold a page."),
        ("<SCRIPT/>", "<SCRIPT> can run something or hold a page."),
        ("<foreignObject><p/></foreignObject>", "<foreignObject> can run something or hold a page."),
        ("<i:img xmlns:i='http://www.w3.org/1999/xhtml'/>", "<img> can run something or hold a page."),
        ("<rect onload='alert(1)'/>", "“onload” runs something."),
        ("<rect onClick='alert(1)'/>", "“onClick” runs something."),
        ("<a href='javascript:alert(1)'/>", "It fetches something from elsewhere: javascript:alert(1)"),
        ("<use xlink:href='other.svg#part'/>", "It fetches something from elsewhere: other.svg#part"),
        ("<image href='//host/a.png'/>", "It fetches something from elsewhere: //host/a.png"),
        (
            "<image href='data:image/svg+xml;base64,PHN2Zz4='/>",
            "It fetches something from elsewhere: data:image/svg+xml;base64,PHN2Zz4=",
        ),
        ("<g xml:base='http://host/'/>", "It fetches something from elsewhere: http://host/"),
        ("<rect fill='url(http://host/a)'/>", "It fetches something from elsewhere: http://host/a"),
        ("<rect style='fill: \\75rl(\"http://host/a\")'/>", "It fetches something from elsewhere: http://host/a"),
        ("<style>@import 'http://host/a.css';</style>", "It fetches something from elsewhere: @import"),
        ("<style>/* a */ .b {fill: url(//host/a)}</style>", "It fetches something from elsewhere: //host/a"),
        ("<style><![CDATA[ .b {fill: url(//host/a)} ]]></style>", "It fetches something from elsewhere: //host/a"),
        ("<set attributeName='xlink:href' to='javascript:alert(1)'/>", "It changes “xlink:href” as it moves."),
        ("<?xml-stylesheet href='http://host/a.css'?>", "It fetches something from elsewhere: <?xml-stylesheet?>"),
        ("<svg viewBox='0 0 4 4'/>", "It has 2 viewBoxes that can be used; one is needed."),
        ("<rect>", "Line 1 cannot be read as a drawing."),
    ],
)
def test_what_runs_or_fetches_is_told(inside: str, told: str) -> None:
    assert [f".: {told}"] == faults(inside)


@pytest.mark.parametrize(
    "frame", ["", "viewBox='0 0 24'", "viewBox='0 0 0 24'", "viewBox='a b c d'", "viewbox='0 0 9 9'"]
)
def test_a_drawing_without_a_frame_that_shows_something_is_told(frame: str) -> None:
    drawing = f"<svg xmlns='http://www.w3.org/2000/svg' {frame}><rect/></svg>"

    assert [".: It has 0 viewBoxes that can be used; one is needed."] == said(verdict(CHECK, drawing))


def test_another_root_is_no_drawing() -> None:
    told = said(verdict(CHECK, "<html><svg viewBox='0 0 9 9'/></html>"))

    assert ".: It begins with <html>, not with a drawing." in told


def test_entities_are_never_grown() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10 if n else 'ha' * 50}'>" for n in range(12))
    bomb = f"<!DOCTYPE svg [{laughs}]>{OPEN}<text>&l11;</text></svg>"
    began_s = time.perf_counter()
    told = said(verdict(CHECK, bomb))

    assert [".: A document type stands in it; a drawing needs none."] == told
    assert time.perf_counter() - began_s < 1


def test_every_drawing_of_a_list_is_looked_at() -> None:
    parts = ({"at": "icons[].svg", "label": "Icons"},)
    icons = {"icons": [{"svg": CLEAN}, {"svg": f"{OPEN}<script/></svg>"}]}
    told = said(verdict({"check": "svg_safe", "at": "icons[].svg"}, icons, parts=parts))

    assert ["icons[1].svg: <script> can run something or hold a page."] == told
