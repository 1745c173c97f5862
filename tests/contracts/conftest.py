"""The adapters of models that the contract tests share. LiteLLM is loaded once for all of them: it takes seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.adapters.models_lane import LaneModels
from app.adapters.models_litellm import LiteLLMModels


@pytest.fixture(scope="session")
def loaded_library() -> LiteLLMModels:
    """LiteLLM, loaded."""
    models = LiteLLMModels()
    asyncio.run(models.warm())
    return models


@pytest.fixture
async def library(loaded_library: LiteLLMModels) -> AsyncIterator[LiteLLMModels]:
    """LiteLLM, with connections of this test's own."""
    yield loaded_library
    await loaded_library.close()


@pytest.fixture
async def lane() -> AsyncIterator[LaneModels]:
    """The lane."""
    models = LaneModels()
    yield models
    await models.close()
