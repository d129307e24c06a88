"""What can be seen of names, and of what lists and dictionaries hold, in a learner's code."""

import ast
import builtins
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from tutor.domain.code_view import CHANGES, CodeView
from tutor.domain.observation import Sight, seen

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_SHADOWED = frozenset(
    [
        "list",
        "str",
        "int",
        "float",
        "dict",
        "set",
        "tuple",
        "sum",
        "max",
        "min",
        "len",
        "print",
        "input",
        "type",
        "range",
        "sorted",
    ]
)
_MODULES = {
    "math": frozenset(("sqrt", "pi", "ceil", "floor", "sin", "cos", "log", "factorial", "gcd")),
    "random": frozenset(("randint", "choice", "choices", "shuffle", "sample", "uniform")),
    "datetime": frozenset(("date", "timedelta")),
}
"""What beginners use of them."""


def shadowed(view: CodeView) -> Iterator[Sight]:
    """`list = [1, 2]`."""
    called = {node.func.id for node in view.all(ast.Call) if isinstance(node.func, ast.Name)}
    for node in view.all(ast.Name):
        if isinstance(node.ctx, ast.Store) and node.id in _SHADOWED:
            yield seen("shadowed", node.lineno, node.id, sure=node.id in called)


def odd_signs(view: CodeView) -> Iterator[Sight]:
    """`x =+ 1`."""
    for node in view.all(ast.Assign):
        if (
            isinstance(node.value, ast.UnaryOp)
            and isinstance(node.value.op, ast.UAdd | ast.USub)
            and len(node.targets) == 1
        ):
            sign = "+" if isinstance(node.value.op, ast.UAdd) else "-"
            if f"={sign} " in view.line(node.lineno):
                target = view.text(node.targets[0])
                yield seen("odd-sign", node.lineno, sign, target, view.text(node.value))


def unknown_name(view: CodeView) -> Iterator[Sight]:
    """A name that is nearly another one; and a name of a module without the module."""
    known = set(view.bound) | _BUILTINS
    if any(alias.name == "*" for node in view.all(ast.ImportFrom) for alias in node.names):
        return
    imported = {alias.name for node in view.all(ast.Import) for alias in node.names if alias.asname is None}
    told = set[str]()
    for node in view.all(ast.Name):
        if isinstance(node.ctx, ast.Store) or node.id in known | told:
            continue
        told.add(node.id)
        home = next(
            (module for module, names in _MODULES.items() if module in imported and node.id in names), ""
        )
        if home:
            yield seen("module-missing", node.lineno, node.id, home)
        elif near := _nearest(node.id, known):
            # Another cell may have made a name that differs in its capitals only, such as a class.
            sure = node.id.lower() != near.lower() or near in _BUILTINS
            yield seen("nearly-a-name", node.lineno, node.id, near, sure=sure)


def _nearest(name: str, known: Collection[str]) -> str:
    # Few candidates: comparing with all names takes milliseconds for each.
    likely = [one for one in known if one[0].lower() == name[0].lower() and abs(len(one) - len(name)) <= 1]
    same = (one for one in likely if one.lower() == name.lower())
    return next(same, "") or next(iter(get_close_matches(name, likely, n=1, cutoff=0.8)), "")


def places(view: CodeView) -> Iterator[Sight]:
    """A place or key that a list, text or dictionary does not have, as far as it stands in the code."""
    changed = {name for node in view.nodes if (name := _changed(node))}
    for node in view.all(ast.Subscript):
        if not isinstance(node.value, ast.Name):
            continue
        name, value = node.value.id, view.value(node.value)
        if isinstance(node.ctx, ast.Store):
            if isinstance(value, ast.Tuple) or view.is_text(node.value):
                kind = "tuple" if isinstance(value, ast.Tuple) else "text"
                yield seen("cannot-change", node.lineno, name, kind)
            continue
        match value, node.slice:
            case ((ast.List(elts=items) | ast.Tuple(elts=items)), ast.Constant(value=int() as place)):
                size = len(items)
            case ast.Constant(value=str() as told), ast.Constant(value=int() as place):
                size = len(told)
            case ast.Dict(keys=keys), ast.Constant(value=key) if all(
                isinstance(one, ast.Constant) for one in keys
            ):
                has = [one.value for one in keys if isinstance(one, ast.Constant)]
                if key not in has and name not in changed:
                    yield seen(
                        "no-such-key",
                        node.lineno,
                        name,
                        repr(key),
                        ", ".join(f"`{one!r}`" for one in has[:6]),
                    )
                continue
            case _:
                continue
        if name not in changed and not -size <= place < size:
            yield seen("no-such-place", node.lineno, view.text(node), name, size, size - 1)


def _changed(node: ast.AST) -> str:
    """The name whose value a node may change: by a method, or at a place."""
    match node:
        case ast.Attribute(value=ast.Name(id=name)):
            return name
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
            return name
    return ""


def aliases(view: CodeView) -> Iterator[Sight]:
    """`b = a`, and then one of them changes."""
    for node in view.all(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Name(id=other)], value=ast.Name(id=name)) if other != name:
                value = view.value(node.value)
                match value:
                    case ast.Call(func=ast.Name(id=kind)) if kind in view.classes:
                        what = "object"
                    case _ if view.is_list(node.value):
                        what = "list"
                    case ast.Dict():
                        what = "dictionary"
                    case _:
                        continue
                if view.bound[other] == 1 and any(_changes(later, {name, other}) for later in view.nodes):
                    yield seen("two-names", node.lineno, view.line(node.lineno), what, other, name)


def _changes(node: ast.AST, names: set[str]) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
            return name in names and method in CHANGES
        case (
            ast.Subscript(value=ast.Name(id=name), ctx=ast.Store())
            | ast.Attribute(value=ast.Name(id=name), ctx=ast.Store())
        ):
            return name in names
    return False


def keys_only(view: CodeView) -> Iterator[Sight]:
    """`for name, age in ages:` where `ages` is a dictionary."""
    for loop in view.all(ast.For):
        match loop:
            case ast.For(target=ast.Tuple(elts=names), iter=ast.Name(id=name) as of) if isinstance(
                view.value(of), ast.Dict
            ):
                yield seen("keys-only", loop.lineno, name, len(names))
