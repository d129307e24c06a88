"""Which types have a method: what Python does not tell where a value has no such attribute."""

import re
from collections import deque

from tutor.domain.observation import Observation
from tutor.domain.traceback import PythonError

_TYPES = (str, list, dict, set, tuple, deque)
_KNOWN = {*(one.__name__ for one in _TYPES), "int", "float", "NoneType"}
"""Of a class of the learner's own, nothing is said."""
_MISSING = re.compile(r"^'(\w+)' object has no attribute '(\w+)'")


def belongs_elsewhere(error: PythonError) -> Observation | None:
    """For `'list' object has no attribute 'popleft'`: that a deque has it; None where no usual type does."""
    found = _MISSING.match(error.message) if error.name == "AttributeError" else None
    if found is None or error.line is None:
        return None
    has, wants = found.groups()
    types = [one.__name__ for one in _TYPES if not wants.startswith("_") and hasattr(one, wants)]
    if not types or has in types or has not in _KNOWN:
        return None
    belongs = " or ".join(f"`{one}`" for one in types)
    return Observation(
        name="belongs-elsewhere",
        line=error.line,
        says=f"A value of the type `{has}` has no `{wants}`. That belongs to the type {belongs}.",
        ask=f"Which type did you want to have on line {error.line}? Look where the value is made.",
        topic=f"{wants} {' '.join(types)}",
    )
