// expect: stopped
delete globalThis.Array; delete globalThis.Promise; delete globalThis.Object; 1
