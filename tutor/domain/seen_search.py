"""What can be seen of searches and of places behind the last item in a learner's code."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from tutor.domain.code_view import CodeView
from tutor.domain.observation import Sight, seen


def halving(view: CodeView) -> Iterator[Sight]:
    """A binary search whose border stays where it is, or whose list is not in order."""
    for made in view.functions.values():
        middles = {name for node in ast.walk(made) if (name := _middle(node))}
        if not middles:
            continue
        for loop in (node for node in ast.walk(made) if isinstance(node, ast.While)):
            yield from _standing(loop, middles)
        if any(isinstance(node, ast.Subscript) and _named(node.slice, middles) for node in ast.walk(made)):
            yield from _unsorted(view, made)


def _middle(node: ast.AST) -> str:
    """The name that gets the middle of two others: `middle = (low + high) // 2`."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.BinOp(left=ast.BinOp(op=ast.Add()), op=ast.FloorDiv(), right=ast.Constant(value=2)),
        ):
            return name
    return ""


def _named(node: ast.expr, names: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _standing(loop: ast.While, middles: set[str]) -> Iterator[Sight]:
    match loop.test:
        case ast.Compare(left=ast.Name(id=low), ops=[op], comparators=[ast.Name(id=high)]) if isinstance(
            op, ast.Lt | ast.LtE
        ):
            pass
        case _:
            return
    for node in ast.walk(loop):
        match node:
            case ast.Assign(targets=[ast.Name(id=border)], value=value) if _named(value, middles):
                # `high = middle` is right where the loop stops at one item.
                if border == low or (border == high and isinstance(op, ast.LtE)):
                    yield seen("border-stands", node.lineno, border, ast.unparse(value))


def _unsorted(view: CodeView, made: ast.FunctionDef) -> Iterator[Sight]:
    for call in view.all(ast.Call):
        if not isinstance(call.func, ast.Name) or call.func.id != made.name:
            continue
        for given in map(view.value, call.args):
            gap = _gap(given)
            if gap is not None:
                yield seen("search-without-order", call.lineno, repr(gap[0]), repr(gap[1]), made.name)


def _gap(node: ast.expr) -> tuple[object, object] | None:
    """The first two neighbours of a list, written out, of which the second is the smaller one."""
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    values = [one.value for one in items if isinstance(one, ast.Constant)]
    numbers = [one for one in values if isinstance(one, int | float)]
    texts = [one for one in values if isinstance(one, str)]
    if len(numbers) == len(items):
        return next(((one, two) for one, two in pairwise(numbers) if two < one), None)
    if len(texts) == len(items):
        return next(((one, two) for one, two in pairwise(texts) if two < one), None)
    return None


def behind_the_end(view: CodeView) -> Iterator[Sight]:
    """`items[i + 1]` up to the last i, and `while i <= len(items)`."""
    for loop in view.all(ast.For):
        match loop:
            case ast.For(
                target=ast.Name(id=place),
                iter=ast.Call(
                    func=ast.Name(id="range"),
                    args=[ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)])],
                ),
            ):
                for node in _unasked(loop.body):
                    match node:
                        case ast.Subscript(
                            value=ast.Name(id=other),
                            slice=ast.BinOp(
                                left=ast.Name(id=used), op=ast.Add(), right=ast.Constant(value=int())
                            ),
                        ) if (other, used) == (name, place):
                            yield seen("next-of-last", node.lineno, view.text(node), place, name)
    for asking in view.all(ast.While):
        match asking.test:
            case ast.Compare(
                left=ast.Name(id=place),
                ops=[ast.LtE()],
                comparators=[ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)])],
            ):
                for node in ast.walk(asking):
                    match node:
                        case ast.Subscript(value=ast.Name(id=other), slice=ast.Name(id=used)) if (
                            other,
                            used,
                        ) == (name, place):
                            yield seen(
                                "while-past-the-end", asking.lineno, view.text(asking.test), place, name
                            )
                            break


def _unasked(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """What runs in every pass: nothing that an `if` guards."""
    for one in body:
        if isinstance(one, ast.If):
            # `if i + 1 < len(items) and items[i + 1] ...` asks before it looks.
            if not isinstance(one.test, ast.BoolOp) and "len(" not in ast.unparse(one.test):
                yield from ast.walk(one.test)
        elif isinstance(one, ast.Expr | ast.Assign | ast.AugAssign):
            yield from ast.walk(one)


def value_as_place(view: CodeView) -> Iterator[Sight]:
    """`for x in xs: print(xs[x])`."""
    for loop in view.all(ast.For):
        match loop:
            case ast.For(target=ast.Name(id=each), iter=ast.Name(id=name)) if view.is_list(loop.iter):
                for node in ast.walk(loop):
                    match node:
                        case ast.Subscript(value=ast.Name(id=other), slice=ast.Name(id=used)) if (
                            other,
                            used,
                        ) == (name, each):
                            yield seen("value-as-place", node.lineno, view.text(node), each, name)


def leaves_at_first(view: CodeView) -> Iterator[Sight]:
    """`return` in an `if` in a loop: the first that fits decides; and an `else` that leaves, too."""
    loops: list[ast.For | ast.While] = [*view.all(ast.For), *view.all(ast.While)]
    for loop in loops:
        for node in loop.body:
            if not isinstance(node, ast.If):
                continue
            leaving = node.body[-1]
            if not isinstance(leaving, ast.Return):
                continue
            other = node.orelse[-1] if node.orelse else None
            # A `while` may leave by design; a `for` that always leaves sees one item only.
            if isinstance(other, ast.Return) and isinstance(loop, ast.For):
                yield seen("both-leave", other.lineno, leaving.lineno, other.lineno)
            elif other is None:
                yield seen("returns-at-first", leaving.lineno, view.line(leaving.lineno))


def float_place(view: CodeView) -> Iterator[Sight]:
    """`items[len(items) / 2]`."""
    for node in view.all(ast.Subscript):
        index = view.value(node.slice)
        if isinstance(index, ast.BinOp) and isinstance(index.op, ast.Div) and view.is_row(node.value):
            yield seen("float-place", node.lineno, view.text(node), view.text(index))


def one_border_of_two(view: CodeView) -> Iterator[Sight]:
    """`while i < len(left) or j < len(right):`."""
    for loop in view.all(ast.While):
        match loop.test:
            case ast.BoolOp(
                op=ast.Or(),
                values=[
                    ast.Compare(ops=[ast.Lt()], comparators=[ast.Call(func=ast.Name(id="len"))]),
                    ast.Compare(ops=[ast.Lt()], comparators=[ast.Call(func=ast.Name(id="len"))]),
                ],
            ):
                yield seen("one-border-of-two", loop.lineno, view.text(loop.test))
