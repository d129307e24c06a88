// One Python for the open chapter: a sandboxed frame with a worker in it. This side fetches the files, hands
// them in, sends cells one after the other, and ends the worker when a cell takes too long.

export const LIMIT = 10_000; // ms that one cell may run
const START_LIMIT = 90_000; // ms that Python may take to start

const NOT_SET_UP = "Running code is not set up on this site: the owner can run python -m tutor assets.";
const NO_START = "Python could not be started in this browser. Reload the page, or try another browser.";
const SIGNED_OUT = "You have been signed out. Reload the page and sign in to run code.";
const NO_FILES = "Python could not be loaded. Check your connection, then try again.";

/** Something that the learner is to read. */
export class Told extends Error {}

async function get(address, integrity = "") {
  let answer;
  try {
    answer = await fetch(address, integrity ? { integrity } : {}); // a wrong checksum throws
  } catch {
    throw new Told(NO_FILES);
  }
  if (answer.status === 401) throw new Told(SIGNED_OUT);
  if (!answer.ok) throw new Told(NO_FILES);
  return answer;
}

async function fetchFiles() {
  const { version, names, core, packages, integrity } = await (await get("/runner/files")).json();
  if (!version) throw new Told(NOT_SET_UP);
  const [script, cell, screen, ...files] = await Promise.all([
    ...["runner_worker.js", "runner_cell.py", "runner_screen.py"].map((name) =>
      get("/ours/static/" + name).then((answer) => answer.text()),
    ),
    ...names.map((name) => get(core + name, integrity[name]).then((answer) => answer.blob())),
  ]);
  const program = { runner_cell: cell, runner_screen: screen };
  return { script, program, packages, files: Object.fromEntries(names.map((name, at) => [name, files[at]])) };
}

/** The files of packages and of what they need, checked against Pyodide's own list; and what is not to be had. */
async function fetchPackages(wanted, { files: core, packages: address }) {
  const files = {};
  const missing = [];
  if (!wanted.length) return { files, missing };
  const known = JSON.parse(await core["pyodide-lock.json"].text()).packages;
  const plain = (name) => name.toLowerCase().replace(/[-_.]+/g, "-");
  const seen = new Set();
  const add = async (name) => {
    if (seen.has(plain(name))) return;
    seen.add(plain(name));
    const found = known[plain(name)];
    const bytes = found?.sha256.match(/../g).map((pair) => parseInt(pair, 16));
    const checksum = bytes && `sha256-${btoa(String.fromCharCode(...bytes))}`;
    const answer = found && (await get(address + found.file_name, checksum).catch(() => undefined));
    if (!answer) return missing.push(name);
    files[found.file_name] = await answer.blob();
    await Promise.all(found.depends.map(add));
  };
  await Promise.all(wanted.map(add));
  return { files, missing };
}

let files;
/** Pyodide's files, fetched once; after a failure, at the next call again. */
export function filesReady() {
  files ??= fetchFiles().catch((error) => {
    files = undefined;
    throw error;
  });
  return files;
}

let frame;
/** A port into the sandboxed frame. There is one frame for the page; its worker comes and goes. */
function openFrame() {
  frame ??= new Promise((resolve) => {
    const element = document.createElement("iframe");
    element.title = "Python";
    element.hidden = true;
    element.sandbox = "allow-scripts"; // and not allow-same-origin: nothing of the app is in its reach
    element.src = "/runner/frame";
    element.addEventListener(
      "load",
      () => {
        const { port1, port2 } = new MessageChannel();
        element.contentWindow.postMessage(null, "*", [port2]); // an opaque origin has no name to send to
        resolve(port1);
      },
      { once: true },
    );
    document.body.append(element);
  });
  return frame;
}

/** What the worker answered. Its words are the learner's to forge, so nothing about them is sure. */
function readAnswer(text) {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return { ok: false, ended: "crashed" };
  }
}

