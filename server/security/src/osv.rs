//! Known vulnerabilities: packages with versions against a folder of OSV records, offline.

mod packages;
mod versions;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use crate::scan::Finding;
pub use packages::packages;
use versions::in_ranges;

/// Largest record that is read.
const MAX_RECORD: u64 = 4 << 20;

/// A package that a text names, with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// `PyPI`, `npm`, `NuGet`, `crates.io`.
    pub ecosystem: &'static str,
    /// Its name, as the ecosystem writes it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it stands.
    pub range: std::ops::Range<usize>,
}

/// A vulnerability of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vulnerability {
    /// `GHSA-...`, `PYSEC-...`.
    pub id: String,
    /// Other names, such as the CVE.
    pub aliases: Vec<String>,
    /// One line.
    pub summary: String,
    /// The first version without it, when the record knows one.
    pub fixed: Option<String>,
    /// The package.
    pub package: Package,
}

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    withdrawn: Option<String>,
    #[serde(default)]
    affected: Vec<Affected>,
}

#[derive(Deserialize)]
struct Affected {
    #[serde(default)]
    package: Option<RecordPackage>,
    #[serde(default)]
    ranges: Vec<VersionRange>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct RecordPackage {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct VersionRange {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<BTreeMap<String, String>>,
}

/// Records by ecosystem and name.
#[derive(Default)]
pub struct OsvDatabase {
    records: BTreeMap<(String, String), Vec<Record2>>,
}

/// A record, cut down to one package.
struct Record2 {
    id: String,
    aliases: Vec<String>,
    summary: String,
    ranges: Vec<VersionRange>,
    versions: Vec<String>,
}

impl OsvDatabase {
    /// Reads every `.json` file below a folder or in a zip file; records that cannot be read are named in the result.
    pub fn read(path: &Path) -> std::io::Result<(OsvDatabase, Vec<String>)> {
        if path.is_file() {
            Self::read_zip(path)
        } else {
            Self::read_folder(path)
        }
    }

    /// The archive as OSV publishes it, one for each ecosystem. Nothing is written, so member names are only names.
    fn read_zip(path: &Path) -> std::io::Result<(OsvDatabase, Vec<String>)> {
        let mut db = OsvDatabase::default();
        let mut faults = Vec::new();
        let file = std::io::BufReader::new(std::fs::File::open(path)?);
        let mut archive = zip::ZipArchive::new(file)?;
        for k in 0..archive.len() {
            let member = archive.by_index(k)?;
            let name = member.name()?.into_owned();
            if !member.is_file() || !name.to_ascii_lowercase().ends_with(".json") {
                continue;
            }
            let mut text = String::new();
            // The size in the directory may lie; no more than a record is ever unpacked.
            let read = member.take(MAX_RECORD + 1).read_to_string(&mut text);
            let fine = read.is_ok() && text.len() as u64 <= MAX_RECORD;
            if !fine || db.add(&text).is_err() {
                faults.push(format!("{}: {name}", path.display()));
            }
        }
        Ok((db, faults))
    }

    fn read_folder(folder: &Path) -> std::io::Result<(OsvDatabase, Vec<String>)> {
        let mut db = OsvDatabase::default();
        let mut faults = Vec::new();
        let mut work = vec![folder.to_path_buf()];
        while let Some(dir) = work.pop() {
            for entry in std::fs::read_dir(&dir)? {
                let entry = entry?;
                let path = entry.path();
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    work.push(path);
                } else if kind.is_file() && path.extension().is_some_and(|e| e == "json") {
                    let fine = entry.metadata()?.len() <= MAX_RECORD;
                    let added = fine
                        .then(|| std::fs::read_to_string(&path))
                        .transpose()?
                        .map(|t| db.add(&t));
                    if !matches!(added, Some(Ok(()))) {
                        faults.push(path.display().to_string());
                    }
                }
            }
        }
        Ok((db, faults))
    }

    /// Adds one record.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let record: Record = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if record.withdrawn.is_some() {
            return Ok(());
        }
        for affected in record.affected {
            let Some(package) = affected.package else {
                continue;
            };
            let key = (
                package
                    .ecosystem
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                normal(&package.ecosystem, &package.name),
            );
            self.records.entry(key).or_default().push(Record2 {
                id: record.id.clone(),
                aliases: record.aliases.clone(),
                summary: record.summary.clone(),
                ranges: affected.ranges,
                versions: affected.versions,
            });
        }
        Ok(())
    }

    /// The known vulnerabilities of what a text installs or declares.
    pub fn check(&self, text: &str) -> Vec<Vulnerability> {
        let mut out = Vec::new();
        for package in packages(text) {
            let key = (
                package.ecosystem.to_owned(),
                normal(package.ecosystem, &package.name),
            );
            for r in self.records.get(&key).into_iter().flatten() {
                let listed = r.versions.contains(&package.version);
                let (inside, fixed) = in_ranges(&r.ranges, &package.version);
                if listed || inside {
                    out.push(Vulnerability {
                        id: r.id.clone(),
                        aliases: r.aliases.clone(),
                        summary: r.summary.clone(),
                        fixed,
                        package: package.clone(),
                    });
                }
            }
        }
        out
    }
}

