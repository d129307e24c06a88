// The cells of the open chapter that run. What the learner changes is kept while the page is open.

import { Editor } from "./runner_editor.js";
import { LIMIT, Python, Told, filesReady } from "./runner_python.js";

const WARM = ["Well done.", "That is it.", "Exactly right.", "You solved it.", "Nicely done."];
const ENDED = {
  stopped: "Stopped.",
  limit: `Stopped after ${LIMIT / 1000} seconds. Is there a loop that never comes to its end?`,
  crashed: "Python broke down. It may have run out of memory, or there were too many calls inside calls.",
};
const GONE = "Python begins anew, so the variables of earlier cells are gone.";
const CUT = "There is more output than fits here; the rest is not shown.";
const KINDS = new Set(["out", "err", "in", "value"]);
const MOST = 400_000; // characters on the page, whatever the worker says

const make = (tag, className = "", text = "") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};
const button = (className, text) => Object.assign(make("button", className, text), { type: "button" });

// -- what a cell shows ----------------------------------------------------------------------------

/** The output of a cell. Text that comes fast is drawn once a frame. */
class Output {
  #waiting = [];
  #length = 0;
  text = "";

  constructor(element) {
    this.element = element;
  }

  clear() {
    this.#waiting = [];
    this.#length = 0;
    this.text = "";
    this.element.replaceChildren();
    this.element.hidden = true;
  }

  write(kind, text) {
    if (kind === "cut") return this.note(CUT);
    if (!KINDS.has(kind) || this.#length > MOST) return;
    this.#length += text.length;
    this.text += text;
    if (this.#waiting.push([kind, text]) === 1) requestAnimationFrame(() => this.draw());
    // A page in the background draws no frames.
    if (document.hidden) this.draw();
  }

  draw() {
    for (const [kind, text] of this.#waiting) {
      let last = this.element.lastElementChild;
      if (!last?.matches(`pre.${kind}`) || kind === "value") {
        last = this.add(make("pre", kind));
        last.tabIndex = 0; // wide output scrolls sideways, by keyboard too
      }
      last.append(text);
    }
    this.#waiting = [];
  }

  add(element) {
    this.element.hidden = false;
    this.element.append(element);
    return element;
  }

  note(text) {
    this.draw();
    return this.add(make("p", "note", text));
  }
}

/** An inline field for `input()`. Gives a promise of the text. */
function askInline(output, prompt) {
  output.draw();
  const form = make("form", "asked");
  const field = Object.assign(make("input"), { type: "text", autocomplete: "off" });
  field.setAttribute("aria-label", prompt || "Your program waits for input");
  field.placeholder = "Type your answer, then press Enter";
  form.append(field, Object.assign(make("button", "", "Enter"), { type: "submit" }));
  output.add(form);
  field.focus();
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      form.remove();
      resolve(field.value);
    });
  });
}

// -- one cell -------------------------------------------------------------------------------------

class RunnableCell {
  constructor(framed, chapter) {
    this.framed = framed;
    this.chapter = chapter;
    this.id = framed.dataset.cell;
    this.number = framed.dataset.number;
    this.raises = "raises" in framed.dataset;
    this.exercise = "exercise" in framed.dataset;
    this.editor = new Editor(framed.querySelector(".editor"), `Code of cell ${this.number}`);
    this.output = new Output(framed.querySelector(".output"));
    this.error = "";
    this.hasRun = false;
    this.#listen();
  }

  find(name) {
    return this.framed.querySelector(`.${name}`);
  }

