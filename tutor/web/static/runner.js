// The cells of the open chapter that run. What the learner changes is kept while the page is open.

import { RunnableCell } from "./runner_cell.js";
import { make } from "./runner_output.js";
import { Python, filesReady } from "./runner_python.js";

const kept = new Map(); // by chapter: what the learner wrote, by cell

class Notebook {
  constructor(article, before) {
    this.article = article;
    this.course = article.dataset.course;
    this.chapter = article.dataset.chapter;
    const name = `${this.course}/${this.chapter}`;
    if (!kept.has(name)) kept.set(name, new Map());
    this.kept = kept.get(name);
    // Gradio may draw the same chapter again; its variables stay.
    this.python = before?.article.dataset.chapter === this.chapter ? before.python : new Python();
    if (before && before.python !== this.python) before.python.end("skipped");
    this.cells = [...article.querySelectorAll(".runnable")].map((framed) => new RunnableCell(framed, this));
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
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("#lesson .more[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
look();
