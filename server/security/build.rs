//! Makes JSON of the rule data: YAML is for those who write it, and takes ten times as long to read.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=rules");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for entry in fs::read_dir("rules").expect("the folder of the rules") {
        let path = entry.expect("an entry of that folder").path();
        if path.extension().is_some_and(|it| it == "yaml") {
            convert(&path, &out);
        }
    }
}

fn convert(path: &Path, out: &Path) {
    let text = fs::read_to_string(path).expect("a file of rules");
    let data: serde_json::Value =
        serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let name = path.file_stem().expect("a file has a name");
    let target = out.join(name).with_extension("json");
    fs::write(target, data.to_string()).expect("the build's folder");
}
