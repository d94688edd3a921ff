// What code written for a browser finds as globals.
export { Task as Promise, setTimeout, setInterval, clearTimeout, clearInterval, queueMicrotask } from './loop.js';
