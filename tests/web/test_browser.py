"""The main job in a real Chromium: sign up, open a chapter, type, speak, hear, reload, and be alone there."""

import json
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.web.browsing import ROOT, app, chromium

QUESTION = ROOT / "tests" / "data" / "speech" / "while_loop.wav"
KEEP_CONNECTIONS = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) { super(...args); window.connections.push(this); }
};
"""
HEARD_ENERGY = """async () => {
  let energy = 0;
  for (const connection of window.connections)
    for (const report of (await connection.getStats()).values())
      if (report.type === "inbound-rtp") energy += report.totalAudioEnergy ?? 0;
  return energy;
}"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real app, started as a user starts it."""
    with app(tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A microphone that says one question after three seconds, and then nothing."""
    path = tmp_path_factory.mktemp("microphone") / "question.wav"
    with wave.open(str(QUESTION)) as question, wave.open(str(path), "wb") as out:
        out.setparams(question.getparams())
        second = b"\0\0" * question.getframerate()
        out.writeframes(second * 3 + question.readframes(question.getnframes()) + second * 60)
    return path


@pytest.fixture(scope="module")
def browser(playwright: Playwright, microphone: Path) -> Iterator[Browser]:
    """Chromium that hears the microphone above."""
    with chromium(
        playwright,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
    ) as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """A visitor with an empty browser, who notices any request to another host."""
    visitor = browser.new_context(viewport={"width": 1280, "height": 800}, permissions=["microphone"])
    visitor.add_init_script(KEEP_CONNECTIONS)
    asked: list[str] = []
    visitor.on("request", lambda request: asked.append(request.url))
    yield visitor
    visitor.close()
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []


def sign_up(page: Page, site: str, name: str) -> None:
    """Make an account on the first page and wait for the lesson."""
    page.goto(site)
    page.locator("#name input, #name textarea").fill(name)
    page.locator("#password input").fill("four words in a row")
    page.locator("#sign-up").click()
    expect(page.locator("#lesson article h1")).to_be_visible(timeout=20_000)


def open_loops(page: Page) -> None:
    """Open the chapter on loops from the list, and wait for the teacher's greeting."""
    page.get_by_role("link", name="Loops").click()
    expect(page.locator("#lesson article")).to_have_attribute("data-chapter", "loops")
    expect(page.locator("#chat")).to_contain_text("Loops", timeout=10_000)


def test_a_learner_types_speaks_hears_and_finds_it_all_again(context: BrowserContext, site: str) -> None:
    """Breaks when any part of the main job does, or when one learner can see another's conversation."""
    page = context.new_page()
    sign_up(page, site, "Amina")
    open_loops(page)

    box = page.locator("#question textarea")
    box.fill("Please tell me how a for loop differs from a while loop")
    box.press("Enter")
    chat = page.locator("#chat")
    expect(chat.locator(".user").last).to_contain_text("how a for loop differs")
    expect(chat.locator(".bot").last).to_contain_text("while", timeout=10_000)
    expect(box).to_have_value("")

    page.locator("#talk").click()
    expect(page.locator("#voice-state")).to_contain_text("Listening", timeout=15_000)
    expect(chat.locator(".user").last).to_contain_text("loop never end", timeout=25_000, ignore_case=True)
    expect(page.locator("#voice-state")).to_contain_text("Speaking", timeout=15_000)
    page.wait_for_timeout(1500)
    assert page.evaluate(HEARD_ENERGY) > 0.01, "no sound arrived in the browser"
    page.locator("#talk").click()
    expect(page.locator("#talk")).to_contain_text("Talk")

    page.reload()
    expect(page.locator("#lesson article")).to_have_attribute("data-chapter", "loops", timeout=20_000)
    expect(chat).to_contain_text("how a for loop differs", timeout=10_000)
    expect(chat).to_contain_text("loop never end", ignore_case=True)

    mine = page.evaluate("fetch('/api/v1/conversations').then((answer) => answer.json())")
    other = context.browser.new_context()  # type: ignore[union-attr]
    try:
        stranger = other.new_page()
        sign_up(stranger, site, "Bruno")
        open_loops(stranger)
        expect(stranger.locator("#chat")).not_to_contain_text("how a for loop differs")
        theirs = stranger.evaluate("fetch('/api/v1/conversations').then((answer) => answer.json())")
        assert not {item["id"] for item in mine} & {item["id"] for item in theirs}
        for path in ("", "/messages"):
            address = json.dumps(f"/api/v1/conversations/{mine[0]['id']}{path}")
            status = stranger.evaluate(f"fetch({address}).then((answer) => answer.status)")
            assert status == 404
    finally:
        other.close()


def test_a_guest_on_a_phone_opens_the_sheet_and_asks_about_a_cell(browser: Browser, site: str) -> None:
    """Breaks when a phone cannot reach the teacher, or a link of an answer does not lead into the lesson."""
    visitor = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = visitor.new_page()
    page.goto(f"{site}/?course=python-basics&chapter=loops")
    page.locator("#guest").click()
    expect(page.locator("#lesson article")).to_have_attribute("data-chapter", "loops", timeout=20_000)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"the page is {width} pixels wide on a phone of 390"

    page.locator("#open-teacher").click()
    box = page.locator("#question textarea")
    expect(box).to_be_in_viewport()
    expect(page.locator("#talk")).to_be_in_viewport()
    box.fill("Why does my while loop never end?")
    box.press("Enter")
    expect(page.locator("#chat .user").last).to_contain_text("never end")
    link = page.locator("#chat .bot a[href*='#']").last
    expect(link).to_be_visible(timeout=10_000)
    target = (link.get_attribute("href") or "").partition("#")[2]
    link.click()
    expect(page.locator(f"[id='{target}']")).to_be_in_viewport(timeout=10_000)
    visitor.close()
