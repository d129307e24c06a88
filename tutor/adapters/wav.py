"""Sound files: what a browser or a provider sends, and what we send."""

import io
import wave

import numpy as np
from numpy.typing import NDArray

from tutor.domain.audio import Audio
from tutor.errors import AudioTooLong, AudioUnreadable

MAX_BYTES = 25_000_000
"""What OpenAI and Groq take in one upload; a minute of uncompressed 48 kHz stereo is 11.5 MB."""

_CONTAINERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"RIFF", "wav"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (0, b"ID3", "mp3"),
    (4, b"ftyp", "mov"),
)
_UNTIL_16_BIT = {1: 8, 2: 0, 3: -8, 4: -16}
"""By bytes a sample: how far to shift it left."""


def encode(audio: Audio) -> bytes:
    """A WAV file of this sound."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.sample_rate)
        file.writeframes(audio.pcm)
    return buffer.getvalue()


def decode(data: bytes, *, max_seconds: float, max_bytes: int = MAX_BYTES) -> Audio:
    """The sound in a file (WAV, WebM, Ogg, MP3, M4A, FLAC), mixed down to mono at its own rate.

    Limits hold before everything is decoded. The kind of file is read from its first bytes and only the
    kinds above are tried: left to guess, FFmpeg would also take playlists, which make it open other files
    and addresses.

    Raises:
        AudioTooLong: Longer than `max_seconds`, or bigger than `max_bytes`.
        AudioUnreadable: Not such a file, damaged, or without sound.
    """
    if len(data) > max_bytes:
        raise _too_long(max_seconds, f"{len(data)} bytes")
    container = _container(data)
    audio = _plain_wav(data, max_seconds) if container == "wav" else None
    return audio or _any(data, container, max_seconds)


def _container(data: bytes) -> str:
    for offset, magic, name in _CONTAINERS:
        if data[offset : offset + len(magic)] == magic:
            return name
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "aac" if data[1] & 0x06 == 0 else "mp3"
    raise AudioUnreadable(f"unknown kind of file, {len(data)} bytes")


def _plain_wav(data: bytes, max_seconds: float) -> Audio | None:
    """Whole numbers of 8 to 32 bits; None for what the standard library does not read."""
    try:
        with wave.open(io.BytesIO(data), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            if width not in _UNTIL_16_BIT or not channels or not 0 < rate <= 384_000:
                return None
            # A header may promise any length: streams write 0xFFFFFFFF. What is there counts.
            frames = min(file.getnframes(), len(data) // (width * channels))
            if frames > max_seconds * rate:
                raise _too_long(max_seconds, f"{frames / rate:.1f} s")
            raw = file.readframes(frames)
    except (wave.Error, EOFError):
        return None
    raw = raw[: len(raw) // (width * channels) * width * channels]
    if not raw:
        raise AudioUnreadable("a WAV file without samples")
    mono = _whole_numbers(raw, width).reshape(-1, channels).mean(axis=1)
    return Audio(pcm=mono.round().clip(-32768, 32767).astype("<i2").tobytes(), sample_rate=rate)


def _whole_numbers(raw: bytes, width: int) -> NDArray[np.float64]:
    """Samples of `width` bytes, scaled to 16 bits."""
    if width == 1:  # the only width that WAV stores without a sign
        return (np.frombuffer(raw, dtype=np.uint8).astype(np.float64) - 128) * 256
    if width == 3:
        padded = np.zeros((len(raw) // 3, 4), dtype=np.uint8)
        padded[:, 1:] = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 3)
        return padded.view("<i4").ravel() / 65536.0
    return np.frombuffer(raw, dtype=f"<i{width}") / (1.0 if width == 2 else 65536.0)


def _any(data: bytes, container: str, max_seconds: float) -> Audio:
    import av

    parts: list[NDArray[np.int16]] = []
    try:
        with av.open(io.BytesIO(data), "r", format=container, metadata_errors="ignore") as file:
            stream = file.streams.audio[0]
            rate = stream.rate
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            left = int(max_seconds * rate)
            for frame in file.decode(stream):
                frame.pts = None  # a recorder's gaps and jumps are not silence to be filled
                for part in resampler.resample(frame):
                    parts.append(part.to_ndarray()[0])
                    left -= part.samples
                if left < 0:
                    raise _too_long(max_seconds, container)
            parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise AudioUnreadable(f"{container}: {type(error).__name__}") from error
    if not parts:
        raise AudioUnreadable(f"{container}: no sound in it")
    return Audio(pcm=np.concatenate(parts).astype("<i2").tobytes(), sample_rate=rate)


def _too_long(max_seconds: float, detail: str) -> AudioTooLong:
    return AudioTooLong(detail, text=AudioTooLong.text.format(limit=f"{max_seconds:g}"))
