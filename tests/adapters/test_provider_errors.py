"""The tables that turn the SDKs' errors into ours."""

from datetime import UTC, datetime

import pytest

from tutor.adapters import groq_errors, openai_errors
from tutor.adapters.http_errors import from_answer
from tutor.adapters.retry_after import retry_after, seconds_of
from tutor.errors import (
    AnswerUnusable,
    ModelUnknown,
    ProviderRefusedKey,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    RequestRefused,
)

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("2m59.56s", 179.56),
        ("7.66s", 7.66),
        ("120ms", 0.12),
        ("1h2m3s", 3723),
        ("1d", 86400),
        ("6m0s", 360),
        ("", None),
        ("soon", None),
        ("5", None),
        ("-5s", None),
        ("5s later", None),
    ],
)
def test_durations(duration, seconds):
    """A limit's reset time would be misread, and a rung closed for too short or for ever."""
    assert seconds_of(duration) == (pytest.approx(seconds) if seconds is not None else None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "1m30s"}, 90),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 -0000"}, 30),
        ({"retry-after": "never"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"x-ratelimit-reset-tokens": "7.66s"}, 7.66),
        ({"x-ratelimit-reset-requests": "2m59.56s", "x-ratelimit-reset-tokens": "7.66s"}, 179.56),
        (
            {
                "x-ratelimit-reset-requests": "2m59.56s",
                "x-ratelimit-remaining-requests": "14000",
                "x-ratelimit-reset-tokens": "7.66s",
                "x-ratelimit-remaining-tokens": "0",
            },
            7.66,
        ),
        ({"retry-after": "3", "x-ratelimit-reset-tokens": "7.66s"}, 3),
    ],
)
def test_how_long_to_wait(headers, seconds):
    """A limited rung would be asked again too soon, or left alone for too long."""
    found = retry_after(headers, now=NOW)
    assert found == (pytest.approx(seconds) if seconds is not None else None)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, None, RequestRefused),
        (400, "model_decommissioned", ModelUnknown),
        (400, "model_terms_required", ProviderRefusedKey),
        (400, "json_validate_failed", AnswerUnusable),
        (401, "invalid_api_key", ProviderRefusedKey),
        (403, None, ProviderRefusedKey),
        (404, "model_not_found", ModelUnknown),
        (404, None, ModelUnknown),
        (408, None, ProviderTimeout),
        (413, "rate_limit_exceeded", RequestRefused),
        (422, None, RequestRefused),
        (429, "rate_limit_exceeded", RateLimited),
        (429, "insufficient_quota", ProviderRefusedKey),
        (498, "capacity_exceeded", RateLimited),
        (500, None, ProviderUnreachable),
        (502, None, ProviderUnreachable),
        (504, None, ProviderTimeout),
        (None, "server_error", ProviderUnreachable),
        (None, "rate_limit_exceeded", RateLimited),
        (None, None, ProviderUnreachable),
    ],
)
def test_the_table(status, code, expected):
    """The ladder would keep asking a rung that cannot answer, or give up one that can."""
    error = from_answer("groq", status, {"error": {"message": "sk-secret", "code": code}})
    assert type(error) is expected
    assert "secret" not in str(error)


@pytest.mark.parametrize("code", ["gsk_SECRET", "sk-proj-abc", "a" * 80, "no such model x", 7, None, ["x"]])
def test_only_real_codes_reach_the_log(code):
    """A proxy that puts the key or the question where the code belongs would write it into the log."""
    assert str(from_answer("groq", 400, {"error": {"code": code}})) == "groq 400"


@pytest.mark.parametrize("body", [None, "text", [], {}, {"error": None}, {"error": "text"}])
def test_any_body_is_taken(body):
    """An odd error page would raise a TypeError in place of a provider error."""
    assert type(from_answer("groq", 500, body)) is ProviderUnreachable


@pytest.mark.parametrize("sdk", ["openai", "groq"])
def test_the_http_client_s_own_errors(sdk):
    """A connection that breaks inside a stream would leave the adapter as an httpx error."""
    table = {"openai": openai_errors, "groq": groq_errors}[sdk]
    http = pytest.importorskip("httpx2" if sdk == "openai" else "httpx")
    for error, expected in (
        (http.ReadTimeout("x"), ProviderTimeout),
        (http.ConnectTimeout("x"), ProviderTimeout),
        (http.ReadError("x"), ProviderUnreachable),
        (http.RemoteProtocolError("x"), ProviderUnreachable),
        (http.InvalidURL("x"), ProviderRefusedKey),
        (ValueError("x"), None),
    ):
        with pytest.raises(expected or ValueError), table.translated():
            raise error
