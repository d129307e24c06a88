"""The peer of bench/rooms.py: livekit-agents' own pipeline, with the same local models.

Moonshine with Whisper, the lesson guide and Piper are put in as plain STT, LLM and TTS. Turn detection,
voice activity, endpointing, barge-in and preemptive generation are livekit-agents' defaults; it guards and
stores nothing.
"""

# ruff: noqa: E402 - the project's folder comes first on the path

import asyncio
import sys
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from livekit import agents, rtc
from livekit.agents import Agent, AgentSession, ModelSettings, cli, inference, llm, tts

from tutor.adapters.courses import FolderCourses
from tutor.adapters.encoder import StaticEncoder
from tutor.adapters.llm.guide import GuideModel
from tutor.adapters.tts.piper_local import PiperSpeaker
from tutor.domain.audio import Audio, Transcript
from tutor.domain.chat import Brief
from tutor.domain.place import Place
from tutor.rooms.ears import Ears, Mind
from tutor.settings import load_settings
from tutor.wiring import build

COURSE, CHAPTER = "python-basics", "loops"


class Piper(tts.TTS[Any]):
    """Our Piper as a TTS of LiveKit's."""

    def __init__(self, speaker: PiperSpeaker) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False), sample_rate=22_050, num_channels=1
        )
        self.speaker = speaker

    def synthesize(self, text: str, *, conn_options: Any = agents.DEFAULT_API_CONNECT_OPTIONS) -> "Spoken":
        """One sentence."""
        return Spoken(tts=self, input_text=text, conn_options=conn_options)


class Spoken(tts.ChunkedStream):
    """The sound of one sentence."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        assert isinstance(self._tts, Piper)
        audio = await self._tts.speaker.speak(self.input_text)
        output_emitter.initialize(
            request_id="", sample_rate=audio.sample_rate, num_channels=1, mime_type="audio/pcm"
        )
        output_emitter.push(audio.pcm)
        output_emitter.flush()


class Peer(Agent):
    """Answers with the lesson guide."""

    def __init__(self, guide: GuideModel, courses: FolderCourses) -> None:
        super().__init__(instructions="")
        self._guide, self._courses = guide, courses

    async def llm_node(
        self,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool],  # noqa: ARG002 - LiveKit's signature
        model_settings: ModelSettings,  # noqa: ARG002
    ) -> AsyncIterable[str]:
        """The guide's answer to the last message."""
        asked = next(message for message in reversed(chat_ctx.messages()) if message.role == "user")
        chapter = self._courses.chapter(COURSE, CHAPTER)
        brief = Brief(
            course_slug=COURSE, course_title="Python", chapter=chapter, question=asked.text_content or "",
            spoken=True,
        )  # fmt: skip
        yield self._guide.answer(brief).markdown


def prewarm(process: agents.JobProcess) -> None:
    """Load the models, as our worker does."""
    settings = load_settings()
    courses = FolderCourses(settings.courses_dir)
    guide, mouth, ours = GuideModel(courses, StaticEncoder()), PiperSpeaker(), build(settings)
    guide.warm()

    async def warm() -> None:
        await ours.warm_voice()
        await mouth.warm()

    asyncio.run(warm())
    process.userdata["models"] = courses, guide, ours.teacher.listen, mouth


async def answer(ctx: agents.JobContext) -> None:
    """Answer in a room until it ends; any data message stops the voice."""
    courses, guide, listen, mouth = ctx.proc.userdata["models"]
    await ctx.connect()
    place = Place(conversation_id="", course=COURSE, chapter=CHAPTER)

    async def hear(audio: Audio) -> Transcript:
        heard: Transcript = await listen(place, audio)
        return heard

    session: AgentSession[None] = AgentSession(
        stt=Ears(hear, lambda error: print(error, file=sys.stderr), lambda _: None),
        llm=Mind(), tts=Piper(mouth), vad=inference.VAD(),
    )  # fmt: skip
    await session.start(Peer(guide, courses), room=ctx.room)

    def stop(packet: rtc.DataPacket) -> None:
        if packet.topic == "tutor":
            session.interrupt()

    ctx.room.on("data_received", stop)
    await ctx.room.local_participant.publish_data(b'{"type": "ready"}', topic="tutor")


if __name__ == "__main__":
    server = agents.AgentServer(
        setup_fnc=prewarm, num_idle_processes=1, load_threshold=2, initialize_process_timeout=60, port=0
    )
    server.rtc_session(answer, agent_name=load_settings().rooms_name)
    cli.run_app(server)
