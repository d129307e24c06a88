"""The table, the page and the plot."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from math import log10
from pathlib import Path

from bench.report import write_section

HEADING = "## Ladder"
_COLOURS = {"ours": "#1a7f5a", "raw": "#888888", "litellm": "#c98a2b", "livekit": "#4a6fa5"}
_ABOUT = (
    "Our ladder beside the raw OpenAI SDK, LiteLLM's Router 1.106.2 and livekit-agents' FallbackAdapter"
    " 1.8.9, all against one local server that goes wrong on demand. Each contestant runs in a process of its"
    " own, and they take turns. `-tuned` is the peer with the settings that served it best here; the plain"
    ' name is its defaults. Times are to the first visible word. "First call, then": the call that meets the'
    " fault, and the mean of those after it. Peers that need a second and more for a call make three calls,"
    " with a cap of 25 s. In the first row a time below the raw SDK's is no mistake: the adapter reads the"
    " events through the same SDK, but leaves out its typed objects. Other work ran on the machine."
)
_LONGEST = 30_000.0
"""Milliseconds at the right edge of the plot."""


@dataclass(frozen=True)
class Row:
    """One promise."""

    title: str
    peers: Mapping[str, str]
    wanted: str
    ours: str
    passed: bool


def table(rows: Sequence[Row]) -> str:
    """For the terminal."""
    lines = []
    for row in rows:
        lines.append(f"{'PASS' if row.passed else 'MISS'}  {row.title}")
        lines.append(f"        wanted  {row.wanted}")
        lines.append(f"        ours    {row.ours}")
        lines += [f"        {name:<14}{value}" for name, value in row.peers.items()]
    return "\n".join(lines)


def markdown(path: Path, rows: Sequence[Row]) -> None:
    """Write, or replace, the section of docs/benchmarks.md."""
    names = list(dict.fromkeys(name for row in rows for name in row.peers))
    head = f"| scenario | {' | '.join(names)} | wanted | ours | |"
    lines = [
        _ABOUT,
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on two cores by"
        " `python bench/ladder.py`; `--quick` does it in short.",
        "",
        "![Median time to a first word in each scenario](ladder.svg)",
        "",
        head,
        "| " + " | ".join("---" for _ in range(len(names) + 4)) + " |",
        *(
            f"| {row.title} | {' | '.join(row.peers.get(name, '-') for name in names)} | {row.wanted} |"
            f" {row.ours} | {'pass' if row.passed else '**missed**'} |"
            for row in rows
        ),
    ]
    write_section(path, HEADING, lines)


def plot(path: Path, medians: Mapping[str, Mapping[str, float]]) -> None:
    """Median milliseconds to a first word, on a logarithmic scale, as an SVG without a library."""
    left, width, bar = 260, 560, 11
    parts: list[str] = []
    top = 46
    for title, values in medians.items():
        parts.append(f'<text x="{left - 12}" y="{top + 12}" text-anchor="end">{escape(title)}</text>')
        for name, value in values.items():
            length = _place(value, width)
            colour = _COLOURS[name.partition("-")[0]]
            fade = ' opacity="0.6"' if name.endswith("-tuned") else ""
            parts.append(
                f'<rect x="{left}" y="{top}" width="{length:.1f}" height="{bar - 2}" fill="{colour}"{fade}/>'
                f'<text x="{left + length + 5:.1f}" y="{top + 8}" class="s">{name} {_short(value)}</text>'
            )
            top += bar
        top += 14
    ticks = "".join(
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="36" y2="{top - 10}" stroke="#ddd"/>'
        f'<text x="{x:.1f}" y="30" text-anchor="middle" class="s">{_short(tick)}</text>'
        for tick, x in ((tick, left + _place(tick, width)) for tick in (1, 10, 100, 1000, 10_000))
    )
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 {top}" font-family="sans-serif"'
        ' font-size="13"><style>.s{font-size:9px;fill:#444}</style>'
        '<rect width="100%" height="100%" fill="#fff"/>'
        '<text x="12" y="18" font-weight="bold">Median time to the first word (logarithmic)</text>'
        f"{ticks}{''.join(parts)}</svg>\n",
        encoding="utf-8",
    )


def _place(value: float, width: int) -> float:
    """Pixels from the left of the scale, which begins at 0.5 ms."""
    return max(log10(max(value, 0.5) / 0.5) / log10(_LONGEST / 0.5) * width, 1.0)


def _short(value: float) -> str:
    return f"{value / 1000:.3g} s" if value >= 1000 else f"{value:.3g} ms"
