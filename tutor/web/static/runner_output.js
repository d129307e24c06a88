// What a cell shows: text that streams in, pictures and tables, notes, and a field for `input()`.

import { safeTable } from "./runner_html.js";

const CUT = "There is more output than fits here; the rest is not shown.";
const MOST_RICH = 40; // pictures and tables of one run
const KINDS = new Set(["out", "err", "in", "value"]);
const PICTURES = { png: "image/png", svg: "image/svg+xml" };
const BASE64 = /^[A-Za-z0-9+/=]+$/;
const MOST = 400_000; // characters on the page, whatever the worker says

export const make = (tag, className = "", text = "") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};
export const button = (className, text) => Object.assign(make("button", className, text), { type: "button" });

/** The output of a cell. Text that comes fast is drawn once a frame. */
export class Output {
  #waiting = [];
  #length = 0;
  #drawn = 0;
  text = "";

  constructor(element) {
    this.element = element;
  }

  clear() {
    this.#waiting = [];
    this.#length = 0;
    this.#drawn = 0;
    this.text = "";
    this.element.replaceChildren();
    this.element.hidden = true;
  }

  write(kind, text) {
    if (kind === "cut") return this.note(CUT);
    if (Object.hasOwn(PICTURES, kind) || kind === "html") return this.#rich(kind, text);
    if (!KINDS.has(kind) || this.#length > MOST) return;
    this.#length += text.length;
    this.text += text;
    if (this.#waiting.push([kind, text]) === 1) requestAnimationFrame(() => this.draw());
    // A page in the background draws no frames.
    if (document.hidden) this.draw();
  }

  /** A picture or a table. Either is the learner's to forge: a picture runs nothing, a table is made anew. */
  #rich(kind, data) {
    if (++this.#drawn > MOST_RICH) return;
    this.draw();
    if (kind === "html") return this.add(safeTable(data));
    if (!BASE64.test(data)) return;
    const picture = this.add(make("img"));
    picture.alt = "A picture that your code has drawn";
    picture.src = `data:${PICTURES[kind]};base64,${data}`;
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
export function askInline(output, prompt) {
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
