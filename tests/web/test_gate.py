"""Who may reach what: Gradio's routes, other sites' requests, large bodies, and what the browser is told."""

import re
from pathlib import Path

import httpx
import pytest

from tests.web.conftest import PASSWORD, Site
from tests.web.routes import GRADIO_SERVES, routes
from tutor.errors import SettingsError
from tutor.settings import Settings
from tutor.web.gate import SecurityHeaders

OPEN = [
    "/healthz",
    "/robots.txt",
    "/theme.css",
    "/welcome/",
    "/welcome/config",
    "/welcome/theme.css",
    "/welcome/gradio_api/info",
    "/welcome/gradio_api/startup-events",
    "/ours/static/page.css",
    "/ours/static/mark.svg",
    "/api/v1/mode",
    "/api/v1/openapi.json",
    "/api/v1/docs",
]
SIGNED = [
    "/",
    "/config",
    "/gradio_api/info",
    "/gradio_api/startup-events",
    "/gradio_api/queue/data?session_hash=a",
]
CLOSED = [
    "/gradio_api/upload",
    "/gradio_api/upload_progress?upload_id=a",
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file/etc/passwd",
    "/gradio_api/proxy=https://example.com/",
    "/gradio_api/file=https://example.com/x.png",
    "/proxy=https://example.com/",
    "/file=https://example.com/x.png",
    "/file=/etc/passwd",
    "/webrtc/offer",
    "/websocket/offer",
    "/telephone/incoming",
    "/gradio_api/webrtc/offer",
    "/gradio_api/monitoring",
    "/gradio_api/deep_link?session_hash=a",
    "/gradio_api/stream/a/1/1/playlist.m3u8",
    "/gradio_api/call/predict/a",
    "/gradio_api/run/predict",
    "/gradio_api/api/predict",
    "/gradio_api/queue/status",
    "/gradio_api/token",
    "/gradio_api/app_id",
    "/gradio_api/user",
    "/gradio_api/login_check",
    "/gradio_api/dev/reload",
    "/gradio_api/openapi.json",
    "/gradio_api/process_recording",
    "/gradio_api/vibe-code",
    "/monitoring",
    "/monitoring/summary",
    "/monitoring/key",
    "/login",
    "/logout",
    "/pwa_icon",
    "/openapi.json",
    "/docs",
    "/redoc",
    "/gradio_api/../gradio_api/upload",
    "/gradio_api%2Fupload",
    "//gradio_api/upload",
    "/gradio_api/heartbeat/a/b",
    "/gradio_api/heartbeat/%0A",
    "/config%0A",
    "/.env",
    "/data/tutor.db",
]


@pytest.fixture(scope="module")
def learner(site: Site) -> httpx.Client:
    return site.learner()


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open(site: Site, path: str) -> None:
    """The first page would lack its parts, or a program could not find the API."""
    answer = site.visitor().get(path)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", SIGNED)
def test_what_needs_a_session(site: Site, learner: httpx.Client, path: str) -> None:
    """Somebody who is not signed in would get into the lesson page, with any session hash they like."""
    answer = site.visitor().get(path)
    if path == "/":
        assert (answer.status_code, answer.headers["location"]) == (303, "/welcome/?next=/")
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_required")
    if "queue" not in path:
        assert learner.get(path).status_code == 200


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("prefix", ["", "/welcome"])
def test_what_is_closed_to_all(site: Site, learner: httpx.Client, path: str, prefix: str) -> None:
    """One of Gradio's own routes, which know nothing of our learners, could be used; some have advisories."""
    for client in (site.visitor(), learner):
        for method in ("GET", "POST", "HEAD"):
            answer = client.request(method, prefix + path)
            assert answer.status_code in (401, 404), (method, answer.status_code, answer.text)
            assert answer.status_code == 404 or client is not learner


