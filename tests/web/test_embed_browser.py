"""The app in a frame of another origin, in a real Chromium that blocks third-party cookies."""

import secrets
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import jwt
import pytest
from playwright.sync_api import FrameLocator, Page, Playwright, expect

from tests.web.browsing import ROOT, app, chromium
from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Exercise

KEY = secrets.token_urlsafe(48)
FRAME = (
    '<!doctype html><title>A course</title><iframe src="{src}" title="AI Programming Teacher"'
    ' allow="microphone; autoplay" style="width: 100%; height: 780px; border: 0"></iframe>'
    "<script>window.told = []; addEventListener('message', ({{ origin, data }}) =>"
    " data?.source && told.push([origin, data.event, data.chapter, data.exercise]));</script>"
)

pytestmark = pytest.mark.browser


class Course(ThreadingHTTPServer):
    """Another site, on another host name, that shows the app in a frame."""

    src = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Course)
        page = FRAME.format(src=self.server.src).encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def course() -> Iterator[Course]:
    with Course(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


listed = pytest.fixture(scope="module")(course)
stranger = pytest.fixture(course)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, listed: Course) -> Iterator[str]:
    data: Path = tmp_path_factory.mktemp("data")
    (data / "pyodide").symlink_to(Path(sys.prefix) / "pyodide")
    with app(data, TUTOR_FRAME_ANCESTORS=listed.origin, TUTOR_EMBED_KEYS=f"campus={KEY}") as address:
        for _ in range(300):  # the voice models load while the page is already served
            mode = httpx.get(f"{address}/api/v1/mode").json()
            if mode["hears"] == mode["speaks"] == "ready":
                break
            time.sleep(0.2)
        yield address


@pytest.fixture
def page(playwright: Playwright) -> Iterator[Page]:
    flags = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    with chromium(playwright, *flags, "--test-third-party-cookie-phaseout") as browser:
        # As behind a proxy that speaks HTTPS: only then does the cookie work in a frame.
        context = browser.new_context(extra_http_headers={"x-forwarded-proto": "https"})
        yield context.new_page()


def ticket() -> str:
    now = int(time.time())
    claims = {"iss": "campus", "aud": "ai-programming-teacher", "jti": secrets.token_urlsafe(12), "iat": now}
    claims |= {"exp": now + 60, "sub": "student-7", "name": "Amina"}
    return jwt.encode(claims, KEY, "HS256", headers={"typ": "tutor-ticket"})


def solve(frame: FrameLocator) -> str:
    """Pass the checks of the chapter's first exercise with the course's own solution; gives its name."""
    cells = FolderCourses(ROOT / "courses").chapter("python-basics", "loops").cells
    exercise = next(cell for cell in cells if isinstance(cell, Exercise))
    place = frame.locator(f"#{exercise.id}")
    place.scroll_into_view_if_needed()
    place.locator(".editor textarea").fill(exercise.solution)
    place.get_by_role("button", name="Check").click()
    expect(place.locator(".verdict.passed")).to_be_visible(timeout=40_000)
    return exercise.id


def test_a_course_shows_its_learner_the_app(page: Page, site: str, listed: Course) -> None:
    """The frame would ask for an account, stay silent, or be empty where cookies of others are blocked."""
    listed.src = f"{site}/embed?ticket={ticket()}&course=python-basics&chapter=loops"
    page.goto(listed.origin)
    frame = page.frame_locator("iframe")
    expect(frame.locator("#lesson article")).to_have_attribute("data-chapter", "loops", timeout=20_000)
    expect(frame.locator("#top")).to_contain_text("Amina")
    (cookie,) = [one for one in page.context.cookies() if one["name"] == "__Host-tutor"]
    assert cookie["partitionKey"], "without a partition the browser would have dropped it"

    frame.locator("#question textarea").fill("What does range do?")
    frame.locator("#question textarea").press("Enter")
    expect(frame.locator("#chat .bot").last).to_contain_text("range", timeout=15_000)
    frame.locator("#talk").click()
    expect(frame.locator("#voice-state")).to_contain_text("Listening", timeout=20_000)
    frame.locator("#talk").click()

    exercise = solve(frame)
    page.wait_for_function("told.length > 1")
    assert page.evaluate("told") == [
        [site, "ready", "loops", None],
        [site, "exercise_passed", "loops", exercise],
    ]


def test_another_site_is_refused(page: Page, site: str, stranger: Course) -> None:
    """Any site could dress the app up as its own, and lead learners' clicks."""
    stranger.src = f"{site}/embed?ticket={ticket()}"
    page.goto(stranger.origin)
    page.wait_for_timeout(1500)
    expect(page.frame_locator("iframe").locator("#lesson")).to_have_count(0)
    assert page.evaluate("told") == []
