// expect: failed
const o = { toString() { return `${o}` } }; `${o}`
