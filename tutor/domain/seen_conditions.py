"""What can be seen of conditions in a learner's code."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from tutor.domain.code_view import CodeView
from tutor.domain.observation import Sight, seen


def always_true(view: CodeView) -> Iterator[Sight]:
    """`x == "a" or "b"`."""
    for node in view.all(ast.BoolOp):
        compared = any(isinstance(one, ast.Compare) for one in node.values)
        bare = [
            one for one in node.values if isinstance(one, ast.Constant) and not isinstance(one.value, bool)
        ]
        if compared and bare and bare[0].value:
            alone = view.text(bare[0])
            always = (
                " So the whole condition is true, whatever stands before it."
                if isinstance(node.op, ast.Or)
                else ""
            )
            yield seen("bare-value-in-condition", node.lineno, view.text(node), alone, always)


def branches(view: CodeView) -> Iterator[Sight]:
    """A branch that can never run, and questions that are asked one by one."""
    for node in view.all(ast.If):
        chain = [node]
        while len(chain[-1].orelse) == 1 and isinstance(follow := chain[-1].orelse[0], ast.If):
            chain.append(follow)
        for first, later in ((one, two) for at, one in enumerate(chain) for two in chain[at + 1 :]):
            if _covers(first.test, later.test):
                yield seen(
                    "branch-never-runs",
                    later.lineno,
                    view.text(later.test),
                    view.text(first.test),
                    first.lineno,
                )
    for block in view.blocks:
        for one, two in pairwise(block):
            if (
                isinstance(one, ast.If)
                and isinstance(two, ast.If)
                and not one.orelse
                and (name := _asked(one.test))
                and name == _asked(two.test)
            ):
                yield seen("separate-ifs", two.lineno, one.lineno, name)


def _asked(test: ast.expr) -> str:
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[_]):
            return name
    return ""


def _covers(first: ast.expr, later: ast.expr) -> bool:
    """Whether the first comparison is true wherever the later one is."""
    match first, later:
        case (
            ast.Compare(
                left=ast.Name(id=one), ops=[op], comparators=[ast.Constant(value=int() | float() as low)]
            ),
            ast.Compare(
                left=ast.Name(id=two), ops=[other], comparators=[ast.Constant(value=int() | float() as high)]
            ),
        ) if one == two:
            strict = isinstance(op, ast.Gt | ast.Lt) and isinstance(other, ast.GtE | ast.LtE)
            if isinstance(op, ast.Gt | ast.GtE) and isinstance(other, ast.Gt | ast.GtE):
                return high > low or (high == low and not strict)
            if isinstance(op, ast.Lt | ast.LtE) and isinstance(other, ast.Lt | ast.LtE):
                return high < low or (high == low and not strict)
    return False


def borders(view: CodeView) -> Iterator[Sight]:
    """`age <= 18`: to which side the border itself belongs."""
    for node in view.all(ast.Compare):
        match node:
            case ast.Compare(
                ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() as sign],
                comparators=[ast.Constant(value=int() | float() as number)],
            ) if not isinstance(number, bool):
                holds = "true" if isinstance(sign, ast.LtE | ast.GtE) else "false"
                yield seen("border", node.lineno, view.text(node), holds, number)


def both_sides(view: CodeView) -> Iterator[Sight]:
    """`age >= 13 or age <= 19`, `answer != "y" or answer != "n"`, `n < 0 and n > 9`."""
    for node in view.all(ast.BoolOp):
        if len(node.values) != 2:
            continue
        match node.values:
            case [
                ast.Compare(left=ast.Name(id=one), ops=[first], comparators=[ast.Constant(value=low)]),
                ast.Compare(left=ast.Name(id=other), ops=[second], comparators=[ast.Constant(value=high)]),
            ] if one == other and type(low) is type(high):
                if isinstance(first, ast.Lt | ast.LtE):
                    first, second, low, high = second, first, high, low
                covers = _reaches(first, second, low, high)
                either = isinstance(node.op, ast.Or)
                if covers is either:
                    name = "always-one-of-two" if either else "never-both"
                    yield seen(name, node.lineno, view.text(node))


def _reaches(first: ast.cmpop, second: ast.cmpop, low: object, high: object) -> bool | None:
    """True where two comparisons of one value cover every value, False where they share none, None else."""
    match first, second:
        case ast.NotEq(), ast.NotEq():
            return True if low != high else None
        case ast.Eq(), ast.Eq():
            return False if low != high else None
    if not (isinstance(first, ast.Gt | ast.GtE) and isinstance(second, ast.Lt | ast.LtE)):
        return None
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low == high:
        return None
    return low < high
