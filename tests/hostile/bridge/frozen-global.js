// expect: ok
Object.freeze(globalThis); 1
