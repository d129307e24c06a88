"""One app and one Chromium for all tests of the runner; the tests share a guest's page."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright

from tests.web.browsing import app, chromium, guest, open_chapter

PYODIDE = Path(sys.prefix) / "pyodide"
KEEP_TROUBLE = """
window.trouble = [];
addEventListener("error", (event) => window.trouble.push(String(event.message)));
addEventListener("unhandledrejection", (event) => window.trouble.push(String(event.reason)));
"""
"""What goes wrong in the page's own scripts. Errors inside the sandboxed frame are the learner's code's."""


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium."""
    with chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="package")
def pyodide() -> Path:
    """The folder that tests/install-pyodide fills."""
    assert (PYODIDE / "package.json").is_file(), "run tests/install-pyodide first"
    return PYODIDE


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, pyodide: Path) -> Iterator[str]:
    """The address of the app, with its local copy of Pyodide."""
    data = tmp_path_factory.mktemp("data")
    (data / "pyodide").symlink_to(pyodide)
    with app(data, TUTOR_STT="off", TUTOR_TTS="off") as address:
        yield address


@pytest.fixture(scope="package")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A guest's page."""
    page = guest(browser, site)
    page.add_init_script(KEEP_TROUBLE)
    open_chapter(page, site)
    yield page
    page.context.close()


@pytest.fixture
def lesson(page: Page, site: str) -> Iterator[Page]:
    """The chapter on loops, with Python and the cells as the last test left them."""
    if page.locator("article[data-chapter=loops]").count() == 0:
        open_chapter(page, site)
    yield page
    assert page.evaluate("window.trouble") == []


@pytest.fixture
def cell(lesson: Page) -> Locator:
    """A code cell."""
    return lesson.locator(".code-cell .runnable").nth(2)


@pytest.fixture
def exercise(lesson: Page) -> Locator:
    """The exercise about a countdown."""
    return lesson.locator("#countdown .runnable")
