//! The files of an archive: a wheel (zip) or an npm package (tar, compressed with gzip).

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// Bytes that the files of one archive may have together.
const MOST_BYTES: u64 = 128 << 20;
/// Files that it may have.
const MOST_FILES: usize = 20_000;

/// Files by their path.
#[derive(Debug, Default)]
pub(super) struct Archive {
    files: BTreeMap<String, Vec<u8>>,
}

impl Archive {
    pub(super) fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether something lies below a folder.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        self.files
            .range(prefix.clone()..)
            .next()
            .is_some_and(|(name, _)| name.starts_with(&prefix))
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self {
            files: files
                .iter()
                .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
                .collect(),
        }
    }
}

/// Reads an archive of either kind. Names that lead out of it are refused.
pub(super) fn read(bytes: &[u8]) -> Result<Archive, String> {
    if bytes.starts_with(b"PK") {
        zip(bytes)
    } else if bytes.starts_with(&[0x1f, 0x8b]) {
        tar(bytes)
    } else {
        Err("neither a wheel nor an npm package".to_owned())
    }
}

struct Reading {
    archive: Archive,
    left: u64,
}

impl Reading {
    fn new() -> Self {
        Self {
            archive: Archive::default(),
            left: MOST_BYTES,
        }
    }

    fn take(&mut self, name: &str, from: &mut dyn Read) -> Result<(), String> {
        if self.archive.files.len() >= MOST_FILES {
            return Err(format!("more than {MOST_FILES} files"));
        }
        let fine = !name.is_empty()
            && !name.contains(['\\', '\0'])
            && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !fine {
            return Err(format!("a file is called {name:?}"));
        }
        let mut bytes = Vec::new();
        from.take(self.left + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("{name}: {error}"))?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self
            .left
            .checked_sub(size)
            .ok_or_else(|| format!("unpacked, larger than {} MiB", MOST_BYTES >> 20))?;
        self.archive.files.insert(name.to_owned(), bytes);
        Ok(())
    }
}

fn zip(bytes: &[u8]) -> Result<Archive, String> {
    let mut zip = ::zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut reading = Reading::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).map_err(|error| error.to_string())?;
        if file.is_dir() {
            continue;
        }
        let name = file.name().map_err(|error| error.to_string())?;
        let name = plain(&name).to_owned();
        reading.take(&name, &mut file)?;
    }
    Ok(reading.archive)
}

/// What a wheel keeps in `x.data/purelib` is installed beside the rest.
fn plain(name: &str) -> &str {
    let mut parts = name.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(data), Some("purelib" | "platlib"), Some(rest)) if data.ends_with(".data") => rest,
        _ => name,
    }
}

fn tar(bytes: &[u8]) -> Result<Archive, String> {
    let mut tar = ::tar::Archive::new(flate2::read::GzDecoder::new(bytes).take(MOST_BYTES * 2));
    let mut reading = Reading::new();
    for entry in tar.entries().map_err(|error| error.to_string())? {
        let mut entry = entry.map_err(|error| error.to_string())?;
        // Links have no place in an npm package, and npm leaves them out as well.
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path().map_err(|error| error.to_string())?;
        let name = path.to_string_lossy().into_owned();
        // Everything lies in one folder, mostly called `package`.
        let Some((_, name)) = name.trim_start_matches("./").split_once('/') else {
            continue;
        };
        let name = name.to_owned();
        reading.take(&name, &mut entry)?;
    }
    Ok(reading.archive)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;

    use super::*;

    fn wheel(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, ::zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_wheel_is_read_and_its_purelib_with_it() {
        let archive = read(&wheel(&[
            ("a/__init__.py", b"x = 1"),
            ("a-1.data/purelib/b.py", b"y = 2"),
        ]))
        .unwrap();
        assert_eq!(archive.file("b.py"), Some(&b"y = 2"[..]));
        assert!(archive.has_folder("a"));
        assert!(!archive.has_folder("b"));
    }

    #[test]
    fn what_leads_out_is_refused() {
        for name in ["../x.py", "a/../../x", "/etc/passwd", "a\\b"] {
            assert!(read(&wheel(&[(name, b"")])).is_err(), "{name}");
        }
        assert!(read(b"hello").unwrap_err().contains("neither"));
        assert!(read(b"PK\x03\x04broken").is_err());
    }

    #[test]
    fn a_bomb_is_refused() {
        let zeros = vec![0; 16 << 20];
        let names: Vec<String> = (0..9).map(|at| format!("{at}.py")).collect();
        let files: Vec<(&str, &[u8])> = names
            .iter()
            .map(|name| (name.as_str(), zeros.as_slice()))
            .collect();
        assert!(read(&wheel(&files)).unwrap_err().contains("larger than"));
    }
}
