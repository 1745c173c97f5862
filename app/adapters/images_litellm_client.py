"""The client that LiteLLM asks with, for each of its ways: OpenAI's own, its async handler, or its blocking one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.adapters.models_litellm_request import base_url_of
from app.core.ports import ModelTarget

if TYPE_CHECKING:
    from app.adapters.images_litellm_request import Wish
    from app.adapters.media_link import MediaLink


@dataclass(frozen=True, slots=True)
class Words:
    """LiteLLM's keywords for one call, and how the call is given up."""

    keywords: dict[str, Any]  # Any: LiteLLM's own
    stop: Callable[[], Awaitable[None]]


def words_of(wish: Wish, link: MediaLink, target: ModelTarget, *, timeout_s: float) -> Words:
    """Return the keywords of `wish.call` over the link."""
    from app.adapters.media_link import KEY_IS_SET_HERE

    base_url = base_url_of(target)
    client, stop = _client(wish, link, base_url=base_url)
    return Words(
        {
            "model": wish.model,
            "prompt": wish.prompt,
            "api_base": base_url,
            "api_key": KEY_IS_SET_HERE,
            "client": client,
            "timeout": timeout_s,
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
            **wish.more,
        },
        stop,
    )


def _client(
    wish: Wish, link: MediaLink, *, base_url: str
) -> tuple[Any, Callable[[], Awaitable[None]]]:  # Any: three unrelated classes, as LiteLLM wants them
    from app.adapters.media_link import KEY_IS_SET_HERE

    if wish.call == "aimage_edit":
        from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

        return AsyncHTTPHandler(transport=link, follow_redirects=False), link.close
    if wish.model.startswith("openai/"):
        import openai

        client = openai.AsyncOpenAI(
            api_key=KEY_IS_SET_HERE, base_url=base_url, http_client=link.client(), max_retries=0
        )
        return client, link.close
    return _blocking(wish, link)


def _blocking(wish: Wish, link: MediaLink) -> tuple[Any, Callable[[], Awaitable[None]]]:  # Any: LiteLLM's own handler
    """LiteLLM asks the other vendors for new pictures from a thread, whatever it is called with."""
    import httpx
    from litellm.llms.custom_httpx.http_handler import HTTPHandler

    from app.adapters.images_litellm_bridge import Bridge

    class Handler(HTTPHandler):
        """Adds the fields of the form that LiteLLM leaves out."""

        def post(self, *args: Any, **words: Any) -> Any:  # Any: LiteLLM's own signature, passed on
            if wish.form:
                words["data"] = {**(words.get("data") or {}), **wish.form}
            return super().post(*args, **words)

    bridge = Bridge(link)
    # No time-out here: the call has one around the whole.
    client = httpx.Client(transport=bridge, follow_redirects=False, trust_env=False, timeout=None)  # noqa: S113
    return Handler(client=client), bridge.stop
