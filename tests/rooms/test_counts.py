"""What rooms count, from their processes to the worker's metrics."""

import asyncio
from contextlib import closing
from socket import AF_UNIX, SOCK_DGRAM, socket

from prometheus_client import CollectorRegistry, generate_latest

from tutor.domain.conversation import Via
from tutor.rooms.counts import Counts
from tutor.rooms.tally import Tally


async def test_what_rooms_count_is_added_up() -> None:
    """An owner would see no turn and no wait of any room, as each has a process of its own."""
    registry = CollectorRegistry()
    tally = Tally(registry)
    tally.listen()
    for _ in range(2):
        with closing(Counts(tally.address)) as counts:
            counts.opened()
            counts.turn(Via.VOICE, "answered")
            counts.wait(1.1)
            counts.interruption()
            counts.refusal("room_message_refused")
            counts.closed()
            await asyncio.sleep(0.05)
    with closing(socket(AF_UNIX, SOCK_DGRAM)) as stranger:
        stranger.sendto(b"what is this?", tally.address)
    await asyncio.sleep(0.1)
    tally.close()
    samples = {
        'tutor_room_turns_total{outcome="answered",via="voice"} 2.0',
        'tutor_room_wait_seconds_bucket{le="1.2"} 2.0',
        'tutor_room_wait_seconds_bucket{le="1.0"} 0.0',
        "tutor_room_interruptions_total 2.0",
        'tutor_room_messages_refused_total{code="room_message_refused"} 2.0',
        "tutor_rooms_opened_total 2.0",
        "tutor_rooms_closed_total 2.0",
    }
    assert samples <= set(generate_latest(registry).decode().splitlines())


def test_a_room_goes_on_where_nobody_counts() -> None:
    """A lesson would break off because its count could not be delivered, or wait for whoever counts."""
    Counts("").opened()
    with closing(Counts("/nowhere/counts")) as counts:
        counts.opened()


async def test_a_busy_worker_gets_the_counts_later() -> None:
    """A burst of messages would be missing in the metrics, or would hold the room up."""
    registry = CollectorRegistry()
    tally = Tally(registry)
    with closing(Counts(tally.address)) as counts:
        for _ in range(100):
            counts.interruption()
        tally.listen()
        for _ in range(20):
            counts.opened()
            await asyncio.sleep(0.005)
    tally.close()
    assert registry.get_sample_value("tutor_room_interruptions_total") == 100
