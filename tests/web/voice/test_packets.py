"""Packets of sound from learners."""

from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import RtpPacket

from tutor.web.voice.packets import take_at_once


def packet(number: int) -> RtpPacket:
    """20 ms of sound."""
    made = RtpPacket(sequence_number=number, timestamp=number * 960)
    made._data = bytes([number])
    return made


def test_sound_is_taken_in_order_and_at_once() -> None:
    """Each answer, and each interruption, would wait for 80 ms more; or late packets would be mixed up."""
    take_at_once()
    receiver = RTCRtpReceiver("audio", Transport())
    buffer = receiver._RTCRtpReceiver__jitter_buffer
    taken = [frame.data[0] for number in (0, 1, 3, 2, 4, 5) if (frame := buffer.add(packet(number))[1])]
    assert taken[:2] == [0, 1]
    assert taken == sorted(taken)


class Transport:
    """What a receiver asks of its transport before there is a connection."""

    state = "new"
