"""A notebook file (Jupytext MyST Markdown or .ipynb) as its metadata and its cells, each with its line."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MAX_BYTES = 2_000_000

_FENCE = re.compile(r" {0,3}(```|~~~)")
_HEADING = re.compile(r" {0,3}#{1,6}\s+(.+?)\s*#*\s*$")


class Unreadable(Exception):
    """The file as a whole is not a notebook."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class NotebookCell(NamedTuple):
    """One cell as it was written."""

    kind: str
    """`markdown`, `code` or `raw`."""
    source: str
    metadata: dict[str, object]
    line: int
    """Where it begins in the file, counted from 1."""


class Notebook(NamedTuple):
    """One file as it was written."""

    metadata: dict[str, object]
    cells: tuple[NotebookCell, ...]


def read_notebook(path: Path) -> Notebook:
    """Read the file at `path` in the format that its suffix tells. Raises Unreadable, and nothing else."""
    # A course file is data: jupytext uses yaml.safe_load, so nothing in it is ever executed here.
    import yaml  # type: ignore[import-untyped]  # PyYAML has no types of its own
    from jupytext import reads
    from jupytext.myst import MystMetadataParsingError, myst_to_notebook
    from nbformat import ValidationError

    text = _text(path)
    try:
        if path.suffix == ".ipynb":
            notebook = reads(text, ".ipynb", as_version=4)
            starts = _json_starts(text, len(notebook.cells))
        else:
            notebook = myst_to_notebook(text, add_source_map=True)
            starts = [_first_written(text.splitlines(), start) for start in notebook.metadata["source_map"]]
        cells = tuple(
            NotebookCell(cell.cell_type, cell.source.strip("\n"), dict(cell.metadata), start)
            for cell, start in zip(notebook.cells, starts, strict=True)
        )
        # Jupytext may keep the front matter under one key, `jupyter`.
        return Notebook({**notebook.metadata.get("jupyter", {}), **notebook.metadata}, cells)
    except (MystMetadataParsingError, yaml.YAMLError, RecursionError) as error:
        raise Unreadable(_error_line(error), f"not readable: {_one_line(error)}") from None
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(1, f"not a notebook: {_one_line(error)}") from None


def outside_fences(markdown: str) -> Iterator[tuple[int, str]]:
    """The lines, counted from 0, that are not inside a fenced block."""
    fence = ""
    for index, line in enumerate(markdown.splitlines()):
        opened = _FENCE.match(line)
        if opened and not fence:
            fence = opened.group(1)
        elif opened and opened.group(1) == fence:
            fence = ""
        elif not fence:
            yield index, line


def split_heading(markdown: str) -> tuple[str, str]:
    """The text of the first heading, and the Markdown without it. Without a heading, the text is empty."""
    for index, line in outside_fences(markdown):
        if heading := _HEADING.match(line):
            lines = markdown.splitlines()
            return heading.group(1), "\n".join(lines[:index] + lines[index + 1 :]).strip()
    return "", markdown.strip()


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(1, f"cannot be opened: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise Unreadable(1, f"larger than {MAX_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(line, "not UTF-8 text: save the file with the encoding UTF-8") from None
    if not text.strip():
        raise Unreadable(1, "the file is empty")
    return text


def _json_starts(text: str, cells: int) -> list[int]:
    """Where the cells of an .ipynb begin, if it is laid out as Jupyter does; else line 1 for all."""
    lines = enumerate(text.splitlines(), 1)
    starts = [number for number, line in lines if re.match(r'\s*"cell_type"\s*:', line)]
    return starts if len(starts) == cells else [1] * cells


def _first_written(lines: list[str], start: int) -> int:
    """The line of the cell's first text; for a text cell jupytext points above its blank lines."""
    if start and "{code-cell}" in lines[start - 1]:
        return start
    return next((number for number in range(start + 1, len(lines) + 1) if lines[number - 1].strip()), 1)


def _error_line(error: BaseException) -> int:
    told = re.search(r"at line (\d+)", str(error))
    if told:
        return int(told.group(1))
    mark = getattr(error, "problem_mark", None) or getattr(error.__context__, "problem_mark", None)
    return int(mark.line) + 2 if mark else 1  # a mark counts from 0, and begins below the opening ---


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
