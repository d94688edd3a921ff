// grants: folder
// hides: TOP SECRET
printfn "%s" (tars.fs.read "granted/up/secret.txt")
