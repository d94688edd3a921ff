//! Adding packages, and taking them out again.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value as Json;
use sha2::{Digest, Sha512};

use super::lock::{self, Entry, Lock};
use super::process::run;
use super::store::Store;
use super::{PackageError, python, refusal};
use crate::Language;

/// The Python whose modules are looked for: that of the runtime.
const PYTHON: &str = "3.14";

/// Changes a lock file and the store.
#[derive(Debug)]
pub struct Manager {
    store: Store,
    lock: PathBuf,
}

/// What an `add` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The packages that came or changed, the one that was asked for among them.
    pub packages: Vec<Entry>,
    /// The lock file that names them now.
    pub lock: PathBuf,
}

impl Manager {
    /// For the project around `folder`, or for the user if there is none: a project has `.metascript.toml` or a lock file.
    pub fn for_folder(folder: &Path) -> Result<Self, PackageError> {
        Self::with(lock::place(folder))
    }

    /// For all scripts of the user.
    pub fn for_user() -> Result<Self, PackageError> {
        Self::with(lock::user())
    }

    /// For the project in `folder` itself, which becomes one by it.
    pub fn for_project(folder: &Path) -> Result<Self, PackageError> {
        Self::with(Some(folder.join(lock::FILE)))
    }

    /// With a store and a lock file of its own.
    pub fn at(store: &Path, lock: &Path) -> Self {
        Self {
            store: Store::at(store),
            lock: lock.to_owned(),
        }
    }

    fn with(lock: Option<PathBuf>) -> Result<Self, PackageError> {
        Ok(Self {
            store: Store::user()?,
            lock: lock
                .ok_or_else(|| PackageError::new("you have no home folder to keep packages in"))?,
        })
    }

    /// Adds a package and, unless `alone`, what it needs: a requirement (`rich==14.0.0`, `left-pad@1.3.0`) from the registry
    /// that the user's pip or npm knows, or the file of a wheel or of an npm package.
    pub fn add(
        &self,
        language: Language,
        wanted: &str,
        alone: bool,
    ) -> Result<Added, PackageError> {
        if let Some(reason) = refusal(language) {
            return Err(PackageError::new(reason));
        }
        let mut lock = Lock::load(&self.lock)?;
        let work = tempfile::tempdir().map_err(|error| PackageError::new(error.to_string()))?;
        let packages = match language.home() {
            Language::Python => self.add_python(&mut lock, wanted, alone, work.path())?,
            _ => self.add_npm(&mut lock, wanted, alone, work.path())?,
        };
        lock.write()?;
        Ok(Added {
            packages,
            lock: self.lock.clone(),
        })
    }

    /// Takes a package out of the lock file; what it needed stays. False if it is not there.
    pub fn remove(&self, language: Language, name: &str) -> Result<bool, PackageError> {
        let mut lock = Lock::load(&self.lock)?;
        let removed = lock.remove(language, name);
        if removed {
            lock.write()?;
        }
        Ok(removed)
    }

