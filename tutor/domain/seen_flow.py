"""What can be seen of loops and conditions in a learner's code."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from tutor.domain.code_view import LIST_CHANGES, CodeView
from tutor.domain.observation import Sight, seen

_LEAVES = (ast.Break, ast.Return, ast.Raise, ast.Yield, ast.Await)
_ENDS = frozenset({"exit", "quit"})


def endless_while(view: CodeView) -> Iterator[Sight]:
    """A loop whose condition can never change."""
    globally = {name for node in view.all(ast.Global) for name in node.names}
    for loop in view.all(ast.While):
        if any(_leaves(node) for node in _inside(loop)):
            continue
        parts = list(ast.walk(loop.test))
        names = sorted({node.id for node in parts if isinstance(node, ast.Name)})
        if any(isinstance(node, ast.Call | ast.Attribute | ast.Subscript | ast.NamedExpr) for node in parts):
            continue
        if not names and isinstance(loop.test, ast.Constant) and loop.test.value:
            yield seen("always-true-while", loop.lineno, view.text(loop.test))
        elif names and not any(view.touched(name, loop.body) or name in globally for name in names):
            told = _and(names)
            yield seen("endless-while", loop.lineno, view.text(loop.test), told)
        else:
            yield from _wrong_way(view, loop)


def _wrong_way(view: CodeView, loop: ast.While) -> Iterator[Sight]:
    match loop.test:
        case ast.Compare(
            left=ast.Name(id=name), ops=[op], comparators=[ast.Constant(value=int() | float() as limit)]
        ):
            up = isinstance(op, ast.Lt | ast.LtE)
            if not up and not isinstance(op, ast.Gt | ast.GtE):
                return
        case _:
            return
    stores = [
        node
        for node in _inside(loop)
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
    ]
    changes = [node for node in loop.body if isinstance(node, ast.AugAssign)]
    for change in changes:
        match change:
            case ast.AugAssign(
                target=ast.Name(id=other),
                op=ast.Add() | ast.Sub() as sign,
                value=ast.Constant(value=int() | float() as step),
            ):
                grows = isinstance(sign, ast.Add) == (step > 0)
                if other == name and len(stores) == 1 and step and grows != up:
                    yield seen(
                        "wrong-way",
                        change.lineno,
                        loop.lineno,
                        view.text(loop.test),
                        name,
                        "larger" if grows else "smaller",
                        limit,
                    )


def reset_in_loop(view: CodeView) -> Iterator[Sight]:
    """A total that begins again in every pass, or is replaced instead of added to."""
    for loop in _loops(view):
        for place, node in enumerate(loop.body):
            match node:
                case ast.Assign(
                    targets=[ast.Name(id=name)], value=ast.Constant() | ast.List(elts=[]) as first
                ):
                    pass
                case _:
                    continue
            later = loop.body[place + 1 :]
            adding = [one for one in later if _adds(one, name)]
            if adding and not any(_reads(one, name) for one in later if one not in adding):
                yield seen("reset-in-loop", node.lineno, view.line(node.lineno), name, view.text(first))


def replaced_in_loop(view: CodeView) -> Iterator[Sight]:
    """`total = number` where something was to be collected, `counts[word] = 1` where it was to be counted."""
    for loop in view.all(ast.For):
        # Behind an `if` it may be the newest one that is wanted.
        guarded = [one for node in loop.body if isinstance(node, ast.If) for one in node.body]
        for node in (*loop.body, *guarded):
            match node, loop.target:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=given)), ast.Name(id=each):
                    others = [one for one in ast.walk(loop) if one is not node]
                    if given == each != name and not any(_is_read(one, name) for one in others):
                        sure = None if node in loop.body else False
                        yield seen("replaced-in-loop", node.lineno, view.line(node.lineno), name, sure=sure)
                case (
                    ast.Assign(targets=[ast.Subscript()], value=ast.Constant(value=int() as value)),
                    _,
                ) if node in loop.body:
                    yield seen("count-not-raised", node.lineno, view.line(node.lineno), value)


def stops_early(view: CodeView) -> Iterator[Sight]:
    """`return` or `break` that ends a loop in its first pass, and lines that are never reached."""
    for loop in _loops(view):
        for node in loop.body:
            if isinstance(node, ast.Return | ast.Break) and not _skips(loop):
                word = "return" if isinstance(node, ast.Return) else "break"
                ends = "the function" if word == "return" else "the loop"
                yield seen("stops-early", node.lineno, word, ends)
    for block in view.blocks:
        for first, after in pairwise(block):
            if isinstance(first, ast.Return | ast.Break | ast.Continue):
                word = type(first).__name__.lower()
                yield seen("never-runs", after.lineno, view.line(after.lineno), word, first.lineno)


def changed_while_looping(view: CodeView) -> Iterator[Sight]:
    """A list that changes under the loop which goes through it."""
    for loop in view.all(ast.For):
        if not isinstance(loop.iter, ast.Name) or not view.is_list(loop.iter):
            continue
        name = loop.iter.id
        for node in _inside(loop):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=other), attr=method)) if (
                    other == name and method in LIST_CHANGES - {"sort", "reverse"}
                ):
                    grows = method in {"append", "extend", "insert"}
                    what = (
                        "so the loop gets new values to go through"
                        if grows
                        else "so its items move to other places, and the loop skips some"
                    )
                    yield seen("changed-while-looping", node.lineno, loop.lineno, name, method, what)


def not_iterable(view: CodeView) -> Iterator[Sight]:
    """`for i in 5`."""
    for loop in view.all(ast.For):
        if view.is_number(loop.iter):
            yield seen("for-in-number", loop.lineno, view.text(loop.iter))


def ranges(view: CodeView) -> Iterator[Sight]:
    """Where a range ends, with the learner's own numbers; and a place after the last."""
    for loop in view.all(ast.For):
        match loop.iter:
            case ast.Call(func=ast.Name(id="range"), args=args) if "range" not in view.bound:
                yield from _range(view, loop, args)


