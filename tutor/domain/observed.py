"""Looks over a learner's code: all observations, the most telling first."""

import re
from collections.abc import Callable, Iterator

from tutor.domain import seen_conditions, seen_files, seen_flow, seen_functions, seen_names, seen_values
from tutor.domain.code_view import CodeView
from tutor.domain.mishap import explained
from tutor.domain.observation import Observation, Sight, seen, told
from tutor.domain.terms import query_terms

_LONGEST = 20_000
"""Characters; more is not a learner's cell."""
_RULES: tuple[Callable[[CodeView], Iterator[Sight]], ...] = (
    seen_flow.endless_while,
    seen_flow.not_iterable,
    seen_values.nothing_back,
    seen_names.places,
    seen_functions.number_of_values,
    seen_names.unknown_name,
    seen_files.brackets_of_input,
    seen_values.typed_number,
    seen_values.joined_digits,
    seen_conditions.always_true,
    seen_flow.reset_in_loop,
    seen_flow.replaced_in_loop,
    seen_flow.stops_early,
    seen_conditions.branches,
    seen_flow.changed_while_looping,
    seen_functions.gives_nothing,
    seen_functions.methods,
    seen_values.no_brackets,
    seen_values.result_dropped,
    seen_names.odd_signs,
    seen_names.aliases,
    seen_functions.defaults,
    seen_functions.recursion,
    seen_files.closed_files,
    seen_files.written_files,
    seen_values.braces_without_f,
    seen_names.shadowed,
    seen_files.bare_except,
    seen_flow.ranges,
    seen_flow.printed_each_pass,
    seen_functions.never_called,
)
_SIGNS = (
    ("else-with-condition", re.compile(r"^\s*else\s+(?!if\b)[^:\s#]")),
    ("else-if", re.compile(r"^\s*(?:else\s*if|elseif|elsif)\b")),
    ("odd-comparison", re.compile(r"=<|=>|=!")),
    ("plus-plus", re.compile(r"\+\+|--")),
    ("and-signs", re.compile(r"&&|\|\|")),
)
"""Signs and words that other languages have."""
_TEXT = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|#.*")


def observed(code: str) -> tuple[Observation, ...]:
    """What is true of this code and worth a word; nothing where nothing was found. Never raises."""
    code = code[:_LONGEST]
    if not code.strip():
        return ()
    try:
        view = CodeView(code)
    except SyntaxError as error:
        return tuple(map(told, _unreadable(code, error)))
    except (ValueError, RecursionError, MemoryError):
        return ()
    found = dict.fromkeys(sight for rule in _RULES for sight in rule(view))
    return tuple(sorted(map(told, found), key=lambda one: not one.sure))


def pointed_at(found: tuple[Observation, ...], question: str) -> tuple[Observation, ...]:
    """Those that go with a question: sure ones always, others only where the question has their words."""
    asked = query_terms(question).keys()
    numbers = {int(number) for number in re.findall(r"\bline (\d{1,4})\b", question.lower())}
    fitting = [
        one for one in found if one.sure or asked & query_terms(one.topic).keys() or one.line in numbers
    ]
    return tuple(sorted(fitting, key=lambda one: one.line not in numbers)) if numbers else tuple(fitting)


def _unreadable(code: str, error: SyntaxError) -> Iterator[Sight]:
    """Why Python cannot read it: by its signs, else by what Python says."""
    lines = code.splitlines()
    number = error.lineno or 1
    line = _TEXT.sub('""', lines[number - 1]) if number <= len(lines) else ""
    if sign := next((name for name, pattern in _SIGNS if pattern.search(line)), ""):
        yield seen(sign, number)
    elif (mishap := explained(type(error).__name__, error.msg)) is not None:
        shown = lines[number - 1].strip().replace("`", "'")[:80] if number <= len(lines) else ""
        topic = f"{type(error).__name__} {error.msg} {shown}"
        yield seen("cannot-read", number, f"`{shown}`", mishap.says, mishap.look, topic)
