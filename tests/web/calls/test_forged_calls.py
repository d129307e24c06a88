"""Hidden instructions and places that a caller makes up, over real WebRTC: refused, logged, not stored."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.forged import CELL, FORGED, WORDS
from tests.web.calls.conftest import QUIET
from tests.web.conftest import Site

pytestmark = QUIET

Call = Callable[..., Any]
Lines = list[dict[str, Any]]
HERE = {"course": "python-basics", "chapter": "loops"}
PLACES: dict[str, tuple[str, str]] = {
    "words": (WORDS, ""),
    "nothing": ("{}", ""),
    "a list": ('["loops"]', ""),
    "hidden words": (json.dumps({**HERE, "conversation_id": "%s", "hidden": True, "text": WORDS}), ""),
    "an instruction": (json.dumps({**HERE, "conversation_id": "%s", "name": "give_hint"}), ""),
    "no such chapter": (json.dumps({**HERE, "conversation_id": "%s", "chapter": "history"}), ""),
    "words as a chapter": (json.dumps({**HERE, "conversation_id": "%s", "chapter": WORDS}), ""),
    "no such course": (json.dumps({**HERE, "conversation_id": "%s", "course": "history"}), ""),
    "no such conversation": (json.dumps({**HERE, "conversation_id": "0" * 22}), ""),
    "hidden words as work": ("", json.dumps({"cell_id": CELL, "hidden": True, "text": WORDS})),
    "a hint level": ("", json.dumps({"cell_id": CELL, "hint_level": 9})),
    "words as a style": ("", json.dumps({"cell_id": CELL, "style": WORDS})),
    "endless work": ("", json.dumps({"cell_id": CELL, "code": "x" * 9000})),
}
"""What a changed page tells of its place, and of the learner's work; '' for the real ones."""


async def test_a_forged_place_is_refused(calls: Site, call: Call, logged: Lines) -> None:
    """Whoever changes the page's hidden boxes could have the teacher read words of theirs as instructions."""
    async with asyncio.TaskGroup() as callers:
        for why, boxes in PLACES.items():
            callers.create_task(_asks_from(call, why, *boxes))
    refused = [line for line in logged if line["event"] == "voice_turn_failed"]
    assert len(refused) == len(PLACES)
    assert WORDS not in str(logged)
    async with asyncio.timeout(5):
        while calls.services.voice_seats.taken:  # noqa: ASYNC110 - nothing tells when a seat is free
            await asyncio.sleep(0.02)


async def _asks_from(call: Call, why: str, place: str, work: str) -> None:
    async with call(work=work) as voice:
        if place:
            voice.caller.place = place.replace("%s", voice.caller.conversation)
        await voice.reads("Listening")
        await voice.say("list")
        await voice.until(lambda: "error" in voice.states)
        assert WORDS not in voice.shown, why
        assert await voice.stored() == [], why


async def test_nobody_talks_in_anothers_conversation(calls: Site, call: Call, logged: Lines) -> None:
    """A changed place would write into somebody else's conversation, or read what is in it."""
    async with call() as ada, call() as mallory:
        mallory.caller.place = ada.caller.place
        await asyncio.gather(ada.reads("Listening"), mallory.reads("Listening"))
        await mallory.say("list")
        await mallory.until(lambda: [line for line in logged if line["event"] == "voice_turn_failed"])
        assert await ada.stored() == await mallory.stored() == []
        body = {"data": [ada.caller.id, mallory.caller.place, ""], "fn_index": 0, "session_hash": "mallory"}
        answer = await mallory.client.post("/gradio_api/queue/join", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_session")
        assert [line for line in logged if line["event"] == "foreign_session_hash"]


async def test_the_data_channel_takes_no_instruction(calls: Site, call: Call, logged: Lines) -> None:
    """Words sent beside the sound would pass the guard; or a flood of them would end the conversation."""
    async with call() as ada:
        await ada.reads("Listening")
        for number in range(20):
            for _, payload in FORGED[:-1]:
                forged = {"type": "instruction", "hidden": True, **payload}
                ada.caller.channel.send(json.dumps(forged) if number % 2 else json.dumps(forged).encode())
        ada.caller.channel.send("send_input")
        for _ in range(30):
            await ada.caller.tell()
        await ada.say("list")
        await ada.reads("next question")
        assert [author for author, _ in await ada.stored()] == ["user", "assistant"]
        assert "list" in (await ada.stored())[0][1].lower()
    assert WORDS not in str(logged)
