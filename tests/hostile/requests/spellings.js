// grants: hosts
// expect: ok
// shows: 6 refused
let refused = 0;
for (const host of ['127.0.0.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', 'localhost', '169.254.169.254']) {
  try {
    console.log(tars.http.get(`http://${host}/`).text);
  } catch (error) {
    refused += error.code === 'denied';
  }
}
console.log(`${refused} refused`);
