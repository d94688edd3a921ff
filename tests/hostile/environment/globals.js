// expect: ok
// shows: 'undefined,undefined,undefined,undefined'
[typeof process, typeof Deno, typeof Bun, typeof window].join()
