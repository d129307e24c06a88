"""The pages ask no other host for anything."""

import re
from html.parser import HTMLParser

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.web.conftest import Site
from tutor.web.offline import OwnHostOnly

_URL = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
_STYLE = re.compile(r"(?:@import|url\()\s*(?![\"']?data:)[^;)]*//[^;)]*")
_LOADS = {"src", "href", "content", "data", "poster", "srcset", "action", "imagesrcset"}


class Loads(HTMLParser):
    """Collects what a browser would load, and the text of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("script", "style") else self._inside
        for name, value in attrs:
            if name in _LOADS and tag != "a" and _URL.search(value or ""):
                self.foreign.append(f"<{tag} {name}={value}>")
            if name == "style" and "url(" in (value or "") and _URL.search(value or ""):
                self.foreign.append(f"<{tag} style={value}>")

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.foreign += _STYLE.findall(data)
        if self._inside == "script":
            self.foreign += re.findall(r"(?:import|fetch|src\s*=)[^;]{0,40}https?://[^\"'`]+", data)


def foreign(html: str) -> list[str]:
    """What a page would load from elsewhere."""
    page = Loads()
    page.feed(html)
    return page.foreign


def test_the_detector_detects() -> None:
    """The tests below would pass whatever the pages load."""
    for html in (
        '<link href="https://fonts.googleapis.com/css">',
        '<script src="//cdn.example.com/x.js"></script>',
        '<style>@import url("https://fonts.example.com/x");</style>',
        '<img srcset="https://cdn.example.com/x.png 2x">',
        '<script>import("https://cdn.example.com/x.js")</script>',
    ):
        assert foreign(html), html


@pytest.mark.parametrize("path", ["/", "/welcome/", "/welcome", "/api/v1/docs"])
def test_pages_load_from_here_alone(site: Site, path: str) -> None:
    """Every visit would be told to Google or a CDN, and the page would hang without a network."""
    answer = site.learner().get(path, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert foreign(answer.text) == []
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("path", ["/", "/welcome/"])
def test_pages_still_have_what_they_need(site: Site, path: str) -> None:
    """With the foreign elements our own would go."""
    html = site.learner().get(path).text
    assert "/ours/static/page.css" in html
    assert 'name="viewport"' in html
    assert "window.gradio_config" in html
    assert '<script type="module"' in html


@pytest.mark.parametrize("path", ["/theme.css", "/ours/static/page.css", "/welcome/theme.css"])
def test_styles_load_from_here_alone(site: Site, path: str) -> None:
    """A font or picture of another host would be fetched by the style sheet."""
    assert not _STYLE.findall(site.visitor().get(path).text)


def test_the_api_page_has_its_script_here(site: Site) -> None:
    """The documentation would be blank without a network."""
    visitor = site.visitor()
    html = visitor.get("/api/v1/docs").text
    for path in re.findall(r'(?:src|href)="([^"]+)"', html):
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        assert len(answer.content) > 100
    assert visitor.get("/api/v1/docs/no-such.js").status_code == 404
    assert visitor.get("/api/v1/docs/..%2f__init__.py").status_code == 404


def test_the_api_is_described(site: Site) -> None:
    """The documentation would not show how to ask."""
    document = site.visitor().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert document["info"]["title"] == "AI Programming Teacher"
    paths = document["paths"]
    for path in (
        "/api/v1/auth/sign-in",
        "/api/v1/courses/{course}/chapters/{chapter}",
        "/api/v1/conversations/{conversation_id}/turns",
        "/api/v1/conversations/{conversation_id}/recordings",
        "/api/v1/conversations/{conversation_id}/instructions",
    ):
        assert path in paths
    assert not [path for path in paths if not path.startswith("/api/v1/")], "inner routes are listed"
    answer = paths["/api/v1/conversations/{conversation_id}/turns"]["post"]["responses"]["200"]
    assert "text/event-stream" in answer["content"]
    schemas = document["components"]["schemas"]
    references = set(
        re.findall(r'"#/components/schemas/([^"]+)"', site.visitor().get("/api/v1/openapi.json").text)
    )
    assert references <= set(schemas)
    assert {"Heard", "Declined", "Delta", "Restarted", "Said", "Spoken", "Failed"} <= set(schemas)


def _wrapped(kind: str, *chunks: bytes, encoding: str = "") -> httpx.AsyncClient:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", kind.encode()), (b"content-length", b"%d" % sum(map(len, chunks)))]
        headers += [(b"content-encoding", encoding.encode())] if encoding else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, chunk in enumerate(chunks, start=1):
            await send({"type": "http.response.body", "body": chunk, "more_body": number < len(chunks)})

    return httpx.AsyncClient(transport=httpx.ASGITransport(OwnHostOnly(app)), base_url="http://here")


FOREIGN = b'<link rel="x" href="https://a.example/y"><script\n async src="https://b.example/z.js"></script>'


async def test_elements_split_over_chunks_go() -> None:
    """An element at the border of two network packets would stay."""
    async with _wrapped("text/html", b"<p>a</p>" + FOREIGN[:30], FOREIGN[30:], b"<p>b</p>") as client:
        answer = await client.get("/")
    assert answer.text == "<p>a</p><p>b</p>"
    assert answer.headers["content-length"] == "16"


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "text/event-stream"])
async def test_other_answers_are_left_alone(kind: str) -> None:
    """A learner's message that holds such an element would be changed."""
    async with _wrapped(kind, FOREIGN) as client:
        assert (await client.get("/")).content == FOREIGN
