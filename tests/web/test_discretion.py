"""The output check in the real app, over real HTTP: by the API and on the page."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
import httpx
import pytest
from starlette.requests import Request

from tests.servers.openai_wire import Act, OpenAIWire
from tests.web.conftest import Site, serve
from tutor.settings import Settings
from tutor.web.pages.desk import Desk

LADDER = '[[rungs]]\nname = "only"\nprovider = "local"\nmodel = "m"\n'
RULE = "Explain one small idea or give one hint, then ask one short question. Never ask two at once."
WORDS = ("Well: ", *(RULE[i : i + 5] for i in range(0, len(RULE), 5)))


@pytest.fixture(scope="module")
def wire() -> Iterator[OpenAIWire]:
    """A provider whose model reads out its rules, in a thread of its own."""
    server = OpenAIWire()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(server.start())
    server.act("m", Act(words=WORDS))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, wire: OpenAIWire) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site")
    file = folder / "ladder.toml"
    file.write_text(LADDER)
    yield from serve(
        Settings(
            _env_file=None, data_dir=folder, stt="off", tts="off", log_level="error",
            local_base_url=f"{wire.url}/v1", ladder_file=file,
        )
    )  # fmt: skip


def test_the_api_streams_no_rule(site: Site, begin: Callable[[httpx.Client], str]) -> None:
    """A program could read the instructions from the stream before they are taken back."""
    client = site.learner()
    conversation = begin(client)
    url = f"/api/v1/conversations/{conversation}"
    answer = client.post(f"{url}/turns", json={"text": "What is a loop?"}).text
    told = [json.loads(line[6:]) for line in answer.splitlines() if line.startswith("data: ")]
    assert [event["event"] for event in told][-3:] == ["restarted", "delta", "said"]
    assert told[-1]["text"].startswith("My instructions stay with me")
    assert "one small idea" not in "".join(event.get("text", "") for event in told)
    assert "one hint" not in answer
    stored = client.get(f"{url}/messages").json()
    assert stored[-1]["text"] == told[-1]["text"]


async def test_the_page_shows_no_rule(site: Site) -> None:
    """The instructions would stand on the page for a moment, and a screenshot is enough."""
    learner = (await site.services.accounts.guest("192.0.2.77")).learner
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    request = gr.Request(Request({**scope, "state": {"learner": learner}}))
    desk = Desk(site.services)
    place = next(iter([shown async for shown in desk.open("python-basics/loops", request)]))[2]
    shown = [update async for update in desk.ask("What is a loop?", place, "", request)]
    assert "one small" not in str(shown)
    assert shown[-2][0][-1]["content"].startswith("My instructions stay with me")
