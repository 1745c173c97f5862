"""What the gateway refuses. Both are provider errors: whoever handles those handles these."""

from __future__ import annotations

from app.core.ports import ProviderBadAnswer, ProviderError


class NoProviderAvailable(ProviderError):
    """Nobody is left to ask; `reason` is what the last one said."""

    status = 503
    code = "provider.none_left"
    message = "None of the {tried} providers delivered. The last one: {reason}"


class NoProviderEnabled(NoProviderAvailable):
    """Nobody was there to ask."""

    code = "provider.none_enabled"
    message = "No provider is switched on for this. Add one in Settings, Providers, or switch the built-in writer on."


class AnswerFiltered(ProviderError):
    """The provider's filter stopped the answer."""

    code = "provider.filtered"
    message = "{provider} declined to write this."


class PartsDoNotFit(ProviderBadAnswer):
    """Two providers' parts of a structured text make no whole one; neither of them is to blame."""

    message = "The parts of this text do not fit together."
