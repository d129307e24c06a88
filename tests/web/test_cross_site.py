"""What may be asked at all: nothing that another site asks for, and nothing endless."""

import socket
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.web.conftest import Site

CROSS = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
]


@pytest.mark.parametrize("headers", CROSS, ids=str)
@pytest.mark.parametrize("signed", [True, False])
def test_another_site_changes_nothing(site: Site, headers: dict[str, str], signed: bool) -> None:
    """A page elsewhere could act in the name of whoever visits it, or sign them in as somebody else."""
    client = site.learner() if signed else site.visitor()
    requests = [
        ("POST", "/api/v1/auth/guest"),
        ("POST", "/api/v1/auth/sign-in"),
        ("POST", "/api/v1/auth/sign-out"),
        ("POST", "/api/v1/conversations"),
        ("DELETE", "/api/v1/conversations/a"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/component_server"),
    ]
    for method, path in requests:
        answer = client.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site"), path
        assert "set-cookie" not in answer.headers
    if signed:
        assert client.get("/api/v1/auth/me").status_code == 200


@pytest.mark.parametrize("site_header", ["same-origin", "none", None])
def test_our_own_page_may(site: Site, site_header: str | None) -> None:
    """The page itself, or a program without a browser, would be taken for another site."""
    headers = {"sec-fetch-site": site_header} if site_header else {}
    assert site.visitor().post("/api/v1/auth/guest", headers=headers).status_code == 201
    origin = {"origin": site.url}
    assert site.visitor().post("/api/v1/auth/guest", headers=origin).status_code == 201


def test_an_announced_body_has_a_limit(site: Site) -> None:
    """One request could fill the memory."""
    learner = site.visitor()
    for length in ("26000001", "99999999999999"):
        with socket.create_connection((learner.base_url.host, learner.base_url.port or 0), 5) as raw:
            raw.sendall(
                f"POST /api/v1/auth/guest HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
            )
            answer = raw.recv(4000)
        assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_streamed_body_has_a_limit(site: Site, begin: Callable[[httpx.Client], str]) -> None:
    """One request that does not say how long it is could fill the memory."""
    learner = site.learner()

    def endless() -> Iterator[bytes]:
        for _ in range(27):
            yield bytes(1_000_000)

    url = f"/api/v1/conversations/{begin(learner)}/recordings"
    try:
        answer = learner.post(url, content=endless())
    except httpx.TransportError:
        return  # cut off: as good as refused
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
