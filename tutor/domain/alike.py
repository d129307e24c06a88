"""Whether two pieces of Python do the same in the same way, whatever their names, order and layout.

Nothing is run. Code that a model wrote is only read: a comparison of trees takes a millisecond, and cannot be
talked into anything. It sees only the ways that the author has written down.
"""

import ast
import builtins
from collections import Counter

from tutor.domain.syntax import tree_of

_LONGEST = 8000
_KNOWN = frozenset(dir(builtins))
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}
_NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip


def steps(source: str) -> Counter[str]:
    """The statements of a program in a common form: without names, blocks cut into their lines.

    Args:
        source: Python; where it cannot be read, as much of its beginning as can be is taken.
    """
    tree = _read(source[:_LONGEST])
    return Counter(_statements(tree.body)) if tree is not None else Counter()


def gives_away(code: str, solution: str, *known: str) -> bool:
    """Whether code has what makes a solution one.

    Args:
        code: What a model wrote.
        solution: The author's.
        known: Code that the learner has: the code to begin from, their own, hints that are open.
    """
    essential = missing(solution, *known)
    return bool(essential) and not essential - steps(code)


def missing(solution: str, *known: str) -> Counter[str]:
    """The steps of a solution that are in nothing the learner has."""
    essential = steps(solution)
    for one in known:
        essential -= steps(one)
    return essential


def _read(source: str) -> ast.Module | None:
    lines = source.splitlines()
    for end in range(len(lines), max(len(lines) - 4, 0), -1):  # a block that breaks off
        try:
            return tree_of("\n".join(lines[:end]))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _statements(body: list[ast.stmt]) -> list[str]:
    found: list[str] = []
    for node in _plain(body):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Import() | ast.ImportFrom():
                continue
            case ast.FunctionDef(args=args):
                found.append(f"def {len(args.args)} {[_form(one) for one in args.defaults]}")
            case ast.ClassDef():
                found.append("class")
            case ast.For(target=target, iter=each):
                found.append(f"for {_form(target)} in {_form(each)}")
            case ast.While(test=test) | ast.If(test=test):
                found.append(f"{type(node).__name__} {_form(test)}")
            case ast.With(items=items):
                found.append(f"with {[_form(one.context_expr) for one in items]}")
            case ast.Try(handlers=handlers):
                caught = [ast.unparse(one.type) if one.type else "" for one in handlers]
                found.append(f"try {caught}")
                found += [line for one in handlers for line in _statements(one.body)]
            case _:
                found.append(_form(node))
        for name in ("body", "orelse", "finalbody"):
            found += _statements(getattr(node, name, []))
    return found


def _plain(body: list[ast.stmt]) -> list[ast.stmt]:
    """A block without detours: a value that is named and then returned, a for that is written as a while."""
    plain: list[ast.stmt] = []
    for node in body:
        before = plain[-1] if plain else None
        match before, node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value), ast.Return(value=ast.Name(id=given)):
                if name == given:
                    plain[-1] = ast.Return(value=value)
                    continue
            case _, ast.While() if (loop := _counted(node, plain)) is not None:
                node = loop
        plain.append(node)
    return plain


def _counted(loop: ast.While, before: list[ast.stmt]) -> ast.For | None:
    """The for loop that a while loop is, where it counts: `i = 0`, `while i < n`, `i += 1` at its end."""
    match loop.test, loop.body[-1]:
        case (
            ast.Compare(left=ast.Name(id=name), ops=[ast.Lt() | ast.LtE() as op], comparators=[stop]),
            ast.AugAssign(target=ast.Name(id=raised), op=ast.Add(), value=step),
        ) if name == raised:
            pass
        case _:
            return None
    for place, node in enumerate(before):
        match node:
            case ast.Assign(targets=[ast.Name(id=other)], value=start) if other == name:
                del before[place]
                return ast.For(
                    target=ast.Name(id=name, ctx=ast.Store()),
                    iter=_range(start, _next(stop) if isinstance(op, ast.LtE) else stop, step),
                    body=loop.body[:-1],
                    orelse=[],
                )
    return None


def _range(*parts: ast.expr) -> ast.Call:
    return ast.Call(func=ast.Name(id="range", ctx=ast.Load()), args=list(parts), keywords=[])


def _next(stop: ast.expr) -> ast.expr:
    if isinstance(stop, ast.Constant) and isinstance(stop.value, int):
        return ast.Constant(value=stop.value + 1)
    return ast.BinOp(left=stop, op=ast.Add(), right=ast.Constant(value=1))


def _form(node: ast.AST) -> str:
    """An expression or simple statement as text, in which names do not count."""
    copied = tree_of(ast.unparse(node)).body[0] if isinstance(node, ast.expr | ast.stmt) else node
    return ast.dump(_Common().visit(copied))


class _Common(ast.NodeTransformer):
    """Brings what means the same into the same form."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A name of the program's own says nothing."""
        return ast.Name(id=node.id if node.id in _KNOWN else "_", ctx=ast.Load())

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """`x += 1` is `x = x + 1`."""
        value = ast.BinOp(left=node.target, op=node.op, right=node.value)
        return self.generic_visit(ast.Assign(targets=[node.target], value=value))

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """`a > b` is `b < a`."""
        self.generic_visit(node)
        if len(node.ops) == 1 and (flipped := _FLIPPED.get(type(node.ops[0]))):
            return ast.Compare(left=node.comparators[0], ops=[flipped()], comparators=[node.left])
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            left, right = sorted((node.left, node.comparators[0]), key=ast.dump)
            return ast.Compare(left=left, ops=node.ops, comparators=[right])
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """`not a == b` is `a != b`."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(left=left, ops=[op], comparators=parts)):
                if other := _NEGATED.get(type(op)):
                    return self.visit_Compare(ast.Compare(left=left, ops=[other()], comparators=parts))
        self.generic_visit(node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """`a * b` is `b * a`, and the same for `+`."""
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult):
            node.left, node.right = sorted((node.left, node.right), key=ast.dump)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`range(0, n, 1)` is `range(n)`."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "range":
            if len(node.args) == 3 and _is(node.args[2], 1):
                node.args = node.args[:2]
            if len(node.args) == 2 and _is(node.args[0], 0):
                node.args = node.args[1:]
        return node


def _is(node: ast.expr, value: int) -> bool:
    return isinstance(node, ast.Constant) and node.value == value
