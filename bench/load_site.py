"""The app for the load bench, or a bare Gradio queue to stand beside it.

    python bench/load_site.py app PORT DATA_FOLDER MODEL_URL    asks the model server at this address
    python bench/load_site.py instant PORT DATA_FOLDER          a model in this process that answers at once
    python bench/load_site.py gradio PORT DATA_FOLDER [URL]     Gradio alone: no guard, no store

The app is the real one with its defaults, the guard included; only voice is off, and a learner may ask
without taking a breath.
"""

import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `tutor` does it, but here gradio comes first

import gradio as gr
import uvicorn
from fastapi import FastAPI
from openai import AsyncOpenAI

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.load_learner import WORDS
from tutor import garbage, log
from tutor.adapters import llm
from tutor.adapters.llm.account import Account
from tutor.domain.chat import ChatRequest, Chunk, Finish, Token
from tutor.rungs import Rung
from tutor.settings import Settings
from tutor.web.server import create_app
from tutor.wiring import build

VERDICT = '{"label": "on", "confidence": 0.9}'
"""Of the small model that the guard asks where it is unsure."""
_LADDER = """\
[limits]
hedge = false
first_token = 20
[[rungs]]
name = "simulated"
provider = "PROVIDER"
model = "simulated"
first_token = 20
total = 60
[[rungs]]
name = "judge"
provider = "PROVIDER"
model = "judge"
tier = "small"
"""
_INSTANT = """\
[providers.instant]
base_url = "http://127.0.0.1:9"
"""


class InstantModel:
    """Answers in this process, at once."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def stream(self, _: ChatRequest) -> AsyncIterator[Chunk]:
        """The answer, or the verdict."""
        for word in (VERDICT,) if self.name == "judge" else WORDS:
            yield Token(text=word)
        yield Finish(rung=self.name, model=self.name, prompt_tokens=11, completion_tokens=7)


class Instant:
    """The provider of such models."""

    exhaustive = False

    def __init__(self, _: Account) -> None:
        pass

    def chat(self, rung: Rung) -> InstantModel:
        """The model of a rung."""
        return InstantModel(rung.model)

    async def models(self) -> frozenset[str]:
        """What it has."""
        return frozenset({"simulated", "judge"})

    async def aclose(self) -> None:
        """Nothing is open."""


def app(port: int, folder: Path, model_url: str) -> FastAPI:
    """The real app. An empty address means the model in this process."""
    llm.PROVIDERS["instant"] = Instant
    ladder = folder / "rungs.toml"
    rungs = _LADDER.replace("PROVIDER", "local" if model_url else "instant")
    ladder.write_text(rungs + ("" if model_url else _INSTANT), encoding="utf-8")
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        port=port,
        stt="off",
        tts="off",
        pyodide_cdn="off",
        ladder_file=ladder,
        local_base_url=model_url,
        turns_per_minute=0,
        tokens_per_day=0,
    )
    log.configure(settings.log_level, settings.log_format)
    return create_app(build(settings))


def bare(model_url: str) -> FastAPI:
    """Gradio's queue before a handler that asks the model, or answers at once. No guard, store or session."""
    client = AsyncOpenAI(base_url=model_url or "http://127.0.0.1:9", api_key="none", max_retries=0)

    async def answer(question: str) -> AsyncGenerator[str]:
        shown = ""
        if not model_url:
            for word in WORDS:
                shown += word
                yield shown
            return
        asked: Any = [{"role": "user", "content": question}]
        parts = await client.chat.completions.create(model="simulated", messages=asked, stream=True)
        async for part in parts:
            if part.choices and part.choices[0].delta.content:
                shown += part.choices[0].delta.content
                yield shown

    with gr.Blocks(analytics_enabled=False) as page:
        box = gr.Textbox()
        box.submit(answer, box, gr.Textbox(), concurrency_limit=None)
    page.queue(default_concurrency_limit=None)
    served: Any = gr.mount_gradio_app(FastAPI(), page, "/", ssr_mode=False)
    assert isinstance(served, FastAPI)
    return served


def main(kind: str, port: int, folder: Path, model_url: str) -> None:
    """Serve until ended."""
    served = bare(model_url) if kind == "gradio" else app(port, folder, model_url)
    garbage.keep()  # for both, as app.py does it
    config = uvicorn.Config(
        served, host="127.0.0.1", port=port, log_config=None, access_log=False, timeout_keep_alive=75
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path([*sys.argv, ".", "."][3]), [*sys.argv, "", ""][4])
