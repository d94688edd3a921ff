//! Compiled runtimes on disk.
//!
//! Compiling takes seconds, loading milliseconds; but compiled code is native code, so nothing is loaded that this
//! user's Metascript did not write. Each artefact has a seal beside it: an HMAC of its bytes under a key that lies in
//! the user's data folder, readable by the user alone. An artefact that is truncated, changed or not sealed is
//! refused and made anew.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wasmtime::Module;
use wasmtime::component::Component;

use crate::identity::Identity;
use crate::{Error, Language, artefact};

pub(crate) type Seal = Hmac<Sha256>;

const KEY_LENGTH: usize = 32;

/// Artefacts older than this go when a new one of the same runtime is made.
const MOST_AGE: Duration = Duration::from_hours(720);

/// How compiled cells are called.
const CELL: &str = "rust-cell";
/// Compiled cells that are kept; each takes some hundred kilobytes.
const MOST_CELLS: usize = 400;

/// An artefact whose seal was found good.
pub(crate) struct Authentic(PathBuf);

impl Authentic {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// Where artefacts and the key are.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    artefacts: PathBuf,
    key_file: PathBuf,
}

impl Cache {
    /// The user's cache, or one below `folder`.
    pub(crate) fn new(folder: Option<&Path>) -> Result<Self, Error> {
        if let Some(folder) = folder {
            return Ok(Self {
                artefacts: folder.join("compiled"),
                key_file: folder.join("seal.key"),
            });
        }
        let base =
            etcetera::choose_base_strategy().map_err(|error| Error::Engine(error.to_string()))?;
        Ok(Self {
            artefacts: base.cache_dir().join("metascript").join("compiled"),
            key_file: base.data_dir().join("metascript").join("seal.key"),
        })
    }

