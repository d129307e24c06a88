// Inside the sandboxed frame: starts the worker, ends it, and hands messages on in both directions. What
// comes from the worker is the learner's to forge, so only short texts of known kinds are passed on.

const MOST_MESSAGES = 50_000; // for one run
const LONGEST = 300_000; // characters
const LARGEST = 3_000_000; // characters of a picture or a table

let page;
let worker;
let passed = 0;
let ready = false;

const text = (value, most = LONGEST) => (typeof value === "string" ? value.slice(0, most) : "");
const RICH = new Set(["png", "svg", "html"]);

const shapes = {
  ready: ({ waits }) => ({ waits: waits === true }),
  output: ({ kind, text: shown }) => ({ kind: text(kind), text: text(shown, RICH.has(kind) ? LARGEST : LONGEST) }),
  ask: ({ prompt }) => ({ prompt: text(prompt) }),
  done: ({ id, answer }) => ({ id: Number(id), answer: text(answer) }),
  crashed: ({ text: told }) => ({ text: text(told) }),
};

function end() {
  if (!worker) return;
  worker.onmessage = worker.onerror = null;
  worker.terminate();
  worker = undefined;
}

function crashed(told) {
  end();
  page.postMessage({ type: "crashed", text: told });
}

function handOn({ data }) {
  passed += 1;
  if (passed > MOST_MESSAGES) return crashed("too many messages");
  const type = text(data?.type);
  if (!Object.hasOwn(shapes, type)) return;
  if (type === "ready") ready = true;
  page.postMessage({ ...shapes[type](data), type });
}

function boot({ script, files, program, packages }) {
  end();
  passed = 0;
  ready = false;
  worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  worker.onmessage = handOn;
  // Later errors are the learner's: of timers, and of workers that their code starts.
  worker.onerror = (event) => ready || crashed(event.message ?? "the worker failed");
  worker.postMessage({ type: "boot", files, program, packages });
}

addEventListener("message", (event) => {
  if (page || event.source !== parent) return;
  page = event.ports[0];
  page.onmessage = ({ data }) => {
    if (data.type === "boot") return boot(data);
    if (data.type === "end") return end();
    if (data.type === "run") passed = 0;
    worker?.postMessage(data);
  };
});
