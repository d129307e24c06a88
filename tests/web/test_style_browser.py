"""How the learner wants to be taught, in a real Chromium."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.web.browsing import app, chromium, guest

pytestmark = pytest.mark.browser


def test_the_choice_is_remembered_and_told(tmp_path: Path, playwright: Playwright) -> None:
    """A learner would choose again after every reload, or choose without any effect."""
    with app(tmp_path, TUTOR_STT="off", TUTOR_TTS="off") as site, chromium(playwright) as browser:
        page = guest(browser, site)
        page.get_by_label("The teacher should").select_option("explain")
        page.reload()
        chosen = page.get_by_label("The teacher should")
        expect(chosen).to_have_value("explain", timeout=15_000)
        work = page.locator("#work textarea")
        page.wait_for_function("document.querySelector('#work textarea')?.value.includes('explain')")
        assert json.loads(work.input_value())["style"] == "explain"
