// What the learner has in the open chapter, as the server keeps it: their own code, how far they are, hints
// and answers. The page shows it, and tells the server what happens.

const WAIT = 800; // ms without a key before code is saved
const AGAIN = 5000; // ms until a save that failed is tried once more

/** A learner's copy of one chapter. `changed` is called whenever something in it is new. */
export class Workbook {
  #address;
  #timers = new Map(); // by cell: the save that waits
  #saving = new Map(); // by cell: the save that runs, so that two never cross
  cells = {};
  drafts = new Map();

  constructor(course, chapter, changed = () => {}) {
    this.#address = `/api/v1/courses/${encodeURIComponent(course)}/chapters/${encodeURIComponent(chapter)}`;
    this.changed = changed;
    addEventListener("pagehide", () => this.flush());
    this.ready = this.#load();
  }

  async #load() {
    const answer = await fetch(`${this.#address}/work`).catch(() => undefined);
    if (!answer?.ok) return;
    const { drafts, cells } = await answer.json();
    for (const [cell, code] of Object.entries(drafts)) {
      if (!this.drafts.has(cell)) this.drafts.set(cell, code); // what is typed already counts more
    }
    this.cells = { ...cells, ...this.cells };
    this.changed();
  }

  /** Where the learner stands in a cell. */
  cell(id) {
    return this.cells[id] ?? { done: false, solved: false, due: false, tries: 0, hints: [], answer: null };
  }

  take(id, state) {
    this.cells[id] = state;
    this.changed();
  }

  // -- code ---------------------------------------------------------------------------------------

  /** Saves code soon; `undefined` forgets it. `told` gets what the learner is to know of it. */
  keep(id, code, told = () => {}) {
    if (this.drafts.get(id) === code) return;
    if (code === undefined) this.drafts.delete(id);
    else this.drafts.set(id, code);
    this.#later(id, told, WAIT);
  }

  #later(id, told, wait) {
    clearTimeout(this.#timers.get(id)?.timer);
    this.#timers.set(id, { told, timer: setTimeout(() => this.#save(id, told), wait) });
  }

  #save(id, told, keepalive = false) {
    clearTimeout(this.#timers.get(id)?.timer);
    this.#timers.delete(id);
    const before = this.#saving.get(id) ?? Promise.resolve();
    const saving = (keepalive ? Promise.resolve() : before).then(() => this.#send(id, told, keepalive));
    this.#saving.set(id, saving);
    return saving;
  }

  async #send(id, told, keepalive) {
    const code = this.drafts.get(id);
    const address = `${this.#address}/cells/${encodeURIComponent(id)}/code`;
    const request =
      code === undefined
        ? { method: "DELETE", keepalive }
        : { method: "PUT", keepalive, headers: JSON_HEADERS, body: JSON.stringify({ code }) };
    const answer = await fetch(address, request).catch(() => undefined);
    if (answer?.ok) return told("");
    if (answer && answer.status < 500 && answer.status !== 429) {
      return told(answer.status === 401 ? "Not saved: you have been signed out." : "Not saved: this code is too long.");
    }
    told("Not saved yet. Check your connection.");
    if (!this.#timers.has(id)) this.#later(id, told, AGAIN);
  }

  /** Saves at once what waits, for a page that is about to go. */
  flush() {
    for (const [id, { told }] of [...this.#timers]) this.#save(id, told, true);
  }

  // -- deeds --------------------------------------------------------------------------------------

  /** Tells the server of a deed; gives its answer, or undefined where it cannot be reached. */
  async post(id, what, body = {}) {
    const answer = await fetch(`${this.#address}/cells/${encodeURIComponent(id)}/${what}`, {
      method: "POST",
      headers: JSON_HEADERS,
      body: JSON.stringify(body),
    }).catch(() => undefined);
    return answer?.ok ? answer.json() : undefined;
  }

  /** As `post`, for what answers with where the learner stands now. */
  async deed(id, what, body) {
    const state = await this.post(id, what, body);
    if (state) this.take(id, state);
    return state;
  }
}

const JSON_HEADERS = { "content-type": "application/json" };