    fn add_python(
        &self,
        lock: &mut Lock,
        wanted: &str,
        alone: bool,
        work: &Path,
    ) -> Result<Vec<Entry>, PackageError> {
        let local = local_file(wanted, ".whl")?;
        let mut wheels = Vec::new();
        match &local {
            Some(file) if alone => wheels.push(file.clone()),
            _ => {
                let text = match &local {
                    Some(file) => file.to_string_lossy().into_owned(),
                    None => requirement(wanted)?.to_owned(),
                };
                let place = work.join("wheels");
                std::fs::create_dir(&place).map_err(|error| PackageError::file(&place, &error))?;
                // What is there already stays as it is, so that all of it fits together.
                let own = lock::normal(
                    Language::Python,
                    text.split(|c: char| !name_character(c))
                        .next()
                        .unwrap_or(""),
                );
                let known: String = lock
                    .entries(Language::Python)
                    .iter()
                    .filter(|entry| lock::normal(Language::Python, &entry.name) != own)
                    .map(|entry| format!("{}=={}\n", entry.name, entry.version))
                    .collect();
                let constraints = work.join("constraints.txt");
                std::fs::write(&constraints, known)
                    .map_err(|error| PackageError::file(&constraints, &error))?;
                let mut pip = pip(work)?;
                pip.args([
                    "download",
                    "--quiet",
                    "--no-input",
                    "--disable-pip-version-check",
                    "--only-binary=:all:",
                ])
                .args([
                    "--platform",
                    "any",
                    "--implementation",
                    "py",
                    "--abi",
                    "none",
                    "--python-version",
                    PYTHON,
                ])
                .arg("--dest")
                .arg(&place)
                .arg("--constraint")
                .arg(&constraints);
                if alone {
                    pip.arg("--no-deps");
                }
                run(pip.arg("--").arg(&text), work).map_err(|error| {
                    PackageError::new(format!(
                        "{error}\nonly packages in pure Python can be added (wheels py3-none-any)"
                    ))
                })?;
                wheels.extend(files(&place)?);
            }
        }
        let mut entries = Vec::new();
        for wheel in &wheels {
            let (sha256, archive) = self.store.add(wheel)?;
            let (name, version) = python::describe(&archive).map_err(|error| {
                PackageError::new(format!(
                    "{}: {error}",
                    wheel.file_name().unwrap_or_default().to_string_lossy()
                ))
            })?;
            entries.push(Entry {
                name,
                version,
                sha256,
                path: String::new(),
            });
        }
        let asked = match &local {
            Some(file) => file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .split('-')
                .next()
                .unwrap_or_default()
                .to_owned(),
            None => wanted
                .trim()
                .split(|c: char| !name_character(c))
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        lock.request(Language::Python, wanted.trim(), &asked);
        lock.merge(Language::Python, &entries);
        Ok(entries)
    }

    /// npm works out the whole tree anew, so that all requests fit together; nothing of it is installed.
    fn add_npm(
        &self,
        lock: &mut Lock,
        wanted: &str,
        alone: bool,
        work: &Path,
    ) -> Result<Vec<Entry>, PackageError> {
        let language = Language::JavaScript;
        let local = local_file(wanted, ".tgz")?;
        if let (Some(file), true) = (&local, alone) {
            let (sha256, archive) = self.store.add(file)?;
            let (name, version) = describe_npm(archive.file("package.json"))?;
            let entry = Entry {
                path: format!("node_modules/{name}"),
                name,
                version,
                sha256,
            };
            lock.request(language, wanted, &entry.name);
            lock.merge(language, std::slice::from_ref(&entry));
            return Ok(vec![entry]);
        }
        let spec = match &local {
            Some(file) => file.to_string_lossy().into_owned(),
            None => npm_spec(wanted)?.to_owned(),
        };
        std::fs::write(
            work.join("package.json"),
            r#"{"name":"cells","private":true}"#,
        )
        .map_err(|error| PackageError::file(work, &error))?;
        let pinned: Vec<String> = lock
            .requested(language)
            .iter()
            .filter(|known| known.name != npm_name(&spec))
            .filter_map(|known| {
                let path = format!("node_modules/{}", known.name);
                let entry = lock
                    .entries(language)
                    .iter()
                    .find(|entry| entry.path == path)?;
                // A file that somebody added cannot be asked for again.
                npm_spec(&known.text).ok()?;
                Some(format!("{}@{}", entry.name, entry.version))
            })
            .collect();
        let quiet = [
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ];
        let mut install = npm();
        install
            .args([
                "install",
                "--package-lock-only",
                "--save-exact",
                "--omit=dev",
                "--omit=optional",
            ])
            .args(quiet)
            .arg("--")
            .args(&pinned)
            .arg(&spec);
        run(&mut install, work)?;
        let tree = package_lock(&work.join("package-lock.json"))?;
        let name = tree
            .roots
            .iter()
            .find(|root| **root == npm_name(&spec))
            .or_else(|| {
                tree.roots
                    .iter()
                    .find(|root| !pinned.iter().any(|known| npm_name(known) == **root))
            })
            .cloned()
            .unwrap_or_else(|| npm_name(&spec).to_owned());
        let mut entries = Vec::new();
        let mut changed = Vec::new();
        for one in tree.packages {
            if alone && one.name != name {
                continue;
            }
            let known = lock.entries(language).iter().find(|entry| {
                entry.name == one.name
                    && entry.version == one.version
                    && self.store.has(entry)
                    && one.file.is_none()
            });
            if let Some(known) = known {
                entries.push(Entry {
                    path: one.path,
                    ..known.clone()
                });
                continue;
            }
            let file = match one.file {
                Some(file) => work.join(file),
                None => fetch(&one, work)?,
            };
            let (sha256, _) = self.store.add(&file)?;
            let entry = Entry {
                name: one.name,
                version: one.version,
                sha256,
                path: one.path,
            };
            changed.push(entry.clone());
            entries.push(entry);
        }
        // Files that somebody added by hand are in no registry: they stay.
        for entry in lock.entries(language) {
            let by_hand = lock
                .requested(language)
                .iter()
                .any(|known| known.name == entry.name && npm_spec(&known.text).is_err());
            if (by_hand || alone) && !entries.iter().any(|one| one.path == entry.path) {
                entries.push(entry.clone());
            }
        }
        lock.request(language, wanted.trim(), &name);
        lock.replace(language, entries.clone());
        if changed.is_empty() {
            changed = entries
                .into_iter()
                .filter(|entry| entry.name == name)
                .collect();
        }
        Ok(changed)
    }
}

/// One package of npm's own lock file.
struct Locked {
    path: String,
    name: String,
    version: String,
    integrity: Option<String>,
    /// A file on this machine.
    file: Option<PathBuf>,
}

struct LockedTree {
    roots: Vec<String>,
    packages: Vec<Locked>,
}

fn package_lock(path: &Path) -> Result<LockedTree, PackageError> {
    let text = std::fs::read_to_string(path).map_err(|error| PackageError::file(path, &error))?;
    let json: Json =
        serde_json::from_str(&text).map_err(|error| PackageError::file(path, &error))?;
    let mut packages = Vec::new();
    let mut roots = Vec::new();
    let listed = json.get("packages").and_then(Json::as_object);
    for (path, one) in listed.into_iter().flatten() {
        if path.is_empty() {
            let needs = one.get("dependencies").and_then(Json::as_object);
            roots.extend(needs.into_iter().flat_map(|map| map.keys().cloned()));
            continue;
        }
        let flag = |name: &str| one.get(name).and_then(Json::as_bool).unwrap_or(false);
        if flag("dev") || flag("optional") || flag("link") || !path.starts_with("node_modules/") {
            continue;
        }
        let text = |name: &str| one.get(name).and_then(Json::as_str).map(str::to_owned);
        let Some(version) = text("version") else {
            continue;
        };
        let name = path
            .rsplit("node_modules/")
            .next()
            .unwrap_or(path)
            .to_owned();
        packages.push(Locked {
            path: path.clone(),
            // An alias is fetched by its real name.
            name: text("name").unwrap_or(name),
            version,
            integrity: text("integrity"),
            file: text("resolved").and_then(|from| from.strip_prefix("file:").map(PathBuf::from)),
        });
    }
    Ok(LockedTree { roots, packages })
}

/// Fetches the archive of one package and checks it against what npm's lock file says.
fn fetch(one: &Locked, work: &Path) -> Result<PathBuf, PackageError> {
    let place = tempfile::tempdir_in(work)
        .map_err(|error| PackageError::file(work, &error))?
        .keep();
    run(
        npm()
            .args([
                "pack",
                "--ignore-scripts",
                "--loglevel=error",
                "--pack-destination",
            ])
            .arg(&place)
            .arg("--")
            .arg(format!("{}@{}", one.name, one.version)),
        work,
    )?;
    let file = files(&place)?
        .into_iter()
        .next()
        .ok_or_else(|| PackageError::new(format!("npm gave no archive of {}", one.name)))?;
    if let Some(wanted) = one.integrity.as_deref().and_then(|text| {
        text.split_whitespace()
            .find_map(|hash| hash.strip_prefix("sha512-"))
    }) {
        let bytes = std::fs::read(&file).map_err(|error| PackageError::file(&file, &error))?;
        if BASE64_STANDARD.encode(Sha512::digest(&bytes)) != wanted {
            return Err(PackageError::new(format!(
                "the archive of {} {} is not the one that the registry names",
                one.name, one.version
            )));
        }
    }
    Ok(file)
}

fn describe_npm(manifest: Option<&[u8]>) -> Result<(String, String), PackageError> {
    let wrong = || PackageError::new("the archive has no package.json with a name and a version");
    let json: Json = serde_json::from_slice(manifest.ok_or_else(wrong)?).map_err(|_| wrong())?;
    let text = |name: &str| json.get(name).and_then(Json::as_str).map(str::to_owned);
    match (text("name"), text("version")) {
        (Some(name), Some(version)) if npm_spec(&name).is_ok() => Ok((name, version)),
        _ => Err(wrong()),
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, PackageError> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|error| PackageError::file(folder, &error))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    found.sort();
    Ok(found)
}

/// The user's pip.
fn pip(work: &Path) -> Result<Command, PackageError> {
    let candidates: &[(&str, &[&str])] = if cfg!(windows) {
        &[("py", &["-3"]), ("python", &[]), ("python3", &[])]
    } else {
        &[("python3", &[]), ("python", &[])]
    };
    for (program, first) in candidates {
        let mut command = Command::new(program);
        command.args(*first).args(["-m", "pip"]);
        let mut probe = Command::new(program);
        probe.args(*first).args(["-m", "pip", "--version"]);
        if run(&mut probe, work).is_ok() {
            return Ok(command);
        }
    }
    Err(PackageError::new(
        "packages are fetched with pip, and no Python with pip was found (`python3 -m pip --version`)",
    ))
}

fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// The file that was named instead of a requirement.
fn local_file(wanted: &str, ending: &str) -> Result<Option<PathBuf>, PackageError> {
    let path = Path::new(wanted.trim());
    if !wanted.trim().to_ascii_lowercase().ends_with(ending) {
        return Ok(None);
    }
    let path = std::path::absolute(path).map_err(|error| PackageError::file(path, &error))?;
    if path.is_file() {
        Ok(Some(path))
    } else {
        Err(PackageError::file(&path, &"there is no such file"))
    }
}

fn name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

/// A requirement of a name, extras and versions: no option, no address, no marker.
fn requirement(text: &str) -> Result<&str, PackageError> {
    let text = text.trim();
    let fine = text.len() <= 200
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|c| {
            name_character(c)
                || matches!(
                    c,
                    '[' | ']' | ',' | '=' | '<' | '>' | '!' | '~' | '*' | '+' | ' '
                )
        });
    if fine {
        Ok(text)
    } else {
        Err(PackageError::new(format!(
            "'{text}' is no package: write a name, with a version if you like (`rich==14.0.0`), or the path of a wheel"
        )))
    }
}

