"""What was measured, judged: one row for each promise of issue 3."""

import statistics

from bench.ladder_report import Row
from bench.ladder_scenarios import FIRST, PEERS, Measured, Scenario, interval, quantile, times


def healthy_row(found: dict[str, list[float]]) -> Row:
    """Added time to the first word over the raw SDK: paired differences."""
    raw = found["raw"]
    added = {
        name: [mine - theirs for mine, theirs in zip(values, raw, strict=True)]
        for name, values in found.items()
        if name != "raw"
    }
    ours = statistics.median(added["ours"])
    low, high = interval(added["ours"])
    peers = {name: f"{statistics.median(added[name]):+.1f} ms" for name in PEERS if name in added}
    return Row(
        "healthy: added time to first token over the raw SDK",
        peers,
        "<= 1 ms",
        f"{ours:+.2f} ms (95% CI {low:+.2f} to {high:+.2f}; p99 {quantile(found['ours'], 0.99):.0f} ms,"
        f" raw {quantile(raw, 0.99):.0f} ms; n = {len(raw)})",
        ours <= 1.0,
    )


def crowd_row(found: dict[str, list[tuple[float, float]]]) -> Row:
    """Requests a second; judged against the raw SDK in the same run: machines differ."""
    rate = {name: statistics.median(pair[0] for pair in pairs) for name, pairs in found.items()}
    cpu = {name: statistics.median(pair[1] for pair in pairs) for name, pairs in found.items()}
    return Row(
        "healthy, 20 at once: requests/s (raw SDK 140)",
        {name: f"{rate[name]:.0f}/s" for name in PEERS if name in rate},
        ">= 110, or the same share of raw (79%)",
        f"{rate['ours']:.0f}/s, raw {rate['raw']:.0f}/s (processor time {cpu['ours']:.1f} ms,"
        f" raw {cpu['raw']:.1f} ms a request)",
        rate["ours"] >= min(110, rate["raw"] * 110 / 140),
    )


def fault_rows(scenario: Scenario, found: dict[str, Measured]) -> list[Row]:
    """The rows of one scenario."""
    ours = found["ours"]
    first, later = statistics.mean(times(ours.first)), statistics.mean(times(ours.later))
    p99 = quantile(times(ours.all), 0.99)
    good = ours.good() == 1.0
    seen = f"first call {first:.1f} ms, then {later:.1f} ms (p99 of all {p99:.0f} ms; n = {len(ours.all)})"
    peers = {name: _peer(found[name]) for name in PEERS if name in found}
    match scenario.key:
        case "429":
            once = ours.asked == len(ours.first)
            asked = f"asked {ours.asked} times in {len(ours.all)} calls, once a fresh start"
            want, passed = "< 20 ms, then not asked until it may be", first < 20 and later < 20 and once
            seen = f"{seen}; {asked}"
        case "500":
            want, passed = "< 10 ms", first < 10 and later < 10
        case "seven":
            want, passed = "<= 40, then <= 5 ms", first <= 40 and later <= 5
        case "silent" | "alive":
            usual = quantile(times(ours.well), 0.95)
            want = f"p95 of a healthy rung ({usual:.0f} ms) + 100 ms"
            worst = quantile(times(ours.all), 0.95)
            seen = f"p95 of all calls {worst:.0f} ms; {seen}"
            passed = worst <= usual + 100 and first <= usual + 100
        case "cut":
            want, passed = "completed, no duplicated text", good
            seen = f"{ours.good():.0%} complete and right; {seen}"
            peers = {name: f"{found[name].good():.0%} right" for name in PEERS if name in found}
        case _:
            share = _still(ours)
            want, passed = "no effect on others", share == 1.0
            seen = f"{share:.0%} of the next calls are answered by the rung"
            peers = {n: f"{_still(found[n]):.0%}" for n in PEERS if n in found}
    return [Row(scenario.title, peers, want, seen, passed and good)]


def success_rows(found: dict[str, tuple[int, int]]) -> list[Row]:
    """Whether every answer was right."""
    told = "; ".join(f"{title} {right}/{count}" for title, (right, count) in found.items())
    return [
        Row(
            "success with 20 at once, one rung alive; else the guide",
            {},
            "100% in each",
            told,
            all(right == count for right, count in found.values()),
        )
    ]


def _still(measured: Measured) -> float:
    """The share of calls after the refused one that its rung answers."""
    still: int = sum(call["text"].startswith(FIRST) for call in measured.later)
    return still / len(measured.later)


def _peer(measured: Measured) -> str:
    first, later = times(measured.first), times(measured.later)
    failed = sum(1 for call in measured.all if call["error"])
    caught = [call["error"] for call in measured.all if call["error"]]
    note = f", {failed}/{len(measured.all)} fail ({max(set(caught), key=caught.count)})" if failed else ""
    then = f", then {_ms(statistics.mean(later))}" if later else ""
    return f"{_ms(statistics.mean(first))}{then}{note}"


def _ms(value: float) -> str:
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"
