"""A real browser in front of the real app, started as its owner starts it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, Playwright, expect

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def app(data: Path, **settings: str) -> Iterator[str]:
    """Run the app with this data folder; gives its address. `settings` are variables of the environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")},
        "TUTOR_DATA_DIR": str(data), "TUTOR_PORT": str(port), "TUTOR_HOST": "127.0.0.1",
        "TUTOR_PYODIDE_CDN": "off", **settings,
    }  # fmt: skip
    with (data / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stderr=log)
        address = f"http://localhost:{port}"
        try:
            _wait_for(address, process)
            yield address
        finally:
            process.terminate()
            # uvicorn closes everything, then ends by the signal that it got.
            assert process.wait(timeout=20) in (0, -signal.SIGTERM), (data / "log").read_text()


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert process.poll() is None, "the app has ended"
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the app did not get ready")


@contextmanager
def chromium(playwright: Playwright, *flags: str) -> Iterator[Browser]:
    """The machine's Chromium, or the one that CHROMIUM names."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    browser = playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *flags])
    yield browser
    browser.close()


def guest(browser: Browser, site: str, *, width: int = 1280, scripts: Iterable[str] = ()) -> Page:
    """A new visitor with an empty browser, who came in as a guest and has the chapter on loops open.

    Args:
        browser: Real.
        site: Its address.
        width: Of the window, in pixels.
        scripts: Run in every page before its own.
    """
    context = browser.new_context(viewport={"width": width, "height": 844}, permissions=["microphone"])
    for script in scripts:
        context.add_init_script(script)
    page = context.new_page()
    page.goto(f"{site}/healthz")
    assert (
        page.evaluate("fetch('/api/v1/auth/guest', {method: 'POST'}).then((answer) => answer.status)") == 201
    )
    open_chapter(page, site)
    return page


def open_chapter(page: Page, site: str, chapter: str = "loops") -> None:
    """Open a chapter of the course and wait until its code can be changed."""
    page.goto(f"{site}/?course=python-basics&chapter={chapter}")
    code = page.locator(f"article[data-chapter={chapter}] .editor textarea")
    expect(code.first).to_be_visible(timeout=20_000)


def barriers(page: Page) -> list[dict[str, Any]]:
    """What axe-core calls serious or critical."""
    (script,) = Path(sys.prefix).glob("axe-core-*.js")
    page.evaluate(script.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return [
        {"id": one["id"], "where": [node["html"][:200] for node in one["nodes"]]}
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
