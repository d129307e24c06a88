"""Speaks the test questions with the packaged Piper voice: `python tests/data/speech/make.py`.

The files are kept in the repository, because Piper draws its rhythm at random: made again, they differ.
"""

import asyncio
from pathlib import Path

from tutor.adapters.resample import resampled
from tutor.adapters.tts.piper_local import PiperSpeaker
from tutor.adapters.wav import encode
from tutor.domain.audio import Audio

QUESTIONS = {
    "while_loop": "Why does my while loop never end?",
    "list": "What is a list in Python?",
    "function": "How do I call a function?",
    "index_error": "I get an index error. What does that mean?",
    "enumerate": "What does enumerate return?",
    "thank_you": "Thank you.",
}
PAUSE_SECONDS = 0.4


async def main() -> None:
    """Write one 16 kHz WAV for each question, with a short silence around it."""
    speaker = PiperSpeaker()
    for name, text in QUESTIONS.items():
        spoken = resampled(await speaker.speak(text), 16_000)
        silence = bytes(2 * int(PAUSE_SECONDS * 16_000))
        audio = Audio(pcm=silence + spoken.pcm + silence, sample_rate=16_000)
        Path(__file__).with_name(f"{name}.wav").write_bytes(encode(audio))


if __name__ == "__main__":
    asyncio.run(main())
