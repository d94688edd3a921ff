// expect: ok
Array.prototype.push = () => { throw new Error('patched') }; 1
