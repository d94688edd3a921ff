// expect: stopped
const host = await (0, eval)('import("metascript:cell/host@0.1.0")'); host.default.setVariable('x', { nodes: 5 })
