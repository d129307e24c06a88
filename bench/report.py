"""What a bench promised and found: as a table in the terminal, and as a section of docs/benchmarks.md."""

import re
from collections.abc import Sequence
from pathlib import Path

from tutor.domain.value import Value


class Row(Value):
    """One figure, or one promise."""

    title: str
    wanted: str = "-"
    ours: str
    beside: str = "-"
    """The same of what it is compared with."""
    passed: bool | None = None
    """None where nothing was promised."""


def table(rows: Sequence[Row], *, beside: str = "beside") -> str:
    """For the terminal."""
    marks = {True: "PASS", False: "MISS", None: "    "}
    return "\n".join(
        f"{marks[row.passed]}  {row.title:<58} {row.ours:<34} wanted {row.wanted:<26} {beside} {row.beside}"
        for row in rows
    )


def grid(rows: Sequence[Row], *, beside: str) -> list[str]:
    """The same in Markdown."""
    marks = {True: "pass", False: "**missed**", None: ""}
    return [
        f"| what | wanted | ours | {beside} | |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {r.title} | {r.wanted} | {r.ours} | {r.beside} | {marks[r.passed]} |" for r in rows),
    ]


def write_section(path: Path, heading: str, lines: Sequence[str]) -> None:
    """Write a section of a page, or replace it; all others stay.

    Args:
        path: Of the page; it may be new.
        heading: Such as `## Voice`.
        lines: What stands below it.
    """
    section = "\n".join((heading, "", *lines, ""))
    text = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    if found := re.search(rf"^{heading}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
        text = text[: found.start()] + section + "\n" + text[found.end() :]
    else:
        text = f"{text.rstrip()}\n\n{section}"
    path.write_text(text.rstrip() + "\n", encoding="utf-8")


def paragraphs(texts: Sequence[str]) -> list[str]:
    """Lines of Markdown, with an empty one after each text."""
    return [line for text in texts for line in (text, "")]
