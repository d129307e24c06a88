"""What a model may put into an answer, as a real browser shows it: nothing of it acts."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.web.browsing import app, chromium
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.domain.conversation import Outcome, TurnEnd, Via

pytestmark = pytest.mark.browser

LINKS = (
    "[plain](javascript:window.pwned='link')",
    "[mixed](JaVaScRiPt:window.pwned='mixed')",
    "[spaced](java&#10;script:window.pwned='spaced')",
    "<javascript:window.pwned='auto'>",
    "[data](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[vb](vbscript:msgbox)",
    "<a href=\"javascript:window.pwned='raw'\">raw</a>",
    "[good](https://docs.python.org/3/)",
)
HTML = (
    "<script>window.pwned='script'</script>",
    '<img src="https://evil.example/x.png" onerror="window.pwned=\'onerror\'">',
    "<svg onload=\"window.pwned='svg'\"><script>window.pwned='svg'</script></svg>",
    "<iframe src=\"javascript:window.pwned='frame'\"></iframe>",
    "<iframe srcdoc=\"<script>parent.pwned='srcdoc'</script>\"></iframe>",
    '<form action="https://evil.example/"><input name="password" autofocus onfocus="window.pwned=1"></form>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    '<base href="https://evil.example/">',
    "<details open ontoggle=\"window.pwned='toggle'\"><summary>x</summary></details>",
    "<object data=\"javascript:window.pwned='object'\"></object>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=\"window.pwned='mxss'\"></style></mglyph></math>",
)
KATEX = (
    r"$$\href{javascript:window.pwned='katex'}{click}$$",
    r"$$\url{javascript:window.pwned='katex'}$$",
    r"$$\htmlData{x=1}{\htmlStyle{position:fixed;inset:0}{x}}$$",
    r"$$\includegraphics{https://evil.example/k.png}$$",
    r"$$\def\x{\x\x}\x$$",
    r"$$\rule{100000em}{100000em}$$",
    r"$$x^2 + y^2$$",
)
MERMAID = (
    "```mermaid\ngraph TD\n  A[one] --> B[two]\n  click A \"javascript:window.pwned='mermaid'\"\n"
    '  click B call alert("x")\n```',
    '```mermaid\n%%{init: {"securityLevel": "loose"}}%%\ngraph TD\n'
    "  A[\"<img src=x onerror=window.pwned='label'>\"] --> B\n```",
)
LOOK = """
() => {
  const chat = document.querySelector("#chat");
  const all = [...chat.querySelectorAll("*")];
  return {
    links: [...chat.querySelectorAll("[href], [xlink\\\\:href]")].map(
      (one) => one.getAttribute("href") ?? one.getAttribute("xlink:href")),
    acting: all.flatMap((one) => [...one.attributes].filter(({ name }) => /^on/i.test(name)).map(
      ({ name }) => `${one.tagName} ${name}`)),
    forbidden: all.map((one) => one.tagName.toLowerCase()).filter((name) =>
      ["script", "iframe", "object", "embed", "form", "meta", "base", "link"].includes(name)),
    foreign: [...chat.querySelectorAll("img, image, source, video, audio")]
      .map((one) => one.src ?? "").filter((src) => src.includes("evil.example")),
    fixed: all.filter((one) => getComputedStyle(one).position === "fixed").map((one) => one.outerHTML),
    formulas: chat.querySelectorAll(".katex").length,
  };
}
"""


def _stored(data: Path, client: httpx.Client) -> None:
    """An answer that a model could have given, in a conversation of this learner's."""
    learner = client.get("/api/v1/auth/me").json()["id"]
    body = {"course": "python-basics", "chapter": "loops"}
    talk = client.post("/api/v1/conversations", json=body).json()["id"]
    answer = "\n\n".join(("The answer begins.", *LINKS, *HTML, *KATEX, *MERMAID, "The answer ends."))

    async def store() -> None:
        database = Database(f"sqlite:///{data / 'tutor.db'}")
        turns = SqlConversations(database)
        turn = await turns.open_turn(learner, talk, text="Show me everything", via=Via.TEXT)
        await turns.close_turn(learner, turn, TurnEnd(outcome=Outcome.ANSWERED, text=answer, rung="m"))
        database.close()

    with ThreadPoolExecutor(1) as beside:  # Playwright keeps a loop of its own in this thread
        beside.submit(asyncio.run, store()).result()


def _opened(page: Page, site: str, data: Path) -> None:
    page.goto(f"{site}/healthz")
    page.evaluate("fetch('/api/v1/auth/guest', {method: 'POST'})")
    page.wait_for_function("fetch('/api/v1/auth/me').then((answer) => answer.ok)")
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    with httpx.Client(base_url=site, cookies=cookies, trust_env=False) as client:
        _stored(data, client)
    page.goto(f"{site}/?course=python-basics&chapter=loops")


def test_nothing_in_an_answer_acts(playwright: Playwright, tmp_path: Path) -> None:
    """A model, or whoever wrote into its prompt, could act as the learner, or spy on them."""
    limits = {"TUTOR_TURNS_PER_MINUTE": "2", "TUTOR_STT": "off", "TUTOR_TTS": "off"}
    with app(tmp_path, **limits) as site, chromium(playwright) as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 844}).new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        _opened(page, site, tmp_path)
        chat = page.locator("#chat")
        expect(chat).to_contain_text("The answer ends.", timeout=30_000)
        expect(chat.locator(".katex").first).to_be_visible(timeout=10_000)
        page.wait_for_timeout(1500)  # diagrams are drawn late
        found = page.evaluate(LOOK)
        assert found["formulas"], "no formula was drawn, so the tricks in them were not tried"
        good = ("http://", "https://", "mailto:", "#", "/")
        assert [link for link in found["links"] if not link.startswith(good)] == []
        assert "https://docs.python.org/3/" in found["links"], "the test does not see links"
        for what in ("acting", "forbidden", "foreign", "fixed"):
            assert found[what] == [], what
        for text in ("plain", "mixed", "raw", "click"):
            for link in chat.get_by_text(text, exact=True).all():
                link.dispatch_event("click")
        assert page.evaluate("window.pwned") is None
        assert [url for url in asked if "evil.example" in url] == []
        assert page.url.startswith(site)
        # On the same page, as it is open: what is left of two questions a minute is told after the first.
        expect(page.locator("#allowance")).to_have_text("")
        page.locator("#question textarea").fill("What is a while loop?")
        page.keyboard.press("Enter")
        expect(page.locator("#allowance")).to_have_text("1 question left this minute.", timeout=20_000)
