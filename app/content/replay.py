"""A run that is over, told again in the words it was told in: texts, verdicts and costs come from what was stored."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from uuid import UUID

from app.content import generations
from app.content.catalogue_files import load_catalogue
from app.content.errors import RunGoesOn
from app.content.events import Checked, Chosen, Done, Event, Failed, Started, VariantDone
from app.content.outputs import parse_output
from app.content.schemas import GenerationView, VariantView
from app.content.typesetting import SetLine, set_lines
from app.core.context import Context
from app.core.errors import NotFound


async def replay(ctx: Context, *, generation_id: UUID) -> AsyncGenerator[Event]:
    """Yield the events of a finished run, without its deltas; nothing is run, checked or booked again.

    Raises:
        NotFound: there is none of that id.
        RunGoesOn: it is not over.
    """
    view = await generations.get(ctx, generation_id=generation_id)
    if view.state in {"running", "stopping"}:
        raise RunGoesOn
    yield Started(str(view.id), view.template_id, view.template_version, view.variants_wanted)
    for variant in view.variants:
        yield Chosen(variant.letter, variant.provider, variant.model, variant.embedded, variant.why)
        yield Checked(
            variant.letter, variant.text, variant.results, _lines(view, variant), variant.passed, variant.total
        )
        if variant.state == "done":
            yield _done(variant)
    if view.error_code:
        broken = next((one.letter for one in view.variants if one.state != "done"), "A")
        yield Failed(broken, view.error_code, "This run ended early. What was there is saved.")
    else:
        yield Done(str(view.id), str(view.document_id) if view.document_id else None, view.cost_micros)


def _lines(view: GenerationView, variant: VariantView) -> tuple[SetLine, ...]:
    catalogue = load_catalogue()
    try:
        template = catalogue.get(view.template_id)
    except NotFound:  # the template is gone; the text is not
        return ()
    return set_lines(template, parse_output(template, variant.text), variant.results, catalogue.limits)


def _done(variant: VariantView) -> VariantDone:
    return VariantDone(
        variant=variant.letter,
        text=variant.text,
        provider=variant.provider,
        model=variant.model,
        embedded=variant.embedded,
        tokens_in=variant.tokens_in,
        tokens_out=variant.tokens_out,
        cost_micros=variant.cost_micros,
        cost_known=variant.cost_known,
        first_token_ms=variant.first_token_ms,
        total_ms=variant.total_ms,
        repaired=variant.repaired,
        passed=variant.passed,
        total=variant.total,
        served=variant.provenance.served,
        written_at=variant.provenance.written_at,
        saved_micros=variant.provenance.saved_micros,
        tier=variant.provenance.tier,
        seams=variant.provenance.seams,
        legs=variant.provenance.legs,
    )
