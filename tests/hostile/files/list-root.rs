// hides: bin
std::fs::read_dir("/")?.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
