"""/api/v1/templates: what can be written, what each template asks for, and checking a text without a run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from app.api.door import Ctx, DoorRoute
from app.api.rest.briefs import RunInputs, named_as_sent
from app.api.rest.verdicts import Verdict, verdict_out
from app.api.scopes import requires
from app.api.shapes import Body, Page, Search
from app.content.catalogue_files import load_catalogue
from app.content.checks.registry import checks_of
from app.content.input_schema import input_schema
from app.content.judging import MOST_CHARACTERS
from app.content.profiles import LANGUAGES, Language
from app.content.service import recheck
from app.content.template import Complexity, Form, Modality, Template
from app.core.errors import InvalidInput

router = APIRouter(prefix="/api/v1/templates", tags=["templates"], route_class=DoorRoute)


class TemplateCard(BaseModel):
    """A template as the gallery shows it."""

    id: str = Field(examples=["google-rsa"])
    version: int
    name: str = Field(examples=["Google responsive search ad"])
    category: str = Field(examples=["ads"])
    purpose: str
    complexity: Complexity
    modality: Modality
    form: Form
    checks: int = Field(description="How many machine checks a text goes through.")


class TemplateDetail(TemplateCard):
    """A template with what it asks for: `inputs` is the JSON schema of the `inputs` of a run."""

    synonyms: list[str]
    inputs: dict[str, object]
    example: str | dict[str, object] | None


class Category(BaseModel):
    """One shelf of the gallery."""

    id: str = Field(examples=["ads"])
    name: str
    purpose: str


class Sample(BaseModel):
    """A working brief, ready to be sent as the `inputs` of a run."""

    language: Language
    inputs: dict[str, object]


class TextToCheck(Body):
    """A text, and the brief it is held against."""

    inputs: RunInputs
    text: Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)]


def _card(template: Template) -> TemplateCard:
    return TemplateCard(
        id=template.id,
        version=template.version,
        name=template.name,
        category=template.category,
        purpose=template.purpose,
        complexity=template.complexity,
        modality=template.modality,
        form=template.output.form,
        checks=len(checks_of(template)),
    )


@router.get("")
@requires("templates:read")
async def list_templates(
    ctx: Ctx,
    search: Search = "",
    category: Annotated[str, Query(max_length=60, description="Only this category.")] = "",
) -> Page[TemplateCard]:
    """List templates, best match first when searched; names, synonyms and small slips are understood."""
    found = load_catalogue().search(search, ctx.locale)
    return Page(items=[_card(one) for one in found if not category or one.category == category])


@router.get("/categories")
@requires("templates:read")
async def list_categories() -> Page[Category]:
    """List the categories in the order of the gallery."""
    shelves = load_catalogue().categories
    return Page(items=[Category(id=key, name=one.name, purpose=one.purpose) for key, one in shelves.items()])


@router.get("/{slug}")
@requires("templates:read")
async def show_template(slug: str) -> TemplateDetail:
    """Show a template with the JSON schema of its inputs and a finished example."""
    template = load_catalogue().get(slug)
    return TemplateDetail(
        **_card(template).model_dump(),
        synonyms=list(template.synonyms),
        inputs=input_schema(template),
        example=template.example.output if template.example else None,
    )


@router.get("/{slug}/samples")
@requires("templates:read")
async def list_samples(slug: str) -> Page[Sample]:
    """List a working brief of the template in each language."""
    catalogue = load_catalogue()
    return Page(items=[Sample(language=one, inputs=catalogue.sample(slug, one)) for one in LANGUAGES])


@router.post("/{slug}/check")
@requires("templates:read")
async def check_text(ctx: Ctx, slug: str, body: TextToCheck) -> Verdict:
    """Check any text against a template and a brief, without a run; nothing is kept."""
    try:
        return verdict_out(await recheck(ctx, template_id=slug, inputs=body.inputs, text=body.text))
    except InvalidInput as error:
        raise named_as_sent(error) from error
