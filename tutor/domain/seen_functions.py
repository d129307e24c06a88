"""What can be seen of functions and classes in a learner's code."""

import ast
from collections.abc import Iterator

from tutor.domain.code_view import CodeView
from tutor.domain.observation import Sight, seen


def gives_nothing(view: CodeView) -> Iterator[Sight]:
    """A function without `return`, where its result is wanted."""
    for node in view.nodes:
        call = _wanted(node)
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        made = view.functions.get(call.func.id)
        if made is None or _gives(made):
            continue
        shows = any(
            isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "print"
            for one in ast.walk(made)
        )
        how = (
            f"`{made.name}` shows its result with `print`, and has no `return`"
            if shows
            else f"`{made.name}` has no line with `return` and a value"
        )
        yield seen("no-return", made.lineno, how, view.text(call), call.lineno)


def _wanted(node: ast.AST) -> ast.expr | None:
    """An expression whose value is used."""
    match node:
        case (
            ast.Assign(value=value)
            | ast.Call(func=ast.Name(id="print"), args=[value, *_])
            | ast.BinOp(left=value)
        ):
            return value
        case ast.Compare(left=value):
            return value
    return None


def _gives(made: ast.FunctionDef) -> bool:
    return any(
        (isinstance(node, ast.Return) and node.value is not None)
        or isinstance(node, ast.Yield | ast.YieldFrom)
        for node in ast.walk(made)
    )


def never_called(view: CodeView) -> Iterator[Sight]:
    """A function that no line calls."""
    used = {node.id for node in view.all(ast.Name)}
    for name, made in view.functions.items():
        if name not in used and not made.decorator_list:
            yield seen("never-called", made.lineno, name)


def number_of_values(view: CodeView) -> Iterator[Sight]:
    """A call with more or fewer values than there are parameters."""
    for call in view.all(ast.Call):
        if (
            not isinstance(call.func, ast.Name)
            or any(isinstance(one, ast.Starred) for one in call.args)
            or any(one.arg is None for one in call.keywords)
        ):
            continue
        name, own = call.func.id, 0
        made = view.functions.get(name)
        if made is None and (kind := view.classes.get(name)) is not None and not kind.bases:
            made = next(
                (one for one in kind.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"),
                None,
            )
            own = 1
        if (
            made is None
            or made.args.vararg
            or made.args.kwarg
            or made.args.kwonlyargs
            or view.bound[name] > 1
        ):
            continue
        most = len(made.args.args) + len(made.args.posonlyargs) - own
        least = most - len(made.args.defaults)
        given = len(call.args) + len(call.keywords)
        if given < least or given > most:
            wants = f"{least}" if least == most else f"{least} to {most}"
            yield seen(
                "number-of-values", call.lineno, name, _values(wants), made.lineno, _values(str(given))
            )


def _values(count: str) -> str:
    return f"{count} value{'' if count == '1' else 's'}"


def defaults(view: CodeView) -> Iterator[Sight]:
    """`def add(item, items=[])`, and a list that all objects share."""
    for made in view.all(ast.FunctionDef):
        if any(isinstance(one, ast.List | ast.Dict | ast.Set) for one in made.args.defaults):
            yield seen("shared-default", made.lineno)
    for kind in view.classes.values():
        for node in kind.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.List() | ast.Dict() | ast.Set()):
                    yield seen("shared-by-objects", node.lineno, name, kind.name)


def recursion(view: CodeView) -> Iterator[Sight]:
    """A function that calls itself without an end, or forgets what that call gave back."""
    for name, made in view.functions.items():
        inside = list(ast.walk(made))
        calls = [
            one
            for one in inside
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == name
        ]
        if not calls:
            continue
        if not any(
            isinstance(
                one,
                ast.If
                | ast.IfExp
                | ast.BoolOp
                | ast.While
                | ast.Try
                | ast.Match
                | ast.For
                | ast.comprehension,
            )
            for one in inside
        ):
            yield seen("no-base-case", calls[0].lineno, name)
        dropped = [one for one in inside if isinstance(one, ast.Expr) and one.value in calls]
        if dropped and _gives(made):
            yield seen("call-forgotten", dropped[0].lineno, name)


def methods(view: CodeView) -> Iterator[Sight]:
    """`self` left out, before a name or in the brackets of `def`."""
    for kind in view.classes.values():
        made = [one for one in kind.body if isinstance(one, ast.FunctionDef)]
        kept = {
            node.attr
            for one in made
            for node in ast.walk(one)
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
        }
        for one in made:
            names = [arg.arg for arg in one.args.args]
            if (
                not one.decorator_list
                and (not names or names[0] not in {"self", "cls"})
                and not one.args.vararg
            ):
                yield seen("no-self", one.lineno, one.name)
            yield from _lost_attribute(view, one, kept - set(names))
            yield from _str_method(one)


def _lost_attribute(view: CodeView, made: ast.FunctionDef, kept: set[str]) -> Iterator[Sight]:
    read = {
        node.id for node in ast.walk(made) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    for node in ast.walk(made):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) if name in kept and name not in read:
                pass
            case ast.AugAssign(target=ast.Name(id=name)) if name in kept:
                pass
            case _:
                continue
        yield seen("lost-attribute", node.lineno, view.line(node.lineno), name)


def _str_method(made: ast.FunctionDef) -> Iterator[Sight]:
    if made.name == "__str__" and not _gives(made):
        yield seen("str-gives-nothing", made.lineno)
