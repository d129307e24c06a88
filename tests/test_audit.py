"""What the audit of dependencies says, and when it fails."""

import json

from tests.audit import accepted, verdict


def report(*vulnerabilities: dict[str, object], skipped: int = 0) -> str:
    one = {"name": "starlette", "version": "0.52.1", "vulns": list(vulnerabilities)}
    other = {"name": "anyio", "version": "4.16.0", "vulns": []}
    left = [{"name": f"p{number}", "skip_reason": "not found"} for number in range(skipped)]
    return json.dumps({"dependencies": [one, other, *left]})


WEAK = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.0"]}


def test_a_weakness_fails_unless_it_is_accepted() -> None:
    """A package with a known hole would be shipped, or an accepted one would hold up every change."""
    words, failed = verdict(report(WEAK), "", {})
    assert failed
    assert "starlette 0.52.1: PYSEC-1; mended in 1.0" in words
    words, failed = verdict(report(WEAK), "", {"CVE-1": "the gate closes it"})
    assert not failed
    assert "accepted: the gate closes it" in words


def test_what_is_no_longer_found_is_told() -> None:
    """Reasons would pile up for weaknesses that are long mended."""
    words, failed = verdict(report(), "", {"CVE-1": "the gate closes it"})
    assert not failed
    assert "CVE-1 is accepted, but was not found any more" in words
    assert "2 packages were audited" in words


def test_no_answer_is_no_pass() -> None:
    """A run without a network would look like a clean bill of health, or would fail every check."""
    for answer in ("", "no json", "{}", report(skipped=5)):
        words, failed = verdict(answer, "Traceback\nConnectionError: api.osv.dev", {})
        assert not failed
        assert "NOTHING was audited" in words


def test_the_accepted_have_reasons() -> None:
    """Somebody could silence an advisory without saying why."""
    assert all(reason.strip() for reason in accepted().values())
