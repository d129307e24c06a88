"""Where Python and its packages come from: a CDN whose files are checked, or the site's own copy."""

import functools
import hashlib
import http.server
import io
import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browsing import app
from tests.web.runner.hands import START, run
from tutor.domain import pyodide as facts

pytestmark = pytest.mark.browser

CHAPTER = """---
tutor:
  summary: S.
  minutes: 5
  packages: [greetings, nowhere]
---

# One

```{code-cell} python
:name: code

x = 1
```
"""
OFF = {"TUTOR_STT": "off", "TUTOR_TTS": "off"}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files for any origin, as a CDN gives them."""

    def end_headers(self) -> None:
        self.send_header("access-control-allow-origin", "*")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A CDN for a test; gives its origin."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def wheel() -> bytes:
    """A package `greetings`, as small as a package can be; the same bytes at any time."""
    packed = io.BytesIO()
    info = "greetings-1.0.dist-info"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("greetings.py"), "def greet(name):\n    return 'Hello ' + name\n")
        archive.writestr(
            zipfile.ZipInfo(f"{info}/METADATA"), "Metadata-Version: 2.1\nName: greetings\nVersion: 1.0\n"
        )
        archive.writestr(
            zipfile.ZipInfo(f"{info}/WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), "")
    return packed.getvalue()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder, with a course beside it that needs two packages."""
    course = tmp_path / "courses" / "own"
    course.mkdir(parents=True)
    (course / "course.toml").write_text('title = "T"\nsummary = "S"\nchapters = ["one"]\n')
    (course / "one.md").write_text(CHAPTER)
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def opened(browser: Browser, site: str) -> Page:
    page = browser.new_page()
    page.goto(f"{site}/healthz")
    page.evaluate("fetch('/api/v1/auth/guest', {method: 'POST'}).then((answer) => answer.status)")
    page.goto(site)
    expect(page.locator("#code .editor textarea")).to_be_visible(timeout=START)
    return page


def test_a_package_of_the_site_is_loaded_and_a_missing_one_is_named(
    browser: Browser, pyodide: Path, data: Path
) -> None:
    """A chapter could not use its package, or a learner would not learn why an import fails."""
    folder = data / "pyodide"
    shutil.copytree(pyodide, folder)
    (folder / "greetings-1.0-py3-none-any.whl").write_bytes(wheel())
    lock = json.loads((folder / "pyodide-lock.json").read_text())
    lock["packages"]["greetings"] = lock["packages"]["six"] | {
        "name": "greetings",
        "version": "1.0",
        "file_name": "greetings-1.0-py3-none-any.whl",
        "sha256": hashlib.sha256(wheel()).hexdigest(),
        "imports": ["greetings"],
        "depends": [],
    }
    (folder / "pyodide-lock.json").write_text(json.dumps(lock))
    (folder / "pyodide-lock.json.gz").unlink()
    with app(data, TUTOR_COURSES_DIR=str(data.parent / "courses"), **OFF) as site:
        page = opened(browser, site)
        cell = page.locator("#code .runnable")
        assert "Hello Ada" in run(cell, "import greetings\nprint(greetings.greet('Ada'))")
        assert "This chapter uses nowhere, which cannot be loaded" in run(cell, "import nowhere")
        page.close()


def test_a_cdn_is_asked_only_where_there_is_no_copy_and_is_not_believed(
    browser: Browser, pyodide: Path, data: Path, tmp_path: Path
) -> None:
    """Cells would not run on a new site; or whoever holds the CDN would hold every learner's page."""
    core = tmp_path / "cdn" / "npm" / f"pyodide@{facts.VERSION}"
    core.mkdir(parents=True)
    for name in facts.FILES:
        shutil.copy(pyodide / name, core / name)
    with serving(tmp_path / "cdn") as cdn:
        courses = str(data.parent / "courses")
        with app(data, TUTOR_COURSES_DIR=courses, TUTOR_PYODIDE_CDN=cdn, **OFF) as site:
            policy = httpx.get(f"{site}/welcome/").headers["content-security-policy"]
            assert f"connect-src 'self' {cdn};" in policy
            page = opened(browser, site)
            assert "from afar" in run(page.locator("#code .runnable"), "print('from afar')")
            page.close()
            script = core / "pyodide.js"
            script.write_text(script.read_text() + "\n// changed\n")
            page = opened(browser, site)
            assert "could not be loaded" in run(page.locator("#code .runnable"), "print('from afar')")
            page.close()
        (data / "pyodide").symlink_to(pyodide)
        with app(data, TUTOR_COURSES_DIR=courses, TUTOR_PYODIDE_CDN=cdn, **OFF) as site:
            policy = httpx.get(f"{site}/welcome/").headers["content-security-policy"]
            assert "connect-src 'self';" in policy
