// A small code editor: a real textarea, so that selecting, undo, spell-out by screen readers and phone
// keyboards work as everywhere, and below it the same text in colours and with line numbers.

const WORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for " +
    "from global if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);
const BUILTINS = new Set(
  (
    "abs all any bool chr dict divmod enumerate filter float format input int isinstance iter len list map " +
    "max min next open ord pow print range repr reversed round set sorted str sum super tuple type zip"
  ).split(" "),
);
// A string that is not closed reaches to the end of its line; one in triple quotes, to the end of the text.
const TOKEN = new RegExp(
  [
    /(?<comment>#[^\n]*)/,
    /(?<string>\b[rbfu]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))/,
    /(?<number>\b(?:0[xob][\da-f_]+|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?)\b|\.\d+\b)/,
    /(?<name>[\p{L}_][\p{L}\p{N}_]*)/,
  ]
    .map((part) => part.source)
    .join("|")
    // \b before a quote would not match at the start of a line; it only guards the letters before it.
    .replace("\\b[rbfu]{0,2}", "(?:\\b[rbfu]{1,2})?"),
  "giu",
);
const CLASSES = { comment: "c1", string: "s2", number: "mi" };

/** Pieces of Python, as [class, text]; put together they are the source again. Classes are Pygments's. */
export function pieces(source) {
  const found = [];
  let at = 0;
  let before = "";
  for (const match of source.matchAll(TOKEN)) {
    if (match.index > at) found.push(["", source.slice(at, match.index)]);
    const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    const text = match[0];
    let look = CLASSES[kind] ?? "";
    if (kind === "name") {
      const attribute = source[match.index - 1] === ".";
      if (before === "def" || before === "class") look = "nf";
      else if (WORDS.has(text)) look = "k";
      else if (BUILTINS.has(text) && !attribute) look = "nb";
    }
    before = text;
    found.push([look, text]);
    at = match.index + text.length;
  }
  if (at < source.length) found.push(["", source.slice(at)]);
  return found;
}

/** One element for each line, so that lines can be numbered and marked. */
function lines(source) {
  const all = [];
  const begin = () => {
    const line = document.createElement("span");
    line.className = "line";
    all.push(line);
    return line;
  };
  let line = begin();
  for (const [look, text] of pieces(source)) {
    text.split("\n").forEach((part, at) => {
      if (at) {
        line.append("\n");
        line = begin();
      }
      if (!part) return;
      const piece = look ? document.createElement("span") : document.createTextNode(part);
      if (look) {
        piece.className = look;
        piece.textContent = part;
      }
      line.append(piece);
    });
  }
  return all;
}

const STEP = "    ";

export class Editor {
  #code;
  #left = false;

  /** Makes the code in `box` editable. `label` names it to screen readers. */
  constructor(box, label) {
    const shown = box.querySelector("pre");
    this.#code = box.querySelector("code");
    this.original = this.#code.textContent.replace(/\n$/, "");
    shown.removeAttribute("tabindex");
    shown.setAttribute("aria-hidden", "true");
    this.area = document.createElement("textarea");
    Object.assign(this.area, { spellcheck: false, autocapitalize: "off", autocomplete: "off", wrap: "off" });
    this.area.setAttribute("autocorrect", "off");
    this.area.setAttribute("aria-label", label);
    this.area.setAttribute("aria-describedby", "editor-keys");
    this.area.value = this.original;
    const page = document.createElement("div");
    page.className = "page";
    shown.replaceWith(page);
    page.append(shown, this.area);
    this.#draw();
    this.area.addEventListener("input", () => this.#draw());
    this.area.addEventListener("keydown", (event) => this.#key(event));
    this.area.addEventListener("blur", () => (this.#left = false));
  }

  get value() {
    return this.area.value;
  }

  /** Puts other code in; undo takes it back where the browser can. */
  set value(code) {
    if (code === this.value) return;
    this.area.focus({ preventScroll: true });
    this.area.select();
    if (!this.#insert(code)) {
      this.area.value = code;
      this.#draw();
    }
  }

  get changed() {
    return this.value !== this.original;
  }

  /** Marks a line, counted from 1; without a number, none. */
  mark(number) {
    this.#code.querySelector(".wrong")?.classList.remove("wrong");
    this.#code.children[number - 1]?.classList.add("wrong");
  }

  #draw() {
    this.#code.replaceChildren(...lines(this.value));
  }

  #insert(text) {
    // The one way to change a textarea that keeps its undo history. It is called deprecated, and it is here to stay.
    return document.execCommand(text ? "insertText" : "delete", false, text);
  }

  #key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      this.#left = true; // the next Tab goes on to the next control, as it does everywhere else
      return;
    }
    const moves = event.key === "Tab" && this.#left;
    this.#left = event.key === "Shift" && this.#left;
    if (moves) return;
    const done =
      (event.key === "Tab" && this.#tab(event.shiftKey)) ||
      (event.key === "Enter" && !event.shiftKey && this.#enter()) ||
      (event.key === "Backspace" && this.#backspace());
    if (done) event.preventDefault();
  }

  #before() {
    const { value, selectionStart } = this.area;
    return value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
  }

  #tab(back) {
    const { value, selectionStart: from, selectionEnd: to } = this.area;
    const before = this.#before();
    if (!back && from === to) return this.#insert(" ".repeat(4 - (before.length % 4)));
    const start = from - before.length;
    const next = value.indexOf("\n", to > from && value[to - 1] === "\n" ? to - 1 : to);
    const end = next < 0 ? value.length : next;
    const block = value.slice(start, end);
    const moved = back ? block.replace(/^ {1,4}/gm, "") : block.replace(/^(?=.)/gm, STEP);
    if (moved === block) return true;
    this.area.setSelectionRange(start, end);
    this.#insert(moved);
    if (from === to) {
      const at = Math.max(start, from + moved.length - block.length);
      this.area.setSelectionRange(at, at);
    } else {
      this.area.setSelectionRange(start, start + moved.length);
    }
    return true;
  }

  #enter() {
    const before = this.#before();
    const [indent] = before.match(/^ */);
    if (/:\s*(#.*)?$/.test(before)) return this.#insert(`\n${indent}${STEP}`);
    const ends = /^\s*(return|break|continue|pass|raise)\b/.test(before);
    return this.#insert(`\n${ends ? indent.slice(4) : indent}`);
  }

  #backspace() {
    const { selectionStart: from, selectionEnd: to } = this.area;
    const before = this.#before();
    if (from !== to || !before || /[^ ]/.test(before) || before.length % 4) return false;
    this.area.setSelectionRange(from - 4, from);
    return this.#insert("");
  }
}
