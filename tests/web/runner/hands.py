"""What a learner does with a cell."""

from playwright.sync_api import Locator, expect

START = 30_000
"""Milliseconds that Python may take to start on a busy machine."""


def write(cell: Locator, code: str) -> None:
    """Replace the code of a cell."""
    cell.locator("textarea").fill(code)


def run(cell: Locator, code: str, *, timeout: float = START) -> str:
    """Run code in a cell to its end; gives all that the cell shows."""
    write(cell, code)
    cell.locator(".run").click()
    return shown(cell, timeout)


def shown(cell: Locator, timeout: float = START) -> str:
    """All that a cell shows when it has come to its end."""
    expect(cell.locator(".run")).to_be_visible(timeout=timeout)
    output = cell.locator(".output")
    return output.inner_text() if output.is_visible() else ""
