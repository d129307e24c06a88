// Runs course_run.py in Pyodide under Node: node course_run.mjs <folder of Pyodide> <course_run.py> < steps

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, program] = process.argv.slice(2);
const { loadPyodide } = createRequire(import.meta.url)(join(folder, "pyodide.js"));
const python = await loadPyodide({ indexURL: folder, stdout: (line) => console.log(line), stderr: () => {} });
const steps = readFileSync(0, "utf-8");
const space = python.toPy({ __name__: "course_run", steps });
python.runPython(readFileSync(program, "utf-8"), { globals: space });
python.runPython("for answer in answers(json.loads(steps)): print(json.dumps(answer))", { globals: space });
