"""Style sheets: logical sides only, colours from the tokens only, and every pair of tones that carries text can be
read.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)|left|right|top|"
    r"bottom|min-width|max-width|width|min-height|max-height|height)\s*:"
)
SIDED_VALUES = re.compile(r"(?:text-align|float|clear)\s*:\s*(?:left|right)")
SIDED_CLASSES = re.compile(
    r"(?<![\w-])(?:ml|mr|pl|pr|left|right|border-l|border-r|rounded-l|rounded-r)-[\w.\[]|text-(?:left|right)\b"
)
COLOURS = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")
PARTS = ("tokens", "theme", "fonts", "boot", "elements", "controls", "sheet", "shell", "overlays", "screens")

READ_ON = {
    "ink": ("paper", "panel", "sunken", "hover"),
    "muted": ("paper", "panel", "sunken", "hover"),
    "accent-text": ("paper", "panel", "sunken", "accent-2", "accent-3"),
    "proof": ("paper", "panel", "sunken", "proof-2"),
    "info": ("paper", "panel"),
    "ok": ("paper", "panel"),
    "warn": ("paper", "panel", "warn-2"),
    "danger": ("paper", "panel", "danger-2"),
    "on-accent": ("accent", "accent-hover"),
    "on-danger": ("danger",),
}
AA_TEXT = 4.5  # WCAG 2.2, 1.4.3
AA_EDGE = 3.0  # WCAG 2.2, 1.4.11


@pytest.fixture(scope="module")
def sheets(repository: Path) -> dict[str, str]:
    """Every style sheet without its comments, by name."""
    folder = repository / "assets" / "styles"
    return {path.stem: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) for path in sorted(folder.rglob("*.css"))}


def test_sides_are_logical(sheets: dict[str, str]) -> None:
    # A media query speaks of the window, which has a width in every script.
    found = [
        f"{name}: {line.strip()}"
        for name, text in sheets.items()
        for line in text.splitlines()
        if not line.strip().startswith("@media") and (PHYSICAL.search(line) or SIDED_VALUES.search(line))
    ]

    assert found == []


def test_classes_in_components_are_logical(repository: Path) -> None:
    found = [
        f"{path.relative_to(repository)}: {keyword.value.value}"
        for path in sorted((repository / "components").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "class_name"
        and isinstance(keyword.value, ast.Constant)
        and SIDED_CLASSES.search(str(keyword.value.value))
    ]

    assert found == []


def test_colours_come_from_the_tokens(sheets: dict[str, str]) -> None:
    found = [
        f"{name}: {line.strip()}"
        for name, text in sheets.items()
        if name != "tokens"
        for line in text.splitlines()
        if COLOURS.search(line)
    ]

    assert found == []


def test_every_variable_that_is_used_is_defined(sheets: dict[str, str]) -> None:
    everything = "\n".join(sheets.values())
    defined = set(re.findall(r"(--[\w-]+)\s*:", everything))
    given_inline = {"--n", "--max", "--w", "--v"}
    used = set(re.findall(r"var\((--[\w-]+)", everything))

    assert used - defined - given_inline == set()


def test_a_page_does_not_redefine_a_class_of_another_page(sheets: dict[str, str]) -> None:
    owners: dict[str, set[str]] = {}
    for name, text in sheets.items():
        if name in PARTS:
            continue
        for selector in re.findall(r"([^{};@]+)\{", text):
            for one in selector.split(","):
                alone = re.fullmatch(r"\s*\.([\w-]+)\s*", one)
                if alone:
                    owners.setdefault(alone[1], set()).add(name)

    assert {name: where for name, where in owners.items() if len(where) > 1} == {}


def test_every_face_is_served_by_us_with_its_licence(repository: Path, sheets: dict[str, str]) -> None:
    faces = re.findall(r"url\((/fonts/[\w-]+\.woff2)\)", sheets["fonts"])
    licences = " ".join(path.read_text() for path in (repository / "assets" / "fonts").glob("OFL-*.txt"))

    assert len(faces) == 4
    assert all((repository / "assets" / face.lstrip("/")).is_file() for face in faces)
    assert licences.count("SIL OPEN FONT LICENSE") >= 3
    assert "http" not in sheets["fonts"]


def values_of(tokens: str, *, dark: bool) -> dict[str, str]:
    light, _, rest = tokens.partition(".dark {")
    night = rest.split("}")[0]
    found = dict(re.findall(r"--([\w-]+):\s*([^;]+);", light))
    if dark:
        found.update(re.findall(r"--([\w-]+):\s*([^;]+);", night))
    return found


def resolve(name: str, values: dict[str, str]) -> str:
    value = values[name].strip()
    reference = re.fullmatch(r"var\(--([\w-]+)\)", value)
    return resolve(reference[1], values) if reference else value


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_every_tone_that_carries_text_can_be_read(sheets: dict[str, str], dark: bool) -> None:
    values = values_of(sheets["tokens"], dark=dark)
    weak = {
        f"{tone} on {ground}": round(contrast(resolve(tone, values), resolve(ground, values)), 2)
        for tone, grounds in READ_ON.items()
        for ground in grounds
        if contrast(resolve(tone, values), resolve(ground, values)) < AA_TEXT
    }

    assert weak == {}


@pytest.mark.parametrize("dark", [False, True])
def test_the_edge_of_a_field_can_be_seen(sheets: dict[str, str], dark: bool) -> None:
    values = values_of(sheets["tokens"], dark=dark)

    assert contrast(resolve("field-rule", values), resolve("panel", values)) >= AA_EDGE


def test_both_themes_name_the_same_tones(sheets: dict[str, str]) -> None:
    light, _, rest = sheets["tokens"].partition(".dark {")
    only_dark = set(re.findall(r"--([\w-]+):", rest.split("}")[0])) - set(re.findall(r"--([\w-]+):", light))

    assert only_dark == set()
