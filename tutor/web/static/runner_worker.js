// Python in a worker. A classic script: the sandboxed frame that starts it has an opaque origin, and there
// neither module workers nor Pyodide's own way to fetch its files are to be had. All it needs comes by
// message, so the frame needs no network at all.

"use strict";

{
  const post = self.postMessage.bind(self);
  const own = (name, files) =>
    URL.createObjectURL(new Blob([files[name]], { type: "text/javascript" }));

  /** Lets Pyodide read its files out of `files` instead of the network. */
  function serve(files) {
    const fetched = self.fetch;
    self.fetch = async (address) => {
      const name = String(address).split("/").pop();
      const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
      return new Response(files[name], { headers: { "content-type": type } });
    };
    return () => (self.fetch = fetched);
  }

  const MEMORY = 2 ** 30; // bytes; more would push other tabs out of a phone
  const grow = WebAssembly.Memory.prototype.grow;
  WebAssembly.Memory.prototype.grow = function (pages) {
    // Python turns this into a MemoryError.
    if (this.buffer.byteLength + pages * 65_536 > MEMORY) throw new RangeError("out of memory");
    return grow.call(this, pages);
  };

  let notebook;
  let answered;

  const tell = (kind, text) => post({ type: "output", kind, text });
  const ask = (prompt) =>
    new Promise((resolve) => {
      answered = resolve;
      post({ type: "ask", prompt });
    });

  /** Puts our own modules where Python finds them, under the names that they have on the server. */
  function install(python, program) {
    const folder = "/lib/tutor-runner";
    python.FS.mkdirTree(`${folder}/tutor/web/static`);
    for (const [name, text] of Object.entries(program)) {
      python.FS.writeFile(`${folder}/tutor/web/static/${name}.py`, text);
    }
    python.runPython(`import sys; sys.path.append("${folder}")`, { globals: python.globals.get("dict")() });
  }

  async function boot(files, program, packages) {
    const release = serve(files);
    importScripts(own("pyodide.asm.js", files), own("pyodide.js", files));
    const python = await loadPyodide({
      indexURL: "https://files.invalid/", // never asked: see `serve`
      stdout: () => {},
      stderr: () => {},
    });
    if (packages.length) await python.loadPackage(packages, { messageCallback: () => {}, checkIntegrity: false });
    release();
    install(python, program);
    const space = python.globals.get("dict")();
    space.set("tell", tell);
    space.set("wait", ask);
    // Only browsers with WebAssembly stack switching can hold Python still while the learner types.
    const waits = "Suspending" in WebAssembly;
    space.set("waits", waits);
    notebook = python.runPython(
      "from pyodide.ffi import run_sync\n" +
        "from tutor.web.static.runner_cell import Notebook\n" +
        "book = Notebook(tell, (lambda prompt: run_sync(wait(prompt))) if waits else None)\n" +
        "book.open()\nbook",
      { globals: space },
    );
    notebook.call = (name, ...values) => {
      const method = notebook[name];
      return waits ? method.callPromising(...values) : method(...values);
    };
    post({ type: "ready", waits });
  }

  // Closed from inside, a worker would keep the page waiting for an answer.
  self.close = () => post({ type: "crashed", text: "closed" });

  async function run({ id, name, source, checks, input }) {
    const answer = checks
      ? await notebook.call("check", name, source, JSON.stringify(checks), JSON.stringify(input))
      : await notebook.call("run", name, source);
    post({ type: "done", id, answer });
  }

  self.onmessage = async ({ data }) => {
    try {
      if (data.type === "boot") await boot(data.files, data.program, data.packages);
      if (data.type === "run") await run(data);
      if (data.type === "answer") answered?.(data.text);
    } catch (error) {
      // Python itself gave up, for example out of stack or memory. This worker is of no more use.
      post({ type: "crashed", text: String(error).slice(0, 2000) });
    }
  };
}
