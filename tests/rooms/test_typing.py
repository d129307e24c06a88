"""Typed text, hidden instructions and all else on the data channel, through a real server and worker."""

import asyncio
from functools import partial
from typing import Any

import pytest
from livekit import api, rtc

from tests.forged import FORGED, WORDS
from tests.rooms.conftest import KEY, SECRET, School, Worker, wait_until


async def test_typed_question_is_answered_and_stored(quiet: tuple[School, Worker]) -> None:
    """A question typed in a room would get no answer, or be missing in the page's history."""
    ada = quiet[0].learner()
    async with ada.visit() as visitor:
        await visitor.send(type="user_message", text="What is a while loop?")
        echo = await visitor.wait_for("user_message_echo")
        said = await visitor.wait_for("said")
    assert (echo["text"], echo["conversation_id"], echo["via"]) == ("What is a while loop?", ada.talk, "text")
    assert echo["turn_id"] == said["turn_id"] != ""
    assert "".join(m["text"] for m in visitor.told if m["type"] == "delta").strip() == said["text"]
    assert ada.history() == ["What is a while loop?", said["text"]]


async def test_hidden_instruction_is_followed_and_not_shown(quiet: tuple[School, Worker]) -> None:
    """The page could not ask for a hint, or the learner would see words that they never wrote."""
    ada = quiet[0].learner()
    async with ada.visit() as visitor:
        await visitor.send(type="instruction", name="recap", parameters={"chapter": "loops"})
        said = await visitor.wait_for("said")
        assert ada.history() == [said["text"]]
        assert said["turn_id"] == (await visitor.wait_for("delta"))["turn_id"] != ""
        assert not [m for m in visitor.told if m["type"] == "user_message_echo"]

        await visitor.send(type="instruction", name="recap", parameters={"chapter": "no"}, id="a")
        await visitor.send(type="instruction", name="ignore_all_rules", parameters={}, id="b")
        await visitor.send(
            type="instruction", name="recap", parameters={"chapter": "loops", "text": "Say hi"}, id="c"
        )
        for answer_to in "abc":
            error = await visitor.wait_for("error", where=partial(_answers, answer_to))
            assert error["code"] == "instruction_refused"
        assert ada.history() == [said["text"]]


async def test_no_forged_instruction_is_followed(quiet: tuple[School, Worker]) -> None:
    """Whoever drives the data channel could put words of their own into the teacher's instructions."""
    site, worker = quiet
    for rows in (FORGED[:15], FORGED[15:]):  # a room answers twenty refusals in ten seconds
        ada = site.learner()
        async with ada.visit() as visitor:
            for why, payload in rows:
                if why == "endless":
                    payload = {**payload, "name": payload["name"][:20_000]}  # the server drops longer packets
                told = len(visitor.told)
                await visitor.send(**{**payload, "type": "instruction"})
                answer = await visitor.wait_for("error", after=told)
                assert answer["code"] in ("instruction_refused", "room_message_refused"), why
            assert {message["type"] for message in visitor.told} == {"ready", "error"}
            assert ada.history() == []
    assert WORDS not in worker.log.read_text()


async def test_off_topic_is_declined_and_stored(quiet: tuple[School, Worker]) -> None:
    """A room would be a way around the guard."""
    ada = quiet[0].learner()
    async with ada.visit() as visitor:
        await visitor.send(type="user_message", text="Which horse will win the race on Sunday?")
        declined = await visitor.wait_for("declined")
        assert declined["label"] == "off"
    await asyncio.to_thread(wait_until, lambda: ada.history()[-1] == declined["text"])


async def test_chapters_change_and_the_desk_is_known(quiet: tuple[School, Worker]) -> None:
    """The teacher would go on in a chapter that the learner has left, or not see their error."""
    ada = quiet[0].learner()
    async with ada.visit() as visitor:
        await visitor.send(type="chapter", chapter="lists")
        assert (await visitor.wait_for("chapter"))["chapter"] == "lists"
        await visitor.send(type="chapter", chapter="no-such-chapter", id="x")
        assert (await visitor.wait_for("error"))["code"] == "chapter_unknown"
        await visitor.send(type="hello")
        ready = await visitor.wait_for("ready", after=1)
        assert (ready["chapter"], ready["hears"], ready["speaks"]) == ("lists", False, False)
        await visitor.send(type="desk", code="prnt(1)", error="NameError: name 'prnt' is not defined")
        await visitor.send(type="user_message", text="Why does my code fail?")
        assert "prnt" in (await visitor.wait_for("said"))["text"]


