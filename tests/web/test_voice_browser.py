"""Talking in a real Chromium, over real WebRTC, with the local models. The test plays the microphone."""

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.web.browsing import ROOT, app, chromium, guest

SPEECH = ROOT / "tests" / "data" / "speech"
MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext({ sampleRate: 48000 });
  const out = context.createMediaStreamDestination();
  const room = new ConstantSourceNode(context, { offset: 0.0001 }); // never quite still
  room.connect(out);
  room.start();
  window.speak = async (wav) => {
    const bytes = Uint8Array.from(atob(wav), (letter) => letter.charCodeAt(0));
    const buffer = await context.decodeAudioData(bytes.buffer);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(out);
    source.start();
    await new Promise((resolve) => source.addEventListener("ended", resolve));
  };
  return out.stream;
};
"""
BLOCKED = """
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(settings) { super({ ...settings, iceTransportPolicy: "relay" }); }
};
"""
"""Real ICE that is let through to relays alone, where there is none: what a strict firewall leaves."""
MARKED = """() => [...(CSS.highlights.get("spoken") ?? [])].map(String).join(" ")"""
FREED = """async () => {
  for (let tries = 0; tries < 40; tries++) {
    if ((await (await fetch("/api/v1/voice")).json()).free === 1) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}"""

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app with a single place for talking, on a machine without a way out."""
    with app(tmp_path_factory.mktemp("data"), TUTOR_STUN="off", TUTOR_VOICE_SESSIONS="1") as address:
        yield address


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium that plays sound without being asked."""
    with chromium(playwright, "--autoplay-policy=no-user-gesture-required") as browser:
        yield browser


def visit(browser: Browser, site: str, *scripts: str) -> Page:
    """A guest whose microphone the test plays, in the chapter on loops."""
    return guest(browser, site, scripts=(MICROPHONE, *scripts))


def speak(page: Page, name: str) -> None:
    """Say a sentence into the microphone, and wait until it is over."""
    sound = base64.b64encode((SPEECH / name).read_bytes()).decode()
    page.evaluate("(wav) => window.speak(wav)", sound)


def in_state(page: Page, state: str, *, seconds: int = 30) -> None:
    """Wait until the panel shows it."""
    expect(page.locator("#talk-panel")).to_have_attribute("data-state", state, timeout=seconds * 1000)


def test_two_spoken_turns_with_an_interruption(browser: Browser, site: str) -> None:
    """Learners could not talk, or not interrupt, or not see what goes on while they do."""
    page = visit(browser, site)
    page.wait_for_timeout(1000)  # the greeting
    page.locator("#talk").click()
    in_state(page, "listening")
    expect(page.locator("#talk")).to_have_text("Hang up")

    other = visit(browser, site)
    other.locator("#talk").click()
    in_state(other, "ready")
    expect(other.locator("#talk-panel .trouble")).to_contain_text("All places for talking are taken")

    speak(page, "while_loop.wav")
    in_state(page, "speaking")
    caption = page.locator("#talk-panel .caption")
    expect(caption).to_have_attribute("data-who", "Teacher", timeout=10_000)
    page.wait_for_function(f"({MARKED})().length > 10", timeout=10_000)
    assert page.evaluate(MARKED) in page.locator("#chat .bot.message").last.inner_text()

    speak(page, "list.wav")
    users = page.locator("#chat .user.message")
    expect(users.last).to_contain_text("list", timeout=40_000, ignore_case=True)
    in_state(page, "speaking")
    messages = page.evaluate(
        "fetch('/api/v1/conversations').then((a) => a.json())"
        ".then((all) => fetch(`/api/v1/conversations/${all[0].id}/messages`)).then((a) => a.json())"
    )
    first, second = (message for message in messages if message["author"] == "user")
    assert "while loop" in first["text"].lower()
    assert "list" in second["text"].lower()

    page.locator("#mute").click()
    in_state(page, "muted")
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    in_state(page, "off")
    expect(page.locator("#talk")).to_have_text("Talk")
    assert other.evaluate(FREED), "the place is still taken"
    other.context.close()
    page.context.close()


def test_a_blocked_network_leaves_push_to_talk(browser: Browser, site: str) -> None:
    """Behind a firewall that lets no UDP through nobody could talk."""
    page = visit(browser, site, BLOCKED)
    talk = page.locator("#talk")
    talk.focus()
    page.keyboard.press("Enter")
    in_state(page, "ready")
    expect(page.locator("#talk-panel .trouble")).to_have_attribute("data-layer", "blocked")
    page.keyboard.down("Space")
    in_state(page, "recording")
    speak(page, "while_loop.wav")
    page.keyboard.up("Space")
    expect(page.locator("#chat .user.message").last).to_contain_text("while loop", timeout=40_000)
    in_state(page, "speaking")
    expect(page.locator("#chat .bot.message").last).to_contain_text("condition", timeout=20_000)
    talk.click()  # a tap: it interrupts, and records until the next
    in_state(page, "recording")
    page.keyboard.press("Escape")
    in_state(page, "off")
    page.context.close()
