"""What can be seen of how often lines run in a learner's code."""

import ast
from collections.abc import Iterator

from tutor.domain.code_view import CodeView
from tutor.domain.observation import Sight, seen

_LOOKS_AT_ALL = frozenset(["count", "index", "remove"])


def nested_loops(view: CodeView) -> Iterator[Sight]:
    """A loop in a loop."""
    for outer in view.all(ast.For):
        for inner in (node for one in outer.body for node in ast.walk(one) if isinstance(node, ast.For)):
            passes, again = _passes(view, outer), _passes(view, inner)
            whole = (
                f" That makes {passes} times {again} passes, {passes * again} in all."
                if passes and again and not _leaves(outer)
                else ""
            )
            yield seen("loop-in-loop", inner.lineno, outer.lineno, whole)


def hidden_loops(view: CodeView) -> Iterator[Sight]:
    """A list that is looked through in every pass of a loop."""
    loops: list[ast.For | ast.While] = [*view.all(ast.For), *view.all(ast.While)]
    for loop in loops:
        for node in (node for one in loop.body for node in ast.walk(one)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if (
                    method in _LOOKS_AT_ALL and not view.is_text(ast.Name(id=name, ctx=ast.Load()))
                ):
                    yield seen("hidden-loop", node.lineno, f"`{name}.{method}`", name, "looks at")
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="pop" | "insert"), args=args
                ) if args and isinstance(args[0], ast.Constant) and args[0].value == 0:
                    yield seen("hidden-loop", node.lineno, view.text(node), name, "moves")
                case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Name(id=name) as where]) if (
                    view.is_list(where)
                ):
                    yield seen("hidden-loop", node.lineno, view.text(node), name, "looks at")


def wrong_end(view: CodeView) -> Iterator[Sight]:
    """Which end of a list `pop` takes."""
    for node in view.all(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(attr="pop"), args=[]):
                yield seen("pop-last", node.lineno, view.text(node))


def _passes(view: CodeView, loop: ast.For) -> int:
    """How many passes a loop makes, where it stands in the code; else 0."""
    match loop.iter:
        case ast.Call(func=ast.Name(id="range"), args=args):
            found = [_number(view, one) for one in args]
            numbers = [one for one in found if one is not None]
            if len(numbers) == len(args) and 1 <= len(args) <= 2:
                return len(range(*numbers))
    items = view.value(loop.iter)
    if isinstance(items, ast.List | ast.Tuple):
        return len(items.elts)
    if isinstance(items, ast.Constant) and isinstance(items.value, str):
        return len(items.value)
    return 0


def _number(view: CodeView, node: ast.expr) -> int | None:
    value = view.value(node)
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, int) else None


def _leaves(loop: ast.For) -> bool:
    return any(isinstance(node, ast.Break | ast.Continue | ast.Return | ast.While) for node in ast.walk(loop))
