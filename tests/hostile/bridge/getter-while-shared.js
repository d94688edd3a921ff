// expect: ok
var trap = { get x() { throw new Error('read') } }; 1
