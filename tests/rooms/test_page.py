"""The room page in a real browser, with LiveKit's own client, a real server and a real worker."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.rooms.conftest import QUIET, School, Worker, free_port, livekit_server, school
from tests.web.browsing import chromium
from tests.web.test_embed_browser import Course, ticket

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with chromium(playwright, "--test-third-party-cookie-phaseout") as one:
        yield one


def address(site: School) -> str:
    """As a browser takes it for a safe place, which may use the microphone."""
    return site.site.url.replace("127.0.0.1", "localhost")


def room(browser: Browser, site: School) -> Page:
    """A guest in front of the room page."""
    page = browser.new_context().new_page()
    page.goto(f"{address(site)}/healthz")
    page.evaluate("fetch('/api/v1/auth/guest', {method: 'POST'}).then((answer) => answer.status)")
    page.goto(f"{address(site)}/room?course=python-basics&chapter=loops")
    return page


def test_a_learner_joins_asks_and_comes_back(quiet: tuple[School, Worker], browser: Browser) -> None:
    """The page would not reach its teacher, show Markdown as it is, or lose sight of the last answer."""
    page = room(browser, quiet[0])
    problems: list[str] = []
    page.on(
        "console",
        lambda message: problems.append(message.text) if "Content Security" in message.text else None,
    )
    expect(page.locator("#reading h1")).to_contain_text("Loops")
    page.get_by_role("button", name="Join the room").click()
    expect(page.get_by_role("status")).to_have_text("Your teacher is here.", timeout=20_000)
    page.get_by_label("Your question").fill("What is a while loop?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#talked .learner")).to_have_text("What is a while loop?", timeout=15_000)
    expect(page.locator("#talked .teacher code").first).to_be_visible(timeout=15_000)
    link = page.locator("#talked .teacher a").first
    expect(page.locator(link.get_attribute("href") or "none")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 480})  # a phone, with its keyboard up
    page.reload()
    page.get_by_role("button", name="Teacher").click()
    expect(page.locator("#talked .learner")).to_have_text("What is a while loop?")
    assert page.locator("#talked").evaluate("(list) => list.scrollHeight > list.clientHeight")
    expect(page.locator("#talked .teacher > :last-child")).to_be_in_viewport()
    expect(page.locator("#talked .teacher")).to_contain_text("while")
    assert problems == []


def test_the_teacher_is_a_sheet_on_a_phone(quiet: tuple[School, Worker], browser: Browser) -> None:
    """Somebody with a phone would find no teacher below a long lesson, or no way back to the lesson."""
    page = room(browser, quiet[0])
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="Join the room")).to_be_hidden()
    page.get_by_role("button", name="Teacher").click()
    expect(page.get_by_role("button", name="Join the room")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Join the room")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_course_shows_the_room_in_a_frame(
    quiet: tuple[School, Worker], frame: Course, browser: Browser
) -> None:
    """The frame would ask for an account, or lose what is asked before the teacher has come."""
    where = "course=python-basics&chapter=loops&room=true"
    frame.src = f"{address(quiet[0])}/embed?ticket={ticket()}&{where}"
    # As behind a proxy that speaks HTTPS: only then does the cookie work in a frame.
    page = browser.new_context(extra_http_headers={"x-forwarded-proto": "https"}).new_page()
    page.goto(frame.origin)
    inside = page.frame_locator("iframe")
    inside.get_by_role("button", name="Join the room").click()
    inside.get_by_label("Your question").fill("What does range do?", timeout=20_000)
    inside.get_by_role("button", name="Send").click()
    expect(inside.locator("#talked .teacher")).to_contain_text("range", timeout=20_000)


def test_the_page_comes_back_when_the_server_does(browser: Browser, tmp_path: Path) -> None:
    """A restart of the LiveKit server would leave learners in front of a dead page."""
    shutil.copytree(Path(sys.prefix) / "livekit", tmp_path / "livekit")
    port = free_port()
    with ExitStack() as stack:
        with livekit_server(tmp_path / "first.log", port) as url:
            site = stack.enter_context(school(url, tmp_path, **QUIET))
            stack.enter_context(site.worker())
            page = room(browser, site)
            page.get_by_role("button", name="Join the room").click()
            expect(page.get_by_role("status")).to_have_text("Your teacher is here.", timeout=20_000)
        expect(page.get_by_role("status")).to_contain_text("Trying again", timeout=20_000)
        stack.enter_context(livekit_server(tmp_path / "second.log", port))
        expect(page.get_by_role("status")).to_have_text("Your teacher is here.", timeout=60_000)
        page.get_by_label("Your question").fill("What is a list?")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#talked .teacher")).to_contain_text("list", timeout=15_000)
        page.context.close()
