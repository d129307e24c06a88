"""The pages for those who use a keyboard, a screen reader, or want nothing to move, in a real Chromium."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.web.browsing import app, barriers, chromium, guest

pytestmark = pytest.mark.browser

MOVING = """(state) => {
  document.querySelector("#talk-panel").dataset.state = state;
  document.querySelector("#talk-panel .now").hidden = false;
  const bar = document.querySelector("#talk-panel .level i");
  getComputedStyle(bar).height;
  document.querySelector("#talk-panel .level").style.setProperty("--loud", 1);
  return document.getAnimations().length;
}"""

NAMES: tuple[tuple[Literal["button", "combobox", "checkbox"], str], ...] = (
    *(("button", "Talk"), ("button", "Mute"), ("button", "Done")),
    *(("combobox", "Voice"), ("combobox", "Speed"), ("checkbox", "Read typed answers aloud")),
)
"""What a screen reader calls each control of the panel."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app that hears by itself, and leaves speaking to the browser."""
    with app(tmp_path_factory.mktemp("data"), TUTOR_STUN="off", TUTOR_TTS="off") as address:
        yield address


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium on a machine without a microphone."""
    with chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A guest's page."""
    page = guest(browser, site)
    yield page
    page.context.close()


def test_the_panel_is_worked_by_keyboard_alone(page: Page) -> None:
    """Who cannot use a mouse could not talk, or not choose a voice, or would hear nothing of a failure."""
    talk, trouble = page.locator("#talk"), page.locator("#talk-panel .trouble")
    assert talk.get_attribute("aria-keyshortcuts") == "Control+Shift+Space"
    page.keyboard.press("Control+Shift+Space")
    expect(trouble).to_be_visible(timeout=40_000)
    expect(trouble).to_have_attribute("data-layer", "missing")
    expect(page.get_by_role("alert").filter(has_text="No microphone was found")).to_be_visible()
    assert barriers(page) == []

    talk.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Speed")).to_be_visible()
    page.get_by_label("Read typed answers aloud").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Read typed answers aloud")).to_be_checked()
    expect(page.get_by_label("Read typed answers aloud")).to_have_css("appearance", "auto")
    assert barriers(page) == []
    page.keyboard.press("Escape")


def test_every_control_of_the_panel_has_a_name(page: Page) -> None:
    """A screen reader would say "button", and nothing else."""
    panel = page.get_by_role("region", name="Talk with the teacher")
    page.evaluate("for (const one of document.querySelectorAll('#talk-panel [hidden]')) one.hidden = false")
    page.evaluate("document.querySelector('#voice-choices').open = true")
    assert barriers(page) == []
    for role, name in NAMES:
        expect(panel.get_by_role(role, name=name, exact=role == "button")).to_be_visible()
    assert panel.locator("summary").get_attribute("aria-label") == "Voice and speed"
    assert panel.locator("button, select, input").count() == len(NAMES)


@pytest.mark.parametrize(("wish", "moves"), [("no-preference", True), ("reduce", False)])
def test_nothing_moves_where_that_is_wished(
    page: Page, wish: Literal["no-preference", "reduce"], moves: bool
) -> None:
    """Who gets dizzy from things that move would have to leave."""
    page.emulate_media(reduced_motion=wish)
    page.evaluate("document.querySelector('#talk-panel .level').style.setProperty('--loud', 0)")
    page.wait_for_timeout(150)
    assert (page.evaluate(MOVING, "listening") > 0) is moves


@pytest.mark.parametrize("width", [1280, 390])
def test_the_account_page_has_no_barriers(page: Page, site: str, width: int) -> None:
    """Somebody with a screen reader could not take their data along, or not delete it."""
    page.set_viewport_size({"width": width, "height": 844})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{site}/account")
        expect(page.get_by_role("heading").first).to_be_visible()
        page.locator("details").evaluate_all("(all) => all.forEach((one) => (one.open = true))")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
