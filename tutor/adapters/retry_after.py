"""How long a provider asks us to wait, read from the headers of its answer."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|d|h|m|s)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_LIMITS = ("requests", "tokens")


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds to wait, or None where the provider does not say.

    `retry-after-ms` and `retry-after` (seconds or an HTTP date) come first. Without them the limits that are
    used up count (`x-ratelimit-reset-*`, the longest of them), as Groq and OpenAI send them.

    Args:
        headers: Names in any case if the mapping is an httpx one, else in lower case.
        now: What an HTTP date is compared with.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "").strip()
    for seconds in (_number(value), seconds_of(value), _until(value, now or datetime.now(UTC))):
        if seconds is not None:
            return seconds
    return _reset(headers)


def seconds_of(duration: str) -> float | None:
    """Seconds of a duration as Go writes it: `2m59.56s`, `7.66s`, `120ms`. None where it is none."""
    if not _DURATION.fullmatch(duration):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(duration))


def _reset(headers: Mapping[str, str]) -> float | None:
    waits = {limit: seconds_of(headers.get(f"x-ratelimit-reset-{limit}", "").strip()) for limit in _LIMITS}
    used_up = [limit for limit in _LIMITS if headers.get(f"x-ratelimit-remaining-{limit}", "").strip() == "0"]
    return max((wait for limit in used_up or _LIMITS if (wait := waits[limit]) is not None), default=None)


def _number(value: str | None) -> float | None:
    return float(value) if value and re.fullmatch(r"\d{1,9}(\.\d+)?", value.strip()) else None


def _until(value: str, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:  # "-0000", which says UTC without a place
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
