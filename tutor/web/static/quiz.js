// Quizzes. The server judges; before it does, nothing on the page tells the answer.

import { pieces } from "./runner_editor.js";
import { button, make } from "./runner_output.js";

const NO_ANSWER = "Your answer could not be sent. Check your connection, then try again.";
const EMPTY = { choice: "Choose one first.", gap: "Fill every gap first.", output: "Write what it prints first." };

/** One quiz of the open chapter. */
export class Quiz {
  constructor(form, workbook) {
    this.form = form;
    this.id = form.dataset.cell;
    this.type = form.dataset.type;
    this.workbook = workbook;
    this.lines = this.type === "order" ? new Lines(form.querySelector("ol")) : undefined;
    for (const code of form.querySelectorAll("pre.code.plain code")) colour(code);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#answer();
    });
    this.find("show").addEventListener("click", () => workbook.deed(this.id, "answers/shown"));
    this.find("again").addEventListener("click", () => this.#again());
    for (const gap of form.querySelectorAll(".gap")) {
      gap.addEventListener("input", () => (gap.size = Math.max(gap.value.length + 1, 6)));
    }
    this.show();
  }

  find(name) {
    return this.form.querySelector(`.${name}`);
  }

  /** The learner's answer, as the server takes it; undefined where something is missing. */
  #given() {
    if (this.lines) return this.lines.answer;
    if (this.type === "choice") {
      const chosen = this.form.querySelector("input:checked");
      return chosen ? [chosen.value] : undefined;
    }
    const fields = [...this.form.querySelectorAll("textarea, .gap")].map((field) => field.value);
    return fields.every((text) => text.trim()) ? fields : undefined;
  }

  async #answer() {
    const given = this.#given();
    if (!given) return this.#says(EMPTY[this.type]);
    this.find("answer").disabled = true;
    const verdict = await this.workbook.post(this.id, "answers", { answer: given });
    this.find("answer").disabled = false;
    if (!verdict) return this.#says(NO_ANSWER);
    this.#says("");
    if (!verdict.right) this.#wrong(verdict.remark);
    this.workbook.take(this.id, verdict.cell);
    this.form.dispatchEvent(new CustomEvent("tutor:answered", { bubbles: true, detail: { cell: this.id } }));
  }

  #says(text) {
    this.find("doing").textContent = text;
  }

  #wrong(remark) {
    const told = make("div", "verdict");
    told.append(make("p", "", ""));
    told.firstChild.append(make("strong", "", "Not yet. "), remark ? "" : "Look once more, then try again.");
    told.insertAdjacentHTML("beforeend", remark); // our own server's rendering
    this.find("told").replaceChildren(told);
  }

  async #again() {
    const state = await this.workbook.deed(this.id, "again");
    if (!state) return this.#says(NO_ANSWER);
    this.form.reset();
    this.find("told").replaceChildren();
    this.find("answer").focus({ preventScroll: true });
  }

  show() {
    const { answer, tries, due } = this.workbook.cell(this.id);
    const over = answer !== null && answer !== undefined;
    for (const field of this.form.querySelectorAll("input, textarea")) field.disabled = over;
    this.lines?.lock(over);
    this.find("answer").hidden = over;
    this.find("show").hidden = over || tries < 1;
    this.find("again").hidden = !over;
    this.find("again").textContent = due ? "Time to review: answer again" : "Answer again";
    if (over) this.#reveal(answer);
  }

  #reveal({ found, answer, lines, why }) {
    if (this.find("told .passed, .told .shown")) return;
    this.#fill(answer);
    const told = make("div", found ? "verdict passed" : "verdict shown");
    told.append(make("p", "", ""));
    told.firstChild.append(make("strong", "", found ? "Right. " : "The answer: "));
    if (!found) {
      told.append(this.type === "choice" ? this.#option(answer[0]) : make("pre", "code", lines.join("\n")));
    }
    told.insertAdjacentHTML("beforeend", why); // our own server's rendering
    this.find("told").replaceChildren(told);
  }

  /** A copy of an option's words, as the form shows them. */
  #option(value) {
    const copy = make("p", "", "");
    const words = this.form.querySelector(`input[value="${CSS.escape(value)}"]`)?.parentElement.querySelector("span");
    copy.append(...[...(words?.childNodes ?? [])].map((node) => node.cloneNode(true)));
    return copy;
  }

  /** Puts the right answer where the learner would have given it. */
  #fill(answer) {
    if (this.lines) return this.lines.arrange(answer);
    if (this.type === "choice") {
      for (const radio of this.form.querySelectorAll("input")) radio.checked = radio.value === answer[0];
      return;
    }
    this.form.querySelectorAll("textarea, .gap").forEach((field, at) => {
      field.value = answer[at];
      if (field.matches(".gap")) field.size = Math.max(answer[at].length + 1, 6);
    });
  }
}

