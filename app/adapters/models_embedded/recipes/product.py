"""Texts of a product team: user stories, endpoint reference, changelog."""

from __future__ import annotations

import json
from collections.abc import Collection

import regex

from app.adapters.models_embedded.desk import Desk, upper_first
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.sentences import is_unspaced, words

_STORIES = (4, 5)  # more would repeat a reason; further roles share a story
_FEATURE_MOST = 300
_CRITERIA = 3
_NAME = regex.compile(r"^[\s`*-]*([A-Za-z_][\w.\[\]-]*)")
_STATUS = regex.compile(r"\b([1-5]\d\d)\b")
_PREFIX = regex.compile(r"^(\w+)(?:\([^)]*\))?!?:\s+")
_SECTIONS = {
    "added": "Added",
    "fixed": "Fixed",
    "removed": "Removed",
    "deprecated": "Deprecated",
    "security": "Security",
}
_ORDER = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def user_stories(desk: Desk) -> Draft:
    """Write four or five stories, every role at least once, each with its criteria."""
    feature = desk.cut_to(desk.text("feature"), lambda text: len(text) <= _FEATURE_MOST)
    roles = desk.items("roles") or [desk.text("feature")]
    least, most = _STORIES
    named = [desk.listed(roles[index::most]) for index in range(min(most, len(roles)))]
    named = (named * least)[: max(least, len(named))] if len(named) < least else named
    stories = []
    for index, role in enumerate(named):
        texts = desk.phrases("story", {"role": role, "feature": feature})
        criteria = desk.phrases("criterion", {"role": role, "feature": feature})
        turned = [criteria[(index + step) % len(criteria)] for step in range(_CRITERIA)]
        stories.append({"story": texts[index % len(texts)], "criteria": turned})
    return {"stories": stories}


def api_endpoint_doc(desk: Desk) -> Draft:
    """Write the five sections of an endpoint reference with one request and one answer as examples."""
    method, path = desk.text("method"), desk.line("path")
    parameters, responses = desk.items("parameters"), desk.items("responses")
    failures = [entry for entry in responses if (status := _STATUS.search(entry)) and status.group(1)[0] in "45"]
    bodies = [
        desk.paragraph(desk.say("purpose", {"method": method, "path": f"`{path}`"})),
        "\n".join([desk.say("parameters"), "", *_bulleted(parameters)]) if parameters else desk.say("no_parameters"),
        f"{desk.say('request')}\n\n```http\n{_request(desk, method, path, parameters)}\n```",
        "\n".join(
            [desk.say("responses"), "", *_bulleted(responses), "", desk.say("body"), "", _answer(desk, parameters)]
        ),
        "\n".join([desk.sentence(desk.say("errors")), "", *_bulleted(failures)]) if failures else desk.say("no_errors"),
    ]
    sections = [
        f"## {desk.profile.heading(section)}\n\n{body.strip()}"
        for section, body in zip(desk.template.output.sections, bodies, strict=False)
    ]
    return "\n\n".join(sections)


def _bulleted(entries: list[str]) -> list[str]:
    return [f"- {entry}" for entry in entries]


def _names(parameters: list[str]) -> list[str]:
    return [found.group(1).rstrip(".-") for found in map(_NAME.match, parameters) if found]


def _request(desk: Desk, method: str, path: str, parameters: list[str]) -> str:
    names = [name for name in _names(parameters) if f"{{{name}}}" not in path and f":{name}" not in path]
    if method.upper() in ("GET", "DELETE", "HEAD"):
        query = "&".join(f"{name}={desk.say('example')}" for name in names)
        return f"{method} {path}{'?' + query if query else ''}"
    body = json.dumps(_examples(desk, parameters, names), ensure_ascii=False, indent=2)
    return f"{method} {path}\nContent-Type: application/json\n\n{body}"


def _examples(desk: Desk, parameters: list[str], names: list[str]) -> dict[str, object]:
    """Return an example value for each name, of the type that its line mentions."""
    values: dict[str, object] = {}
    for name in names:
        line = next((entry for entry in parameters if name in entry), "").casefold().replace(name.casefold(), "")
        if _mentions(line, desk.bank.words["numeric"]):
            values[name] = 1
        elif _mentions(line, desk.bank.words["boolean"]):
            values[name] = True
        else:
            values[name] = desk.say("example")
    return values


def _mentions(line: str, listed: Collection[str]) -> bool:
    """Tell whether one of the listed words is in a line; in unspaced scripts, whether its signs are."""
    found = set(words(line))
    return any(word.casefold() in found or (is_unspaced(word) and word in line) for word in listed)


def _answer(desk: Desk, parameters: list[str]) -> str:
    names = _names(parameters)[:4] or ["id"]
    body = json.dumps(_examples(desk, parameters, names), ensure_ascii=False, indent=2)
    return f"```json\n{body}\n```"


def changelog_entry(desk: Desk) -> Draft:
    """Sort the commits into the sections of Keep a Changelog."""
    entries: dict[str, list[str]] = {}
    for commit in desk.items("commits"):
        entries.setdefault(_section(desk, commit), []).append(commit)
    version, date = desk.text("version").removeprefix("v"), desk.raw("date").strip()[:10]
    blocks = [f"## [{version}] - {date}"]
    for name in _ORDER:
        if name in entries:
            lines = "\n".join(f"- {upper_first(_PREFIX.sub('', commit))}" for commit in entries[name])
            blocks.append(f"### {desk.profile.heading(name)}\n\n{lines}")
    return "\n\n".join(blocks)


def _section(desk: Desk, commit: str) -> str:
    prefix = _PREFIX.match(commit)
    folded = commit.casefold()
    first = prefix.group(1).casefold() if prefix else folded.split(" ")[0].strip(":,.")
    if any(word.casefold() in folded for word in desk.bank.words["security"]):
        return "Security"
    for name, section in _SECTIONS.items():
        verbs = [word.casefold() for word in desk.bank.words[name]]
        if first in verbs or (not first.isascii() and any(verb in folded for verb in verbs)):
            return section
    return "Changed"
