// What Fable's browser bundle expects of a browser. Evaluated before it, and before the snapshot: no random number may
// be asked of the host then, and the compiler needs none that is secret.

globalThis.self ??= globalThis;
globalThis.performance ??= { now: () => Date.now() };
globalThis.console ??= {};
for (const name of ['log', 'info', 'warn', 'error', 'debug']) globalThis.console[name] = () => {};
globalThis.setTimeout ??= () => 0;
globalThis.clearTimeout ??= () => {};
globalThis.setInterval ??= () => 0;
globalThis.clearInterval ??= () => {};

let state = 12_345;
Math.random = () => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return state / 2 ** 32;
};
Object.defineProperty(globalThis, 'crypto', {
  value: { getRandomValues: (array) => array.fill(0).map(() => Math.floor(Math.random() * 256)) },
  configurable: true,
  writable: true,
});
