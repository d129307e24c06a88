"""Whatever stands between a learner and talking is named in plain words, in a real Chromium."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.web.browsing import app, chromium

AROUND = "<!doctype html><title>A course</title><iframe src='{site}/' width=1200 height=800 {allow}></iframe>"
HOST = "lessons.test"
REFUSED = """navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("%s", "%s"); };"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def around() -> Iterator[str]:
    """Another site, which shows the app in a frame: at /closed without the microphone, at /open with it."""

    class Course(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allow = "allow='microphone; autoplay'" if self.path.startswith("/open") else ""
            page = AROUND.format(site=self.path.partition("?")[2], allow=allow).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Course)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, around: str) -> Iterator[str]:
    """An app that the other site may show."""
    with app(
        tmp_path_factory.mktemp("data"),
        TUTOR_STUN="off",
        TUTOR_FRAME_ANCESTORS=around,
        TUTOR_ALLOWED_HOSTS=HOST,
    ) as address:
        yield address


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium on a machine without a microphone, which knows a host name that is not this machine's."""
    with chromium(playwright, f"--host-resolver-rules=MAP {HOST} 127.0.0.1") as browser:
        yield browser


def come_in(browser: Browser, site: str, *, script: str = "", allowed: bool = True) -> Page:
    """A guest's page."""
    context = browser.new_context(permissions=["microphone"] if allowed else [])
    if script:
        context.add_init_script(script)
    page = context.new_page()
    page.goto(f"{site}/healthz")
    page.evaluate("fetch('/api/v1/auth/guest', {method: 'POST'})")
    return page


def named(page: Page, *, frame: str = "") -> tuple[str, str]:
    """Press Talk; gives the layer and the words that name it."""
    inside = page.frame_locator(frame) if frame else page
    inside.locator("#talk").click(timeout=20_000)
    trouble = inside.locator("#talk-panel .trouble")
    expect(trouble).to_be_visible(timeout=40_000)
    return trouble.get_attribute("data-layer") or "", trouble.inner_text()


@pytest.mark.parametrize(
    ("script", "allowed", "layer", "words"),
    [
        ("", True, "missing", "No microphone was found"),
        (REFUSED % ("in use", "NotReadableError"), True, "occupied", "Close other programs"),
        (REFUSED % ("Permission denied by system", "NotAllowedError"), True, "system", "privacy settings"),
        (REFUSED % ("Permission dismissed", "NotAllowedError"), False, "dismissed", "choose Allow"),
        ("delete Navigator.prototype.mediaDevices;", True, "unsupported", "another browser"),
    ],
    ids=["no device", "in use", "system", "dismissed", "no recording"],
)
def test_a_layer_is_named(
    browser: Browser, site: str, script: str, allowed: bool, layer: str, words: str
) -> None:
    """Learners would press Talk, and learn neither why nothing happens nor what to do."""
    page = come_in(browser, site, script=script, allowed=allowed)
    if layer == "dismissed":
        page.context.add_init_script("navigator.permissions.query = async () => ({ state: 'prompt' });")
    page.goto(f"{site}/")
    found, text = named(page)
    assert found == layer
    assert words in text
    expect(page.locator("#talk")).to_have_text("Talk")
    page.context.close()


def test_a_blocked_microphone_is_named(browser: Browser, site: str) -> None:
    """Who once pressed Block would never learn how to take it back."""
    page = come_in(browser, site, allowed=False)
    cdp = page.context.new_cdp_session(page)
    cdp.send(
        "Browser.setPermission", {"permission": {"name": "microphone"}, "setting": "denied", "origin": site}
    )
    page.goto(f"{site}/")
    assert named(page)[0] == "denied"
    page.context.close()


def test_an_unsafe_address_is_named(browser: Browser, site: str) -> None:
    """A site without https would have a button that does nothing."""
    page = come_in(browser, f"http://{HOST}:{urlsplit(site).port}")
    page.goto(f"http://{HOST}:{urlsplit(site).port}/")
    found, text = named(page)
    assert found == "insecure"
    assert "https" in text
    page.context.close()


def test_a_frame_without_the_microphone_is_named(browser: Browser, site: str, around: str) -> None:
    """A course site that forgot allow="microphone" would be told of a refusal that nobody made."""
    page = come_in(browser, site)
    page.goto(f"{around}/closed?{site}")
    found, text = named(page, frame="iframe")
    assert found == "frame"
    assert "window of its own" in text
    page.goto(f"{around}/open?{site}")
    assert named(page, frame="iframe")[0] != "frame", "the frame was opened, and is still blamed"
    page.context.close()