def _range(view: CodeView, loop: ast.For, args: list[ast.expr]) -> Iterator[Sight]:
    told = view.text(loop.iter)
    match args:
        case [
            ast.BinOp(
                left=ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]),
                op=ast.Add(),
                right=ast.Constant(value=1),
            )
        ]:
            yield seen("past-the-end", loop.lineno, told, name)
            return
        case [ast.Constant(value=int() as stop)]:
            values = range(stop)
        case [ast.Constant(value=int() as start), ast.Constant(value=int() as stop)]:
            values = range(start, stop)
        case _:
            return
    if not values:
        yield seen("empty-range", loop.lineno, told)
        return
    yield seen("range-stop", loop.lineno, told, values[0], values[-1], values.stop)


def printed_each_pass(view: CodeView) -> Iterator[Sight]:
    """`print` at the end of a loop's body."""
    for loop in _loops(view):
        last = loop.body[-1]
        match last:
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
                yield seen("print-in-loop", last.lineno, view.line(last.lineno))


def _loops(view: CodeView) -> Iterator[ast.For | ast.While]:
    yield from view.all(ast.For)
    yield from view.all(ast.While)


def _inside(loop: ast.For | ast.While) -> Iterator[ast.AST]:
    return (node for one in loop.body for node in ast.walk(one))


def _leaves(node: ast.AST) -> bool:
    if isinstance(node, _LEAVES):
        return True
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in _ENDS
        case ast.Call(func=ast.Attribute(attr="exit")):
            return True
    return False


def _skips(loop: ast.For | ast.While) -> bool:
    return any(isinstance(node, ast.Continue) for node in _inside(loop))


def _adds(node: ast.stmt, name: str) -> bool:
    """Whether a statement adds to what a name holds."""
    for part in ast.walk(node):
        match part:
            case ast.AugAssign(target=ast.Name(id=other)) if other == name:
                return True
            case ast.Assign(targets=[ast.Name(id=other)], value=ast.BinOp(left=ast.Name(id=left))) if (
                other == name == left
            ):
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id=other), attr="append")) if other == name:
                return True
    return False


def _reads(node: ast.stmt, name: str) -> bool:
    """Whether a statement uses what a name holds, but for showing it."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return False
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))


def _and(names: list[str]) -> str:
    told = [f"`{name}`" for name in names]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} or {told[-1]}"


def _is_read(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)


def nothing_runs(view: CodeView) -> Iterator[Sight]:
    """Nothing but comments."""
    if not view.tree.body and any(line.strip() for line in view.lines):
        yield seen("only-comments", 1)
