// The open chapter: its cells that run, its hints and quizzes, and what the server keeps of the learner's work.

import { Hints } from "./hints.js";
import { Quiz } from "./quiz.js";
import { RunnableCell } from "./runner_cell.js";
import { make } from "./runner_output.js";
import { Python, filesReady } from "./runner_python.js";
import { linkTo, nextStep, showSteps, stepsOf } from "./steps.js";
import { Workbook } from "./workbook.js";

class Notebook {
  constructor(article, before) {
    this.article = article;
    this.course = article.dataset.course;
    this.chapter = article.dataset.chapter;
    this.packages = article.dataset.packages.split(" ").filter(Boolean);
    // Gradio may draw the same chapter again; its variables and the learner's code stay.
    const same = before?.chapter === this.chapter && before?.course === this.course;
    this.python = same ? before.python : new Python(this.packages);
    if (before && !same) {
      before.python.end("skipped");
      before.workbook.flush();
    }
    this.workbook = same ? before.workbook : new Workbook(this.course, this.chapter);
    this.workbook.changed = () => this.#show();
    this.#equip();
    this.#show();
  }

  #equip() {
    const { article, workbook } = this;
    this.cells = [...article.querySelectorAll(".runnable")].map((framed) => new RunnableCell(framed, this));
    const idOf = (box) => box.closest(".cell").id;
    this.hints = [...article.querySelectorAll(".hints")].map((box) => new Hints(box, idOf(box), workbook));
    this.quizzes = [...article.querySelectorAll("form.quiz")].map((form) => new Quiz(form, workbook));
  }

  /** Draws what is new in the learner's work. */
  #show() {
    for (const cell of this.cells) cell.restore();
    for (const part of [...this.hints, ...this.quizzes]) part.show();
    showSteps(this.article, this.workbook);
  }

  /** A line that leads to the next exercise or quiz, or undefined where all are done. */
  next(cell) {
    const step = nextStep(stepsOf(this.article), this.workbook, cell.id);
    return step && step.id !== cell.id ? linkTo(step, "Next:") : undefined;
  }

  /** Starts Python before it is asked for: a learner who reaches for a cell will run it. */
  warm() {
    this.python.start().catch(() => {}); // Run says what is wrong
  }

  above(cell) {
    return this.cells.slice(0, this.cells.indexOf(cell)).filter((one) => !one.exercise);
  }

  after(cell) {
    return this.cells[this.cells.indexOf(cell) + 1];
  }

  /** Runs the code cells above one, in order, up to the first that fails unforeseen. */
  async runAbove(cell) {
    for (const one of this.above(cell)) {
      if (!(await one.run())) return false;
    }
    return true;
  }

  stop() {
    this.python.end("stopped");
    this.warm();
  }

  restart(cell) {
    this.stop();
    this.forget();
    cell.says("Python is fresh: no variables yet");
  }

  /** The variables are gone. */
  forget() {
    for (const cell of this.cells) cell.hasRun = false;
    this.warm();
  }
}

let open;

/** Code, output and error of a cell of the open chapter, or undefined where it does not run. */
export function workOf(id) {
  return open?.cells.find((cell) => cell.id === id)?.work();
}

function look() {
  const article = document.querySelector("#lesson article");
  if (!article || article === open?.article) return;
  open = new Notebook(article, open);
  if (!open.cells.length) return;
  // The files, while the learner reads; starting Python itself waits for a hand that reaches for a cell.
  if (!navigator.connection?.saveData) setTimeout(() => filesReady().catch(() => {}), 1500);
}

document.body.append(
  Object.assign(make("p", "unseen"), {
    id: "editor-keys",
    hidden: true,
    textContent: "Control Enter runs the code. Tab indents; Escape and then Tab leaves the editor.",
  }),
);
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("#lesson .download")) open?.workbook.flush(); // the last keys belong into it
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("#lesson .more[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
look();
