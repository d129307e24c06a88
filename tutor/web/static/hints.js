// The hints of an exercise. None is in the page before the server has opened it; each is opened by a press.

import { button, make } from "./runner_output.js";

const ASK = ["Give me a nudge", "Show me where to look", "Show me a worked part"];
const NO_ANSWER = "The hint could not be loaded. Check your connection, then try again.";

export class Hints {
  #of;
  #id;

  constructor(box, id, workbook) {
    this.box = box;
    this.workbook = workbook;
    this.#id = id;
    this.#of = Number(box.dataset.of); // the solution included
    this.list = box.appendChild(make("div"));
    this.more = box.appendChild(button("more-hint", ""));
    this.told = box.appendChild(make("span", "doing"));
    this.told.setAttribute("role", "status");
    this.more.addEventListener("click", () => this.#open());
    this.show();
  }

  show() {
    const { hints, solved } = this.workbook.cell(this.#id);
    const shown = this.list.children.length;
    if (hints.length < shown) this.list.replaceChildren();
    for (const hint of hints.slice(this.list.children.length)) this.list.append(drawn(hint));
    const next = hints.length + 1;
    this.more.hidden = next > this.#of || (solved && next < this.#of);
    this.more.textContent =
      next < this.#of ? (ASK[hints.length] ?? "Show me the next hint") : solved ? "Compare with our solution" : "Show me the solution";
  }

  async #open() {
    const { hints } = this.workbook.cell(this.#id);
    this.more.disabled = true;
    const opened = await this.workbook.post(this.#id, "hints", { number: hints.length + 1 });
    this.more.disabled = false;
    this.told.textContent = opened ? "" : NO_ANSWER;
    if (!opened) return;
    this.workbook.take(this.#id, { ...this.workbook.cell(this.#id), hints: opened });
    const last = this.list.lastElementChild;
    last.open = true;
    last.querySelector("summary").focus({ preventScroll: true });
  }
}

function drawn({ name, html }) {
  const details = make("details", "hint");
  details.append(make("summary", "", name));
  // Our own server's rendering of course text, in which HTML is shown and not obeyed.
  details.insertAdjacentHTML("beforeend", html);
  return details;
}
