// grants: folder
tars::fs::write("granted/link", "changed")?;
