"""Packets of sound from learners: put in order, and taken as they come.

aiortc keeps sound back for 80 ms, so that a loudspeaker does not stumble where packets are late. Ours goes
to ears that do not mind, and a learner who interrupts, or has finished, would wait for it.
"""

from aiortc import rtcrtpreceiver
from aiortc.jitterbuffer import JitterBuffer


def take_at_once() -> None:
    """From now on, connections of this process keep nothing back. aiortc has no setting for it."""
    vars(rtcrtpreceiver)["JitterBuffer"] = _sorted


def _sorted(*, capacity: int, is_video: bool = False, **_kept_back: int) -> JitterBuffer:
    """One that gives each frame as soon as it is whole."""
    return JitterBuffer(capacity, is_video=is_video)
