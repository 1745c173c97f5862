"""The built-in composer: posters and cards drawn by rules, from words and a brand's colours. No model, no network.

It draws in a thread. Each result says that no model made it: in the file, by a small mark, and by the provider's name.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import fields, replace
from functools import partial

from app.adapters.images_embedded import recipe
from app.adapters.images_embedded.composing import compose
from app.core.media_ports import Design, ImageCall, Media, Progress
from app.core.ports import ModelTarget, ProviderRefusedRequest, ProviderTimeout

SMALLEST_PX, LARGEST_PX, MOST_PIXELS = 64, 4096, 9_000_000
AT_ONCE = 2
"""Drawing is work for a processor: more pictures at once only make each slower."""
HEADLINE_FROM_PROMPT = 90
_SENTENCE_END = re.compile(r"[.!?؟।](?=\s|$)|[。！？]")


class EmbeddedImages:
    """The Images port without a model."""

    def __init__(self) -> None:
        self._turns: asyncio.Semaphore | None = None

    def verbs(self, target: ModelTarget) -> frozenset[str]:
        """Return what the composer can do: it cuts nothing out."""
        return frozenset({"generate", "vary", "edit"})

    def keeps_to_mask(self, target: ModelTarget) -> bool:
        """Return that the composer does not: it sets the whole picture anew."""
        return False

    async def make(self, call: ImageCall, progress: Progress) -> Media:
        """Return the picture as PNG.

        Raises:
            ProviderRefusedRequest: a size, a verb or a source that it cannot work with.
            ProviderTimeout: the machine is too busy.
        """
        made = _wanted(call)
        await progress("compose", 0.0)
        draw = partial(
            compose,
            made.design,
            width_px=call.width_px,
            height_px=call.height_px,
            seed=made.seed,
            variation=made.variation,
        )
        self._turns = self._turns or asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.timeout(call.timeout_s), self._turns:
                composed = await asyncio.to_thread(draw)
        except TimeoutError:
            raise _error(ProviderTimeout, call, "too much to draw at once") from None
        await progress("compose", 1.0)
        size = (call.width_px, call.height_px)
        return Media(composed.data, "image/png", *size, cost_micros=0, words=composed.words)

    async def ping(self) -> None:
        """Return: there is nothing that could be away."""


def _wanted(call: ImageCall) -> recipe.Recipe:
    """Return what is to be drawn: the call's words, over those of the picture that it starts from."""
    if call.verb not in ("generate", "vary", "edit"):
        raise _error(ProviderRefusedRequest, call, "the built-in composer cuts nothing out")
    wide, high = call.width_px, call.height_px
    if not (min(wide, high) >= SMALLEST_PX and max(wide, high) <= LARGEST_PX and wide * high <= MOST_PIXELS):
        sizes = f"a side has {SMALLEST_PX} to {LARGEST_PX} pixels, a picture at most 9 million"
        raise _error(ProviderRefusedRequest, call, sizes)
    before = recipe.of_png(call.source) if call.source else None
    design = _over(before.design if before else Design(), call.design)
    if not design.headline:
        if call.source and not before and not call.prompt:
            raise _error(ProviderRefusedRequest, call, "the built-in composer changes its own pictures only")
        design = replace(design, headline=_headline(call.prompt))
    if not design.headline:
        raise _error(ProviderRefusedRequest, call, "there are no words to set")
    seed = call.seed if call.seed is not None else before.seed if before else 0
    if call.verb == "vary":
        kept = before is not None and seed == before.seed
        return recipe.Recipe(design, seed, 1 + (before.variation if before and kept else 0), "")
    return recipe.Recipe(design, seed, before.variation if before and seed == before.seed else 0, "")


def _over(before: Design, now: Design) -> Design:
    """Return `before` with everything that `now` says."""
    said = {one.name: getattr(now, one.name) for one in fields(Design) if getattr(now, one.name)}
    if said.get("locale") == "en" and before.headline and not now.headline:
        del said["locale"]  # nobody said it: "en" is the default
    return replace(before, **said)


def _headline(prompt: str) -> str:
    """Return the first sentence of a prompt: what a model would have been told is all there is to set."""
    text = " ".join(prompt.split())
    end = _SENTENCE_END.search(text)
    if end and end.end() <= HEADLINE_FROM_PROMPT:
        text = text[: end.end()].rstrip(".。।")
    return text[:HEADLINE_FROM_PROMPT].strip()


def _error(
    kind: type[ProviderRefusedRequest] | type[ProviderTimeout], call: ImageCall, reason: str
) -> ProviderRefusedRequest | ProviderTimeout:
    return kind(params={"provider": call.target.provider, "reason": reason})
