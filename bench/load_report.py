"""The load section of docs/benchmarks.md."""

import re
import statistics
from collections.abc import Sequence
from pathlib import Path

from tutor.domain.value import Value

HEADING = "## Load"


class Row(Value):
    """One figure, or one promise."""

    title: str
    wanted: str = "-"
    ours: str
    beside: str = "-"
    """The same through Gradio's queue."""
    passed: bool | None = None
    """None where nothing was promised."""


def p(values: Sequence[float], percent: int) -> float:
    """A percentile, in the unit of the values."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else 0.0


def ms(values: Sequence[float]) -> str:
    """p50 and p99 of seconds."""
    return f"p50 {p(values, 50) * 1000:.1f} ms, p99 {p(values, 99) * 1000:.1f} ms"


def table(rows: Sequence[Row]) -> str:
    """For the terminal."""
    marks = {True: "PASS", False: "MISS", None: "    "}
    return "\n".join(
        f"{marks[row.passed]}  {row.title:<58} {row.ours:<34} wanted {row.wanted:<22} Gradio {row.beside}"
        for row in rows
    )


def markdown(path: Path, about: Sequence[str], rows: Sequence[Row]) -> None:
    """Write, or replace, the section."""
    marks = {True: "pass", False: "**missed**", None: ""}
    lines = [
        HEADING,
        "",
        *(line for text in about for line in (text, "")),
        "| what | wanted | ours | Gradio's queue | |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {r.title} | {r.wanted} | {r.ours} | {r.beside} | {marks[r.passed]} |" for r in rows),
        "",
    ]
    section = "\n".join(lines)
    text = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    if found := re.search(rf"^{HEADING}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
        text = text[: found.start()] + section + "\n" + text[found.end() :]
    else:
        text = f"{text.rstrip()}\n\n{section}"
    path.write_text(text.rstrip() + "\n", encoding="utf-8")
