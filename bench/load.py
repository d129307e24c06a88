"""Learners at once on one process: how soon they read the first word, how many turns a second, what is lost.

    python bench/load.py --quick                       about a minute and a half
    python bench/load.py --minutes 10 --learners 200   what docs/benchmarks.md shows

Three scenes, each with the real app in a process of its own (bench/load_site.py), guard and store included:

speed   a model in the app's process that answers at once; learners who ask without a pause. In turns with it,
        Gradio's own queue with the same answer, without guard, session and store.
stream  fifty answers at a time from a simulated model: a server that speaks the protocol of the real ones and
        sends the moment of its first word as that word. The same beside it through Gradio's queue.
crowd   learners who type, ask, read, reload and leave, some of them through the page's own queue; then every
        message that was acknowledged is read back from the store.

Client, model and app share the machine's cores: processor time is that of the app alone.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.load_client import Line
from bench.load_learner import ROOT, Learner, Seen, questions
from bench.load_report import markdown, ms, p
from bench.load_rig import Site, machine, model, site
from bench.load_tab import Tab
from bench.report import Row, table
from tests.servers.openai_wire import NOW, Act

_WORDS = (NOW, *(f"word{number} " for number in range(40)))
_STEADY = Act(words=_WORDS, first=0.4, gap=0.05)
"""Two and a half seconds of twenty words a second."""
_HURRIED = 32
_STREAMS = 50


async def arrived(where: Site, count: int, seen: Seen, *, on_page: int = 0) -> list[Learner]:
    """So many learners, signed in, each with a conversation; some of them ask on the page."""
    learners = [Learner(where.port, number, seen) for number in range(count)]
    for number, learner in enumerate(learners):
        await learner.arrive(page=number < on_page)
    return learners


async def through_queue(where: Site, asked: int, seconds: float) -> Seen:
    """So many tabs of bare Gradio that ask without a pause."""
    seen, until, questions_ = Seen(), monotonic() + seconds, questions()

    async def one() -> None:
        async with Line(where.port) as line:
            tab = await Tab.open(line)
            while monotonic() < until:
                began, first = monotonic(), True
                async for message in tab.ask(next(questions_)):
                    seen.events[message["msg"]] += 1
                    if first and message["msg"] == "process_generating":
                        first = False
                        word = str(message["output"]["data"][0]).strip()
                        if word.replace(".", "").isdigit():
                            seen.lags.append(monotonic() - float(word))
                seen.turns += 1
                seen.took.append(monotonic() - began)

    where.begin()
    await asyncio.gather(*(one() for _ in range(asked)))
    return seen


async def speed(seconds: float) -> list[Row]:
    """Short stored turns a second, beside Gradio's queue."""
    asked = questions()
    async with site("instant") as ours, site("gradio") as bare:
        warm = await arrived(ours, _HURRIED, Seen())
        await asyncio.gather(*(learner.hurry(asked, monotonic() + 6) for learner in warm))  # every text once
        rates: dict[str, list[float]] = {"ours": [], "bare": []}
        cost: list[float] = []
        client: list[float] = []
        seen = Seen()
        for learner in warm:
            learner.seen = seen
        for _ in range(2):
            before = seen.turns
            ours.begin()
            await asyncio.gather(*(learner.hurry(asked, monotonic() + seconds / 2) for learner in warm))
            took, used = ours.shares()
            turns = seen.turns - before
            rates["ours"].append(turns / took)
            cost.append(used["app"] / turns * 1000)
            client.append(used["client"] / took)
            other = await through_queue(bare, _HURRIED, seconds / 2)
            rates["bare"].append(other.turns / bare.shares()[0])
        lost, doubled = seen.compared(ours.folder / "tutor.db")
        for learner in warm:
            await learner.line.hang_up()
    print(*seen.errors.items(), sep="\n", file=sys.stderr)
    mine, its = statistics.mean(rates["ours"]), statistics.mean(rates["bare"])
    return [
        Row(
            title=f"short stored turns a second, {_HURRIED} learners without a pause",
            wanted=">= 200",
            ours=f"{mine:.0f}",
            beside=f"{its:.0f}, not stored",
            passed=mine >= 200,
        ),
        Row(title="of Gradio's", wanted=">= 3 times", ours=f"{mine / its:.1f} times", passed=mine >= 3 * its),
        Row(
            title="processor time of the app for such a turn",
            ours=f"{statistics.mean(cost):.1f} ms (the client took {statistics.mean(client):.0%} of a core)",
        ),
        Row(title="such a turn, from question to end", ours=ms(seen.took)),
        Row(
            title="errors; messages lost, doubled",
            wanted="0",
            ours=f"{seen.errors.total()}; {lost}, {doubled} of {len(seen.questions) + len(seen.answers)}",
            passed=not (seen.errors or lost or doubled),
        ),
    ]


