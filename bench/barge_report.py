"""What talking over the teacher showed, part by part, and as a section of docs/benchmarks.md."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bench.report import Row, grid, paragraphs, write_section
from bench.spoken import ROOT
from tutor.domain.value import Value

_ABOUT = (
    "Two voices, natural and robotic, talk over the teacher at several places of an answer, over loopback"
    " WebRTC, with the local models. Time is taken at the caller's end, from the first sample of the"
    " learner's voice to the last audible one of the teacher's. What was heard is what Whisper hears in the"
    " sound that came in.",
    'Twelve remarks such as "mm-hm", four coughs, and four times eight seconds in which the microphone hears'
    " the teacher.",
)
_KEPT = ROOT / "bench" / "out" / "barge_in"


class Part(Value):
    """What one part found, as it is kept."""

    rows: tuple[Row, ...]
    when: str


def keep(name: str, rows: Sequence[Row]) -> None:
    """Keep what one part found today."""
    part = Part(rows=tuple(rows), when=f"{datetime.now(UTC):%Y-%m-%d}")
    _KEPT.mkdir(parents=True, exist_ok=True)
    (_KEPT / f"{name}.json").write_text(part.model_dump_json(), encoding="utf-8")


def write(names: Sequence[str]) -> None:
    """The section of the page, where all parts are known."""
    files = [_KEPT / f"{name}.json" for name in names]
    if not all(file.exists() for file in files):
        return
    parts = [Part.model_validate_json(file.read_text(encoding="utf-8")) for file in files]
    days = " and ".join(sorted({part.when for part in parts}))
    when = f"Measured {days} on two cores without other heavy work, by `python bench/barge_in.py`."
    rows = [row for part in parts for row in part.rows]
    lines = [*paragraphs((*_ABOUT, when)), *grid(rows, beside="beside it")]
    write_section(ROOT / "docs" / "benchmarks.md", "## Talking over the teacher", lines)
