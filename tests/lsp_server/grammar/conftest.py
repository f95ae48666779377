from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from .desk import Desk


@pytest_asyncio.fixture
async def desks() -> AsyncIterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(**more: Any) -> Desk:
        made.append(Desk(**more))
        return made[-1]

    yield make
    for desk in made:
        await desk.grammar.close()


@pytest.fixture
def desk(desks: Callable[..., Desk]) -> Desk:
    return desks()
