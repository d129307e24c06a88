"""A quiz as a form. Its answer is not in it; static/quiz.js sends what the learner answers."""

from collections.abc import Callable
from html import escape

from tutor.domain.quiz import Choice, Gaps, Order, Output, Quiz
from tutor.web.pages.markup import code_html


def quiz_html(quiz: Quiz, markdown: Callable[[str], str]) -> str:
    """The form of a quiz."""
    text = markdown(quiz.text) if quiz.text else ""
    return (
        f'<form class="quiz" data-cell="{escape(quiz.id)}" data-type="{quiz.puzzle.type}" autocomplete="off">'
        f'<p class="badge">Question</p><h2 id="{escape(quiz.id)}-asks">{escape(quiz.title)}</h2>{text}'
        f"{_puzzle(quiz, markdown)}"
        '<div class="tools"><button type="submit" class="answer">Check my answer</button>'
        '<button type="button" class="show" hidden>Show the answer</button>'
        '<button type="button" class="again" hidden>Answer again</button>'
        '<span class="doing" role="status"></span></div><div class="told" aria-live="polite"></div></form>'
    )


def _puzzle(quiz: Quiz, markdown: Callable[[str], str]) -> str:
    match quiz.puzzle:
        case Choice() as choice:
            return _choice(quiz, choice, markdown)
        case Output(source=source):
            return (
                f"{code_html(source)}<label>What does it print?"
                '<textarea rows="3" maxlength="4000" spellcheck="false" autocapitalize="off"></textarea>'
                "</label>"
            )
        case Order() as order:
            return _order(quiz, order)
        case Gaps() as gaps:
            return _gaps(gaps)


def _choice(quiz: Quiz, choice: Choice, markdown: Callable[[str], str]) -> str:
    options = "".join(
        f'<label><input type="radio" name="{escape(quiz.id)}" value="{place}">'
        f"<span>{_inline(markdown(option.text))}</span></label>"
        for place, option in enumerate(choice.options)
    )
    return f'<div class="options" role="radiogroup" aria-labelledby="{escape(quiz.id)}-asks">{options}</div>'


def _inline(html: str) -> str:
    """One line of Markdown, without the paragraph around it."""
    return html.strip().removeprefix("<p>").removesuffix("</p>")


def _order(quiz: Quiz, order: Order) -> str:
    lines = "".join(
        f'<li data-line="{escape(line)}"><code>{escape(line)}</code></li>' for line in order.shuffled(quiz.id)
    )
    told = "Put the lines in order."
    if order.extras:
        told += " Not every line belongs: leave out those that do not."
    spare = " data-extras" if order.extras else ""
    return f'<p class="how">{told}</p><ol class="lines"{spare}>{lines}</ol>'


def _gaps(gaps: Gaps) -> str:
    code = escape(gaps.pieces[0])
    for number, piece in enumerate(gaps.pieces[1:], 1):
        label = f"Gap {number} of {len(gaps.gaps)}"
        code += (
            f'<input class="gap" aria-label="{label}" size="6" maxlength="400" spellcheck="false"'
            f' autocapitalize="off">{escape(piece)}'
        )
    return f'<pre class="code plain"><code>{code}</code></pre>'
