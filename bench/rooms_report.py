"""What bench/rooms.py found: kept from part to part, and written into docs/benchmarks.md."""

import os
import statistics
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from bench.report import Row, grid, paragraphs, write_section
from tutor.domain.value import Value

HEADING = "## Rooms"
_KEPT: Final = Path(__file__).resolve().parent / "out" / "rooms.json"
_MEDIAN, _P95 = 1.2, 2.0
_ABOUT: Final = (
    "From the last sound of a spoken question to the first sound of its answer, in rooms of a real LiveKit "
    "server; server, workers, clients and models share the machine. The questions are of all chapters, in "
    "Piper's voice, and the first one of a room counts like the others. `local`: Moonshine and Whisper "
    "tiny.en hear, the lesson guide answers, Piper speaks. Beside it livekit-agents' own pipeline with the "
    "same models: its turn detection, its endpointing, its defaults; it guards and stores nothing. `cloud`: "
    "a server of our own stands for a provider's: 0.3 s for the words, 0.4 s to a model's first word and 80 "
    "words a second, 0.3 s for the sound of a sentence, so that what the worker itself costs shows.",
    "Where several talk, each learner asks, listens for 3 s, looks at the lesson for 2 to 5 s, and asks "
    "again; they begin when all processes have loaded their models. Cores: the processor time of the "
    "workers' processes alone.",
)


class Found(Value):
    """The waits of one setting."""

    rooms: int = 1
    workers: int = 1
    peer: bool = False
    away: bool = False
    waits: list[float]
    """Seconds, all of them."""
    firsts: list[float]
    """Those of each room's first question."""
    busy: float
    """Cores that the workers took."""

    @property
    def median(self) -> float:
        return statistics.median(self.waits)

    @property
    def p95(self) -> float:
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]


_MANY = TypeAdapter(list[Found])


def keep(found: Found) -> None:
    """Keep it in place of what was found of the same setting before."""
    kept = [one for one in _kept() if _setting(one) != _setting(found)]
    _KEPT.parent.mkdir(exist_ok=True)
    _KEPT.write_bytes(_MANY.dump_json([*kept, found], indent=1))


def line(found: Found) -> str:
    """For the terminal."""
    firsts = ", ".join(f"{wait:.2f}" for wait in found.firsts)
    return (
        f"{_title(found)}{' (peer)' if found.peer else ''}: p50 {found.median:.2f} s, p95 {found.p95:.2f} s, "
        f"{len(found.waits)} questions, first {firsts}; {found.busy:.2f} cores; "
        f"all {' '.join(f'{wait:.2f}' for wait in found.waits)}"
    )


def report(path: Path) -> None:
    """Write the section of docs/benchmarks.md."""
    kept = sorted(_kept(), key=_setting)
    peers = {(one.rooms, one.away): one for one in kept if one.peer}
    rows = [_row(one, peers.get((one.rooms, one.away))) for one in kept if not one.peer]
    measured = (
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores by `python bench/rooms.py`. Where "
        "several talk, server, workers and clients together ask for more than these cores: a second worker "
        "on the same machine then only costs. No figure tells what it adds on a machine of its own."
    )
    write_section(
        path, HEADING, [*paragraphs([*_ABOUT, measured]), *grid(rows, beside="livekit-agents' own")]
    )


def _kept() -> list[Found]:
    return _MANY.validate_json(_KEPT.read_bytes()) if _KEPT.exists() else []


def _setting(found: Found) -> tuple[bool, int, int, bool]:
    return found.away, found.rooms, found.workers, found.peer


def _title(found: Found) -> str:
    where = "cloud" if found.away else "local"
    rooms, workers = found.rooms, found.workers
    return f"{where}, {rooms} room{'s' * (rooms > 1)}, {workers} worker{'s' * (workers > 1)}"


def _row(found: Found, peer: Found | None) -> Row:
    alone = found.rooms == 1 and not found.away
    met = found.p95 < _P95 and (not alone or found.median <= _MEDIAN)
    return Row(
        title=_title(found),
        wanted=f"p50 <= {_MEDIAN} s, p95 < {_P95:.0f} s" if alone else f"p95 < {_P95:.0f} s",
        ours=f"{_figures(found)}; {found.busy:.2f} cores",
        beside=_figures(peer) if peer else "-",
        passed=met,
    )


def _figures(found: Found) -> str:
    return f"p50 {found.median:.2f} s, p95 {found.p95:.2f} s, {len(found.waits)} questions"