    /// The component `name` of a language's runtime, which is in `wasm`, compiled for `engine`: from disk if it is
    /// there and authentic.
    pub(crate) fn component(
        &self,
        engine: &wasmtime::Engine,
        language: Language,
        name: &str,
        wasm: &Path,
    ) -> Result<Component, Error> {
        let key = self.key()?;
        let (content, bytes) = self.content(name, wasm, &key)?;
        let path = self.artefact(engine, name, &content, &key);
        if let Some(authentic) = verify(&path, &key) {
            match artefact::load(engine, &authentic) {
                Ok(component) => return Ok(component),
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "a compiled runtime does not load: compiling again");
                }
            }
        }
        let unfit = |error: wasmtime::Error| Error::UnfitRuntime {
            language,
            path: wasm.to_owned(),
            reason: format!("{error:#}"),
        };
        tracing::info!(%language, name, "compiling the runtime");
        let bytes = match bytes {
            Some(bytes) => bytes,
            None => fs::read(wasm).map_err(Error::file(wasm))?,
        };
        let path = self.artefact(engine, name, &short(&bytes), &key);
        let code = engine.precompile_component(&bytes).map_err(unfit)?;
        drop(bytes);
        private_folder(&self.artefacts)?;
        write_whole(
            &seal_path(&path),
            hex(&seal(&key, &mut code.as_slice()).map_err(Error::file(&path))?).as_bytes(),
        )?;
        write_whole(&path, &code)?;
        drop(code);
        self.prune(name);
        let authentic = verify(&path, &key).ok_or_else(|| Error::File {
            path: path.clone(),
            source: std::io::Error::other("the file changed while it was written"),
        })?;
        artefact::load(engine, &authentic).map_err(unfit)
    }

    /// Where the machine code of a component lies. The key is part of the name: two keys that share a cache do not undo
    /// each other's work.
    fn artefact(
        &self,
        engine: &wasmtime::Engine,
        name: &str,
        content: &str,
        key: &[u8],
    ) -> PathBuf {
        self.artefacts.join(format!(
            "{name}-{content}-{:016x}-{}.cwasm",
            compatibility(engine),
            short(key),
        ))
    }

    /// The head of the hash of a component's WebAssembly, and the WebAssembly if it had to be read.
    fn content(
        &self,
        name: &str,
        wasm: &Path,
        key: &[u8],
    ) -> Result<(String, Option<Vec<u8>>), Error> {
        let identity = Identity::of(wasm, name, &self.artefacts);
        if let Some(known) = identity.as_ref().and_then(|identity| identity.known(key)) {
            return Ok((known, None));
        }
        let bytes = fs::read(wasm).map_err(Error::file(wasm))?;
        let content = short(&bytes);
        if let Some(identity) = identity {
            private_folder(&self.artefacts)?;
            let now = Identity::of(wasm, name, &self.artefacts);
            identity.note(now.as_ref(), &content, key);
        }
        Ok((content, Some(bytes)))
    }

    /// Names the key that seals: those who seal with another one keep files of their own.
    pub(crate) fn owner(&self) -> Result<String, Error> {
        Ok(short(&self.key()?))
    }

    /// A file of this name that this user's Metascript sealed; an older one of another content is refused.
    pub(crate) fn sealed(&self, name: &str) -> Result<Option<PathBuf>, Error> {
        let key = self.key()?;
        Ok(verify(&self.artefacts.join(name), &key).map(|authentic| authentic.path().to_owned()))
    }

    /// Keeps a file under its name, sealed.
    pub(crate) fn seal_file(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Error> {
        let key = self.key()?;
        let path = self.artefacts.join(name);
        self.keep(&path, bytes, &key)?;
        Ok(path)
    }

    /// Where a compiled cell lies.
    fn module_path(&self, engine: &wasmtime::Engine, hash: &str, key: &[u8]) -> PathBuf {
        self.artefacts.join(format!(
            "{CELL}-{hash}-{:016x}-{}.cwasm",
            compatibility(engine),
            short(key)
        ))
    }

    /// A cell that was compiled before, by the hash of what it was made from.
    pub(crate) fn module(
        &self,
        engine: &wasmtime::Engine,
        hash: &str,
    ) -> Result<Option<Module>, Error> {
        let key = self.key()?;
        let path = self.module_path(engine, hash, &key);
        let Some(authentic) = verify(&path, &key) else {
            return Ok(None);
        };
        Ok(artefact::load_module(engine, &authentic)
            .map_err(|error| tracing::warn!(path = %path.display(), %error, "a compiled cell does not load"))
            .ok())
    }

    /// Compiles a cell's WebAssembly to machine code and keeps it.
    pub(crate) fn make_module(
        &self,
        engine: &wasmtime::Engine,
        hash: &str,
        wasm: &[u8],
    ) -> Result<Module, Error> {
        let unfit = |error: wasmtime::Error| Error::Engine(format!("{error:#}"));
        let key = self.key()?;
        let path = self.module_path(engine, hash, &key);
        let code = engine.precompile_module(wasm).map_err(unfit)?;
        self.keep(&path, &code, &key)?;
        self.prune(CELL);
        self.prune_to(CELL, MOST_CELLS);
        let authentic = verify(&path, &key).ok_or_else(|| Error::File {
            path: path.clone(),
            source: std::io::Error::other("the file changed while it was written"),
        })?;
        artefact::load_module(engine, &authentic).map_err(unfit)
    }

    fn keep(&self, path: &Path, bytes: &[u8], key: &[u8]) -> Result<(), Error> {
        private_folder(&self.artefacts)?;
        let mac = seal(key, &mut &*bytes).map_err(Error::file(path))?;
        write_whole(&seal_path(path), hex(&mac).as_bytes())?;
        write_whole(path, bytes)
    }

    /// Deletes the oldest artefacts of a component beyond so many.
    fn prune_to(&self, name: &str, most: usize) {
        let prefix = format!("{name}-");
        let Ok(entries) = fs::read_dir(&self.artefacts) else {
            return;
        };
        let mut found: Vec<_> = entries
            .flatten()
            .filter(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                name.starts_with(&prefix) && name.ends_with(".cwasm")
            })
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        found.sort();
        let extra = found.len().saturating_sub(most);
        for (_, path) in found.into_iter().take(extra) {
            // Another process may be faster.
            let _ = fs::remove_file(seal_path(&path));
            let _ = fs::remove_file(path);
        }
    }

    /// Deletes artefacts of a component that nobody made or replaced for long.
    fn prune(&self, name: &str) {
        let prefix = format!("{name}-");
        let Ok(entries) = fs::read_dir(&self.artefacts) else {
            return;
        };
        for entry in entries.flatten() {
            let old = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > MOST_AGE));
            if old && entry.file_name().to_string_lossy().starts_with(&prefix) {
                // Another process may be faster, and the next compilation tries again.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The sealing key, made on first use.
    pub(crate) fn key(&self) -> Result<Vec<u8>, Error> {
        key_in(&self.key_file)
    }
}

