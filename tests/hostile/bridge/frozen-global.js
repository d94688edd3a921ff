// expect: stopped
Object.freeze(globalThis); 1
