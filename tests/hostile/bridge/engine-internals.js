// expect: failed
try { __cqjs.asyncExports.drain(); __cqjs.runGc() } catch {} 1
