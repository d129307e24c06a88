// One cell that runs: its buttons, its editor, and what it shows when it has run.

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
