"""Sound files in and out."""

import io
import struct

import av
import numpy as np
import pytest

from tutor.adapters.resample import resampled, samples_of
from tutor.adapters.wav import decode, encode
from tutor.domain.audio import Audio
from tutor.errors import AudioTooLong, AudioUnreadable

RATE = 16_000
TONE = (np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE) * 12_000).astype("<i2")
AUDIO = Audio(pcm=TONE.tobytes(), sample_rate=RATE)


def riff(raw: bytes, *, code: int, channels: int, bits: int, size: int | None = None) -> bytes:
    """A WAV file with any header."""
    block = channels * bits // 8
    head = struct.pack("<HHIIHH", code, channels, RATE, RATE * block, block, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data"
    body += struct.pack("<I", len(raw) if size is None else size) + raw
    return b"RIFF" + struct.pack("<I", min(len(body), 0xFFFFFFFF)) + body


def recorded(container: str, codec: str, rate: int = 48_000, layout: str = "mono") -> bytes:
    """What a browser's recorder or a phone would send."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout)
        sound = np.frombuffer(resampled(AUDIO, rate).pcm, dtype="<i2")
        frame = av.AudioFrame.from_ndarray(sound[None, :], format="s16", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout=layout, rate=rate, frame_size=stream.frame_size
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def test_there_and_back():
    """The voice would be played, or a question heard, with other samples than it has."""
    assert decode(encode(AUDIO), max_seconds=2) == AUDIO


@pytest.mark.parametrize(
    ("raw", "code", "bits"),
    [
        ((TONE / 256 + 128).astype(np.uint8).tobytes(), 1, 8),
        (b"".join((int(sample) * 256).to_bytes(3, "little", signed=True) for sample in TONE), 1, 24),
        ((TONE.astype("<i4") * 65536).tobytes(), 1, 32),
        ((TONE / 32768).astype("<f4").tobytes(), 3, 32),
        ((TONE / 32768).astype("<f8").tobytes(), 3, 64),
    ],
    ids=["8 bit", "24 bit", "32 bit", "float", "double"],
)
def test_every_kind_of_sample(raw, code, bits):
    """A recording in another kind of WAV would be refused, or heard as noise."""
    audio = decode(riff(raw, code=code, channels=1, bits=bits), max_seconds=2)

    assert audio.sample_rate == RATE
    assert np.abs(samples_of(audio).astype(int) - TONE).max() <= 256


def test_stereo_becomes_mono():
    """Two channels would be heard one after the other, at half the speed."""
    stereo = np.column_stack([TONE, np.zeros_like(TONE)]).tobytes()

    audio = decode(riff(stereo, code=1, channels=2, bits=16), max_seconds=2)

    assert audio.seconds == 1
    assert np.abs(samples_of(audio).astype(int) - TONE / 2).max() <= 1


@pytest.mark.parametrize(
    ("container", "codec", "layout"),
    [
        ("webm", "libopus", "mono"),
        ("ogg", "libopus", "stereo"),
        ("mp3", "libmp3lame", "mono"),
        ("mp4", "aac", "mono"),
        ("adts", "aac", "mono"),
        ("flac", "flac", "mono"),
    ],
)
def test_what_browsers_send(container, codec, layout):
    """A question recorded in Chrome, Firefox or Safari would be refused."""
    audio = decode(recorded(container, codec, layout=layout), max_seconds=2)

    assert audio.sample_rate == 48_000
    assert audio.seconds == pytest.approx(1, abs=0.1)
    assert np.abs(samples_of(audio).astype(int)).max() == pytest.approx(12_000, rel=0.35)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"hello, this is text",
        riff(b"", code=1, channels=1, bits=16),
        riff(b"\0", code=1, channels=1, bits=16),
        riff(b"\0" * 100, code=1, channels=0, bits=16),
        encode(AUDIO)[:30],
        b"\x1a\x45\xdf\xa3" + b"\0" * 500,
        b"OggS" + b"\xff" * 500,
        b"\xff\xfb" + b"\0" * 500,
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<!DOCTYPE html><p>hi",
    ],
)
def test_what_is_no_recording(data):
    """A stray file would end in a server error; a playlist would make the server open other files."""
    with pytest.raises(AudioUnreadable):
        decode(data, max_seconds=2)


@pytest.mark.parametrize("data", [encode(AUDIO), recorded("webm", "libopus"), recorded("mp3", "libmp3lame")])
def test_too_long(data):
    """One long recording would keep the only hearing thread busy for everybody."""
    with pytest.raises(AudioTooLong) as caught:
        decode(data, max_seconds=0.5)
    assert "0.5 seconds" in caught.value.text


def test_too_big():
    """An upload would be decoded that does not fit into memory."""
    with pytest.raises(AudioTooLong):
        decode(encode(AUDIO), max_seconds=2, max_bytes=1000)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_header_of_unknown_length(size):
    """Sound that a provider streams as WAV would be taken for many hours, and refused."""
    audio = decode(riff(TONE.tobytes(), code=1, channels=1, bits=16, size=size), max_seconds=2)

    assert audio.seconds == 1


def test_resampling_does_not_alias():
    """Sound above 8 kHz would be mirrored into the speech that Whisper hears."""
    high = (np.sin(2 * np.pi * 12_000 * np.arange(48_000) / 48_000) * 10_000).astype("<i2")

    low = resampled(Audio(pcm=high.tobytes(), sample_rate=48_000), RATE)

    assert low.seconds == pytest.approx(1, abs=0.01)
    assert np.abs(samples_of(low)[500:-500].astype(int)).max() < 50


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_resampling_keeps_the_length(rate):
    """Speech would be heard faster or slower than it was spoken."""
    assert resampled(AUDIO, rate).seconds == pytest.approx(1, abs=0.01)
    assert resampled(Audio(pcm=b"", sample_rate=rate), RATE).seconds == 0
