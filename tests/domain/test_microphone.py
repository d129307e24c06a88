"""What a microphone's sound tells of trouble."""

import pytest

from tutor.domain.microphone import Microphone, Trouble


def told(seconds: float, *, peak: float, level: float, speech: float) -> list[Trouble]:
    microphone = Microphone(frame_seconds=0.032)
    found = (microphone.feed(peak=peak, level=level, speech=speech) for _ in range(int(seconds / 0.032)))
    return [trouble for trouble in found if trouble is not None]


@pytest.mark.parametrize(
    ("peak", "level", "speech", "trouble"),
    [
        (0.0, 0.0, 0.0, Trouble.SILENT),
        (0.5, 0.1, 0.1, Trouble.NOISY),
        (1.0, 0.6, 0.9, Trouble.CLIPPED),
        (0.3, 0.1, 0.9, None),
        (0.01, 0.001, 0.0, None),
    ],
)
def test_a_trouble_is_told_once_a_minute(
    peak: float, level: float, speech: float, trouble: Trouble | None
) -> None:
    """A learner would not know why the teacher hears nothing, or would be told again and again."""
    assert told(30, peak=peak, level=level, speech=speech) == ([trouble] if trouble else [])
    assert len(told(150, peak=peak, level=level, speech=speech)) == (3 if trouble else 0)


def test_music_is_noise_though_it_has_gaps() -> None:
    """A learner beside a loudspeaker would not know why nobody answers: each beat would begin anew."""
    microphone = Microphone(frame_seconds=0.032)
    beat = [0.1, 0.06, 0.03, 0.01] * 150
    found = {microphone.feed(peak=0.3, level=level, speech=0.1) for level in beat}
    assert found == {None, Trouble.NOISY}
    single = [0.5, *[0.001] * 500] * 2
    clicks = Microphone(frame_seconds=0.032)
    assert {clicks.feed(peak=0.9, level=level, speech=0.1) for level in single} == {None}
