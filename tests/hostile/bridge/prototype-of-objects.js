// expect: ok
Object.prototype.tag = 'text'; Object.prototype.val = 'forged'; 1
