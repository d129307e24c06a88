"""One sample rate to another."""

import numpy as np
from numpy.typing import NDArray

from tutor.domain.audio import Audio


def resampled(audio: Audio, rate: int) -> Audio:
    """The same sound at another rate (libswresample's polyphase filter; no aliasing)."""
    if audio.sample_rate == rate:
        return audio
    return Audio(pcm=resampled_array(samples_of(audio), audio.sample_rate, rate).tobytes(), sample_rate=rate)


def samples_of(audio: Audio) -> NDArray[np.int16]:
    """The samples as an array of shape (n,); an odd last byte is left out."""
    return np.frombuffer(audio.pcm[: len(audio.pcm) // 2 * 2], dtype="<i2")


def resampled_array(samples: NDArray[np.int16], source: int, target: int) -> NDArray[np.int16]:
    """Mono samples of shape (n,) at `source` Hz, as samples at `target` Hz."""
    import av

    if source == target or samples.size == 0:
        return samples
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, :]), format="s16", layout="mono")
    frame.sample_rate = source
    resampler = av.AudioResampler(format="s16", layout="mono", rate=target)
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    empty = np.zeros(0, dtype=np.int16)  # a sample or two may give none
    return np.concatenate([empty, *(part.to_ndarray()[0] for part in frames)])
