"""What a cell shows: text up to a limit, pictures and tables. Runs inside Pyodide, for runner_cell.py.

The browser gets this file as text, and no code of the server imports it. It keeps to the standard library,
so that CPython can test it.
"""

import base64
import io
import sys
import time
from collections.abc import Callable, Iterator

MAX_CHARS = 100_000
MAX_LINES = 2_000
MAX_RICH = 20
"""Pictures and tables that one run may show."""
MAX_RICH_CHARS = 3_000_000
_AT_ONCE = 2_000
"""So many pieces of output leave at once; later ones together, every 50 ms."""

Tell = Callable[[str, str], object]
"""Takes the kind (`out err in value html png svg cut`) and the text of a piece of output."""


class Screen:
    """What one run shows, up to a limit."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.clear()

    def clear(self) -> None:
        """A new run begins."""
        self._chars = self._lines = self._sent = self._rich = 0
        self._waiting: list[str] = []
        self._kind = "out"
        self._last = 0.0
        self._printed: list[str] = []
        self.full = self.quiet = False

    @property
    def printed(self) -> str:
        """What went to standard output, as far as it was shown."""
        return "".join(self._printed)

    def show(self, kind: str, text: str) -> None:
        """Add a piece of output. It stays in the order of the calls, whatever the kinds are."""
        if self.full or not text:
            return
        kept = text[: MAX_CHARS - self._chars]
        kept = "".join(kept.splitlines(keepends=True)[: MAX_LINES - self._lines])
        self._chars += len(kept)
        self._lines += kept.count("\n")
        if kind != self._kind:
            self.flush()
            self._kind = kind
        self._waiting.append(kept)
        if kind == "out":
            self._printed.append(kept)
        self.full = len(kept) < len(text) or self._lines >= MAX_LINES
        if self.full or self._sent < _AT_ONCE or time.monotonic() - self._last > 0.05:
            self.flush()
        if self.full and not self.quiet:
            self._tell("cut", "")

    def echo(self, line: str) -> None:
        """Show a line that was typed. Of standard output it only ends the line of the prompt."""
        self.show("in", f"{line}\n")
        self._printed.append("\n")

    def picture(self, kind: str, data: str) -> None:
        """Show a rich result, whole or not at all."""
        if self.quiet:
            return
        self.flush()
        self._rich += 1
        if self._rich > MAX_RICH or len(data) > MAX_RICH_CHARS:
            self._tell("err", "This result is too large to be shown.\n")
        else:
            self._tell(kind, data)

    def flush(self) -> None:
        """Let go of what waits."""
        if self.quiet:
            self._waiting.clear()
        if self._waiting:
            self._tell(self._kind, "".join(self._waiting))
            self._waiting.clear()
            self._sent += 1
            self._last = time.monotonic()


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a cell."""

    encoding = "utf-8"

    def __init__(self, screen: Screen, kind: str) -> None:
        self._screen = screen
        self._kind = kind

    def writable(self) -> bool:
        """As a text stream says it."""
        return True

    def write(self, text: str) -> int:
        """Show a text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._screen.show(self._kind, text)
        return len(text)

    def flush(self) -> None:
        """Show what waits."""
        self._screen.flush()


def rich(value: object) -> Iterator[tuple[str, str]]:
    """The ways in which a value can be drawn, the best first: kind and data; pictures in Base64."""
    if isinstance(value, type):
        return
    for kind, name in (("png", "_repr_png_"), ("svg", "_repr_svg_"), ("html", "_repr_html_")):
        drawn = getattr(value, name, None)
        data = drawn() if callable(drawn) else None
        if isinstance(data, bytes):
            data = base64.b64encode(data).decode()
        if isinstance(data, str) and data:
            yield kind, base64.b64encode(data.encode()).decode() if kind == "svg" else data


def figures() -> Iterator[str]:
    """The open figures of matplotlib as PNG in Base64; each is shown once. Nothing where it is not in use."""
    plots = sys.modules.get("matplotlib.pyplot")
    if plots is None:
        return
    for number in plots.get_fignums():
        picture = io.BytesIO()
        plots.figure(number).savefig(picture, format="png", dpi=100, bbox_inches="tight")
        yield base64.b64encode(picture.getvalue()).decode()
    plots.close("all")
