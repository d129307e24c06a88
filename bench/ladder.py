"""Our ladder beside the raw SDK, LiteLLM's Router and LiveKit's FallbackAdapter.

    python bench/ladder.py --quick   under a minute: prints the table, writes nothing
    python bench/ladder.py           some twenty minutes: also writes docs/benchmarks.md and docs/ladder.svg

All ask one local server that goes wrong on demand, in turns, each in a process of its own. LiteLLM gets an
environment of its own under bench/out/.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.field import Field
from bench.ladder_report import Row, markdown, plot, table
from bench.ladder_rows import crowd_row, fault_rows, healthy_row, success_rows
from bench.ladder_scenarios import PEERS, SCENARIOS, begin, measure, right

ROOT = Path(__file__).resolve().parent.parent


def healthy(field: Field, count: int) -> dict[str, list[float]]:
    """Milliseconds to the first word, one call of each contestant in turn."""
    names = tuple(field.workers)
    found: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        begin(field, field.workers[name])
        field.workers[name].calls(20)
    for number in range(count):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            found[name] += [call["first"] for call in field.workers[name].calls(1)]
    return found


def crowd(field: Field, count: int, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Requests a second with 20 at once, and milliseconds of processor time a request; one pair a round."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in field.workers}
    for _ in range(rounds):
        for name in field.workers:
            got = field.workers[name].crowd(count, width=20)
            found[name].append((count / got["seconds"], got["cpu"] / count * 1000))
    return found


def success(field: Field, count: int) -> dict[str, tuple[int, int]]:
    """Ours, 20 at once: how many answers of how many were right, in each scenario; and with none alive."""
    worker = field.workers["ours"]
    found: dict[str, tuple[int, int]] = {}
    for scenario in SCENARIOS:
        begin(field, worker, scenario)
        results = worker.crowd(count, width=20)["results"]
        found[scenario.title] = sum(right(r) for r in results), count
    field.heal(worker, status=500)
    worker.reset()
    results = worker.crowd(count, width=20)["results"]
    found["none alive: the guide answers"] = sum(r["text"] == "guide" for r in results), count
    return found


def run(*, quick: bool) -> tuple[list[Row], dict[str, dict[str, list[float]]]]:
    """Everything. Returns the table, and times to a first word for the plot."""
    names = ("ours", "litellm-tuned", "livekit", "livekit-tuned") if quick else ("ours", *PEERS)
    with Field(["raw", *names]) as field:
        times = healthy(field, 60 if quick else 1000)
        rows = [healthy_row(times)]
        rows.append(crowd_row(crowd(field, 60 if quick else 400, 1 if quick else 5)))
        plotted = {"healthy": times}
        for scenario in SCENARIOS:
            found = measure(
                field,
                scenario,
                names,
                rounds=2 if quick else 20,
                calls=8 if quick else 51,
                few=0 if quick else 2,
                cap=2.5 if quick else 25.0,
            )
            rows += fault_rows(scenario, found)
            plotted[scenario.title] = {n: [c["first"] for c in m.all] for n, m in found.items()}
            print(f"  {scenario.title}: done", file=sys.stderr)
        rows += success_rows(success(field, 60 if quick else 3000))
    return rows, plotted


def main() -> int:
    """Measure, print, and where asked for write. Returns 0 where every row passes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few calls, prints only")
    arguments = parser.parse_args()
    began = time.monotonic()
    rows, plotted = run(quick=arguments.quick)
    print(table(rows))
    missed = [row.title for row in rows if not row.passed]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} rows pass, in {time.monotonic() - began:.0f} s")
    if not arguments.quick:
        medians = {
            title: {name: statistics.median(values) for name, values in times.items()}
            for title, times in plotted.items()
        }
        plot(ROOT / "docs" / "ladder.svg", medians)
        markdown(ROOT / "docs" / "benchmarks.md", rows)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
