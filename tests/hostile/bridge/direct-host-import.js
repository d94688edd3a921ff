// A dynamic import of the host's interface gets no further than the runtime itself.
// expect: stopped
const host = await (0, eval)('import("metascript:cell/host@0.1.0")'); host.default.call('system.run', { nodes: [] })
