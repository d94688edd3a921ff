// grants: folder
// expect: ok
// shows: refused 6
let tries = ["../secret.txt", "granted/../secret.txt", "granted/link", "granted/up/secret.txt", "granted/root/etc/passwd", "granted/deep/chain"];
let refused = tries.iter().filter(|path| tars::fs::read(path).is_err()).count();
println!("refused {refused}");
