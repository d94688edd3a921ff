// expect: ok
// shows: has no effect
// hides: root:
#load "/etc/passwd"
#r "/etc/passwd"
#I "/etc"
printfn "still here"
