"""Talking in a room: recorded speech into a real server, sound back, and what is stored of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.rooms.conftest import School, school
from tests.rooms.visitor import Visitor
from tutor.adapters.stt.whisper_local import WhisperTranscriber
from tutor.adapters.wav import decode
from tutor.domain.audio import Audio

pytestmark = pytest.mark.models
SPEECH = Path(__file__).resolve().parents[1] / "data" / "speech"


def recording(name: str) -> Audio:
    """A recorded question, at 16 kHz."""
    return decode((SPEECH / f"{name}.wav").read_bytes(), max_seconds=20)


@pytest.fixture(scope="module")
def talking(livekit: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """One site with one worker that hears and speaks with the local models."""
    folder = tmp_path_factory.mktemp("talking")
    with school(livekit, folder, TUTOR_STT="local", TUTOR_TTS="local") as site, site.worker():
        yield site


async def test_spoken_question_is_answered_with_sound(talking: School) -> None:
    """Somebody who talks would not be heard, not be answered aloud, or find nothing in the history."""
    ada, bob = talking.learner(), talking.learner()
    async with ada.visit() as visitor:
        await visitor.open_microphone()
        await visitor.speak(recording("while_loop"))
        echo = await visitor.wait_for("user_message_echo")
        assert "loop" in echo["text"].lower()
        assert echo["via"] == "voice"
        said = await visitor.wait_for("said")
        caption = await visitor.wait_for("caption")
        await visitor.wait_for("speaking")
        await visitor.wait_for_caption(lambda captions: caption["text"].split()[0] in "".join(captions))
        await asyncio.sleep(min(caption["seconds"], 6.0) + 0.5)
        heard = await WhisperTranscriber().transcribe(_loud_part(visitor.heard()))
        spoken = {word.strip(".,?!\"'").lower() for word in caption["text"].split()}
        understood = {word.strip(".,?!\"'").lower() for word in heard.text.split()}
        assert len(spoken & understood) >= len(spoken) / 2, (caption["text"], heard.text)
        assert caption["words"][-1]["end"] == pytest.approx(caption["seconds"], abs=0.02)
        assert ada.history() == [echo["text"], said["text"]]
        assert bob.history() == []


async def test_talking_over_the_teacher_stops_it(talking: School) -> None:
    """A learner could not interrupt, or the history would claim that they heard everything."""
    ada = talking.learner()
    async with ada.visit() as visitor:
        await visitor.open_microphone()
        await visitor.speak(recording("while_loop"))
        said = await visitor.wait_for("said")
        await visitor.wait_for("speaking")
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(1.5)  # LiveKit lets nobody interrupt while its echo canceller settles
        barged = len(visitor.told)
        await visitor.speak(recording("list"))
        interrupted = await visitor.wait_for("interrupted", after=barged)
        stopped = asyncio.get_running_loop().time()
        await visitor.wait_for("user_message_echo", after=barged)
        assert interrupted["turn_id"] == said["turn_id"]
        assert 0 < len(interrupted["text"]) < len(said["text"])
        await asyncio.sleep(0.3)
        assert interrupted["text"] in ada.history()
        assert said["text"] not in ada.history()
        planned = sum(
            m["seconds"] for m in visitor.told if m["type"] == "caption" and m["turn_id"] == said["turn_id"]
        )
        assert 0 < stopped - began < planned
        last = [m["text"] for m in visitor.told if m["type"] == "caption" and m["turn_id"] == said["turn_id"]]
        assert last[0] in "".join(visitor.captions)
        assert last[-1] not in "".join(visitor.captions)  # nobody heard it


async def test_a_command_changes_the_pace(talking: School) -> None:
    """A learner who asks for slower speech would hear the same pace again."""
    async with talking.learner().visit() as visitor:
        first = await _sentence(visitor, "What is a list?")
        for _ in range(2):  # one step is within what a voice varies by itself
            told = len(visitor.told)
            await visitor.send(type="user_message", text="Please speak slower.")
            assert (await visitor.wait_for("commanded", after=told))["command"] == "slower"
        second = await _sentence(visitor, "What is a list?")
    assert second["text"] == first["text"]
    assert second["seconds"] > 1.05 * first["seconds"]


async def test_an_instruction_that_is_stopped_is_kept_as_far_as_it_was_heard(talking: School) -> None:
    """The history would claim that the learner has heard the whole recap."""
    ada = talking.learner()
    async with ada.visit() as visitor:
        await visitor.send(type="instruction", name="recap", parameters={"chapter": "loops"})
        said = await visitor.wait_for("said")
        assert said["turn_id"] == (await visitor.wait_for("speaking"))["turn_id"] != ""
        await asyncio.sleep(1)
        await visitor.send(type="stop")
        interrupted = await visitor.wait_for("interrupted")
        assert 0 < len(interrupted["text"]) < len(said["text"])
        assert ada.history() == [interrupted["text"]]


async def _sentence(visitor: Visitor, question: str) -> dict[str, Any]:
    """The first sentence that is spoken of the answer."""
    told = len(visitor.told)
    await visitor.send(type="user_message", text=question)
    return await visitor.wait_for("caption", after=told)


def _loud_part(audio: Audio) -> Audio:
    """Without the silence before and after, on which Whisper invents words."""
    samples = np.frombuffer(audio.pcm, dtype="<i2")
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 300)
    assert loud.size, "there was no sound"
    return Audio(pcm=samples[max(0, loud[0] - 1600) : loud[-1] + 1600].tobytes(), sample_rate=16_000)
