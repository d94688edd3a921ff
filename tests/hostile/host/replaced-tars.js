// hides: TOP SECRET
// shows: reads and writes no files
tars.fs.exists = () => true;
Object.prototype.policy = 'permissive';
tars.fs.read('../secret.txt')
