// grants: folder
// expect: ok
// hides: TOP SECRET
// shows: 7 refused
let refused = 0;
for (const path of ['../secret.txt', 'granted/../secret.txt', 'granted/%2e%2e/secret.txt', 'granted/deep/../../secret.txt', '/etc/passwd', 'secret.txt', { toString: () => '../secret.txt' }]) {
  try {
    console.log(tars.fs.read(path));
  } catch {
    refused++;
  }
}
console.log(`${refused} refused`);
