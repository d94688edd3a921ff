// expect: stopped
// limit: time=500ms
Promise.prototype.then = function () { return this }; await 1
