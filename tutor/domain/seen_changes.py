"""What can be seen of values that change, or do not, in a learner's code."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from tutor.domain.code_view import CodeView
from tutor.domain.observation import Sight, seen


def lost_in_swap(view: CodeView) -> Iterator[Sight]:
    """`a = b` and then `b = a`."""
    for block in view.blocks:
        for first, then in pairwise(block):
            match first, then:
                case ast.Assign(targets=[one], value=two), ast.Assign(targets=[three], value=four):
                    pass
                case _:
                    continue
            left, right = ast.unparse(one), ast.unparse(two)
            back = ast.unparse(three) == right and ast.unparse(four) == left != right
            if back and isinstance(two, ast.Name | ast.Subscript | ast.Attribute):
                yield seen("lost-in-swap", then.lineno, first.lineno, left, right)


def worked_out_once(view: CodeView) -> Iterator[Sight]:
    """`total = price * 3`, and then `price` gets another value."""
    body = view.tree.body
    for place, made in enumerate(body):
        match made:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp() | ast.JoinedStr() as value):
                used = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)} - {name}
            case _:
                continue
        for later in body[place + 1 :]:
            match later:
                case ast.Assign(targets=[ast.Name(id=other)]) | ast.AugAssign(target=ast.Name(id=other)):
                    if other in used:
                        yield seen("worked-out-once", made.lineno, name, other, later.lineno)
                        break
                    if other == name:
                        break
                case _:
                    pass


def repeated_text(view: CodeView) -> Iterator[Sight]:
    """`input() * 2`."""
    for node in view.all(ast.BinOp):
        if isinstance(node.op, ast.Mult):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if view.is_input(one) and view.is_number(other):
                    yield seen("repeated-text", node.lineno, view.text(node), view.text(one))


def first_count(view: CodeView) -> Iterator[Sight]:
    """`counts[word] += 1` where nothing stands there yet."""
    empty = {
        target.id
        for node in view.all(ast.Assign)
        if isinstance(node.value, ast.Dict) and not node.value.keys
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    given = {
        node.value.id
        for node in view.all(ast.Subscript)
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
    }
    for node in view.all(ast.AugAssign):
        match node.target:
            case ast.Subscript(value=ast.Name(id=name)) if name in empty and name in given:
                stores = [
                    one
                    for one in view.all(ast.Subscript)
                    if isinstance(one.ctx, ast.Store)
                    and isinstance(one.value, ast.Name)
                    and one.value.id == name
                ]
                if len(stores) == 1 and f"{name}.setdefault" not in ast.unparse(view.tree):
                    yield seen("first-count", node.lineno, view.line(node.lineno), name)


def shrinking_dictionary(view: CodeView) -> Iterator[Sight]:
    """A dictionary or set that changes under the loop which goes through it."""
    for loop in view.all(ast.For):
        match loop.iter:
            case (
                ast.Name(id=name)
                | ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="keys" | "items" | "values"), args=[]
                )
            ):
                pass
            case _:
                continue
        held = view.value(ast.Name(id=name, ctx=ast.Load()))
        leaves = any(isinstance(node, ast.Break | ast.Return) for node in ast.walk(loop))
        if leaves or not isinstance(held, ast.Dict | ast.Set):
            continue
        for node in (node for one in loop.body for node in ast.walk(one)):
            match node:
                case ast.Delete(targets=[ast.Subscript(value=ast.Name(id=other))]) if other == name:
                    yield seen("size-changes", node.lineno, loop.lineno, name)
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id=other), attr="pop" | "remove" | "discard" | "add")
                ) if other == name:
                    yield seen("size-changes", node.lineno, loop.lineno, name)


def read_twice(view: CodeView) -> Iterator[Sight]:
    """`file.read()` two times."""
    for opened in view.all(ast.With):
        for item in opened.items:
            if not isinstance(item.optional_vars, ast.Name):
                continue
            name = item.optional_vars.id
            reads = [
                node.lineno
                for node in ast.walk(opened)
                if isinstance(node, ast.Call)
                and ast.unparse(node.func) in {f"{name}.read", f"{name}.readlines"}
            ]
            if len(reads) > 1 and f"{name}.seek" not in ast.unparse(opened):
                yield seen("read-twice", reads[1], name, reads[0])


def one_inner_list(view: CodeView) -> Iterator[Sight]:
    """`[[0] * 3] * 2`."""
    for node in view.all(ast.BinOp):
        match node:
            case ast.BinOp(left=ast.List(elts=[inner]), op=ast.Mult()) if isinstance(
                inner, ast.List | ast.ListComp | ast.Dict
            ) or (isinstance(inner, ast.BinOp) and isinstance(inner.left, ast.List)):
                yield seen("one-inner-list", node.lineno, view.text(node))


def text_as_count(view: CodeView) -> Iterator[Sight]:
    """`range(input())`."""
    for node in view.all(ast.Call):
        match node:
            case ast.Call(func=ast.Name(id="range"), args=args):
                for one in args:
                    if view.is_text(one):
                        yield seen("text-as-count", node.lineno, view.text(node), view.text(one))


def none_of_a_text(view: CodeView) -> Iterator[Sight]:
    """`"*" * step` where `step` begins at 0: an empty text in the first pass."""
    for loop in view.all(ast.For):
        match loop:
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Name(id="range"), args=[_] | [ast.Constant(value=0), *_]),
            ):
                pass
            case _:
                continue
        for node in (one for line in loop.body for one in ast.walk(line)):
            match node:
                case (
                    ast.BinOp(left=text, op=ast.Mult(), right=ast.Name(id=factor))
                    | ast.BinOp(left=ast.Name(id=factor), op=ast.Mult(), right=text)
                ) if factor == name and view.is_text(text):
                    # Blanks may be wanted 0 times: they move something to the right.
                    signs = not (isinstance(text, ast.Constant) and str(text.value).isspace())
                    yield seen("none-of-a-text", node.lineno, view.text(node), name, sure=signs)
