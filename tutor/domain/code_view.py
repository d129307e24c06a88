"""A learner's code as a tree, with what every rule wants to know of it. Nothing of it is run."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

from tutor.domain.syntax import tree_of

TEXT_METHODS = frozenset(["upper", "lower", "strip", "lstrip", "rstrip", "title", "capitalize", "swapcase"])
LIST_CHANGES = frozenset(["append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"])
CHANGES = LIST_CHANGES | frozenset(["add", "discard", "update", "popitem", "setdefault"])
_Node = TypeVar("_Node", bound=ast.AST)
_NUMBERS = frozenset({"int", "float", "len", "sum", "abs", "round"})


class CodeView:
    """One piece of code that Python can read."""

    def __init__(self, source: str) -> None:
        """Read it.

        Raises:
            SyntaxError: Python cannot read it. Also ValueError for a null byte, RecursionError for code that
                is nested too deeply.
        """
        self.tree = tree_of(source)
        self.lines = source.splitlines()
        self.nodes = list(ast.walk(self.tree))

    def all(self, kind: type[_Node]) -> Iterator[_Node]:
        """Every node of a kind."""
        return (node for node in self.nodes if isinstance(node, kind))

    @cached_property
    def blocks(self) -> list[list[ast.stmt]]:
        """Every list of statements with the same indentation."""
        parts = (getattr(node, name, None) for node in self.nodes for name in ("body", "orelse", "finalbody"))
        return [part for part in parts if isinstance(part, list)]

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """Functions outside of classes, by name, where a name is given once."""
        top = [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]
        often = Counter(node.name for node in top)
        return {node.name: node for node in top if often[node.name] == 1}

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """Classes by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    @cached_property
    def methods(self) -> frozenset[str]:
        """Names of all methods of the learner's own classes."""
        return frozenset(
            one.name
            for kind in self.all(ast.ClassDef)
            for one in kind.body
            if isinstance(one, ast.FunctionDef)
        )

    @cached_property
    def bound(self) -> Counter[str]:
        """How often each name is given a value anywhere: by =, for, with, def, import, as a parameter."""
        found = Counter[str]()
        for node in self.nodes:
            match node:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                    found[name] += 1
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    found[name] += 1
                case ast.alias(name=name, asname=other):
                    found[other or name.partition(".")[0]] += 1
                case ast.ExceptHandler(name=str(name)):
                    found[name] += 1
        return found

    @cached_property
    def _values(self) -> dict[str, ast.expr]:
        found = {}
        for node in self.all(ast.Assign):
            if len(node.targets) == 1 and isinstance(target := node.targets[0], ast.Name):
                found[target.id] = node.value
        return {name: value for name, value in found.items() if self.bound[name] == 1}

    def value(self, node: ast.expr) -> ast.expr:
        """What an expression is: for a name that gets one value only, that value."""
        return self._values.get(node.id, node) if isinstance(node, ast.Name) else node

    def is_text(self, node: ast.expr) -> bool:
        """Whether it is a text for certain."""
        match self.value(node):
            case ast.Constant(value=str()) | ast.JoinedStr():
                return True
            case ast.Call(func=ast.Name(id="input" | "str" as name)):
                return name not in self.bound
        return False

    def is_input(self, node: ast.expr) -> bool:
        """Whether it is what somebody typed, unchanged."""
        match self.value(node):
            case ast.Call(func=ast.Name(id="input")):
                return "input" not in self.bound
        return False

    def is_number(self, node: ast.expr) -> bool:
        """Whether it is a number for certain."""
        match self.value(node):
            case ast.Constant(value=bool()):
                return False
            case ast.Constant(value=int() | float()):
                return True
            case ast.Call(func=ast.Name(id=name)):
                return name in _NUMBERS - {"sum", "abs", "round"} and name not in self.bound
        return False

    def is_list(self, node: ast.expr) -> bool:
        """Whether it is a list for certain."""
        match self.value(node):
            case ast.List() | ast.ListComp():
                return True
            case ast.Call(func=ast.Name(id="list" | "sorted" as name)):
                return name not in self.bound
        return False

    def is_row(self, node: ast.expr) -> bool:
        """Whether it has places that are counted from 0, for certain."""
        return self.is_list(node) or self.is_text(node) or isinstance(self.value(node), ast.Tuple)

    def touched(self, name: str, nodes: list[ast.stmt]) -> bool:
        """Whether anything in these statements may change the value behind a name."""
        for top in nodes:
            for node in ast.walk(top):
                match node:
                    case ast.Name(id=other, ctx=ast.Store() | ast.Del()) if other == name:
                        return True
                    case ast.Subscript(value=ast.Name(id=other), ctx=ast.Store() | ast.Del()) if (
                        other == name
                    ):
                        return True
                    case ast.Attribute(value=ast.Name(id=other)) if other == name:
                        return True
                    case ast.Call(args=args) if any(
                        isinstance(one, ast.Name) and one.id == name for one in args
                    ) and not (
                        isinstance(node.func, ast.Name) and node.func.id in {"print", "len", *_NUMBERS}
                    ):
                        return True
                    case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                        return True
        return False

    def text(self, node: ast.expr | ast.stmt, limit: int = 60) -> str:
        """The source of a node in one line, as inline code."""
        told = " ".join(ast.unparse(node).replace("`", "'").split())
        return f"`{told if len(told) <= limit else told[:limit] + '...'}`"

    def line(self, number: int) -> str:
        """A line as inline code."""
        told = self.lines[number - 1].strip().replace("`", "'") if 0 < number <= len(self.lines) else ""
        return f"`{told[:80]}`"
