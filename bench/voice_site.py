"""The app for the voice bench; with `--plain`, FastRTC's own ReplyOnPause takes the place of our voice.

    python bench/voice_site.py PORT DATA_FOLDER [--plain]

Everything else is the same in both: models, VAD, gate, pipeline, narrator.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import numpy as np
import uvicorn
from fastrtc import ReplyOnPause
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tutor import log
from tutor.adapters.resample import resampled, samples_of
from tutor.adapters.vad import RATE, PauseDetector
from tutor.domain.audio import Audio
from tutor.domain.place import Place
from tutor.domain.turn import Spoken
from tutor.services.services import Services
from tutor.settings import Settings
from tutor.web import page
from tutor.web.server import create_app
from tutor.wiring import build

_OUT_RATE = 24_000
Frame = tuple[int, NDArray[np.int16]]


def plain(services: Services, _: Callable[..., Place]) -> ReplyOnPause:
    """Record until a pause, then reply: FastRTC as its manual shows it, in front of our pipeline."""

    async def reply(sound: Frame) -> AsyncGenerator[Frame]:
        rate, samples = sound
        heard = Audio(pcm=samples.reshape(-1).astype("<i2").tobytes(), sample_rate=rate)
        learner = (await services.accounts.guest("192.0.2.1")).learner
        talk = await services.turns.add_conversation(
            learner.id, course="python-basics", chapter="loops", title="Loops"
        )
        place = Place(conversation_id=talk.id, course="python-basics", chapter="loops", spoken=True)
        async for event in services.teacher.hear(learner, place, heard):
            if isinstance(event, Spoken) and event.audio is not None:
                yield _OUT_RATE, samples_of(resampled(event.audio, _OUT_RATE)).reshape(1, -1)

    return ReplyOnPause(reply, model=PauseDetector(), input_sample_rate=RATE, output_sample_rate=_OUT_RATE)


def main() -> None:
    """Serve until ended."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    if "--plain" in sys.argv:
        vars(page)["LessonVoice"] = plain
    settings = Settings(
        _env_file=None, data_dir=folder, stt="local", tts="local", turns_per_minute=0, voice_minutes_per_day=0
    )
    log.configure("warning", "json")
    services = build(settings)
    app = create_app(services)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, access_log=False, timeout_graceful_shutdown=2
    )
    asyncio.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
