"""The kinds of providers: where each lives, what its keys look like, and which models to begin with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.ports import ModelKind, ProviderKind, Tier


@dataclass(frozen=True, slots=True)
class SuggestedModel:
    """A model to begin with."""

    id: str
    tier: Tier
    label: str
    kind: ModelKind = "text"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of provider. `base_url` is the vendor's own address, empty where there is none."""

    kind: ProviderKind
    label: str
    base_url: str
    key_hint: str
    models: tuple[SuggestedModel, ...] = ()
    makes: ModelKind = "text"
    """What its models mostly make."""


KINDS: dict[ProviderKind, Kind] = {
    kind.kind: kind
    for kind in (
        Kind(
            "openai",
            "OpenAI",
            "https://api.openai.com/v1",
            "sk-…",
            (
                SuggestedModel("gpt-5-mini", "fast", "GPT-5 mini"),
                SuggestedModel("gpt-5.2", "strong", "GPT-5.2"),
                SuggestedModel("gpt-5.5", "critical", "GPT-5.5"),
                SuggestedModel("gpt-image-1", "strong", "GPT Image 1", "image"),
                SuggestedModel("gpt-4o-mini-tts", "fast", "GPT-4o mini TTS", "speech"),
                SuggestedModel("whisper-1", "fast", "Whisper", "transcription"),
                SuggestedModel("sora-2", "strong", "Sora 2", "video"),
            ),
        ),
        Kind(
            "anthropic",
            "Anthropic",
            "https://api.anthropic.com",
            "sk-ant-…",
            (
                SuggestedModel("claude-haiku-4-5", "fast", "Claude Haiku 4.5"),
                SuggestedModel("claude-sonnet-4-6", "strong", "Claude Sonnet 4.6"),
                SuggestedModel("claude-opus-4-7", "critical", "Claude Opus 4.7"),
            ),
        ),
        Kind(
            "gemini",
            "Google Gemini",
            "https://generativelanguage.googleapis.com/v1beta",
            "AIza…",
            (
                SuggestedModel("gemini-2.5-flash", "fast", "Gemini 2.5 Flash"),
                SuggestedModel("gemini-2.5-pro", "strong", "Gemini 2.5 Pro"),
                SuggestedModel("gemini-2.5-flash-image", "fast", "Gemini 2.5 Flash Image", "image"),
                SuggestedModel("veo-3.1-generate-preview", "strong", "Veo 3.1", "video"),
            ),
        ),
        Kind(
            "deepseek",
            "DeepSeek",
            "https://api.deepseek.com",
            "sk-…",
            (
                SuggestedModel("deepseek-v4-flash", "fast", "DeepSeek V4 Flash"),
                SuggestedModel("deepseek-v4-pro", "strong", "DeepSeek V4 Pro"),
            ),
        ),
        Kind(
            "mistral",
            "Mistral",
            "https://api.mistral.ai/v1",
            "",
            (
                SuggestedModel("mistral-small-latest", "fast", "Mistral Small"),
                SuggestedModel("mistral-large-latest", "strong", "Mistral Large"),
            ),
        ),
        Kind(
            "cohere",
            "Cohere",
            "https://api.cohere.com",
            "",
            (
                SuggestedModel("command-r7b-12-2024", "fast", "Command R7B"),
                SuggestedModel("command-a-03-2025", "strong", "Command A"),
            ),
        ),
        Kind("azure", "Azure OpenAI", "", ""),
        Kind("bedrock", "Amazon Bedrock", "", "ABSK…"),
        Kind("openai-compatible", "OpenAI-compatible server", "", "often none"),
        Kind(
            "stability",
            "Stability AI",
            "https://api.stability.ai",
            "sk-…",
            (SuggestedModel("sd3.5-large", "strong", "Stable Diffusion 3.5 Large", "image"),),
            makes="image",
        ),
        Kind(
            "elevenlabs",
            "ElevenLabs",
            "https://api.elevenlabs.io",
            "sk_…",
            (
                SuggestedModel("eleven_multilingual_v2", "strong", "Multilingual v2", "speech"),
                SuggestedModel("eleven_flash_v2_5", "fast", "Flash v2.5", "speech"),
                SuggestedModel("scribe_v1", "fast", "Scribe v1", "transcription"),
            ),
            makes="speech",
        ),
        Kind(
            "runway",
            "Runway",
            "https://api.dev.runwayml.com",
            "key_…",
            (SuggestedModel("gen4_turbo", "fast", "Gen-4 Turbo", "video"),),
            makes="video",
        ),
        Kind("automatic1111", "Automatic1111 server", "", "often none", makes="image"),
        Kind("comfyui", "ComfyUI server", "", "often none", makes="image"),
    )
}

BUILT_IN_NAME = "Built-in writer"
BUILT_IN_MODEL = "built-in"


@dataclass(frozen=True, slots=True)
class Guess:
    """What a key looks like; `base_url` is set where the kind alone does not say where to go."""

    kind: ProviderKind
    base_url: str = ""


# Order matters: the narrower pattern first.
_SHAPES: tuple[tuple[re.Pattern[str], Guess], ...] = (
    (re.compile(r"sk-ant-"), Guess("anthropic")),
    (re.compile(r"sk-or-"), Guess("openai-compatible", "https://openrouter.ai/api/v1")),
    (re.compile(r"gsk_"), Guess("openai-compatible", "https://api.groq.com/openai/v1")),
    (re.compile(r"sk-[0-9a-f]{32}$"), Guess("deepseek")),
    (re.compile(r"sk_[0-9a-f]{48}$"), Guess("elevenlabs")),
    (re.compile(r"key_[0-9a-f]{64,}$"), Guess("runway")),
    (re.compile(r"sk-"), Guess("openai")),
    (re.compile(r"AIza|AQ\."), Guess("gemini")),
    (re.compile(r"[A-Za-z0-9]{32}$"), Guess("mistral")),
)


def guess_kind(api_key: str) -> Guess | None:
    """Return which provider a key is for by its shape, or None: a help for the form, never more."""
    key = api_key.strip()
    return next((guess for pattern, guess in _SHAPES if pattern.match(key)), None)
