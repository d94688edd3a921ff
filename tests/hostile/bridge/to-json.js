// expect: ok
Object.prototype.toJSON = () => 'forged'; String.prototype.toWellFormed = () => 'forged'; 1
