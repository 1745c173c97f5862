"""A document as a file to take away: Markdown, plain text, JSON or CSV. Each says who wrote it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from app.content.catalogue_files import load_catalogue
from app.content.outputs import Output, parse_output
from app.content.schemas import DocumentText, DocumentView
from app.content.template import Template
from app.content.typesetting import SetLine, set_lines

ExportFormat = Literal["md", "txt", "json", "csv"]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

_MEDIA_TYPES: dict[ExportFormat, str] = {
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}
BOM = "\ufeff"  # spreadsheets read UTF-8 without it as the machine's old code page
# OWASP, CSV Injection (2026-11-20): what begins a formula in a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

# Google Ads Editor, columns for responsive search ads (support.google.com/google-ads/editor/answer/57747, 2026-11-20)
_ADS_HEADLINES = 15
_ADS_DESCRIPTIONS = 4


@dataclass(frozen=True, slots=True)
class ExportFile:
    """What is downloaded."""

    name: str
    media_type: str
    content: bytes


def export(document: DocumentText, form: ExportFormat) -> ExportFile:
    """Return a version of a document as a file.

    Raises:
        NotFound: the document's template is gone.
    """
    view = document.document
    catalogue = load_catalogue()
    template = catalogue.get(view.template_id)
    output = parse_output(template, document.text)
    lines = set_lines(template, output, (), catalogue.limits)
    match form:
        case "md":
            text = _markdown(view, output, lines)
        case "txt":
            text = _plain(view, output, lines)
        case "json":
            text = _json(document, output)
        case "csv":
            text = BOM + (
                _ads_editor(document, output) if template.id == "google-rsa" else _sheet(template, output, lines)
            )
    name = f"{template.id}-{str(view.id)[-8:]}-v{document.number}.{form}"
    return ExportFile(name, _MEDIA_TYPES[form], text.encode())


def _writer(view: DocumentView) -> str:
    if view.embedded:
        return "Written by Galley's built-in demo writer, without an AI model"
    return f"Written with {view.provider} / {view.model}" if view.model else "Written with Galley"


def _is_flowing(output: Output) -> bool:
    return output.form in ("text", "markdown", "srt") or output.problem is not None


def _markdown(view: DocumentView, output: Output, lines: tuple[SetLine, ...]) -> str:
    if _is_flowing(output):
        body = output.text
    else:
        blocks: list[str] = []
        label = ""
        for line in lines:
            if line.part_label != label:
                label = line.part_label
                blocks.append(f"## {label}\n")
            blocks.append(f"- {line.text}" if line.number else f"{line.text}\n")
        body = "\n".join(blocks)
    return f"{body.rstrip()}\n\n<!-- {_writer(view)} -->\n"


def _plain(view: DocumentView, output: Output, lines: tuple[SetLine, ...]) -> str:
    if output.form == "srt":
        return output.text.rstrip() + "\n"  # a player would show our note as a subtitle
    body = output.text if _is_flowing(output) else "\n".join(f"{line.part_label}: {line.text}" for line in lines)
    return f"{body.rstrip()}\n\n[{_writer(view)}]\n"


def _json(document: DocumentText, output: Output) -> str:
    view = document.document
    body = {
        "title": view.title,
        "template": view.template_id,
        "language": view.language,
        "version": document.number,
        "provider": "embedded" if view.embedded else view.provider,
        "model": view.model,
        "embedded": view.embedded,
        "checks": {"passed": view.passed, "total": view.total},
        "text": document.text,
        "data": output.data if output.problem is None else {},
    }
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def safe_cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(rows: Iterable[Sequence[object]]) -> str:
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\r\n").writerows([safe_cell(cell) for cell in row] for row in rows)
    return sheet.getvalue()


def _sheet(template: Template, output: Output, lines: tuple[SetLine, ...]) -> str:
    rows = output.data.get("rows")
    if template.output.columns and isinstance(rows, list):
        columns = list(template.output.columns)
        return _csv([columns, *([row.get(name) for name in columns] for row in rows if isinstance(row, dict))])
    return _csv([["part", "number", "text"], *([line.part_label, line.number, line.text] for line in lines)])


def _ads_editor(document: DocumentText, output: Output) -> str:
    """Return one responsive search ad in the columns that Google Ads Editor imports."""
    headlines, descriptions = _texts(output, "headlines"), _texts(output, "descriptions")
    cells: list[tuple[str, object]] = [("Campaign", ""), ("Ad Group", ""), ("Ad type", "Responsive search ad")]
    cells += [(f"Headline {n + 1}", _at(headlines, n)) for n in range(_ADS_HEADLINES)]
    cells += [(f"Description {n + 1}", _at(descriptions, n)) for n in range(_ADS_DESCRIPTIONS)]
    paths = _texts(output, "paths")
    cells += [(f"Path {n + 1}", _at(paths, n)) for n in range(2)]
    cells += [("Final URL", document.inputs.get("landing_url", "")), ("Comment", _writer(document.document))]
    return _csv([[name for name, _ in cells], [value for _, value in cells]])


def _texts(output: Output, name: str) -> list[str]:
    found = output.data.get(name)
    return [str(one) for one in found] if isinstance(found, list) else []


def _at(texts: list[str], number: int) -> str:
    return texts[number] if number < len(texts) else ""
