"""Python's collector of garbage, as a server wants it: rarely, and never through what stays anyway."""

import gc
from typing import Final

_OFTEN: Final = (20_000, 20, 20)
"""New objects before a look at them; such looks before one at what survived; and so on. Python's own, 700, 10
and 10, are for programs that do one thing at a time: here each look holds up every learner."""


def keep() -> None:
    """Leave out of every later look what is there now: modules, routes, courses, models.

    What of it is garbage stays too: to look for it would take half a second of every start.
    """
    gc.freeze()
    gc.set_threshold(*_OFTEN)
    gc.enable()
