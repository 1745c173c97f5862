"""A call of ours in LiteLLM's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from app.adapters.models_litellm_failures import failure
from app.core.ports import ModelCall, ModelTarget, ProviderRefusedRequest
from app.llm.kinds import KINDS

if TYPE_CHECKING:
    import httpx

_LITELLM_NAMES = {"openai-compatible": "custom_openai"}
AZURE_VERSION = "2024-10-21"
"""Azure OpenAI's last general version with a date (learn.microsoft.com, "API version lifecycle", 2026-03)."""
_NO_KEY = "set-by-the-link"


def base_url_of(target: ModelTarget) -> str:
    """Return the address that the target's requests go to.

    Raises:
        ProviderRefusedRequest: a kind without an own address has none.
    """
    # Always passed on, also the vendor's own: LiteLLM would otherwise look for one in the environment.
    kind = KINDS.get(target.kind)
    base_url = (target.base_url or (kind.base_url if kind else "")).rstrip("/")
    if not base_url.startswith(("http://", "https://")):
        raise failure(ProviderRefusedRequest, target.provider, "there is no address to ask")
    if target.kind == "gemini" and not base_url.endswith(("/v1beta", "/v1")):
        return f"{base_url}/v1beta"
    if target.kind == "cohere":
        return base_url.removesuffix("/chat").removesuffix("/v2")
    return base_url


def _region_of(base_url: str) -> str:
    """Return the region in an address of Bedrock's; another address stands for itself, whatever region is said."""
    found = re.match(r"https://bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.", base_url)
    return found[1] if found else "us-east-1"


def azure_version(target: ModelTarget) -> str:
    """Return the version of Azure's interface that the target is asked in."""
    return target.options.get("api_version") or AZURE_VERSION


def wants_json(call: ModelCall) -> bool:
    """Whether the vendor's JSON mode is asked for.

    OpenAI refuses the mode unless the prompt says JSON; Anthropic has none, LiteLLM would fake it with a tool.
    """
    if not call.json_output or call.target.kind in ("anthropic", "bedrock"):
        return False
    return any("json" in message.text.lower() for message in call.messages)


def arguments(
    call: ModelCall, link: httpx.AsyncBaseTransport, *, base_url: str
) -> dict[str, Any]:  # Any: LiteLLM's own keywords
    """Return the keywords of `litellm.acompletion` for one streamed call over `link`."""
    target = call.target
    provider = _LITELLM_NAMES.get(target.kind, target.kind)
    wanted: dict[str, Any] = {
        "model": f"{provider}/{target.model}",
        "api_base": base_url,
        "api_key": _NO_KEY,
        "client": _client(target, link, base_url=base_url),
        "messages": [{"role": message.role, "content": message.text} for message in call.messages],
        "stream": True,
        "max_tokens": call.max_tokens,
        "temperature": call.temperature,
        "timeout": call.first_token_timeout_s,
        "num_retries": 0,
        "max_retries": 0,
    }
    if target.kind == "mistral" and wanted["messages"][-1]["role"] == "assistant":
        wanted["messages"][-1]["prefix"] = True
    if target.kind == "bedrock":
        wanted |= {"model": f"bedrock/converse/{target.model}", "aws_region_name": _region_of(base_url)}
    if target.kind == "azure":
        wanted["api_version"] = azure_version(target)
    if provider in ("openai", "custom_openai", "deepseek", "azure"):
        wanted["stream_options"] = {"include_usage": True}
    if wants_json(call):
        wanted["response_format"] = {"type": "json_object"}
    return wanted


def _client(
    target: ModelTarget, link: httpx.AsyncBaseTransport, *, base_url: str
) -> Any:  # Any: two unrelated classes, as LiteLLM wants them
    if target.kind in ("openai", "openai-compatible", "azure"):
        import httpx
        import openai

        # The Link sets the real time-outs of each phase.
        http_client = httpx.AsyncClient(transport=link, follow_redirects=False, trust_env=False, timeout=60)
        if target.kind == "azure":
            return openai.AsyncAzureOpenAI(
                api_key=_NO_KEY,
                azure_endpoint=base_url,
                api_version=azure_version(target),
                http_client=http_client,
                max_retries=0,
            )
        return openai.AsyncOpenAI(api_key=_NO_KEY, base_url=base_url, http_client=http_client, max_retries=0)
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

    return AsyncHTTPHandler(transport=link, follow_redirects=False)
