"""A provider's hearing, model and voice for bench/rooms.py: real HTTP servers that take their time.

They run in a process of their own, so that what the workers cost stays visible.
"""

# ruff: noqa: E402 - the project's folder comes first on the path

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers.audio_wire import Fault, audio_wire
from tests.servers.openai_wire import Act, OpenAIWire

_VOICES, _FIRST, _GAP = 0.3, 0.4, 0.0125
"""Seconds: for words or a sentence's sound, to a model's first word, and between two of them."""
_PACE = 0.06
"""Seconds of sound for a character."""
_ANSWER = (
    "A while loop runs its block again and again, as long as its condition is true. "
    "Look at the line that should change it. If nothing in the block changes it, the loop never ends. "
    "Which variable does your condition ask about, and where does it change?"
)
_LADDER = """\
[limits]
hedge = false

[[rungs]]
name = "away"
provider = "local"
model = "away"
tier = "large"
"""


@contextmanager
def cloud(folder: Path) -> Iterator[dict[str, str]]:
    """The servers; gives the settings that make workers use them.

    Args:
        folder: Where the ladder file is written.
    """
    program = [sys.executable, str(Path(__file__))]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as servers:
        assert servers.stdout is not None
        voices, model = servers.stdout.readline().split()
        ladder = folder / "ladder.toml"
        ladder.write_text(_LADDER)
        yield {
            "TUTOR_STT": "openai", "TUTOR_TTS": "openai", "OPENAI_API_KEY": "only-for-this-bench",
            "OPENAI_BASE_URL": f"{voices}/v1", "TUTOR_LOCAL_BASE_URL": f"{model}/v1",
            "TUTOR_LADDER_FILE": str(ladder),
        }  # fmt: skip
        servers.kill()


async def serve() -> None:
    """Serve until somebody kills this process; tells both addresses first."""
    with audio_wire() as voices:
        voices.fault, voices.pace = Fault(delay=_VOICES), _PACE
        async with OpenAIWire() as model:
            words = tuple(f"{word} " for word in _ANSWER.split())
            model.act("away", Act(words=words, first=_FIRST, gap=_GAP))
            print(voices.url, model.url, flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