/// A package of npm with a version if need be: no option, no address, no folder.
fn npm_spec(text: &str) -> Result<&str, PackageError> {
    let text = text.trim();
    let (name, version) = match text.get(1..).and_then(|rest| rest.find('@')) {
        Some(at) => (text.get(..=at).unwrap_or_default(), text.get(at + 2..)),
        None => (text, None),
    };
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
            && part.chars().all(|c| name_character(c) || c == '~')
    };
    let fine = text.len() <= 200
        && match name.strip_prefix('@') {
            Some(scoped) => scoped
                .split_once('/')
                .is_some_and(|(scope, name)| part(scope) && part(name)),
            None => part(name),
        }
        && !name.ends_with(".tgz")
        && version.is_none_or(|version| {
            !version.is_empty()
                && version.chars().all(|c| {
                    name_character(c)
                        || matches!(c, '^' | '~' | '<' | '>' | '=' | '*' | '+' | ' ' | '|')
                })
        });
    if fine {
        Ok(text)
    } else {
        Err(PackageError::new(format!(
            "'{text}' is no package: write a name, with a version if you like (`left-pad@1.3.0`), or the path of a .tgz"
        )))
    }
}

/// The name in `name@version`.
fn npm_name(spec: &str) -> &str {
    match spec.get(1..).and_then(|rest| rest.find('@')) {
        Some(at) => spec.get(..=at).unwrap_or(spec),
        None => spec,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_request_is_never_an_option_or_an_address() {
        for text in [
            "rich",
            "rich==14.0.0",
            "ruamel.yaml>=0.18,<1",
            "httpx[http2]~=0.27",
        ] {
            assert!(requirement(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "--index-url=x",
            "-r x",
            "x @ file:///etc",
            "https://a/b.whl",
            "git+ssh://x",
            "./x",
            "a;b",
            "a\nb",
        ] {
            assert!(requirement(text).is_err(), "{text}");
        }
        for text in [
            "left-pad",
            "left-pad@1.3.0",
            "@scope/name@^2",
            "lodash@latest",
        ] {
            assert!(npm_spec(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "-g",
            "../x",
            "user/repo",
            "git+https://x",
            "a@file:../x",
            "a@npm:b",
            "a@",
            "@x",
            "a b",
            "x.tgz",
        ] {
            assert!(npm_spec(text).is_err(), "{text}");
        }
        assert_eq!(npm_name("@scope/name@^2"), "@scope/name");
        assert_eq!(npm_name("left-pad@1.3.0"), "left-pad");
    }

    #[test]
    fn languages_without_packages_say_why() {
        let folder = tempfile::tempdir().unwrap();
        let manager = Manager::at(folder.path(), &folder.path().join("lock.json"));
        let error = manager
            .add(Language::FSharp, "FSharp.Data", false)
            .unwrap_err();
        assert!(error.to_string().contains("Fable"), "{error}");
        assert!(
            manager
                .add(Language::Python, "./none.whl", true)
                .unwrap_err()
                .to_string()
                .contains("no such file")
        );
    }
}