/** Lines of code that are put in order, by buttons and by dragging. */
class Lines {
  constructor(list) {
    this.list = list;
    this.spare = "extras" in list.dataset;
    this.items = [...list.children];
    for (const item of this.items) this.#equip(item);
    this.#number();
  }

  get answer() {
    return this.#ordered().filter((item) => !item.classList.contains("out")).map((item) => item.dataset.line);
  }

  #ordered() {
    return [...this.list.children];
  }

  #equip(item) {
    colour(item.querySelector("code"));
    const tools = item.appendChild(make("span", "moves"));
    const add = (className, sign, does) => {
      const one = tools.appendChild(button(className, sign));
      one.addEventListener("click", does);
      return one;
    };
    add("up", "↑", () => this.#move(item, -1));
    add("down", "↓", () => this.#move(item, 1));
    if (this.spare) add("leave", "Leave out", () => this.#leave(item));
    item.draggable = true;
    item.addEventListener("dragstart", (event) => {
      this.dragged = item;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", item.dataset.line);
    });
    item.addEventListener("dragover", (event) => this.#over(event, item));
    item.addEventListener("drop", (event) => event.preventDefault());
    item.addEventListener("dragend", () => {
      this.dragged = undefined;
      this.#number();
    });
  }

  #over(event, item) {
    if (!this.dragged || this.locked) return;
    event.preventDefault();
    const box = item.getBoundingClientRect();
    const below = event.clientY > box.top + box.height / 2;
    if (item !== this.dragged) this.list.insertBefore(this.dragged, below ? item.nextSibling : item);
  }

  #move(item, by) {
    const all = this.#ordered();
    const other = all[all.indexOf(item) + by];
    if (!other) return;
    this.list.insertBefore(item, by < 0 ? other : other.nextSibling);
    this.#number();
    item.querySelector(by < 0 ? ".up" : ".down").focus({ preventScroll: true });
  }

  #leave(item) {
    item.classList.toggle("out");
    this.#number();
  }

  /** Says to screen readers where every line is now. */
  #number() {
    const all = this.#ordered();
    all.forEach((item, at) => {
      const code = item.dataset.line.trim();
      const out = item.classList.contains("out");
      item.querySelector(".up").setAttribute("aria-label", `Move up, now line ${at + 1} of ${all.length}: ${code}`);
      item.querySelector(".down").setAttribute("aria-label", `Move down, now line ${at + 1} of ${all.length}: ${code}`);
      item.querySelector(".up").disabled = this.locked || at === 0;
      item.querySelector(".down").disabled = this.locked || at === all.length - 1;
      const leave = item.querySelector(".leave");
      if (!leave) return;
      leave.textContent = out ? "Use" : "Leave out";
      leave.setAttribute("aria-label", `${leave.textContent}: ${code}`);
      leave.disabled = this.locked === true;
    });
  }

  lock(locked) {
    this.locked = locked;
    for (const item of this.items) item.draggable = !locked;
    this.#number();
  }

  arrange(lines) {
    const left = [...this.items];
    const used = lines.map((line) => left.splice(left.findIndex((item) => item.dataset.line === line), 1)[0]);
    used.forEach((item) => item.classList.remove("out"));
    left.forEach((item) => item.classList.add("out"));
    this.list.append(...used, ...left);
    this.#number();
  }
}

/** Colours code in place; fields between its pieces stay. */
function colour(code) {
  for (const node of [...code.childNodes]) {
    if (node.nodeType !== Node.TEXT_NODE) continue;
    node.replaceWith(
      ...pieces(node.data).map(([look, text]) => (look ? make("span", look, text) : document.createTextNode(text))),
    );
  }
}
