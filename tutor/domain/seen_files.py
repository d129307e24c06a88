"""What can be seen of files, exceptions and input in a learner's code."""

import ast
from collections.abc import Iterator, Set

from tutor.domain.code_view import CodeView
from tutor.domain.observation import Sight, seen


def closed_files(view: CodeView) -> Iterator[Sight]:
    """A file that is used behind its `with` block."""
    for block in view.blocks:
        for place, opened in enumerate(block):
            names = _files(opened)
            for later in block[place + 1 :] if names else ():
                if isinstance(later, ast.With):
                    break
                if used := next((part for part in ast.walk(later) if _reads(part, names)), None):
                    yield seen("file-closed", later.lineno, ast.unparse(used), opened.lineno)
                    break


def written_files(view: CodeView) -> Iterator[Sight]:
    """Lines that run together, and files that are emptied."""
    for loop in view.all(ast.For):
        for node in ast.walk(loop):
            match node:
                case ast.Call(func=ast.Attribute(attr="write"), args=[ast.Name() as what]):
                    yield seen("no-new-line", node.lineno, view.text(what))
                case ast.Call() if _empties(node):
                    yield seen("emptied", node.lineno, "and that line is in a loop")
    for block in (one for one in view.tree.body if isinstance(one, ast.With | ast.Assign | ast.Expr)):
        if any(map(_empties, ast.walk(block))):
            unused = "" if ".write" in "\n".join(view.lines) else ", and no line writes anything into it"
            yield seen("emptied", block.lineno, f"each time this code runs{unused}")
    for made in view.functions.values():
        for node in ast.walk(made):
            if _empties(node):
                calls = sum(ast.unparse(one.func) == made.name for one in view.all(ast.Call))
                often = True if calls > 1 else None
                yield seen("emptied", made.lineno, f"each time `{made.name}` is called", sure=often)


def _files(node: ast.stmt) -> Set[str]:
    """Names of the files that a statement opens for its block."""
    return {
        item.optional_vars.id
        for item in (node.items if isinstance(node, ast.With) else ())
        if isinstance(item.optional_vars, ast.Name) and ast.unparse(item.context_expr).startswith("open(")
    }


def _reads(node: ast.AST, names: Set[str]) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names


def _empties(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="open"), args=[_, ast.Constant(value="w")]):
            return True
    return False


def bare_except(view: CodeView) -> Iterator[Sight]:
    """`except:` without a name."""
    for node in view.all(ast.ExceptHandler):
        if node.type is None:
            silent = all(isinstance(one, ast.Pass) for one in node.body)
            quiet = " Its block does nothing, so no error is ever shown." if silent else ""
            yield seen("bare-except", node.lineno, quiet, sure=silent)


def brackets_of_input(view: CodeView) -> Iterator[Sight]:
    """`input(int("Age? "))`."""
    for node in view.all(ast.Call):
        match node:
            case ast.Call(
                func=ast.Name(id="int" | "float" as kind), args=[ast.Constant(value=str() as told)]
            ) if not any(map(str.isdigit, told)):
                yield seen("brackets-of-input", node.lineno, kind, view.text(node.args[0]))
