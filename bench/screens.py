"""Looks at the chapters of a running app as a phone shows them, and tells what is cut or tiny.

python -m bench.screens http://localhost:7860                     every chapter, light and dark: its flaws
python -m bench.screens http://localhost:7860 --pictures FOLDER   also uses each chapter, and takes pictures
python -m bench.screens http://localhost:7860 --chapter loops     one chapter

It needs the app with its guests let in, and Chromium (tests/install-browser).
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tutor.adapters.courses import FolderCourses

COURSES = FolderCourses(Path(__file__).parents[1] / "courses")
WIDTH, HEIGHT, SCALE = 390, 844, 2
SMALLEST = 14
"""Pixels: what is smaller is not read on a phone."""
KINDS = {
    "top": "article > header",
    "prose": "section.prose:nth-of-type(3)",
    "figure": "section img",
    "table": "section table",
    "code": "section.code-cell",
    "error": "section.code-cell:has([data-raises])",
    "exercise": "section.exercise",
    "hint": "section.exercise .hints",
    "choice": "form[data-type=choice]",
    "output": "form[data-type=output]",
    "order": "form[data-type=order]",
    "gap": "form[data-type=gap]",
    "recap": "section.prose:has(h2:has-text('What you know now'))",
    "questions": "section.questions",
}
"""Where each kind of cell begins."""
_SHOW = """(node) => {
  document.activeElement?.blur();
  node.scrollIntoView({block: 'start', behavior: 'instant'});
}"""
_FLAWS = """([smallest]) => {
  const found = [], wide = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth > wide) found.push('the page scrolls sideways');
  const boxes = '.editor, pre, table, .scrolls, .cm-scroller';
  for (const node of document.querySelectorAll('article *')) {
    const box = node.getBoundingClientRect(), style = getComputedStyle(node);
    if (!box.width || !box.height || style.visibility == 'hidden' || node.closest('[hidden]')) continue;
    const first = String(node.className).split(' ')[0];
    const name = node.tagName.toLowerCase() + (first && '.' + first);
    const at = node.closest('section')?.id;
    if (box.right > wide + 1 && !node.closest(boxes)) found.push(`${at}: ${name} is cut on the right`);
    const own = [...node.childNodes].some((one) => one.nodeType == 3 && one.data.trim());
    if (own && parseFloat(style.fontSize) < smallest && box.width > 1)
      found.push(`${at}: ${name} has ${style.fontSize} text`);
  }
  return [...new Set(found)];
}"""


def phone(browser: Browser, site: str, scheme: str) -> Page:
    """A guest's page as a phone shows it, in `light` or `dark`."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=SCALE,
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=True,
        is_mobile=True,
    )
    page = context.new_page()
    page.goto(f"{site}/healthz")
    page.evaluate("fetch('/api/v1/auth/guest', {method: 'POST'})")
    return page


def opened(page: Page, site: str, course: str, chapter: str) -> None:
    """Open a chapter, and wait until it can be used."""
    page.goto(f"{site}/?course={course}&chapter={chapter}")
    page.locator(f"article[data-chapter={chapter}] .editor textarea").first.wait_for(timeout=40_000)
    page.evaluate("document.querySelectorAll('article img').forEach((one) => one.loading = 'eager')")
    page.wait_for_timeout(500)


def used(page: Page) -> None:
    """Do as a learner does: run a cell and one that fails, open a hint and a question, answer."""
    for cell in ("section.code-cell .run", "section.code-cell [data-raises] .run", "section.exercise .check"):
        if (button := page.locator(cell)).count():
            button.first.click()
            page.wait_for_timeout(1500)
    page.locator("section.code-cell .output:visible").first.wait_for(timeout=60_000)
    page.wait_for_timeout(8000)  # the first run loads Python
    for once in (".hints button", "section.questions summary"):
        if (shown := page.locator(once)).count():
            shown.first.click()
    for quiz in page.locator("form.quiz").all():
        if (option := quiz.locator("input[type=radio]")).count():
            option.first.check()
        for field in quiz.locator("textarea, input:not([type=radio])").all():
            field.fill("no")
        quiz.locator(".answer").click()
        page.wait_for_timeout(300)
        if (show := quiz.locator(".show")).is_visible():
            show.click()
    page.wait_for_timeout(800)


def pictures(page: Page, folder: Path, name: str) -> Iterator[Path]:
    """One picture of the screen for each kind of cell that the chapter has."""
    for kind, selector in KINDS.items():
        place = page.locator(selector)
        if place.count():
            place.first.evaluate(_SHOW)
            page.wait_for_timeout(250)
            path = folder / f"{name}-{kind}.png"
            page.screenshot(path=path)
            yield path


def main() -> None:
    """Look, and say what was found; ends with 1 where something is cut or tiny."""
    options = _options()
    flawed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = phone(browser, options.site, scheme)
            for course in COURSES.courses():
                for chapter in course.chapters:
                    if options.chapter and chapter.slug not in options.chapter:
                        continue
                    opened(page, options.site, course.slug, chapter.slug)
                    if options.pictures:
                        used(page)
                        options.pictures.mkdir(parents=True, exist_ok=True)
                        for path in pictures(page, options.pictures, f"{chapter.slug}-{scheme}"):
                            print(path)
                    flaws = page.evaluate(_FLAWS, [SMALLEST])
                    flawed += bool(flaws)
                    print(
                        f"{chapter.slug} ({scheme}): {'; '.join(flaws) or 'nothing is cut, nothing is tiny'}"
                    )
        browser.close()
    sys.exit(1 if flawed else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("site")
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--chapter", nargs="*", default=[])
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    return parser.parse_args()


if __name__ == "__main__":
    main()
