"""Looks over a learner's code: all observations, the most telling first."""

import keyword
import re
from collections.abc import Callable, Iterator
from functools import cache
from math import log

from tutor.domain import (
    seen_calls,
    seen_changes,
    seen_conditions,
    seen_costs,
    seen_files,
    seen_flow,
    seen_functions,
    seen_names,
    seen_scope,
    seen_search,
    seen_values,
)
from tutor.domain.code_view import CodeView
from tutor.domain.mishap import explained
from tutor.domain.observation import Observation, Sight, seen, told, topics_told
from tutor.domain.terms import query_terms, terms

_LONGEST = 20_000
"""Characters; more is not a learner's cell."""
_RULES: tuple[Callable[[CodeView], Iterator[Sight]], ...] = (
    seen_flow.nothing_runs,
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
    seen_conditions.both_sides,
    seen_conditions.branches,
    seen_flow.changed_while_looping,
    seen_functions.gives_nothing,
    seen_functions.methods,
    seen_values.no_brackets,
    seen_values.result_dropped,
    seen_values.characters,
    seen_values.other_capitals,
    seen_values.mixed_text,
    seen_names.odd_signs,
    seen_names.keys_only,
    seen_names.aliases,
    seen_functions.defaults,
    seen_functions.recursion,
    seen_files.closed_files,
    seen_files.written_files,
    seen_values.braces_without_f,
    seen_names.shadowed,
    seen_files.bare_except,
    seen_search.halving,
    seen_search.behind_the_end,
    seen_search.value_as_place,
    seen_search.leaves_at_first,
    seen_search.float_place,
    seen_search.one_border_of_two,
    seen_scope.inside_only,
    seen_scope.before_its_value,
    seen_scope.changed_inside,
    seen_scope.without_self,
    seen_calls.calls_itself,
    seen_calls.value_unused,
    seen_calls.falls_through,
    seen_calls.none_after_loop,
    seen_calls.none_shown,
    seen_calls.not_a_function,
    seen_calls.own_result_dropped,
    seen_changes.lost_in_swap,
    seen_changes.worked_out_once,
    seen_changes.repeated_text,
    seen_changes.first_count,
    seen_changes.shrinking_dictionary,
    seen_changes.read_twice,
    seen_changes.one_inner_list,
    seen_changes.text_as_count,
    seen_changes.none_of_a_text,
    seen_costs.nested_loops,
    seen_costs.hidden_loops,
    seen_costs.wrong_end,
    seen_flow.ranges,
    seen_flow.printed_each_pass,
    seen_conditions.borders,
    seen_functions.never_called,
)
_NEAR = 0.75
"""How near a question must be for what may be meant as it is to be pointed at: more than a usual word."""
_SIGNS = (
    ("else-with-condition", re.compile(r"^\s*else\s+(?!if\b)[^:\s#]")),
    ("else-if", re.compile(r"^\s*(?:else\s*if|elseif|elsif)\b")),
    ("odd-comparison", re.compile(r"=<|=>|=!")),
    ("plus-plus", re.compile(r"\+\+|--")),
    ("and-signs", re.compile(r"&&|\|\|")),
)
"""Signs and words that other languages have."""
_WORDS = "|".join(keyword.kwlist)
_TAKEN = re.compile(rf"^\s*(?:({_WORDS})\s*=(?!=)|(?:def|class)\s+({_WORDS})\b|for\s+({_WORDS})\s+in\b)")
"""A word of Python itself where a name is given: `class = 5`, `def pass():`, `for in in xs`."""
_TWO_WORDS = re.compile(r"^\s*([^\W\d]\w*(?:[- ][^\W\d]\w*)+)\s*=(?!=)")
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
    """Those that go with a question, the nearest first: sure ones always, others only where they are near."""
    numbers = {int(number) for number in re.findall(r"\bline (\d{1,4})\b", question.lower())}
    near = {one: nearness(one, question) for one in found}
    fitting = [
        one
        for one in found
        if one.sure or near[one] >= _NEAR or one.line in numbers or _about_nothing_else(one, question)
    ]
    return tuple(sorted(fitting, key=lambda one: (one.line not in numbers, not one.sure, -near[one])))


def nearness(observation: Observation, question: str) -> float:
    """How much of a question is about an observation: the words that they share, rare ones for more."""
    asked, topic = query_terms(question), query_terms(observation.topic)
    return sum(_rarity(term) * min(weight, topic[term]) for term, weight in asked.items() if term in topic)


def _about_nothing_else(observation: Observation, question: str) -> bool:
    asked = set(terms(question))
    return bool(asked) and asked <= query_terms(observation.topic).keys()


@cache
def _rarity(term: str) -> float:
    """0 for a word that all observations are about, 1 for one that stands in one of them at most."""
    topics = topics_told()
    often = sum(term in terms(topic) for topic in topics)
    return 1 - log(max(often, 1)) / log(len(topics))


def _unreadable(code: str, error: SyntaxError) -> Iterator[Sight]:
    """Why Python cannot read it: by its signs, else by what Python says."""
    lines = code.splitlines()
    number = error.lineno or 1
    line = _TEXT.sub('""', lines[number - 1]) if number <= len(lines) else ""
    if sign := next((name for name, pattern in _SIGNS if pattern.search(line)), ""):
        yield seen(sign, number)
    elif taken := _TAKEN.match(line):
        yield seen("word-of-python", number, taken[1] or taken[2] or taken[3])
    elif (two := _TWO_WORDS.match(line)) and not set(re.split("[- ]", two[1])) & set(keyword.kwlist):
        yield seen("two-words-as-name", number, two[1])
    elif (mishap := explained(type(error).__name__, error.msg)) is not None:
        shown = lines[number - 1].strip().replace("`", "'")[:80] if number <= len(lines) else ""
        topic = f"{type(error).__name__} {error.msg} {shown}"
        yield seen("cannot-read", number, f"`{shown}`", mishap.says, mishap.look, topic)