/// The known vulnerabilities of what a text installs or declares, as findings.
pub fn findings(database: &OsvDatabase, text: &str) -> Vec<Finding> {
    database
        .check(text)
        .into_iter()
        .filter_map(|v| {
            let mut names = vec![v.id.as_str()];
            names.extend(v.aliases.iter().map(String::as_str));
            let advice = v.fixed.as_ref().map_or_else(
                || "No fixed version is known.".to_owned(),
                |fixed| format!("Use {fixed} or later."),
            );
            let message = format!(
                "{} {} has a known vulnerability ({}): {} {advice}",
                v.package.name,
                v.package.version,
                names.join(", "),
                v.summary.trim_end_matches('.').to_owned() + "."
            );
            crate::text::scan::finding("SEC-KNOWN-VULNERABILITY", v.package.range, Some(message))
        })
        .collect()
}

fn normal(ecosystem: &str, name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if ecosystem.starts_with("PyPI") {
        lower.replace(['_', '.'], "-")
    } else {
        lower
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::versions::compare;
    use super::*;

    #[test]
    fn versions_compare_as_people_expect() {
        for (a, b) in [
            ("1.9", "1.10"),
            ("2.0rc1", "2.0"),
            ("1.0.0-alpha", "1.0.0"),
            ("0.9.9", "1"),
        ] {
            assert!(compare(a, b).is_lt(), "{a} < {b}");
        }
        assert!(compare("1.0", "1").is_eq() && compare("v1.2.3", "1.2.3").is_eq());
    }

    #[test]
    fn a_zip_is_read_like_a_folder() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all.zip");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("GHSA-1.json", options).unwrap();
        zip.write_all(br#"{"id":"GHSA-1","affected":[{"package":{"ecosystem":"npm","name":"x"},"versions":["1.0.0"]}]}"#).unwrap();
        zip.start_file("broken.json", options).unwrap();
        zip.write_all(b"{").unwrap();
        zip.finish().unwrap();
        let (db, faults) = OsvDatabase::read(&path).unwrap();
        assert_eq!(db.check("npm install x@1.0.0").len(), 1);
        assert_eq!(faults.len(), 1);
        std::fs::write(&path, "no zip").unwrap();
        assert!(OsvDatabase::read(&path).is_err());
    }

    #[test]
    fn a_pinned_package_meets_its_record() {
        let mut db = OsvDatabase::default();
        db.add(r#"{"id":"GHSA-1","aliases":["CVE-1"],"summary":"bad","affected":[{"package":{"ecosystem":"PyPI","name":"Foo_Bar"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.1"}]}]}]}"#).unwrap();
        let found = db.check("!pip install foo-bar==2.0.1\n");
        assert_eq!(
            found.first().map(|v| (v.id.as_str(), v.fixed.as_deref())),
            Some(("GHSA-1", Some("2.1")))
        );
        assert!(db.check("pip install foo-bar==2.1").is_empty());
        let names: Vec<String> =
            packages("#r \"nuget: Newtonsoft.Json, 12.0.1\"\nnpm install @a/b@1.2.3 lodash@4.17.0")
                .into_iter()
                .map(|p| p.name)
                .collect();
        assert_eq!(names, ["@a/b", "lodash", "Newtonsoft.Json"]);
        let finding = &findings(&db, "pip install foo-bar==2.0.1")[0];
        assert_eq!(finding.rule.id, "SEC-KNOWN-VULNERABILITY");
        assert_eq!(
            finding.message,
            "foo-bar 2.0.1 has a known vulnerability (GHSA-1, CVE-1): bad. Use 2.1 or later."
        );
        assert!(db.add("{").is_err());
    }
}
