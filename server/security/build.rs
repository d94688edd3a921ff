//! Makes JSON of the rule data: YAML is for those who write it, and slower to read.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=rules");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo gives no folder")?);
    for entry in fs::read_dir("rules")? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "yaml") {
            convert(&path, &out).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}

fn convert(path: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let data: serde_json::Value = serde_norway::from_str(&fs::read_to_string(path)?)?;
    let name = path.file_stem().ok_or("a file without a name")?;
    fs::write(out.join(name).with_extension("json"), data.to_string())?;
    Ok(())
}
