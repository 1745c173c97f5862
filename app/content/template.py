"""What a template file may say: the vocabulary shared by the catalogue, the prompts, the checks and the run screen.

A file that says anything else is refused when it is loaded, and the error names the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

import pydantic
from pydantic import BaseModel, ConfigDict, model_validator

FieldType = Literal["text", "longtext", "list", "number", "url", "date", "money", "locale", "table", "kb", "enum"]
Form = Literal["json", "text", "markdown", "email", "table", "srt"]
Severity = Literal["hard", "warn"]
Complexity = Literal["simple", "complex", "critical"]
Modality = Literal["text", "image", "audio", "video", "vision", "mixed"]
Unit = Literal[
    "chars", "graphemes", "utf16", "bytes", "cjk2", "x_weighted", "threads", "gsm7", "ucs2", "words", "px_arial20",
    "px_arial14", "joined", "count", "seconds", "cps", "cpl", "wpm", "px", "chapters",
]  # fmt: skip
Evidence = Literal["read-official", "read-secondary", "known-official", "convention"]

Slug = Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
FieldName = Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
ByLanguage = dict[str, str]
"""Language code (as in app/content/locales) to text."""


class Strict(BaseModel):
    """Immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class Field(Strict):
    """One input of the form, and of the API."""

    name: FieldName
    type: FieldType
    required: bool = False
    label: str
    help: str = ""
    placeholder: str = ""
    max_length: int | None = pydantic.Field(default=None, ge=1, description="characters; for a list: of each item")
    max_items: int | None = pydantic.Field(default=None, ge=1, description="list and table only")
    min: float | None = pydantic.Field(default=None, description="number only")
    max: float | None = pydantic.Field(default=None, description="number only")
    options: tuple[str, ...] = pydantic.Field(default=(), description="enum only: the values that may be chosen")
    columns: tuple[str, ...] = pydantic.Field(default=(), description="table only: the columns, in order")

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        if (self.type == "enum") != bool(self.options):
            raise ValueError(f"field {self.name}: `options` and type enum go together")
        return self


class Part(Strict):
    """One part of the sheet: where its text is found, what it is called, and what it is measured against.

    `at` is a path: `headlines[]`, `pairs[].title`, `sections.Headline`, `rows[].aim`, `subject`, `cues[]`,
    or `.` (the whole text).
    """

    at: str = pydantic.Field(min_length=1)
    label: str
    item: str = pydantic.Field(default="", description="name of one: `Headline` where `label` is `Headlines`")
    limit: str | None = pydantic.Field(default=None, description="id of a limit in limits.yaml")
    wanted: str = pydantic.Field(default="", description="how many are asked for, in words: `8 to 15`")


class OutputForm(Strict):
    """The form a model is asked for, and how the sheet sets it."""

    form: Form
    parts: tuple[Part, ...] = pydantic.Field(min_length=1)
    sections: tuple[str, ...] = pydantic.Field(
        default=(), description="markdown only: English ids of the sections, in order; headings are localised by id"
    )
    columns: tuple[str, ...] = pydantic.Field(default=(), description="table only: keys of a row, in order")

    @model_validator(mode="after")
    def _belongs_to_form(self) -> Self:
        if self.sections and self.form != "markdown":
            raise ValueError("`sections` belongs to the markdown form")
        if bool(self.columns) != (self.form == "table"):
            raise ValueError("`columns` belongs to the table form, and a table needs them")
        return self


