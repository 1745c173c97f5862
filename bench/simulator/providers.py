"""The simulated providers: which wire each speaks, which models it lists, and how it is set right now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from bench.simulator.delivery import reset
from bench.simulator.settings import PROVIDERS, Fault, Manner, Pace
from bench.simulator.wire import Wire
from bench.simulator.wire_anthropic import AnthropicWire
from bench.simulator.wire_azure import AzureWire
from bench.simulator.wire_bedrock import BedrockWire
from bench.simulator.wire_cohere import CohereWire
from bench.simulator.wire_elevenlabs import ElevenLabsWire
from bench.simulator.wire_gemini import GeminiWire
from bench.simulator.wire_images_local import PictureServerWire
from bench.simulator.wire_images_stability import StabilityWire
from bench.simulator.wire_openai import OpenAIWire
from bench.simulator.wire_runway import RunwayWire

PATHS = {
    "openai": "/openai/v1",
    "anthropic": "/anthropic",
    "gemini": "/gemini",
    "deepseek": "/deepseek",
    "mistral": "/mistral/v1",
    "cohere": "/cohere",
    "azure": "/azure",
    "bedrock": "/bedrock",
    "local": "/local/v1",
    "elevenlabs": "/elevenlabs",
    "runway": "/runway",
    "stability": "/stability",
    "automatic1111": "/automatic1111",
    "comfyui": "/comfyui",
}
MODELS = {
    "openai": ("gpt-simulated-mini", "gpt-simulated"),
    "anthropic": ("claude-simulated-haiku", "claude-simulated-sonnet", "claude-simulated-opus"),
    "gemini": ("gemini-simulated-flash", "gemini-simulated-pro"),
    "deepseek": ("deepseek-simulated-chat",),
    "mistral": ("mistral-simulated-small", "mistral-simulated-large"),
    "cohere": ("command-simulated-fast", "command-simulated"),
    "azure": ("gpt-simulated-deployment",),
    "bedrock": ("anthropic.claude-simulated-v1:0",),
    "local": ("llama-simulated",),
    "elevenlabs": ("eleven_simulated_v2_5", "eleven_simulated_v2"),
    "runway": ("gen-simulated",),
    "stability": ("sd3.5-simulated",),
    "automatic1111": ("sd-simulated.safetensors",),
    "comfyui": ("sd-simulated.safetensors",),
}


@dataclass
class Provider:
    """One provider's wire and present setting."""

    name: str
    wire: Wire
    pace: Pace = field(default_factory=Pace)
    manner: Manner = field(default_factory=Manner)
    fault: Fault | None = None
    faults_left: int | None = None
    open_requests: dict[asyncio.Task[object], web.Request] = field(default_factory=dict)

    @property
    def needs_key(self) -> bool:
        """Whether a request without a key is refused."""
        return self.name not in ("local", "automatic1111", "comfyui")

    def set_fault(self, fault: Fault | None) -> None:
        """Break or heal; from the next request on."""
        self.fault = fault
        self.faults_left = fault.times if fault else None

    def take_fault(self) -> Fault | None:
        """Return the fault of the request that just came in, and count it."""
        fault = self.fault
        if fault is None or self.faults_left is None:
            return fault
        self.faults_left -= 1
        if self.faults_left == 0:
            self.fault = self.faults_left = None
        return fault

    def break_open(self) -> None:
        """Reset every connection that is being answered."""
        for request in list(self.open_requests.values()):
            reset(request)


def new_providers() -> dict[str, Provider]:
    """Return all providers, healthy and as fast as they can."""
    wires: dict[str, Wire] = {
        "openai": OpenAIWire("openai"),
        "anthropic": AnthropicWire(),
        "gemini": GeminiWire(),
        "deepseek": OpenAIWire("deepseek"),
        "mistral": OpenAIWire("mistral"),
        "cohere": CohereWire(),
        "azure": AzureWire(),
        "bedrock": BedrockWire(),
        "local": OpenAIWire("local"),
        "elevenlabs": ElevenLabsWire(),
        "runway": RunwayWire(),
        "stability": StabilityWire(),
        "automatic1111": PictureServerWire("automatic1111"),
        "comfyui": PictureServerWire("comfyui"),
    }
    return {name: Provider(name, wires[name]) for name in PROVIDERS}
