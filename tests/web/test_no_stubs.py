"""Gradio's import, as this project has it."""

import subprocess
import sys

_IMPORT = """
import tutor.web
import gradio
from gradio import component_meta
assert component_meta.create_or_modify_pyi.__module__ == "tutor.web.no_stubs", "stubs are written"
button = gradio.Button("x")
assert hasattr(button, "click"), "a component has lost its events"
"""


def test_gradio_writes_no_stubs():
    """Every start would parse all of Gradio, and write into installed packages that may be read-only."""
    done = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
