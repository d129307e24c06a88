"""What can be seen of calls in a learner's code: calls of itself, and values that nobody takes."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from tutor.domain.code_view import CHANGES, LIST_CHANGES, CodeView
from tutor.domain.observation import Sight, seen

_ASKS = ast.If | ast.IfExp | ast.BoolOp | ast.While | ast.Try | ast.Match | ast.comprehension


def calls_itself(view: CodeView) -> Iterator[Sight]:
    """A recursive call that comes no nearer to the end, or goes everywhere again."""
    for name, made in view.functions.items():
        inside = list(ast.walk(made))
        calls = [
            one
            for one in inside
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == name
        ]
        parameters = [one.arg for one in made.args.args]
        changed = {one.id for one in inside if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        for call in calls:
            same = [one.id for one in call.args if isinstance(one, ast.Name)]
            if parameters and same == parameters and not changed & set(parameters):
                yield seen("same-call-again", call.lineno, view.text(call))
        if calls and not any(isinstance(one, _ASKS) for one in inside):
            for loop in (one for one in inside if isinstance(one, ast.For)):
                found = isinstance(loop.iter, ast.Subscript) and isinstance(loop.iter.slice, ast.Name)
                if found and any(one in calls for one in ast.walk(loop)):
                    yield seen("walks-in-circles", calls[0].lineno, name, view.text(loop.iter))


def value_unused(view: CodeView) -> Iterator[Sight]:
    """`n * factorial(n - 1)` on a line of its own."""
    for node in view.all(ast.Expr):
        if isinstance(node.value, ast.BinOp):
            yield seen("value-unused", node.lineno, view.text(node.value))


def falls_through(view: CodeView) -> Iterator[Sight]:
    """A function that gives a value on some ways through it only."""
    for made in view.functions.values():
        given = [one for one in ast.walk(made) if isinstance(one, ast.Return) and one.value is not None]
        if given and not _ends(made.body):
            yield seen("falls-through", made.lineno, made.name, given[0].lineno)


def _ends(body: list[ast.stmt]) -> bool:
    """Whether every way through these lines ends in them."""
    last = body[-1]
    match last:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=then, orelse=other):
            return bool(other) and _ends(then) and _ends(other)
        case ast.While(test=ast.Constant(value=True)):
            return True
        case ast.With(body=inner):
            return _ends(inner)
        case ast.Try(body=tried, handlers=handlers, orelse=other, finalbody=always):
            return bool(always and _ends(always)) or (
                _ends(other or tried) and all(_ends(one.body) for one in handlers)
            )
        case ast.Match():
            return True
    return False


def none_after_loop(view: CodeView) -> Iterator[Sight]:
    """`while node: node = node.left`, and then `node.value`."""
    for block in view.blocks:
        for loop, after in pairwise(block):
            if not isinstance(loop, ast.While) or any(isinstance(one, ast.Break) for one in ast.walk(loop)):
                continue
            match loop.test:
                case ast.Name(id=name):
                    pass
                case ast.Compare(
                    left=ast.Name(id=name),
                    ops=[ast.IsNot() | ast.NotEq()],
                    comparators=[ast.Constant(value=None)],
                ):
                    pass
                case _:
                    continue
            for node in ast.walk(after):
                match node:
                    case ast.Attribute(value=ast.Name(id=other), ctx=ast.Load()) if other == name:
                        yield seen("none-after-loop", node.lineno, view.text(node), name, loop.lineno)
                        break


def none_shown(view: CodeView) -> Iterator[Sight]:
    """`print(items.sort())`, `return items.append(5)`, `print(print(5))`."""
    for node in view.nodes:
        match node:
            case (
                ast.Call(func=ast.Name(id="print"), args=[value, *_]) | ast.Return(value=ast.expr() as value)
            ):
                pass
            case _:
                continue
        match value:
            case ast.Call(func=ast.Attribute(value=items, attr=method)) if (
                method in LIST_CHANGES - {"pop", "remove", "clear"}
                and method not in view.methods
                and view.is_list(items)
            ):
                yield seen("none-shown", value.lineno, view.text(value), method)
            case ast.Call(func=ast.Name(id="print")):
                yield seen("none-shown", value.lineno, view.text(value), "print")


def not_a_function(view: CodeView) -> Iterator[Sight]:
    """`import random` and then `random(1, 6)`; `sorted(words, key=len())`."""
    modules = {alias.name for node in view.all(ast.Import) for alias in node.names if alias.asname is None}
    for node in view.all(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in modules and view.bound[node.func.id] == 1:
            yield seen("module-called", node.lineno, view.text(node), node.func.id)
        for given in node.keywords:
            match given:
                case ast.keyword(arg="key", value=ast.Call(func=ast.Name(id=name), args=[])) if (
                    name in {"len", "str", "int", "abs", "sum", "min", "max"} and name not in view.bound
                ):
                    yield seen("key-called", node.lineno, name)


def own_result_dropped(view: CodeView) -> Iterator[Sight]:
    """`flatten(item)` on a line of its own, where `flatten` does nothing but work something out."""
    dropped = [node.value for node in view.all(ast.Expr) if isinstance(node.value, ast.Call)]
    for call in dropped:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        made = view.functions.get(name)
        if made is None or not _ends(made.body) or not any(_returned(one) for one in ast.walk(made)):
            continue
        elsewhere = any(
            isinstance(one.func, ast.Name) and one.func.id == name and one not in dropped
            for one in view.all(ast.Call)
        )
        if not any(_acts(one, made, view) for one in ast.walk(made)) or elsewhere:
            yield seen("own-result-dropped", call.lineno, view.text(call))


def _returned(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and not (node.value is None or isinstance(node.value, ast.Constant))


def _acts(node: ast.AST, made: ast.FunctionDef, view: CodeView) -> bool:
    """Whether a piece of a function can be noticed outside of it, whatever it gives back."""
    own = {one.id for one in ast.walk(made) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    match node:
        case ast.Global() | ast.Nonlocal() | ast.Raise() | ast.With():
            return True
        case ast.Attribute(ctx=ast.Store() | ast.Del()):
            return True
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
            return name not in own
        case ast.Call(func=ast.Name(id=name)):
            return name != made.name and name in {"print", "input", "open"} | view.functions.keys()
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
            return method in CHANGES and name not in own
    return False
