"""Gradio without its type stubs: at every import it parses all its components and writes .pyi files anew.

They are for editors. Making them takes half of Gradio's import (0.8 s of 1.7 s on two cores), and writes into
the installed packages, which belong to nobody but the installer. Seen in Gradio 5.50.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_MAKER = "gradio.component_meta"


class _NoStubs:
    """Finds one module, and takes the writing of stubs out of it once it is loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _MAKER:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            vars(module)["create_or_modify_pyi"] = _none

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]  # of this one loader alone
        return spec


def install() -> None:
    """To be called before Gradio is imported; later, and a second time, it changes nothing."""
    if not any(isinstance(finder, _NoStubs) for finder in sys.meta_path):
        sys.meta_path.insert(0, _NoStubs())


def _none(component: type, name: str, events: Sequence[object]) -> None:
    """No stub."""