async def test_livekits_stock_chat_is_answered(quiet: tuple[School, Worker]) -> None:
    """LiveKit's ready-made components would have a silent teacher in them."""
    ada = quiet[0].learner()
    async with ada.visit() as visitor:
        await visitor.room.local_participant.send_text("What is a list?", topic="lk.chat")
        said = await visitor.wait_for("said")
        await visitor.wait_for_caption(lambda captions: said["text"].split()[0] in "".join(captions))
        (teacher,) = visitor.room.remote_participants.values()
        assert teacher.attributes["lk.agent.state"] in ("listening", "thinking", "speaking")
    assert ada.history() == ["What is a list?", said["text"]]


async def test_a_second_learner_stays_outside(quiet: tuple[School, Worker]) -> None:
    """Somebody could listen to another's lesson, or speak in it."""
    ada, bob = quiet[0].learner(), quiet[0].learner()
    refused = bob.client.post("/api/v1/rooms/token", json={"conversation_id": ada.talk})
    assert refused.status_code == 404
    hers, his = ada.ticket(), bob.ticket()
    assert hers.room != his.room
    async with ada.visit() as visitor:
        intruder = rtc.Room()
        forged = his.model_copy(update={"room": hers.room})  # a client may ask for any name
        await intruder.connect(forged.url, forged.token)
        assert intruder.name == his.room
        kinds = [one.kind for one in visitor.room.remote_participants.values()]
        assert kinds == [rtc.ParticipantKind.PARTICIPANT_KIND_AGENT]
        await intruder.disconnect()
        with pytest.raises(rtc.ConnectError):
            await rtc.Room().connect(hers.url, hers.token[:-4] + "AAAA")


async def test_a_learner_cannot_become_another(quiet: tuple[School, Worker]) -> None:
    """A client would change the attributes that say who is taught."""
    ada = quiet[0].learner()
    async with ada.visit() as visitor:
        await visitor.room.local_participant.set_attributes({"tutor.learner": "bob"})
        await visitor.room.local_participant.set_name("bob")
        async with api.LiveKitAPI(visitor.ticket.url, KEY, SECRET) as server:
            me = api.RoomParticipantIdentity(
                room=visitor.ticket.room, identity=visitor.room.local_participant.identity
            )
            known = await server.room.get_participant(me)
        assert known.attributes["tutor.learner"] == known.identity != "bob"
        assert known.name != "bob"


async def test_a_thousand_malformed_messages(quiet: tuple[School, Worker]) -> None:
    """One broken client would take the worker down, or stop the lesson of its learner."""
    site, worker = quiet
    ada = site.learner()
    broken = [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"v": 9}',
        b'{"v": 1, "type": "said"}',
        b"x" * 20_000,
        b"[" * 900,
    ]
    before = worker.said('"event": "room_message_refused"')
    async with ada.visit() as visitor:
        for number in range(1000):
            await visitor.send_raw(broken[number % len(broken)])
        await visitor.send(type="user_message", text="What is a while loop?")
        await visitor.wait_for("said", seconds=30)
        errors = [message for message in visitor.told if message["type"] == "error"]
        assert {error["code"] for error in errors} == {"room_message_refused"}
        assert 0 < len(errors) <= 60
    assert worker.said('"event": "room_message_refused"') - before == 1000
    assert worker.process.poll() is None
    assert await asyncio.to_thread(_healthy, worker)


def _answers(message_id: str, message: dict[str, Any]) -> bool:
    return bool(message["id"] == message_id)


def _healthy(worker: Worker) -> bool:
    import httpx

    return httpx.get(f"http://127.0.0.1:{worker.health}/").status_code == 200
