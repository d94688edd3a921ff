// QuickJS's own modules for files and processes.
// shows: 'undefined,undefined,undefined'
// expect: ok
[typeof std, typeof os, typeof scriptArgs].join()
