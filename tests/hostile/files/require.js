// shows: no module 'fs' in the sandbox
require('fs').readFileSync('/etc/passwd')