def test_no_gradio_route_was_forgotten(site: Site, learner: httpx.Client) -> None:
    """A newer Gradio could bring a route that nobody has looked at, open to the world."""
    from gradio.routes import App

    lists = [route.app for route in site.app.routes if isinstance(getattr(route, "app", None), App)]
    assert len(lists) == 2
    found = {(method, path) for app in lists for method, path in routes(app.routes)}
    assert ("POST", "/gradio_api/upload") in found, "the test does not see Gradio's routes"
    for method, path in found:
        if path in GRADIO_SERVES:
            continue
        for prefix in ("", "/welcome"):
            answer = learner.request(method, prefix + re.sub(r"\{[^}]*\}", "a", path))
            assert answer.status_code == 404, (method, path)


def test_every_answer_tells_the_browser(site: Site, learner: httpx.Client) -> None:
    """A page that was forgotten could be shown in a frame elsewhere, or load from anywhere."""
    guest, unknown = site.visitor(), {"content": b"{", "headers": {"sec-fetch-site": "cross-site"}}
    answers = [
        *(guest.get(path) for path in ["/", *OPEN, "/gradio_api/upload", "/no-such", "/api/v1/no-such"]),
        *(learner.get(path) for path in ["/", "/config", "/no-such", "/static/no-such", "/api/v1/courses"]),
        guest.post("/api/v1/auth/sign-in", json={}),
        guest.post("/api/v1/auth/guest", **unknown),
        guest.get("/api/v1/auth/me"),
    ]
    for answer in answers:
        (policy,) = answer.headers.get_list("content-security-policy")
        rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
        assert rules["frame-ancestors"] == "'self'", answer.url
        assert rules["default-src"] == rules["connect-src"] == "'self'"
        assert rules["object-src"] == "'none'"
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "microphone=(self)" in answer.headers["permissions-policy"]
        assert "server" not in answer.headers


async def test_only_named_sites_may_frame_it() -> None:
    """A course site that the owner named could not embed the app, or every site could."""

    async def app(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    wrapped = SecurityHeaders(app, ("https://a.example", "https://b.example"))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(wrapped), base_url="http://x") as client:
        policy = (await client.get("/")).headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://a.example https://b.example")


def test_a_course_picture_is_no_page(site: Site, learner: httpx.Client) -> None:
    """An SVG in a course, opened by itself, could run scripts with the learner's session."""
    (svg, *_) = sorted(Path(site.services.settings.courses_dir).glob("*/**/*.svg"))
    course, *rest = svg.relative_to(site.services.settings.courses_dir).parts
    path = f"/files/{course}/{'/'.join(rest)}"
    answer = learner.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in answer.headers.get_list("content-security-policy")
    assert site.visitor().get(path).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "python-basics/../../pyproject.toml",
        "python-basics/..%2F..%2Fpyproject.toml",
        "python-basics/%2e%2e/%2e%2e/pyproject.toml",
        "python-basics/figures/..%5C..%5Cloops.md",
        "python-basics//etc/passwd",
        "python-basics/%2Fetc%2Fpasswd",
        "..%2Fdata/tutor.db",
        "%2e%2e/pyproject.toml",
        "python-basics/loops.md",
        "python-basics/course.toml",
        "python-basics/.hidden",
        "python-basics/figures",
        "python-basics/",
        "python-basics/%00.svg",
        "no-such/figures/x.svg",
        "python-basics/" + "a" * 3000,
    ],
)
def test_only_pictures_of_a_course_are_served(learner: httpx.Client, path: str) -> None:
    """The solutions, the database or the machine's own files could be read by address."""
    answer = learner.get(f"/files/{path}")
    assert answer.status_code == 404, answer.text[:200]


def test_a_sign_in_of_long_ago_leads_to_the_first_page(site: Site) -> None:
    """Somebody whose session is over would see an error instead of a way in, and lose the chapter."""
    client = site.learner()
    client.post("/api/v1/auth/sign-out", headers={"cookie": f"tutor={client.cookies['tutor']}"})
    answer = client.get("/?course=python-basics&chapter=loops")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/welcome/?next=/%3Fcourse%3Dpython-basics%26chapter%3Dloops"
    assert PASSWORD not in answer.text


def test_the_owner_is_told_of_a_bad_origin() -> None:
    """A mistyped course site would silently open the policy."""
    with pytest.raises((SettingsError, ValueError), match="is not an origin"):
        Settings(frame_ancestors="https://a.example; script-src *")
