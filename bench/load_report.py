"""The load section of docs/benchmarks.md."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from bench.report import Row, grid, paragraphs, write_section

HEADING = "## Load"


def p(values: Sequence[float], percent: int) -> float:
    """A percentile, in the unit of the values."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else 0.0


def ms(values: Sequence[float]) -> str:
    """p50 and p99 of seconds."""
    return f"p50 {p(values, 50) * 1000:.1f} ms, p99 {p(values, 99) * 1000:.1f} ms"


def markdown(path: Path, about: Sequence[str], rows: Sequence[Row]) -> None:
    """Write, or replace, the section."""
    write_section(path, HEADING, [*paragraphs(about), *grid(rows, beside="Gradio's queue")])
