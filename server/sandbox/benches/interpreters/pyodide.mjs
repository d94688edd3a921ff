// Times of Pyodide in Node, each start in a process of its own: until it is loaded, until its first answer, one more.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

if (process.argv[2] === 'one') {
  const begun = performance.now();
  const { loadPyodide } = await import(pathToFileURL(join(process.env.PYODIDE, 'pyodide.mjs')).href);
  const python = await loadPyodide({ indexURL: process.env.PYODIDE });
  const start = performance.now() - begun;
  python.runPython('1+1');
  const first = performance.now() - begun;
  const warm = [];
  for (let turn = 0; turn < 1000; turn += 1) {
    const asked = performance.now();
    python.runPython('1+1');
    warm.push(performance.now() - asked);
  }
  console.log(JSON.stringify({ start, first, warm }));
} else {
  const all = { start: [], first: [], warm: [] };
  for (let turn = 0; turn < 5; turn += 1) {
    const { start, first, warm } = JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'one']));
    all.start.push(start);
    all.first.push(first);
    all.warm = warm;
  }
  console.log(JSON.stringify(all));
}
