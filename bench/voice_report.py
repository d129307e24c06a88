"""The voice section of docs/benchmarks.md, and its plot."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.report import Row, grid, paragraphs, write_section

HEADING = "## Voice"


def markdown(path: Path, about: Sequence[str], rows: Sequence[Row]) -> None:
    """Write, or replace, the section."""
    picture = "![False cut-offs against waiting time](voice.svg)"
    write_section(path, HEADING, [*paragraphs((*about, picture)), *grid(rows, beside="beside it")])


def plot(path: Path, silence: Mapping[float, tuple[float, float]], ours: tuple[float, float]) -> None:
    """Share of learners cut off against the median wait: a line for a VAD alone, a point for ours.

    Args:
        path: Where to write.
        silence: By setting in seconds: median wait in seconds, and share cut off.
        ours: The same two.
    """
    left, top, width, height, longest = 70, 40, 480, 260, 2.4

    def at(wait: float, share: float) -> tuple[float, float]:
        return left + min(wait, longest) / longest * width, top + (1 - share) * height

    points = [at(*value) for _, value in sorted(silence.items())]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#4a6fa5"/>'
        f'<text x="{x + 5:.1f}" y="{y - 5:.1f}" class="s">{seconds:g} s</text>'
        for (seconds, _), (x, y) in zip(sorted(silence.items()), points, strict=True)
    )
    x, y = at(*ours)
    ticks = "".join(
        f'<line x1="{left}" x2="{left + width}" y1="{at(0, s)[1]}" y2="{at(0, s)[1]}" stroke="#ddd"/>'
        f'<text x="{left - 8}" y="{at(0, s)[1] + 4}" text-anchor="end" class="s">{s:.0%}</text>'
        for s in (0, 0.25, 0.5, 0.75, 1)
    ) + "".join(
        f'<text x="{at(w, 0)[0]}" y="{top + height + 16}" text-anchor="middle" class="s">{w:g} s</text>'
        for w in (0, 0.5, 1, 1.5, 2)
    )
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 350" font-family="sans-serif"'
        ' font-size="13">'
        '<style>.s{font-size:10px;fill:#444}</style><rect width="100%" height="100%" fill="#fff"/>'
        '<text x="12" y="20" font-weight="bold">Hesitating learners cut off, against the median wait</text>'
        f'{ticks}<polyline points="{line}" fill="none" stroke="#4a6fa5" stroke-width="2"/>{dots}'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="#1a7f5a"/>'
        f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" fill="#1a7f5a">ours</text>'
        f'<text x="{left + width / 2}" y="{top + height + 34}" text-anchor="middle">'
        "wait after the last word</text>"
        '<text x="420" y="60" fill="#4a6fa5">a pause detector alone</text></svg>\n',
        encoding="utf-8",
    )
