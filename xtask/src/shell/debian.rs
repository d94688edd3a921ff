//! Programs from Debian's newest packages, unpacked into the user's cache folder: nothing of the system changes, no rights
//! are needed, and a Debian of any age will do, since a program brings its own libraries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{run, venv};

/// The folder into which Debian's newest `packages` were unpacked. The first one gives it its name.
///
/// # Errors
/// Where this is no Debian, its archive cannot be reached, or it has no such packages for this machine.
pub fn unpacked(packages: &[&str]) -> Result<PathBuf> {
    let name = packages.first().context("no package is named")?;
    let place = venv::cache_folder()?.join("debian").join(name);
    let root = place.join("root");
    if place.join("complete").is_file() {
        return Ok(root);
    }
    if place.exists() {
        fs::remove_dir_all(&place).context("an unfinished package of Debian")?;
    }
    for folder in ["lists/partial", "cache/archives/partial", "root"] {
        fs::create_dir_all(place.join(folder))?;
    }
    let archive = archive().context("no archive of Debian among the machine's sources")?;
    fs::write(
        place.join("sources.list"),
        format!("deb {archive} sid main\n"),
    )?;
    run(apt(&place).args(["update", "-qq"]))?;
    run(apt(&place).args(["download", "-qq"]).args(packages))?;
    for entry in fs::read_dir(&place)? {
        let file = entry?.path();
        if file.extension().is_some_and(|it| it == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(&file).arg(&root))?;
            fs::remove_file(file)?;
        }
    }
    fs::remove_dir_all(place.join("lists"))?;
    fs::write(place.join("complete"), "")?;
    Ok(root)
}

/// A loader among the unpacked packages, with which a program runs on the libraries beside it, and where those are.
pub fn loader(root: &Path) -> Result<(PathBuf, String)> {
    let places = ["usr/lib64", "lib64", "usr/lib", "lib"].map(|part| root.join(part));
    let loader = places
        .iter()
        .filter_map(|place| fs::read_dir(place).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("ld-linux")
        })
        .context("the packages bring no loader")?;
    let mut libraries = Vec::new();
    for base in [root.join("usr/lib"), root.join("lib")] {
        for entry in fs::read_dir(base).into_iter().flatten() {
            let folder = entry?.path();
            if folder.join("libc.so.6").exists() {
                libraries.push(folder.display().to_string());
            }
        }
    }
    Ok((loader, libraries.join(":")))
}

/// An `apt-get` with sources and folders of its own.
fn apt(place: &Path) -> Command {
    let mut command = Command::new("apt-get");
    let folder = place.display();
    for option in [
        format!("Dir::Etc::sourcelist={folder}/sources.list"),
        "Dir::Etc::sourceparts=-".to_owned(),
        format!("Dir::State::lists={folder}/lists"),
        format!("Dir::Cache={folder}/cache"),
        "Acquire::http::Timeout=20".to_owned(),
        // The folder belongs to this user, whom apt's own sandbox user may not follow there.
        "APT::Sandbox::User=".to_owned(),
    ] {
        command.arg("-o").arg(option);
    }
    command.current_dir(place);
    command
}

/// Where this machine gets Debian from: the first address of its sources whose path ends in `/debian`.
fn archive() -> Option<String> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(parts) = fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(parts.filter_map(|part| Some(part.ok()?.path())));
    }
    files.sort();
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| {
            text.lines()
                .filter(|line| !line.trim_start().starts_with('#'))
                .flat_map(str::split_whitespace)
                .map(|word| word.trim_end_matches('/'))
                .find(|word| word.starts_with("http") && word.ends_with("/debian"))
                .map(str::to_owned)
        })
}
