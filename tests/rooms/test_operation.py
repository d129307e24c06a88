"""How a worker is run: its commands, its limits, and what it tells those who look after it."""

import asyncio
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from livekit import api
from livekit.agents import JobContext
from livekit.agents.voice.run_result import RunResult

from tests.rooms.conftest import KEY, QUIET, SECRET, School, Worker, school, wait_until
from tutor.errors import RoomsOff
from tutor.rooms.console import Console, NoSoundCard, check_console
from tutor.rooms.counts import Counts
from tutor.rooms.worker import run
from tutor.settings import Settings
from tutor.wiring import build


async def test_metrics_and_health_tell_of_the_rooms(quiet: tuple[School, Worker]) -> None:
    """An owner would not see how many rooms a worker has, and how their turns end."""
    site, worker = quiet
    ada = site.learner()
    async with ada.visit() as visitor, httpx.AsyncClient() as monitor:
        health = f"http://127.0.0.1:{worker.health}"
        rooms = (await monitor.get(f"{health}/worker")).json()
        assert rooms["active_jobs"] >= 1
        assert (await monitor.get(health)).status_code == 200
        before = await _metrics(site, monitor)
        await visitor.send(type="user_message", text="What is a list?")
        await visitor.wait_for("said")
        await visitor.send(type="user_message", text="Which horse will win the race on Sunday?")
        await visitor.wait_for("declined")
        await visitor.send(type="user_message", text="speak slower")
        assert (await visitor.wait_for("commanded"))["command"] == "slower"
        await asyncio.sleep(0.5)  # the last one is counted when its turn has ended
        after = await _metrics(site, monitor)
        assert _grown(before, after) == {
            'tutor_room_turns_total{outcome="answered",via="text"}': 1,
            'tutor_room_turns_total{outcome="declined",via="text"}': 1,
            'tutor_room_turns_total{outcome="commanded",via="text"}': 1,
        }
        assert after["tutor_rooms_opened_total"] >= 1
        page = (await monitor.get(_address(site))).text
        assert ada.talk not in page
        assert visitor.ticket.room not in page
        assert "lk_agents_active_job_count" in page
    async with httpx.AsyncClient() as monitor, api.LiveKitAPI(visitor.ticket.url, KEY, SECRET) as server:
        await server.room.delete_room(api.DeleteRoomRequest(room=visitor.ticket.room))
        async with asyncio.timeout(10):
            while (await _metrics(site, monitor)).get("tutor_rooms_closed_total", 0) < 1:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    assert worker.said("count_lost") == 0


async def test_the_log_names_room_and_turn_and_no_words(quiet: tuple[School, Worker]) -> None:
    """A complaint could not be followed through the log, or the log would hold the lesson."""
    site, worker = quiet
    ada = site.learner()
    async with ada.visit() as visitor:
        await visitor.send(type="user_message", text="What is a xylophone loop, please?")
        said = await visitor.wait_for("said")
    text = worker.log.read_text()
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    (turn,) = [line for line in lines if line.get("turn") == said["turn_id"]]
    assert (turn["room"], turn["outcome"]) == (visitor.ticket.room, "answered")
    opened = [line for line in lines if line.get("event") == "room_open" and line["room"] == turn["room"]]
    assert [line["job"] for line in opened] == [turn["job"]]
    assert "xylophone" not in text
    assert said["text"] not in text


async def test_a_full_worker_takes_no_room(quiet: tuple[School, Worker]) -> None:
    """A machine that is at its limit would let every lesson on it become slow."""
    site = quiet[0]
    more = {"TUTOR_ROOMS_LOAD": "0.000001", "TUTOR_ROOMS_IDLE": "0", "TUTOR_ROOMS_METRICS_PORT": "0"}
    with site.worker("full", **more) as full:
        await asyncio.to_thread(wait_until, lambda: full.said("worker is at full capacity") > 0, 20)
        for _ in range(2):
            async with site.learner().visit():
                pass  # the other worker has a teacher for it
        assert full.said("room_open") == 0
        told = await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{full.health}/worker")
        assert told.json().get("active_jobs", 0) == 0


async def test_two_sites_share_a_server(quiet: tuple[School, Worker], tmp_path: Path) -> None:
    """A teacher would come to a learner of another site, whom it cannot find in its own database."""
    first, worker = quiet
    url = first.environment["LIVEKIT_URL"]
    with school(url, tmp_path, name="tutor-b", **QUIET) as second, second.worker("other") as other:
        ada = second.learner()
        async with ada.visit() as visitor:
            await visitor.send(type="user_message", text="What is a list?")
            await visitor.wait_for("said")
        assert len(ada.history()) == 2
        async with first.learner().visit():
            pass
        assert other.said("room_open") == 1
    assert worker.said(visitor.ticket.room) == 0


async def test_the_console_answers_what_is_typed(settings: Settings) -> None:
    """`python -m tutor worker console` would be silent, or teach beside guard and store."""
    services = build(settings)
    await services.start()
    session = await Console(cast("JobContext", SimpleNamespace(room=None)), services, Counts()).run()
    answer: RunResult[None] = await session.run(user_input="What is a list?")
    said = "".join(event.item.text_content or "" for event in answer.events if event.type == "message")
    await session.aclose()
    learner = await services.accounts.local()
    lesson = await services.lessons.resume(learner)
    stored = await services.turns.messages(learner.id, lesson.conversation.id)
    await services.close()
    assert [message.text for message in stored] == ["What is a list?", stored[1].text]
    assert stored[1].text.split()[0] in said


def test_a_console_without_sound_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It would end in a traceback on a machine without a sound card."""
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(NoSoundCard, match="PortAudio") as none:
        check_console(["console", "--text"])
    assert "apt-get install libportaudio2" in none.value.text
    check_console(["console", "--help"])


@pytest.mark.parametrize("command", ["dev", "start"])
def test_a_worker_without_a_server_names_what_is_missing(settings: Settings, command: str) -> None:
    """Somebody who starts a worker without a server would read a traceback of LiveKit's."""
    with pytest.raises(RoomsOff, match="LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are needed"):
        run(settings, [command])


def _address(site: School) -> str:
    return f"http://127.0.0.1:{site.environment['TUTOR_ROOMS_METRICS_PORT']}/metrics"


async def _metrics(site: School, monitor: httpx.AsyncClient) -> dict[str, float]:
    lines = (await monitor.get(_address(site))).text.splitlines()
    rows = (line.rsplit(" ", 1) for line in lines if line.startswith("tutor_"))
    return {name: float(value) for name, value in rows}


def _grown(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """The counts of turns that have changed, and by how much."""
    counts = {name: after[name] - before.get(name, 0) for name in after if "turns_total" in name}
    return {name: count for name, count in counts.items() if count}
