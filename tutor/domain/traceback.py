"""What a Python error message tells: its name, its words, and the line of the learner's code."""

import builtins
import re

from tutor.domain.value import Value

_NAMES = {
    name.lower(): name
    for name, thing in vars(builtins).items()
    if isinstance(thing, type) and issubclass(thing, BaseException)
}
_WRITTEN = re.compile(r"\b[A-Z][A-Za-z]*(?:Error|Exception|Warning|Interrupt|Iteration|Exit)\b")
_LAST_LINE = re.compile(
    r"^\s*(?:[\w.]+\.)?([A-Z]\w*(?:Error|Exception|Warning|Interrupt|Iteration|Exit))\b:?\s*(.*)$|"
    r"^(?:[a-z_]\w*\.)+([A-Z]\w*): (.+)$"  # of a module, whatever its name: io.UnsupportedOperation
)
_FRAME = re.compile(r'File "([^"]*)", line (\d+)')
_NOT_OURS = re.compile(r"site-packages|/lib/python|\.zip/|^<frozen|_pyodide")
_UNKNOWN_NAME = re.compile(r"^(?:name|cannot access local variable) '(\w+)'")
_TYPES = re.compile(r"\b(?:str|int|float|list|dict|tuple|set|bool|NoneType|module|function)\b")
_OF_ONE_KIND = frozenset(
    [
        "ZeroDivisionError",
        "RecursionError",
        "KeyError",
        "FileNotFoundError",
        "ModuleNotFoundError",
        "UnboundLocalError",
        "NameError",
        "EOFError",
    ]
)
"""Errors whose name tells what happened, whatever stands behind it."""
_SPOKEN_END = re.compile(r"\b((?:[a-z]+ ?){1,3}) ?(error|exception|interrupt)s?\b", re.IGNORECASE)


class PythonError(Value):
    """One error, as far as its text tells."""

    name: str
    """The class: `IndexError`."""
    message: str
    """What follows the colon; may be empty."""
    line: int | None = None
    """Line of the learner's code, counted from 1, where it is told or can be derived."""
    source: str = ""
    """That line itself, without its indentation."""


def read_error(text: str, code: str = "") -> PythonError | None:
    """The last error of a traceback, or None where the text holds none.

    Args:
        text: A whole traceback or only its last line.
        code: What ran; finds the line's text, and the line itself for a name that is not defined.
    """
    lines = text.strip().splitlines()
    found = next((match for line in reversed(lines) if (match := _LAST_LINE.match(line))), None)
    if found is None:
        return None
    name, message = found[1] or found[3], found[2] or found[4] or ""
    written = code.splitlines()
    number = _line_told(lines) or _line_derived(name, message, written)
    if number is not None and written and not 1 <= number <= len(written):
        number = None
    source = written[number - 1].strip() if number and written else ""
    return PythonError(name=name, message=message.strip(), line=number, source=source)


def written_errors(text: str) -> frozenset[str]:
    """Exceptions that a text names as Python writes them."""
    return frozenset(_WRITTEN.findall(text))


def error_names(text: str) -> frozenset[str]:
    """Exceptions that a text names: written (`IndexError`) or as one says it (`index error`)."""
    names = set(written_errors(text))
    for words, end in _SPOKEN_END.findall(text):
        parts = words.lower().split()
        spoken = ("".join(parts[start:]) + end.lower() for start in range(len(parts)))
        names.update(_NAMES[one] for one in spoken if one in _NAMES)
    names.update(name for word in re.findall(r"\w+", text) if (name := _NAMES.get(word.lower())))
    return frozenset(names)


def same_kind(error: PythonError, asks: str) -> bool:
    """Whether a text about an error is about this one: there are many kinds of TypeError.

    Args:
        error: What the learner met.
        asks: A question such as "Why do I get TypeError: 'int' object is not iterable?", or words of a
            message, such as "list index out of range".
    """
    told, types = _TYPES.findall(asks), set(_TYPES.findall(error.message))
    if told and types and not types.intersection(told):
        return False
    if any((one in told) != (one in types) for one in ("NoneType", "module")) and types:
        return False
    words = _bare(asks)
    return any(wording in words for wording in _wordings(error.message)) or (
        error.name in _OF_ONE_KIND and error.name in asks
    )


def _wordings(message: str) -> list[str]:
    """What of a message is always the same: without names, values and numbers; two words at least."""
    fixed = re.split(r"'[^']*'|\"[^\"]*\"|\b\d+\b|[:()]|\b\w+\.\w+", message)
    found = [_bare(part) for part in fixed]
    return [one for one in found if len(one.split()) >= 2 and len(one) > 9]


def _bare(text: str) -> str:
    return " ".join(re.sub(r"s\b", "", word) for word in re.findall(r"[a-z]+", text.lower()))


def _line_told(lines: list[str]) -> int | None:
    frames = [frame for line in lines for frame in _FRAME.findall(line)]
    return next((int(number) for file, number in reversed(frames) if not _NOT_OURS.search(file)), None)


def _line_derived(name: str, message: str, written: list[str]) -> int | None:
    unknown = _UNKNOWN_NAME.match(message) if name in {"NameError", "UnboundLocalError"} else None
    if unknown is None:
        return None
    used = re.compile(rf"\b{unknown[1]}\b")
    lines = [number for number, line in enumerate(written, 1) if used.search(line.partition("#")[0])]
    return lines[0] if len(lines) == 1 else None
