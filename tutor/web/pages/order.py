"""What the page itself must do of a command: speak at another rate, open a chapter."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import time_ns

from tutor.domain.turn import Commanded, TurnEvent


async def noting(events: AsyncGenerator[TurnEvent], orders: list[Commanded]) -> AsyncGenerator[TurnEvent]:
    """The same events; commands among them are added to `orders`."""
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Commanded):
                orders.append(event)
            yield event


def order_words(order: Commanded) -> str:
    """A command for static/order.js. The time makes the same command twice two changes of its box."""
    return json.dumps({"command": order.command, "chapter": order.chapter, "at": time_ns()})