  #listen() {
    const kept = this.chapter.kept.get(this.id);
    if (kept !== undefined) {
      this.editor.area.value = kept;
      this.editor.area.dispatchEvent(new Event("input"));
    }
    this.#edited();
    this.editor.area.addEventListener("input", () => this.#edited());
    this.editor.area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      if (!(event.ctrlKey || event.metaKey || event.shiftKey)) return;
      event.preventDefault();
      this.run();
      if (event.shiftKey) this.chapter.after(this)?.editor.area.focus();
    });
    const warm = () => this.chapter.warm();
    this.framed.addEventListener("pointerenter", warm, { once: true });
    this.framed.addEventListener("focusin", warm, { once: true });
    const on = (name, does) => this.find(name)?.addEventListener("click", does);
    on("run", () => this.run());
    on("check", () => this.check());
    on("stop", () => this.chapter.stop());
    on("above", () => this.chapter.runAbove(this));
    on("restart", () => this.chapter.restart(this));
    on("reset", () => (this.editor.value = this.editor.original));
    this.find("more").addEventListener("click", (event) => {
      if (event.target.closest("button")) this.find("more").open = false;
    });
  }

  #edited() {
    this.find("reset").disabled = !this.editor.changed;
    this.framed.classList.toggle("changed", this.editor.changed);
    this.editor.mark();
    if (this.editor.changed) this.chapter.kept.set(this.id, this.editor.value);
    else this.chapter.kept.delete(this.id);
  }

  says(text) {
    this.find("doing").textContent = text;
  }

  /** Swaps Run for Stop and back; the focus stays where the learner's finger is. */
  #busy(busy) {
    const [from, to] = busy ? ["run", "stop"] : ["stop", "run"];
    const focused = document.activeElement === this.find(from) || document.activeElement === this.find("check");
    this.framed.classList.toggle("busy", busy);
    this.find("run").hidden = busy;
    this.find("stop").hidden = !busy;
    if (this.find("check")) this.find("check").hidden = busy;
    if (focused) this.find(to).focus({ preventScroll: true });
  }

  run() {
    return this.#go({});
  }

  async check() {
    const { course, chapter } = this.chapter;
    const address = ["checks", course, chapter, this.id].map(encodeURIComponent).join("/");
    return this.#go({
      fetched: async () => {
        const answer = await fetch(`/runner/${address}`).catch(() => undefined);
        if (!answer?.ok) throw new Told("The checks could not be loaded. Check your connection, then try again.");
        return (await answer.json()).checks;
      },
    });
  }

  /** Runs the cell. Resolves to whether it came to its end without an error. */
  async #go({ fetched }) {
    if (this.framed.classList.contains("busy")) return false;
    this.output.clear();
    this.editor.mark();
    this.error = "";
    this.#busy(true);
    this.says(this.chapter.python.running ? "Waiting for another cell …" : "");
    const starting = setTimeout(() => this.says("Getting Python ready …"), 250);
    let slow;
    let began = performance.now();
    let answer;
    try {
      const checks = fetched && (await fetched());
      answer = await this.chapter.python.run(
        { name: `Cell ${this.number}`, source: this.editor.value, ...(checks && { checks }) },
        {
          begins: () => {
            clearTimeout(starting);
            began = performance.now();
            this.says("");
            slow = setTimeout(() => this.says("Running …"), 300);
          },
          shown: (kind, text) => this.output.write(kind, text),
          ask: (prompt) => {
            clearTimeout(slow);
            this.says("Waiting for your answer …");
            return askInline(this.output, prompt);
          },
        },
      );
    } catch (problem) {
      if (!(problem instanceof Told)) throw problem;
      this.output.note(problem.message);
      this.says("");
      return false;
    } finally {
      clearTimeout(starting);
      clearTimeout(slow);
      this.#busy(false);
    }
    this.output.draw();
    return this.#show(answer, performance.now() - began);
  }

  #show(answer, took) {
    this.find("doing").replaceChildren();
    this.framed.querySelector(".asked")?.remove();
    if (answer.ended) this.#showEnd(answer.ended);
    else if (!answer.ok) this.#showError(answer);
    else if ("passed" in answer) this.#showVerdict(answer);
    else this.#showDone(took);
    if (!answer.ended && answer.name !== "SyntaxError") this.hasRun = true;
    const ok = answer.ok === true && answer.passed !== false;
    if (answer.ended !== "skipped") this.#tell("tutor:ran", { cell: this.id, ok });
    return ok || (this.raises && !answer.ended);
  }

  #showDone(took) {
    const time = took > 1000 ? ` in ${(took / 1000).toFixed(1)} s` : "";
    this.says(this.output.element.hidden ? `Done${time}, nothing printed` : `Done${time}`);
  }

  #showEnd(ended) {
    if (ended === "skipped") return this.says("Stopped before it began");
    this.error = ENDED[ended] ?? ENDED.crashed;
    const others = this.chapter.cells.some((cell) => cell !== this && cell.hasRun);
    this.output.note(others ? `${this.error} ${GONE}` : this.error);
    const actions = this.output.add(make("p", "actions"));
    if (others && this.chapter.above(this).length) actions.append(this.#aboveButton());
    if (ended !== "stopped") actions.append(this.#askButton("Ask the teacher about this"));
    this.chapter.forget();
  }

  #showError({ error, line, name }) {
    this.error = String(error);
    const [last, ...before] = this.error.split("\n").reverse();
    const told = make("pre", "traceback", before.length ? `${before.reverse().join("\n")}\n` : "");
    told.tabIndex = 0;
    told.append(make("strong", "", last));
    this.output.add(told);
    if (Number.isInteger(line)) this.editor.mark(line);
    const actions = this.output.add(make("p", "actions"));
    const missing = name === "NameError" && this.error.match(/name '(\w+)' is not defined/)?.[1];
    if (missing && this.chapter.above(this).some((cell) => !cell.hasRun && cell.names(missing))) {
      actions.append(`A cell above uses ${missing}, and has not run yet.`, this.#aboveButton());
    }
    actions.append(this.#askButton("Ask the teacher about this error"));
    this.says("Stopped with an error");
  }

  #showVerdict({ passed, message }) {
    const verdict = make("p", passed ? "verdict passed" : "verdict");
    const word = passed ? WARM[this.number % WARM.length] : "Not yet.";
    verdict.append(make("strong", "", word), ` ${passed ? "Your code passes every check." : message}`);
    this.output.add(verdict);
    this.says("");
    if (passed) return;
    this.error = `The check says: ${message}`;
    this.output.add(make("p", "actions")).append(this.#askButton("Ask the teacher about this"));
  }

  #aboveButton() {
    const above = button("run-above", "Run the cells above");
    above.addEventListener("click", async () => {
      if (await this.chapter.runAbove(this)) this.run();
    });
    return above;
  }

  #askButton(text) {
    const ask = button("ask-error", text);
    ask.addEventListener("click", () => this.#tell("tutor:ask-error", this.work()));
    return ask;
  }

  /** Whether a name stands in the code of this cell. */
  names(name) {
    return this.editor.value.split(/[^\p{L}\p{N}_]+/u).includes(name);
  }

  /** What lies on the learner's desk, as the teacher is to see it. */
  work() {
    return { cell: this.id, code: this.editor.value, output: this.output.text, error: this.error };
  }

  #tell(type, detail) {
    this.framed.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }
}

// -- the chapter ----------------------------------------------------------------------------------

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
