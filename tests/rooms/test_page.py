"""The room page in a real browser, with LiveKit's own client, a real server and a real worker."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.rooms.conftest import QUIET, School, school
from tests.web.browsing import chromium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def quiet(livekit: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("page")
    client = Path(sys.prefix) / "livekit"
    assert client.is_dir(), "LiveKit's client is missing: tests/install-pyodide fetches it"
    shutil.copytree(client, folder / "livekit")
    with school(livekit, folder, **QUIET) as site, site.worker():
        yield site


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with chromium(playwright) as one:
        yield one


def test_a_learner_joins_asks_and_comes_back(quiet: School, browser: Browser) -> None:
    """The page would not reach its teacher, or forget the conversation when it is loaded anew."""
    page = browser.new_context().new_page()
    address = quiet.site.url.replace("127.0.0.1", "localhost")
    page.goto(f"{address}/healthz")
    page.evaluate("fetch('/api/v1/auth/guest', {method: 'POST'})")
    page.wait_for_timeout(300)
    problems: list[str] = []
    page.on(
        "console",
        lambda message: problems.append(message.text) if "Content Security" in message.text else None,
    )
    page.goto(f"{address}/room?course=python-basics&chapter=loops")
    expect(page.locator("#lesson h1")).to_contain_text("Loops")
    page.get_by_role("button", name="Join the room").click()
    expect(page.get_by_role("status")).to_have_text("Your teacher is here.", timeout=20_000)
    page.get_by_label("Your question").fill("What is a while loop?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#talked .learner")).to_have_text("What is a while loop?", timeout=15_000)
    expect(page.locator("#talked .teacher")).to_contain_text("while", timeout=15_000)
    page.reload()
    expect(page.locator("#talked .learner")).to_have_text("What is a while loop?")
    expect(page.locator("#talked .teacher")).to_contain_text("while")
    assert problems == []
