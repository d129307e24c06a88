"""One contestant in a process of its own. Takes commands and gives results as JSON lines.

Started by `bench/ladder.py` with the Python that has the contestant's packages.
"""

import asyncio
import json
import os
import sys
from contextlib import aclosing
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.contestants import RESTART, Contestant, make


async def _call(contestant: Contestant, cap: float) -> dict[str, Any]:
    """One answer: milliseconds to its first word and to its end, and what is on the page then."""
    began = perf_counter()
    first, shown, error = None, "", ""
    try:
        async with asyncio.timeout(cap):
            answer: Any = contestant.answer()
            async with aclosing(answer) as pieces:
                async for piece in pieces:
                    first = first or perf_counter()
                    shown = "" if piece == RESTART else shown + piece
    except TimeoutError:
        error = "cap"
    except Exception as failure:  # noqa: BLE001 - a contestant that fails is a result
        error = type(failure).__name__
    end = perf_counter()
    return {
        "first": ((first or end) - began) * 1000,
        "total": (end - began) * 1000,
        "text": shown,
        "error": error,
    }


async def _run(contestant: Contestant, command: dict[str, Any]) -> object:
    match command["do"]:
        case "reset":
            await contestant.reset()
        case "calls":
            return [await _call(contestant, command["cap"]) for _ in range(command["n"])]
        case "crowd":
            limit = asyncio.Semaphore(command["width"])

            async def one() -> dict[str, Any]:
                async with limit:
                    return await _call(contestant, command["cap"])

            began, used = perf_counter(), process_time()
            results = await asyncio.gather(*(one() for _ in range(command["n"])))
            return {
                "seconds": perf_counter() - began,
                "cpu": process_time() - used,
                "results": results,
            }
    return None


async def _main(who: str, url: str, models: list[str]) -> None:
    # Libraries print; results have a channel of their own.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    contestant = make(who, url, models)
    await contestant.reset()
    loop = asyncio.get_running_loop()
    print(json.dumps("ready"), file=out, flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await _run(contestant, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], sys.argv[3:]))
