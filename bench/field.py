"""The field: one fault-injecting server, and each contestant in a process of its own."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "bench" / "out"
RUNGS = 8
LITELLM = "1.106.2"
"""1.82.7 and 1.82.8 were malicious and 1.107.0 is not clean: none of them may ever be installed."""


def litellm_python() -> Path:
    """A Python that has LiteLLM, in an environment of its own, made when first needed."""
    home = OUT / "litellm"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    found = subprocess.run(
        [str(python), "-c", "import importlib.metadata as m; print(m.version('litellm'))"],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.stdout.strip() != LITELLM:
        subprocess.run([str(python), "-m", "pip", "install", "-q", f"litellm=={LITELLM}"], check=True)
    return python


class Worker:
    """A contestant, for its turn to be called."""

    def __init__(self, who: str, url: str) -> None:
        self.who = who
        self.models = [f"{who}-{number}" for number in range(1, RUNGS + 1)]
        python = str(litellm_python()) if who.startswith("litellm") else sys.executable
        self._process = subprocess.Popen(
            [python, str(ROOT / "bench" / "ladder_worker.py"), who, f"{url}/v1", *self.models],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(OUT / f"{who}.log").open("w"),
            text=True,
            env={"PATH": "/usr/bin:/bin", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "HOME": str(OUT)},
            cwd=OUT,
        )

    def ready(self) -> None:
        """Wait until it has loaded its packages."""
        self._read()

    def calls(self, count: int = 1, *, cap: float = 30.0) -> list[dict[str, Any]]:
        """So many answers, one after the other."""
        results: list[dict[str, Any]] = self._do({"do": "calls", "n": count, "cap": cap})
        return results

    def crowd(self, count: int, *, width: int, cap: float = 30.0) -> dict[str, Any]:
        """So many answers, `width` at once."""
        result: dict[str, Any] = self._do({"do": "crowd", "n": count, "width": width, "cap": cap})
        return result

    def reset(self) -> None:
        """Let it forget what it knows of the rungs' health."""
        self._do({"do": "reset"})

    def stop(self) -> None:
        """End its process."""
        self._process.terminate()
        self._process.wait()

    def _do(self, command: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            msg = f"{self.who} died; see {OUT / self.who}.log"
            raise RuntimeError(msg)
        return json.loads(line)


class Field:
    """The server and the contestants. A context manager, so that no process stays behind."""

    def __init__(self, names: list[str]) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        self._server = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "servers" / "openai_wire.py")],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._server.stdout is not None
        self.url = f"http://127.0.0.1:{self._server.stdout.readline().strip()}"
        self.workers = {who: Worker(who, self.url) for who in names}
        for worker in self.workers.values():
            worker.ready()

    def act(self, worker: Worker, rung: int, *acts: dict[str, Any]) -> None:
        """Let a contestant's rung, counted from 1, behave so from now on."""
        self._post("/act", {"model": worker.models[rung - 1], "acts": list(acts)})

    def heal(self, worker: Worker, **act: object) -> None:
        """Let all its rungs be well."""
        for number in range(1, RUNGS + 1):
            self.act(worker, number, act)

    def asked(self, worker: Worker, rung: int) -> int:
        """How often a rung was asked since the last change of any act."""
        counts: dict[str, int] = self._post("/counts", {})
        return counts.get(worker.models[rung - 1], 0)

    def _post(self, path: str, body: object) -> Any:
        request = urllib.request.Request(self.url + path, data=json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers.values():
            worker.stop()
        self._server.terminate()
        self._server.wait()
