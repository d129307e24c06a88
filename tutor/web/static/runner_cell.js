// One cell that runs: its buttons, its editor, and what it shows when it has run.

import { explanation, explanations } from "./explain.js";
import { Editor } from "./runner_editor.js";
import { Output, askInline, button, make } from "./runner_output.js";
import { LIMIT, Told } from "./runner_python.js";

const WARM = ["Well done.", "That is it.", "Exactly right.", "You solved it.", "Nicely done."];
const ENDED = {
  stopped: "Stopped.",
  limit: `Stopped after ${LIMIT / 1000} seconds. Is there a loop that never comes to its end?`,
  crashed: "Python broke down. It may have run out of memory, or there were too many calls inside calls.",
};
const GONE = "Python begins anew, so the variables of earlier cells are gone.";

export class RunnableCell {
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
    on("again", () => this.#again());
    this.find("more").addEventListener("click", (event) => {
      if (event.target.closest("button")) this.find("more").open = false;
    });
  }

  /** Puts in what the server has kept, unless the learner has begun to type. */
  restore() {
    const kept = this.chapter.workbook.drafts.get(this.id);
    if (kept !== undefined && !this.touched && kept !== this.editor.value) {
      this.editor.area.value = kept;
      this.editor.area.dispatchEvent(new Event("input"));
    }
    const { solved, due } = this.chapter.workbook.cell(this.id);
    const again = this.find("again");
    if (!again) return;
    again.hidden = !(solved || due);
    again.textContent = due ? "Time to review: start afresh" : "Start afresh";
    again.classList.toggle("due", due);
  }

  /** A new round of an exercise: the chapter's own code, no hints. */
  async #again() {
    const state = await this.chapter.workbook.deed(this.id, "again");
    if (!state) return this.says("That did not work. Check your connection.");
    this.editor.value = this.editor.original;
    this.output.clear();
    this.says("A fresh start");
  }

  #edited() {
    const { changed, value } = this.editor;
    this.find("reset").disabled = !changed;
    this.framed.classList.toggle("changed", changed);
    this.editor.mark();
    this.touched ||= document.activeElement === this.editor.area;
    if (!this.touched) return;
    this.chapter.workbook.keep(this.id, changed ? value : undefined, (problem) => this.says(problem));
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
        return answer.json();
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
      const { checks, input } = fetched ? await fetched() : {};
      answer = await this.chapter.python.run(
        { name: `Cell ${this.number}`, source: this.editor.value, ...(checks && { checks, input }) },
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
    const meant = this.raises && answer.ok === false && !answer.ended;
    if (meant || (ok && !("passed" in answer))) this.#note();
    if (answer.ended !== "skipped") this.#tell("tutor:ran", { cell: this.id, ok });
    return ok || (this.raises && !answer.ended);
  }

  /** Tells the server that a cell came to its end. */
  #note() {
    const { workbook } = this.chapter;
    if (!this.exercise && !workbook.cell(this.id).done) workbook.deed(this.id, "runs");
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
    this.output.add(told).scrollTop = told.scrollHeight; // the last line says most
    if (Number.isInteger(line)) this.editor.mark(line);
    this.#explain(String(name), last);
    const { missing: packages } = this.chapter.python;
    if (name === "ModuleNotFoundError" && packages.length) {
      this.output.note(`This chapter uses ${packages.join(", ")}, which cannot be loaded on this site. Please tell its owner.`);
    }
    const actions = this.output.add(make("p", "actions"));
    const missing = name === "NameError" && this.error.match(/name '(\w+)' is not defined/)?.[1];
    if (missing && this.chapter.above(this).some((cell) => !cell.hasRun && cell.names(missing))) {
      actions.append(`A cell above uses ${missing}, and has not run yet.`, this.#aboveButton());
    }
    actions.append(this.#askButton("Ask the teacher about this error"));
    this.says("Stopped with an error");
  }

  /** Says in plain words what a beginner can make of an error. */
  async #explain(name, last) {
    const place = this.output.add(make("div", "explained"));
    const found = explanation(await explanations(), name, last);
    if (!found) return place.remove();
    place.append(make("strong", "", found.says), make("p", "", found.look));
  }

  #showVerdict({ passed, message }) {
    const verdict = make("p", passed ? "verdict passed" : "verdict");
    const word = passed ? WARM[this.number % WARM.length] : "Not yet.";
    verdict.append(make("strong", "", word), ` ${passed ? "Your code passes every check." : message}`);
    this.output.add(verdict);
    this.says("");
    this.chapter.workbook.deed(this.id, "checks", { passed }).then(() => {
      const next = passed && this.chapter.next(this);
      if (next) verdict.append(" ", next);
      if (passed) this.#tell("tutor:passed", { cell: this.id });
    });
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
