"""What can be seen of texts, numbers and results in a learner's code."""

import ast
from collections.abc import Iterator

from tutor.domain.code_view import CHANGES, LIST_CHANGES, TEXT_METHODS, CodeView
from tutor.domain.observation import Sight, seen


def typed_number(view: CodeView) -> Iterator[Sight]:
    """What was typed in, used as a number; and text that meets a number."""
    for node in view.nodes:
        match node:
            case ast.Compare(left=left, ops=[op], comparators=[right]) if not isinstance(
                op, ast.In | ast.NotIn
            ):
                sides, does = (left, right), "compares"
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                sides, does = (left, right), "adds"
            case ast.BinOp(left=left, op=ast.Sub() | ast.Div() | ast.FloorDiv(), right=right):
                sides, does = (left, right), "calculates with"
            case _:
                continue
        texts = [one for one in sides if view.is_text(one)]
        numbers = [one for one in sides if view.is_number(one)]
        if not texts or not numbers:
            continue
        text, number = view.text(texts[0]), view.text(numbers[0])
        typed = view.is_input(texts[0])
        about = (
            "why is the answer of input a text when I type a number"
            if typed
            else "can only concatenate str to str, text and number, join"
        )
        why = ", because `input` always gives text" if typed else ""
        yield seen("text-meets-number", node.lineno, view.line(node.lineno), does, text, number, why, about)


def joined_digits(view: CodeView) -> Iterator[Sight]:
    """`"12" + "30"`."""
    for node in view.all(ast.BinOp):
        if not isinstance(node.op, ast.Add):
            continue
        values = [view.value(side) for side in (node.left, node.right)]
        digits = [
            one.value
            for one in values
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.strip().isdigit()
        ]
        if len(digits) == 2:
            yield _joined(view, node, f"so the result is the text `{''.join(digits)!r}`")
        elif all(map(view.is_input, (node.left, node.right))):
            yield _joined(view, node, "because `input` always gives text")


def _joined(view: CodeView, node: ast.BinOp, why: str) -> Sight:
    return seen("joined-digits", node.lineno, view.text(node), why)


def result_dropped(view: CodeView) -> Iterator[Sight]:
    """A line whose result goes nowhere: `name.upper()`, `total == 5`, `say_hello`."""
    for node in view.all(ast.Expr):
        match node.value:
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if _makes_text(view, value, method):
                yield seen("result-dropped", node.lineno, view.line(node.lineno), view.text(value), method)
            case ast.Call(func=ast.Name(id="sorted" | "int" | "str" | "float" | "round" as name)) if (
                name not in view.bound
            ):
                yield seen("value-dropped", node.lineno, view.line(node.lineno), name)
            case ast.Compare(ops=[ast.Eq()]):
                yield seen("asks-instead-of-gives", node.lineno, view.line(node.lineno))
            case ast.Name(id=name) if name in view.functions:
                yield _not_called(node.lineno, name)
            case ast.Attribute(attr=name) if name in TEXT_METHODS | CHANGES:
                yield _not_called(node.lineno, name)


def no_brackets(view: CodeView) -> Iterator[Sight]:
    """A function that is named where it was to be called."""
    for node in view.nodes:
        match node:
            case ast.Assign(targets=[ast.Name()], value=ast.Attribute(attr=name)) if (
                name in TEXT_METHODS and name not in view.methods
            ):
                yield _not_called(node.lineno, name)
            case ast.Assign(targets=[ast.Name(id=given)], value=ast.Name(id=name)) if (
                name in view.functions or name in view.classes
            ):
                if name in view.classes:
                    yield seen("no-object", node.lineno, view.line(node.lineno), name, given)
                else:
                    yield _not_called(node.lineno, name)
            case ast.Call(func=ast.Name(id="print"), args=args):
                for one in args:
                    match one:
                        case ast.Name(id=name) if name in view.functions:
                            yield _not_called(node.lineno, name)
                        case ast.Attribute(attr=name) if name in TEXT_METHODS | view.methods and not _is_data(
                            view, name
                        ):
                            yield _not_called(node.lineno, name)


def _is_data(view: CodeView, name: str) -> bool:
    return any(node.attr == name and isinstance(node.ctx, ast.Store) for node in view.all(ast.Attribute))


def _not_called(line: int, name: str) -> Sight:
    return seen("not-called", line, name)


def nothing_back(view: CodeView) -> Iterator[Sight]:
    """`xs = xs.sort()` and `x = print(...)`."""
    for node in view.all(ast.Assign):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(value=value, attr=method))
            ):
                shuffles = method == "shuffle" and ast.unparse(value) == "random"
                if shuffles or (method in LIST_CHANGES - {"pop"} and method not in view.methods):
                    yield seen("nothing-back", node.lineno, method, name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="print"))):
                yield seen("print-gives-none", node.lineno, name)


def braces_without_f(view: CodeView) -> Iterator[Sight]:
    """`"Hello {name}"`."""
    inside = {id(part) for text in view.all(ast.JoinedStr) for part in ast.walk(text)}
    formats = {id(node.value) for node in view.all(ast.Attribute) if node.attr == "format"}
    for node in view.all(ast.Constant):
        if isinstance(node.value, str) and id(node) not in inside | formats:
            named = next((name for name in view.bound if f"{{{name}}}" in node.value), "")
            if named:
                yield seen("braces-without-f", node.lineno, named)


def _makes_text(view: CodeView, value: ast.expr, method: str) -> bool:
    if method in view.methods:
        return False
    return method in TEXT_METHODS or (method == "replace" and view.is_text(value))


def characters(view: CodeView) -> Iterator[Sight]:
    """`for line in file.read():`."""
    for loop in view.all(ast.For):
        match view.value(loop.iter):
            case ast.Call(func=ast.Attribute(attr="read"), args=[]):
                yield seen("characters-one-by-one", loop.lineno, view.text(loop.iter), sure=True)
            case _ if view.is_text(loop.iter):
                yield seen("characters-one-by-one", loop.lineno, view.text(loop.iter))


def other_capitals(view: CodeView) -> Iterator[Sight]:
    """`"Good Morning".find("morning")`."""
    for node in view.nodes:
        match node:
            case (
                ast.Call(
                    func=ast.Attribute(
                        value=where, attr="find" | "count" | "startswith" | "endswith" | "replace"
                    ),
                    args=[what, *_],
                )
                | ast.Compare(left=what, ops=[ast.In() | ast.NotIn()], comparators=[where])
            ):
                pass
            case _:
                continue
        match view.value(what), view.value(where):
            case ast.Constant(value=str(part)), ast.Constant(value=str(whole)) if (
                part not in whole and part.lower() in whole.lower()
            ):
                yield seen("capitals-differ", node.lineno, view.text(what), view.text(where))


def mixed_text(view: CodeView) -> Iterator[Sight]:
    """`random.shuffle("banana")`."""
    for node in view.all(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(attr="shuffle") | ast.Name(id="shuffle"), args=[given]):
                if view.is_text(given):
                    yield seen("text-cannot-be-mixed", node.lineno, view.text(given), "a text")
                elif isinstance(view.value(given), ast.Tuple):
                    yield seen("text-cannot-be-mixed", node.lineno, view.text(given), "a tuple")