class CheckSpec(BaseModel):
    """One machine check: `{check: length, at: 'headlines[]', limit: google_ads.rsa.headline}`.

    Every key besides the named ones is a parameter of the kind (`limit`, `min`, `regex`…); app/content/checks says
    which ones a kind takes.
    """

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    kind: str = pydantic.Field(alias="check", min_length=1)
    at: str | None = None
    severity: Severity | None = pydantic.Field(default=None, description="default: the limit's, else hard")
    label: str = pydantic.Field(default="", description="replaces the label of the kind in the list of checks")
    note: str = ""

    @property
    def params(self) -> dict[str, object]:
        """The parameters of the kind."""
        return dict(self.model_extra or {})

    def text(self, name: str, default: str = "") -> str:
        """Return a text parameter.

        Raises:
            TypeError: it is not text.
        """
        value = self.params.get(name, default)
        if not isinstance(value, str):
            raise TypeError(f"check {self.kind}: `{name}` is text, not {type(value).__name__}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a parameter that is a list of text; absent: empty, one text: a list of one.

        Raises:
            TypeError: it is neither.
        """
        value = self.params.get(name, ())
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise TypeError(f"check {self.kind}: `{name}` is a list of text")
        return tuple(value)

    def number(self, name: str) -> float | None:
        """Return a number parameter, None where it is absent.

        Raises:
            TypeError: it is not a number.
        """
        value = self.params.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"check {self.kind}: `{name}` is a number, not {type(value).__name__}")
        return float(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes-or-no parameter.

        Raises:
            TypeError: it is neither.
        """
        value = self.params.get(name, default)
        if not isinstance(value, bool):
            raise TypeError(f"check {self.kind}: `{name}` is true or false")
        return value

    def by_language(self, name: str) -> str | ByLanguage | None:
        """Return a parameter that is one text for every language, or one per language.

        Raises:
            TypeError: it is neither.
        """
        value = self.params.get(name)
        if value is None or isinstance(value, str):
            return value
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise TypeError(f"check {self.kind}: `{name}` is text, or text by language")
        return {str(language): str(text) for language, text in value.items()}


class Step(Strict):
    """One call of a model: two sandboxed Jinja2 texts over the fields."""

    id: Slug
    system: str = pydantic.Field(min_length=1)
    user: str = pydantic.Field(min_length=1)


class Example(Strict):
    """A finished English output: the gallery's mini-preview."""

    output: str | dict[str, object]
    note: str = "recorded-by-hand"


class Template(Strict):
    """One file of the catalogue."""

    id: Slug
    version: int = pydantic.Field(ge=1)
    name: str
    category: Slug
    purpose: str
    synonyms: tuple[str, ...] = ()
    complexity: Complexity
    modality: Modality = "text"
    fields: tuple[Field, ...] = pydantic.Field(min_length=1)
    output: OutputForm
    steps: tuple[Step, ...] = pydantic.Field(min_length=1)
    checks: tuple[CheckSpec, ...] = pydantic.Field(min_length=2)
    skips: dict[str, str] = pydantic.Field(
        default_factory=dict, description="checks that every text gets but this one: kind to the reason, in words"
    )
    example: Example | None = None

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        named = {"field": [field.name for field in self.fields], "step": [step.id for step in self.steps]}
        for what, names in named.items():
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} named twice: {', '.join(twice)}")
        return self

    def field(self, name: str) -> Field | None:
        """Return the field of that name, None where there is none."""
        return next((field for field in self.fields if field.name == name), None)

    def part_at(self, path: str) -> Part | None:
        """Return the part that sets exactly this path pattern, None where there is none."""
        return next((part for part in self.output.parts if part.at == path), None)


class Limit(Strict):
    """One limit of a platform, with where it was read. `min` and `max` are in `unit`."""

    unit: Unit
    min: float | None = None
    max: float | None = None
    width: int | None = None
    height: int | None = None
    severity: Severity
    evidence: Evidence
    source: str = pydantic.Field(min_length=1)
    note: str = ""
    verified_on: str = pydantic.Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")


class BannedList(Strict):
    """Phrases and patterns that a text must not hold. `phrases` is by language; `regex` holds in every language."""

    note: str = ""
    phrases: Mapping[str, tuple[str, ...]] = pydantic.Field(default_factory=dict)
    regex: tuple[str, ...] = ()

    def in_language(self, language: str) -> tuple[str, ...]:
        """Return the phrases for `language`; empty where none were written."""
        return tuple(self.phrases.get(language, ()))


def template_schema() -> dict[str, object]:
    """Return the JSON schema of a template file."""
    return Template.model_json_schema(by_alias=True)


def fields_by_type(template: Template, kind: FieldType) -> Iterator[Field]:
    """Yield the fields of one type, in order."""
    return (field for field in template.fields if field.type == kind)
