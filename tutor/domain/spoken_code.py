"""How a short piece of Python is read aloud: `xs[-1]` as "xs at minus 1"."""

import re
from keyword import iskeyword

LONGEST = 60
"""Longer code is not read out: nobody can follow it by ear."""
ON_SCREEN = "the code on the screen"

_ALONE = {
    ":": "colon",
    ";": "semicolon",
    ",": "comma",
    ".": "dot",
    "_": "underscore",
    "#": "hash",
    "@": "at sign",
    "*": "star",
    "**": "double star",
    "/": "slash",
    "//": "double slash",
    "\\": "backslash",
    "-": "minus",
    "%": "percent sign",
    "!": "exclamation mark",
    "'": "single quote",
    '"': "double quote",
    "`": "backtick",
    "''": "empty string",
    '""': "empty string",
    "'''": "triple quotes",
    '"""': "triple quotes",
    "(": "opening parenthesis",
    ")": "closing parenthesis",
    "[": "opening bracket",
    "]": "closing bracket",
    "{": "opening brace",
    "}": "closing brace",
    "()": "parentheses",
    "[]": "empty list",
    "{}": "empty dictionary",
}
_OPERATORS = {
    "==": "equals equals",
    "!=": "is not equal to",
    "<=": "is less than or equal to",
    ">=": "is greater than or equal to",
    ":=": "walrus",
    "->": "arrow",
    "=>": "arrow",
    "//=": "floor divided equals",
    "**=": "to the power equals",
    "+=": "plus equals",
    "-=": "minus equals",
    "*=": "times equals",
    "/=": "divided equals",
    "%=": "modulo equals",
    "//": "floor divided by",
    "**": "to the power of",
    ">>>": "",  # the prompt of the interpreter
    "...": "dot dot dot",
    "=": "equals",
    "<": "is less than",
    ">": "is greater than",
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided by",
    "%": "modulo",
    "&": "and",
    "|": "or",
    "~": "tilde",
    "^": "caret",
    "!": "exclamation mark",
    "#": "hash",
    "@": "at",
    "\\": "backslash",
    ";": "semicolon",
    "$": "dollar",
    "?": "question mark",
}
_TOKEN = re.compile(
    r"""(?P<string>[rbfRBF]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))
    |(?P<number>\d[\d_]*(?:\.\d+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<flag>(?:(?<=\s)|^)--?(?=[A-Za-z]))
    |(?P<operator>//=|\*\*=|>>>|\.\.\.|==|!=|<=|>=|:=|->|=>|\+=|-=|\*=|/=|%=|//|\*\*|[-+*/%=<>&|~^!\#@\\;$?])
    |(?P<mark>[()\[\]{}.,:])
    |(?P<space>\s+)
    |(?P<other>.)""",
    re.VERBOSE,
)
_OPENS, _CLOSES = "([{", ")]}"
_SAID_PLAINLY = frozenset({"print", "input", "import", "del"})
"""Called with arguments these need no "of": "print x"."""


def say_code(code: str) -> str:
    """Inline code as words, without its backticks. Numbers stay digits: every voice reads them."""
    code = code.strip()
    if code in _ALONE:
        return _ALONE[code]
    if len(code) > LONGEST or "\n" in code:
        return ON_SCREEN
    tokens = [(str(match.lastgroup), match.group()) for match in _TOKEN.finditer(code)]
    words: list[str] = []
    slices: list[int] = []  # of every open bracket: 0, or in a slice one more than its colons so far
    before = ("", "")
    for index, (kind, text) in enumerate(tokens):
        if kind == "mark" and text in _OPENS:
            slices.append(int(text == "[" and _has_colon(tokens[index + 1 :])))
            words.append(_bracket(text, before, tokens[index + 1 :]))
        elif kind == "mark" and text in _CLOSES:
            del slices[-1:]
        elif text == ":" and slices and slices[-1]:
            slices[-1] += 1
            words.append(_slice_colon(before, tokens[index + 1 :], slices[-1] - 1))
        else:
            words.append(_word(kind, text, before, last=index == len(tokens) - 1))
        if kind != "space":
            before = (kind, text)
    return re.sub(r"\s+(?=,)", "", " ".join(" ".join(words).split()))


def say_name(name: str) -> str:
    """An identifier as words: `__init__` as "dunder init", `my_list` as "my list"."""
    if name == "_":
        return "underscore"
    if name == "a":
        return "ay"  # not the article
    if re.fullmatch(r"__\w+__", name):
        return f"dunder {say_name(name.strip('_'))}"
    private = "underscore " if name.startswith("_") else ""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name.strip("_"))
    return (private + words.replace("_", " ")).strip()


def _word(kind: str, text: str, before: tuple[str, str], *, last: bool) -> str:
    if kind == "string":
        return _string(text)
    if kind == "number":
        return text.replace("_", "")
    if kind == "name":
        return say_name(text)
    if kind == "flag":
        return "dash " * len(text)
    if kind == "operator":
        starts = before[0] in ("", "operator") or before[1] in ("(", ",")
        if text in ("*", "**") and starts:
            return "star" if text == "*" else "double star"
        return _OPERATORS[text]
    if text == ".":
        return "dot"
    if text == ",":
        return ","
    if text == ":":
        return "" if last or before[0] in ("name", "mark") else ","
    return ""


def _bracket(opening: str, before: tuple[str, str], after: list[tuple[str, str]]) -> str:
    """What an opening bracket says; the one that closes it says nothing."""
    empty = bool(after) and after[0][1] in _CLOSES
    follows_value = (before[0] == "name" and not iskeyword(before[1])) or before[1] in (")", "]")
    if opening == "(":
        called = follows_value and not empty and before[1] not in _SAID_PLAINLY
        return "of" if called else ""
    if opening == "[":
        if not follows_value:
            return "empty list" if empty else "the list"
        if after and after[0][1] == ":":
            return ""
        return "from" if _has_colon(after) else "at"
    return "empty dictionary" if empty else ""


def _has_colon(after: list[tuple[str, str]]) -> bool:
    depth = 0
    for _, text in after:
        if text in _OPENS:
            depth += 1
        elif text in _CLOSES:
            depth -= 1
            if depth < 0:
                return False
        elif text == ":" and depth == 0:
            return True
    return False


def _slice_colon(before: tuple[str, str], after: list[tuple[str, str]], colons: int) -> str:
    following = after[0][1] if after else ""
    if colons > 1:
        return "in steps of" if following != "]" else ""
    if following in ("]", ":"):
        return "on" if before[1] != "[" else ""
    return "up to" if before[1] == "[" else "to"


def _string(literal: str) -> str:
    """The text of a string, without quotes; its escapes by name."""
    prefix = re.match(r"[A-Za-z]*", literal)
    body = literal[prefix.end() :] if prefix else literal
    quotes = 3 if body[:3] in ("'''", '"""') and len(body) >= 6 else 1
    body = body[quotes:-quotes]
    if not body:
        return "empty string"
    if body in _ALONE:
        return _ALONE[body]
    body = re.sub(r"\\(.)", r" backslash \1 ", body)
    return re.sub(r"[{}\"']", " ", body).strip() or "space"
