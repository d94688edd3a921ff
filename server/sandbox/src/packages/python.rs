//! Modules of Python packages, as CPython's import system looks for them.

use std::sync::Arc;

use super::PackageError;
use super::archive::Archive;
use super::lock::Lock;
use super::store::Store;
use crate::Language;
use crate::value::Value;

/// A module that a package brings.
pub(super) struct Module {
    /// Its file, or the folder of a package without `__init__.py`.
    path: String,
    is_package: bool,
    source: Option<Vec<u8>>,
    pub(super) owner: Option<String>,
}

impl Module {
    pub(super) fn into_value(self) -> Value {
        Value::Map(vec![
            ("path".to_owned(), Value::Text(self.path)),
            ("package".to_owned(), Value::Boolean(self.is_package)),
            (
                "source".to_owned(),
                self.source.map_or(Value::Null, Value::Bytes),
            ),
        ])
    }
}

/// Whether a text is a module's name with dots: nothing else becomes a path.
pub(super) fn is_module_name(name: &str) -> bool {
    name.len() <= 500
        && name.split('.').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|character| character.is_alphanumeric() || character == '_')
        })
}

/// Archives with the names of their packages, the nearest lock file's first; each package once.
fn archives(
    store: &Store,
    locks: &[Lock],
) -> Result<Vec<(String, String, Arc<Archive>)>, PackageError> {
    let mut found: Vec<(String, String, Arc<Archive>)> = Vec::new();
    for lock in locks {
        for entry in lock.entries(Language::Python) {
            if !found.iter().any(|(name, _, _)| *name == entry.name) {
                found.push((
                    entry.name.clone(),
                    entry.version.clone(),
                    store.open(entry)?,
                ));
            }
        }
    }
    Ok(found)
}

/// The module of a name.
pub(super) fn module(
    store: &Store,
    locks: &[Lock],
    name: &str,
) -> Result<Option<Module>, PackageError> {
    let archives = archives(store, locks)?;
    let base = name.replace('.', "/");
    for (owner, _, archive) in &archives {
        for (path, is_package) in [
            (format!("{base}/__init__.py"), true),
            (format!("{base}.py"), false),
        ] {
            if let Some(source) = archive.file(&path) {
                return Ok(Some(Module {
                    path,
                    is_package,
                    source: Some(source.to_vec()),
                    owner: Some(owner.clone()),
                }));
            }
        }
    }
    // A namespace: several packages may share it.
    let owner = archives
        .iter()
        .find(|(_, _, archive)| archive.has_folder(&base));
    Ok(owner.map(|(owner, _, _)| Module {
        path: base,
        is_package: true,
        source: None,
        owner: Some(owner.clone()),
    }))
}

/// The bytes of a file that a package carries.
pub(super) fn file(
    store: &Store,
    locks: &[Lock],
    path: &str,
) -> Result<Option<Arc<[u8]>>, PackageError> {
    Ok(archives(store, locks)?
        .iter()
        .find_map(|(_, _, archive)| archive.file(path).map(Arc::from)))
}

/// Name, version and folder of metadata of each package, for `importlib.metadata`.
pub(super) fn distributions(store: &Store, locks: &[Lock]) -> Result<Value, PackageError> {
    Ok(Value::List(
        archives(store, locks)?
            .iter()
            .map(|(name, version, archive)| {
                let folder = metadata_folder(archive).unwrap_or_default();
                Value::Map(vec![
                    ("name".to_owned(), Value::Text(name.clone())),
                    ("version".to_owned(), Value::Text(version.clone())),
                    ("folder".to_owned(), Value::Text(folder.to_owned())),
                ])
            })
            .collect(),
    ))
}

fn metadata_folder(archive: &Archive) -> Option<&str> {
    archive.names().find_map(|name| {
        name.strip_suffix("/METADATA")
            .filter(|folder| folder.ends_with(".dist-info"))
    })
}

/// Name and version of a wheel, or why it is none that a cell can import.
pub(super) fn describe(archive: &Archive) -> Result<(String, String), String> {
    if let Some(native) = archive.names().find(|name| {
        [".so", ".pyd", ".dylib", ".dll"]
            .iter()
            .any(|end| name.ends_with(end))
    }) {
        return Err(format!(
            "it has native code ({native}), which a cell cannot run"
        ));
    }
    let folder = metadata_folder(archive).ok_or("it has no metadata: it is no wheel")?;
    let text = |name: &str| {
        archive
            .file(&format!("{folder}/{name}"))
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .unwrap_or_default()
    };
    let field = |text: &str, name: &str| {
        text.lines()
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(|value| value.trim().to_owned())
    };
    let wheel = text("WHEEL");
    let tags: Vec<&str> = wheel
        .lines()
        .filter_map(|line| line.strip_prefix("Tag:"))
        .map(str::trim)
        .collect();
    if !tags.iter().any(|tag| tag.ends_with("-none-any")) {
        return Err(format!(
            "it is made for {}; a cell takes pure Python alone (py3-none-any)",
            tags.first().copied().unwrap_or("an unknown system")
        ));
    }
    let metadata = text("METADATA");
    match (field(&metadata, "Name"), field(&metadata, "Version")) {
        (Some(name), Some(version)) => Ok((name, version)),
        _ => Err("its metadata has no name and version".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_never_become_other_paths() {
        assert!(is_module_name("rich.console"));
        assert!(is_module_name("größe"));
        for name in ["", ".", "a..b", "../x", "a/b", "a b", "a.b\0"] {
            assert!(!is_module_name(name), "{name}");
        }
    }

    #[test]
    fn only_pure_wheels_are_taken() {
        let meta = (
            "x-1.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: x\nVersion: 1\n\nName: other\n",
        );
        let pure = (
            "x-1.dist-info/WHEEL",
            "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n",
        );
        assert_eq!(
            describe(&Archive::of(&[meta, pure])).unwrap(),
            ("x".to_owned(), "1".to_owned())
        );
        let native = ("x-1.dist-info/WHEEL", "Tag: cp311-cp311-linux_x86_64\n");
        assert!(
            describe(&Archive::of(&[meta, native]))
                .unwrap_err()
                .contains("pure Python")
        );
        assert!(
            describe(&Archive::of(&[meta, pure, ("x/_c.so", "")]))
                .unwrap_err()
                .contains("native code")
        );
        assert!(
            describe(&Archive::of(&[("package.json", "{}")]))
                .unwrap_err()
                .contains("no wheel")
        );
    }
}
