// Writing to a link replaces the link; what it leads to stays (the runner looks).
// grants: folder
// expect: ok
// shows: 3 refused
let refused = [
    tars::fs::append("granted/deep/chain", "x").is_err(),
    tars::fs::write("granted/up/secret.txt", "x").is_err(),
    tars::fs::remove("granted/up/secret.txt").is_err(),
];
tars::fs::write("granted/link", "overwritten")?;
println!("{} refused", refused.iter().filter(|one| **one).count());
