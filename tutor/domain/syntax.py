"""Python's own parser, for many threads."""

import ast
from threading import Lock

_ONE_AT_A_TIME = Lock()
"""Python 3.11 counts depth for all threads at once: two that parse can end in a SystemError (gh-106905)."""


def tree_of(source: str) -> ast.Module:
    """Read a piece of code; nothing of it is run.

    Raises:
        SyntaxError: Python cannot read it. Also ValueError for a null byte, RecursionError or MemoryError for
            code that is nested too deeply.
    """
    with _ONE_AT_A_TIME:
        return ast.parse(source)
