"""How Pyodide's files and the checks come to the page, and what happens where they do not."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browsing import open_chapter
from tests.web.runner.hands import run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def learner(site: str) -> Iterator[httpx.Client]:
    """A program that is signed in."""
    with httpx.Client(base_url=site) as client:
        assert client.post("/api/v1/auth/guest").status_code == 201
        yield client


def test_without_pyodide_run_says_what_to_do(browser: Browser, site: str, lesson: Page) -> None:
    """A site that was not set up would show a button that does nothing."""
    page = browser.new_page(storage_state=lesson.context.storage_state())
    page.route(
        "**/runner/files", lambda route: route.fulfill(body=json.dumps({"version": None, "names": []}))
    )
    open_chapter(page, site)
    first = page.locator(".code-cell .runnable").first
    first.locator(".run").click()
    expect(first.locator(".output")).to_contain_text("the owner can run python -m tutor assets")
    page.context.close()


def test_a_failed_download_can_be_tried_again(browser: Browser, site: str, lesson: Page) -> None:
    """One lost connection would switch running off until the page is reloaded."""
    page = browser.new_page(storage_state=lesson.context.storage_state())
    page.route("**/runner/pyodide/**", lambda route: route.abort())
    open_chapter(page, site)
    first = page.locator(".code-cell .runnable").first
    first.locator(".run").click()
    expect(first.locator(".output")).to_contain_text("Check your connection")
    page.unroute("**/runner/pyodide/**")
    assert "again" in run(first, "print('again')")
    page.context.close()


def test_the_routes_are_for_learners_only(site: str, learner: httpx.Client) -> None:
    """Hidden checks would be open to anybody."""
    for path in ("checks/python-basics/loops/countdown", "files", "frame", "pyodide/0/pyodide.js"):
        assert httpx.get(f"{site}/runner/{path}").status_code == 401
    checks = learner.get("/runner/checks/python-basics/loops/countdown").json()["checks"]
    assert len(checks) == 2
    assert all(check["source"] for check in checks)
    for path in ("checks/python-basics/loops/first-for", "checks/python-basics/loops/none", "checks/x/y/z"):
        assert learner.get(f"/runner/{path}").status_code == 404


def test_only_pyodides_own_files_are_served(learner: httpx.Client, pyodide: Path) -> None:
    """A name with dots would read any file of the server."""
    version = learner.get("/runner/files").json()["version"]
    answer = learner.get(f"/runner/pyodide/{version}/pyodide.asm.wasm", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == (pyodide / "pyodide.asm.wasm").read_bytes()
    for path in (
        f"{version}/package.json",
        f"{version}/..%2Ftutor.db",
        "0.1/pyodide.js",
        f"{version}/%2e%2e",
    ):
        assert learner.get(f"/runner/pyodide/{path}").status_code == 404