/** The Python of one chapter. Cells wait for each other; `end` begins anew without any variables. */
export class Python {
  missing = []; // packages that the chapter needs, and that cannot be had
  #wanted;
  #port;
  #started;
  #begun;
  #running;
  #queue = Promise.resolve();
  #last = 0;

  constructor(packages = []) {
    this.#wanted = packages;
  }

  /** Starts Python, if it has not been started. */
  start() {
    if (!this.#started) {
      const starting = this.#start();
      this.#started = starting;
      starting.catch(() => {
        if (this.#started === starting) this.#started = undefined;
      });
    }
    return this.#started;
  }

  async #start() {
    const round = this.#last;
    const fetched = await filesReady();
    const { script, program } = fetched;
    const { files: more, missing } = await fetchPackages(this.#wanted, fetched);
    this.missing = missing;
    const packages = this.#wanted.filter((name) => !missing.includes(name));
    const needed = { ...fetched.files, ...more };
    this.#port ??= await openFrame();
    if (round !== this.#last) throw new Told(NO_START);
    this.#port.onmessage = ({ data }) => this.#take(data);
    await new Promise((resolve, reject) => {
      const over = (then) => (value) => {
        clearTimeout(late);
        this.#begun = undefined;
        then(value);
      };
      const late = setTimeout(() => this.#begun?.reject(NO_START), START_LIMIT);
      this.#begun = { resolve: over(resolve), reject: over((told) => reject(new Told(told))) };
      this.#port.postMessage({ type: "boot", script, program, packages, files: needed });
    });
  }

  /**
   * Runs a cell when those before it are done.
   *
   * `shown(kind, text)` gets output as it comes, `ask(prompt)` gives a promise of what is typed, and
   * `begins()` is called when it is this cell's turn. Resolves to the answer of runner_cell.py, or to
   * {ok: false, ended} with the reason: "stopped", "limit" or "crashed".
   */
  run(cell, listeners) {
    const round = this.#last;
    const gone = () => round !== this.#last;
    const turn = this.#queue.then(async () => {
      if (gone()) return { ok: false, ended: "skipped" };
      try {
        await this.start();
      } catch (error) {
        if (!gone()) throw error;
      }
      if (gone()) return { ok: false, ended: "skipped" };
      listeners.begins();
      return this.#sent(cell, listeners);
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  #sent(cell, listeners) {
    return new Promise((resolve) => {
      const id = Math.random();
      this.#running = { id, listeners, resolve };
      this.#count();
      this.#port.postMessage({ type: "run", id, ...cell });
    });
  }

  #count() {
    clearTimeout(this.#running.timer);
    this.#running.timer = setTimeout(() => this.end("limit"), LIMIT);
  }

  #take(message) {
    const run = this.#running;
    if (message.type === "ready") this.#begun?.resolve();
    if (message.type === "crashed") this.#begun ? this.#begun.reject(NO_START) : this.end("crashed");
    if (message.type === "output") run?.listeners.shown(message.kind, message.text);
    if (message.type === "ask" && run) this.#ask(run, message.prompt);
    if (message.type === "done" && run?.id === message.id) {
      this.#done(readAnswer(message.answer));
    }
  }

  async #ask(run, prompt) {
    clearTimeout(run.timer); // thinking about an answer takes as long as it takes
    const text = await run.listeners.ask(prompt);
    if (run !== this.#running) return;
    this.#port.postMessage({ type: "answer", text });
    this.#count();
  }

  #done(answer) {
    clearTimeout(this.#running.timer);
    const { resolve } = this.#running;
    this.#running = undefined;
    resolve(answer);
  }

  get running() {
    return this.#running !== undefined;
  }

  /** Ends what runs and forgets what waits and all variables. A fresh Python starts at the next run. */
  end(ended = "stopped") {
    this.#last += 1;
    this.#port?.postMessage({ type: "end" });
    this.#begun?.reject(NO_START);
    this.#started = undefined;
    if (this.#running) this.#done({ ok: false, ended });
  }
}
