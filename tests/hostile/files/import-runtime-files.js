// The runtime's own sources are no module of the cell's.
await (0, eval)('import("./transform.js")')
