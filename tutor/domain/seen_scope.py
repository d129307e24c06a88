"""What can be seen of where names hold: inside of functions, before their first value, in objects."""

import ast
import builtins
from collections.abc import Iterator

from tutor.domain.code_view import CodeView
from tutor.domain.observation import Sight, seen

_BUILTINS = frozenset(dir(builtins))
_SPECIAL = {
    "_init_": "__init__", "__int__": "__init__", "__inti__": "__init__", "__init": "__init__",
    "_str_": "__str__", "__string__": "__str__",
}  # fmt: skip
"""How beginners misspell them. (`__int__` exists, and no chapter needs it.)"""


def inside_only(view: CodeView) -> Iterator[Sight]:
    """A name that gets its value in a function, and is asked for outside."""
    outside = [node for one in view.tree.body if not isinstance(one, _MAKES) for node in ast.walk(one)]
    given = {node.id for node in outside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    known = given | _BUILTINS | set(view.functions) | set(view.classes) | _imported(view)
    told = set[str]()
    for node in outside:
        if not isinstance(node, ast.Name) or node.id in known | told:
            continue
        for made in view.functions.values():
            if node.id in _own(made):
                told.add(node.id)
                yield seen("inside-only", node.lineno, node.id, made.name)
                break


def before_its_value(view: CodeView) -> Iterator[Sight]:
    """A name that is used above the line that gives it its first value."""
    first: dict[str, int] = {}
    for node in view.all(ast.Name):
        if isinstance(node.ctx, ast.Store):
            first[node.id] = min(first.get(node.id, node.lineno), node.lineno)
    parameters = {node.arg for node in view.all(ast.arg)} | _imported(view) | _BUILTINS
    for one in view.tree.body:
        if isinstance(one, _MAKES | ast.For | ast.While):
            continue
        for used in ast.walk(one):
            match used:
                case ast.Name(id=name, ctx=ast.Load(), lineno=line) if (
                    name in first and name not in parameters and line < first[name] and view.bound[name] == 1
                ):
                    yield seen("before-its-value", line, name, first[name])


def changed_inside(view: CodeView) -> Iterator[Sight]:
    """`count += 1` in a function, where `count` belongs to the program."""
    outside = {
        target.id
        for one in view.tree.body
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    for made in view.functions.values():
        free = {name for node in ast.walk(made) if isinstance(node, ast.Global) for name in node.names}
        parameters = {one.arg for one in ast.walk(made) if isinstance(one, ast.arg)}
        starts = {
            node.id
            for one in ast.walk(made)
            if isinstance(one, ast.Assign | ast.For | ast.With)
            for node in ast.walk(one)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        for node in ast.walk(made):
            match node:
                case ast.AugAssign(target=ast.Name(id=name)) if (
                    name in outside and name not in free | parameters | starts
                ):
                    yield seen("changed-inside", node.lineno, view.line(node.lineno), name, made.name)


def without_self(view: CodeView) -> Iterator[Sight]:
    """`deposit(5)` or `balance` in a method, where the object's own was meant; misspelled special names."""
    for kind in view.classes.values():
        made = [one for one in kind.body if isinstance(one, ast.FunctionDef)]
        names = {one.name for one in made}
        kept = {
            node.attr
            for one in made
            for node in ast.walk(one)
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and ast.unparse(node.value) == "self"
        }
        for one in made:
            if right := _SPECIAL.get(one.name):
                yield seen("special-name", one.lineno, one.name, right)
            told = set[str]()
            for node in ast.walk(one):
                if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id in told:
                    continue
                if view.bound[node.id] > (node.id in names) or node.id in _BUILTINS:
                    continue
                if node.id in names:
                    told.add(node.id)
                    yield seen("method-without-self", node.lineno, node.id, kind.name)
                elif node.id in kept:
                    told.add(node.id)
                    yield seen("attribute-without-self", node.lineno, node.id)


_MAKES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _own(made: ast.FunctionDef) -> set[str]:
    """Names that get a value in a function, and are not declared global there."""
    free = {name for node in ast.walk(made) if isinstance(node, ast.Global) for name in node.names}
    given = {
        node.id for node in ast.walk(made) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return given - free


def _imported(view: CodeView) -> set[str]:
    return {
        alias.asname or alias.name.partition(".")[0]
        for node in view.nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