/// The key in a file that only the user can read, made on first use.
pub(crate) fn key_in(file: &Path) -> Result<Vec<u8>, Error> {
    if let Some(key) = read_key(file)? {
        return Ok(key);
    }
    let mut key = vec![0; KEY_LENGTH];
    getrandom::fill(&mut key)
        .map_err(|error| Error::Engine(format!("no random numbers: {error}")))?;
    if let Some(folder) = file.parent() {
        private_folder(folder)?;
    }
    // Two processes may make one at the same time: the one that is there first counts for both.
    write_new(file, &key)?;
    Ok(read_key(file)?.unwrap_or(key))
}

fn read_key(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(key) if key.len() == KEY_LENGTH => Ok(Some(key)),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File {
            path: path.to_owned(),
            source,
        }),
    }
}

fn seal_path(artefact: &Path) -> PathBuf {
    artefact.with_extension("seal")
}

/// The file if its seal is good.
fn verify(path: &Path, key: &[u8]) -> Option<Authentic> {
    let mut file = fs::File::open(path).ok()?;
    let written = fs::read_to_string(seal_path(path)).ok()?;
    let made = seal_mac(key, &mut file).ok()?;
    if made.verify_slice(&unhex(written.trim())?).is_err() {
        tracing::warn!(path = %path.display(), "a compiled runtime was changed or cut short: refused, compiling again");
        return None;
    }
    Some(Authentic(path.to_owned()))
}

pub(crate) fn seal_mac(key: &[u8], bytes: &mut dyn Read) -> std::io::Result<Seal> {
    let mut mac =
        Seal::new_from_slice(key).map_err(|error| std::io::Error::other(error.to_string()))?;
    let mut block = vec![0; 1 << 18];
    loop {
        let read = bytes.read(&mut block)?;
        match block.get(..read) {
            Some(piece) if !piece.is_empty() => mac.update(piece),
            _ => return Ok(mac),
        }
    }
}

pub(crate) fn seal(key: &[u8], bytes: &mut dyn Read) -> std::io::Result<Vec<u8>> {
    Ok(seal_mac(key, bytes)?.finalize().into_bytes().to_vec())
}

/// Names the engine's version, settings and target, so that artefacts of different engines lie side by side.
fn compatibility(engine: &wasmtime::Engine) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// Makes a folder that only the user can enter.
pub(crate) fn private_folder(folder: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(Error::file(folder))
}

/// Writes a file that only the user can read, whole or not at all; one that is there and of a key's length stays.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(Error::file(folder))?;
    file.write_all(bytes).map_err(Error::file(path))?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(_) if read_key(path)?.is_some() => Ok(()),
        // What lies there is no key.
        Err(error) => error
            .file
            .persist(path)
            .map(drop)
            .map_err(|error| Error::File {
                path: path.to_owned(),
                source: error.error,
            }),
    }
}

/// Writes a file that only the user can read, whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(Error::file(folder))?;
    file.write_all(bytes).map_err(Error::file(path))?;
    file.persist(path).map_err(|error| Error::File {
        path: path.to_owned(),
        source: error.error,
    })?;
    Ok(())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The head of a hash, for file names.
fn short(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)).chars().take(24).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}
