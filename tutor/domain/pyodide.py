"""Pyodide, Python for the learner's browser: which version, which files, and how they are recognised."""

VERSION = "0.29.5"
"""314 and later refuse classic workers, and a sandboxed frame can start no other."""

FILES = {
    "pyodide.js": "sha256-f4MqNQJAJj2ZRqnDyHf3vNq2w31txl9yzTvlkF3KYt0=",
    "pyodide.asm.js": "sha256-NWxC9p4WlTl+nYZwvTwuZ4JIzeduGL2uFzHoSFN7R9c=",
    "pyodide.asm.wasm": "sha256-VDCaWiz9dXsfD9vJCTySUD97NBUAEQMp2TJIcYORJxg=",
    "python_stdlib.zip": "sha256-gx/R5TUIS5cvh8ajUnXePSNu/VFm9ed86JSXcQY15zw=",
    "pyodide-lock.json": "sha256-FNLC26EBJ3mZ4XE15lPY8VOJrRQ39T6uITvww83/cj0=",
}
"""What a page needs, each with its SHA-256 as browsers check it; from the npm package.
The last one holds the SHA-256 of every package that can be loaded besides."""


def core_address(cdn: str) -> str:
    """Where a CDN in the shape of jsDelivr has these files: its copy of the npm package."""
    return f"{cdn}/npm/pyodide@{VERSION}/"


def package_address(cdn: str) -> str:
    """Where it has the packages, such as matplotlib, which are not on npm."""
    return f"{cdn}/pyodide/v{VERSION}/full/"