async def stream(seconds: float) -> list[Row]:
    """The first word of an answer, and what a stream costs, with fifty at a time."""
    asked, seen = questions(), Seen()
    async with model(_STEADY) as (url, process):
        async with site("app", url, process) as ours:
            learners = await arrived(ours, _STREAMS, Seen())
            await asyncio.gather(*(learner.ask(next(asked)) for learner in learners))  # connections are open
            for learner in learners:
                learner.seen = seen
            ours.begin()
            await asyncio.gather(
                *(begun(learner, number, asked, seconds) for number, learner in enumerate(learners))
            )
            took, used = ours.shares()
            for learner in learners:
                await learner.line.hang_up()
        async with site("gradio", url, process) as bare:
            beside = await through_queue(bare, _STREAMS, seconds / 2)
            pictures = beside.events["process_generating"] / bare.shares()[0]
    events = seen.events.total() / took
    first, late = p(seen.lags, 50) * 1000, p(seen.lags, 99) * 1000
    return [
        Row(
            title=f"model's first word to the learner, {_STREAMS} streams",
            wanted="p50 5 ms, p99 25 ms",
            ours=f"{ms(seen.lags)} ({len(seen.lags)} turns)",
            beside=ms(beside.lags),
            passed=first <= 5 and late <= 25,
        ),
        Row(
            title="events a second while they stream",
            ours=f"{events:.0f}, {seen.turns / took:.1f} turns, {used['app'] / took:.0%} of a core",
            beside=f"{pictures:.0f}",
        ),
        Row(
            title="shares of the others: simulated model, client",
            ours=f"{used['model'] / took:.0%}, {used['client'] / took:.0%} of a core",
        ),
        Row(title="errors", wanted="0", ours=f"{seen.errors.total()}", passed=not seen.errors),
    ]


async def begun(learner: Learner, number: int, asked: Iterator[str], seconds: float) -> None:
    """One of the fifty: they do not all ask at the same moment."""
    until = monotonic() + seconds
    await asyncio.sleep(number * 2.9 / _STREAMS)
    await learner.hurry(asked, until)


async def crowd(count: int, minutes: float) -> list[Row]:
    """A classroom day in short."""
    asked, seen = questions(), Seen()
    async with model(_STEADY) as (url, process), site("app", url, process) as where:
        one = Learner(where.port, 999, Seen())
        await one.arrive()
        await one.ask(next(asked))
        empty = where.memory
        learners = await arrived(where, count, seen, on_page=count // 10)
        where.begin()
        until = monotonic() + minutes * 60
        await asyncio.gather(*(learner.study(asked, until) for learner in learners))
        took, used = where.shares()
        full = where.memory
        for learner in (*learners, one):
            await learner.line.hang_up()
        await asyncio.sleep(1)  # turns whose learner has just left are closed
        lost, doubled = seen.compared(where.folder / "tutor.db")
        troubles = [line for line in where.log if "[error" in line or "Traceback" in line]
    print(*seen.errors.items(), *troubles[:5], sep="\n", file=sys.stderr)
    kept = len(seen.questions) + len(seen.answers) + len(seen.on_page)
    return [
        Row(
            title=f"{count} learners for {minutes:g} minutes: errors",
            wanted="0",
            ours=f"{seen.errors.total()}, and {len(troubles)} in the log",
            passed=not (seen.errors or troubles),
        ),
        Row(
            title="acknowledged messages lost, doubled",
            wanted="0",
            ours=f"{lost}, {doubled} of {kept}",
            passed=not (lost or doubled),
        ),
        Row(
            title="turns; of these through the page's queue; left before the end; reloads",
            ours=f"{seen.turns}; {len(seen.on_page)}; {seen.left}; {seen.reloads}",
        ),
        Row(title="model's first word to the learner", ours=ms(seen.lags)),
        Row(
            title="events a second; the app's share",
            ours=f"{seen.events.total() / took:.0f}; {used['app'] / took:.0%} of a core",
        ),
        Row(
            title="highest number in the line; answers that the guide had to give",
            ours=f"{seen.highest}; {seen.stood_in}",
        ),
        Row(
            title="memory for a learner",
            ours=f"{(full - empty) / count:.2f} MB ({empty:.0f} MB before, {full:.0f} MB after)",
        ),
    ]


async def main(arguments: argparse.Namespace) -> None:
    """All scenes, or those that were named."""
    quick = arguments.quick
    scenes: dict[str, Callable[[], Awaitable[list[Row]]]] = {
        "speed": lambda: speed(12 if quick else 40),
        "stream": lambda: stream(12 if quick else 30),
        "crowd": lambda: crowd(arguments.learners, 0.3 if quick else arguments.minutes),
    }
    rows: list[Row] = []
    for name, scene in scenes.items():
        if name in arguments.scenes:
            rows += await scene()
            print(table(rows, beside="Gradio"), flush=True)
    if arguments.write:
        about = [
            "Learners at once on one process; client, simulated model and app share two cores. "
            "`python bench/load.py` tells in its first lines what the scenes are.",
            f"Measured {datetime.now(UTC):%Y-%m-%d}; {machine()}.",
        ]
        markdown(ROOT / "docs" / "benchmarks.md", about, rows)
    sys.exit(any(row.passed is False for row in rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--scenes", nargs="+", default=["speed", "stream", "crowd"])
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    asyncio.run(main(parser.parse_args()))
