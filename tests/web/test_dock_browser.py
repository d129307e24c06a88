"""The conversation in a real Chromium: a question is edited, and a typed command opens a chapter."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.web.browsing import app, chromium, guest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, playwright: Playwright) -> Iterator[Page]:
    """A guest in the chapter on loops, of the real app without a voice."""
    folder = tmp_path_factory.mktemp("data")
    with app(folder, TUTOR_STT="off", TUTOR_TTS="off") as site, chromium(playwright) as browser:
        yield guest(browser, site)


def ask(page: Page, text: str) -> None:
    """Type into the box and press Enter."""
    box = page.locator("#question textarea")
    box.fill(text)
    box.press("Enter")


def test_a_question_is_edited(page: Page) -> None:
    """A learner could not mend what was misheard, or would see both wordings."""
    ask(page, "What is a four loop?")
    expect(page.locator("#chat .bot").last).to_contain_text(
        "No model is connected", ignore_case=True, timeout=15_000
    )
    page.locator("#chat").get_by_role("button", name="Edit").last.click()
    page.locator("#chat .edit-textarea").fill("What is a for loop?")
    page.locator("#chat").get_by_role("button", name="Submit").click()
    expect(page.locator("#chat")).not_to_contain_text("four loop", timeout=15_000)
    expect(page.locator("#chat .user").last).to_contain_text("What is a for loop?")
    expect(page.locator("#chat .bot").last).to_contain_text("known row of things", timeout=15_000)


def test_a_typed_command_opens_the_next_chapter(page: Page) -> None:
    """The teacher would name the next chapter, and the page would stay where it is."""
    ask(page, "Next chapter, please.")
    expect(page.locator("#lesson article")).not_to_have_attribute("data-chapter", "loops", timeout=15_000)
