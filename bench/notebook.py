"""The notebook in a real browser: opening a chapter of 60 cells, the first result, later results.

    python -m bench.notebook

Medians in milliseconds, of an app and a Chromium of its own; opening is also given as a ratio to a chapter of
one cell, since other work on the machine slows both.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.web.browsing import app, chromium

ROUNDS = 5
HEAD = "---\ntutor:\n  summary: S.\n  minutes: 5\n---\n\n# Chapter\n\n"
CELL = (
    "```{code-cell} python\nfor number in range(3):\n    print(number)\n```\n\n+++\n\nSome text to read.\n\n"
)
LATER = """async () => {
  const cell = document.querySelector(".runnable");
  const began = performance.now();
  const ended = new Promise((done) => document.addEventListener("tutor:ran", done, { once: true }));
  cell.querySelector(".run").click();
  await ended;
  return performance.now() - began;
}"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        data = Path(name)
        course = data / "courses" / "long"
        course.mkdir(parents=True)
        (data / "pyodide").symlink_to(Path(sys.prefix) / "pyodide")
        (course / "course.toml").write_text('title = "T"\nsummary = "S"\nchapters = ["one", "sixty"]\n')
        (course / "one.md").write_text(HEAD + CELL)
        (course / "sixty.md").write_text(HEAD + CELL * 30)
        quiet = {"TUTOR_STT": "off", "TUTOR_TTS": "off", "TUTOR_COURSES_DIR": str(course.parent)}
        with app(data, **quiet) as site, chromium(playwright) as browser:
            rounds = [measured(browser, site, chapter) for _ in range(ROUNDS) for chapter in ("one", "sixty")]
    one, sixty = (statistics.median(row[0] for row in rounds[at::2]) for at in (0, 1))
    first = statistics.median(row[1] for row in rounds)
    later = statistics.median(row[2] for row in rounds)
    print(f"open, 1 cell      {one:6.0f} ms")
    print(f"open, 60 cells    {sixty:6.0f} ms   ratio {sixty / one:.2f}")
    print(f"first result      {first:6.0f} ms after opening began")
    print(f"later result      {later:6.0f} ms")


def measured(browser: Browser, site: str, chapter: str) -> tuple[float, float, float]:
    """Opening, first result since opening began, and a later result, in milliseconds."""
    page = browser.new_page()
    page.goto(f"{site}/healthz")
    page.evaluate("fetch('/api/v1/auth/guest', {method: 'POST'}).then((answer) => answer.status)")
    began = time.perf_counter()
    page.goto(f"{site}/?course=long&chapter={chapter}")
    page.locator(".runnable .editor textarea").last.wait_for()
    opened = time.perf_counter() - began
    page.locator(".runnable .run").first.click()
    page.locator(".runnable .output pre").first.wait_for(timeout=60_000)
    first = time.perf_counter() - began
    later = statistics.median(page.evaluate(LATER) for _ in range(5))
    page.context.close()
    return opened * 1000, first * 1000, later


if __name__ == "__main__":
    main()
