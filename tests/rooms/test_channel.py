"""The data channel where the other side takes nothing."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from tutor.rooms import channel
from tutor.rooms.channel import Channel
from tutor.rooms.counts import Counts
from tutor.rooms.messages import Delta


async def test_a_learner_who_falls_behind_is_told_and_fills_no_memory() -> None:
    """A connection that stands still would fill the memory, or miss a part of the answer without a word."""
    moving, sent = asyncio.Event(), []

    async def publish(data: bytes, **_: object) -> None:
        await moving.wait()
        sent.append(data.decode())

    participant = SimpleNamespace(publish_data=publish)
    room: Any = SimpleNamespace(local_participant=participant, on=lambda *_: None, off=lambda *_: None)
    open_channel = Channel(room, "ada", cast("Any", None), Counts(""))
    open_channel.open()
    for number in range(2500):
        open_channel.tell(Delta(turn_id="turn", text=str(number)))
    assert open_channel._out.qsize() <= channel._UNSENT
    moving.set()
    await open_channel.close()
    assert any("room_behind" in message for message in sent)
    assert "2499" in sent[-1]
