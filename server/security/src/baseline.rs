//! Fingerprints that survive moves, and baselines made of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::scan::Finding;

/// Fingerprints of the findings of one text, in their order: a hash of the rule and of the code it marks, so that
/// moving or re-indenting the code changes nothing.
pub fn fingerprints(text: &str, findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    findings
        .iter()
        .map(|f| {
            let code: Vec<&str> = text
                .get(f.range.clone())
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            let key = format!("{}\n{}", f.rule.id, code.join(" "));
            let n = seen.entry(key.clone()).and_modify(|n| *n += 1).or_insert(0);
            let digest = Sha256::digest(format!("{key}\n{n}").as_bytes());
            digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
        })
        .collect()
}

/// Findings that are known and accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Version of the format.
    pub version: u32,
    /// By path: fingerprint and rule.
    pub findings: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a baseline says of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// Findings that the baseline does not know.
    pub new: usize,
    /// Findings that it knows.
    pub known: usize,
    /// Findings that it knows and that are gone.
    pub fixed: usize,
}

impl Baseline {
    /// Reads a baseline file.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Adds the findings of a file.
    pub fn add(&mut self, path: &str, text: &str, findings: &[Finding]) {
        self.version = 1;
        let entries = fingerprints(text, findings)
            .into_iter()
            .zip(findings)
            .map(|(fp, f)| (fp, f.rule.id.clone()))
            .collect();
        self.findings.insert(path.to_owned(), entries);
    }

    /// Splits the findings of a file into new ones, and counts the rest. A file that was renamed keeps its entries as
    /// long as the fingerprints are known anywhere.
    pub fn split(&self, path: &str, text: &str, findings: Vec<Finding>) -> (Vec<Finding>, Trend) {
        let here = self.findings.get(path);
        let mut trend = Trend::default();
        let mut new = Vec::new();
        let prints = fingerprints(text, &findings);
        for (fp, f) in prints.iter().zip(findings) {
            let known = here.is_some_and(|h| h.contains_key(fp))
                || here.is_none() && self.findings.values().any(|h| h.contains_key(fp));
            if known {
                trend.known += 1;
            } else {
                trend.new += 1;
                new.push(f);
            }
        }
        trend.fixed = here.map_or(0, |h| h.keys().filter(|k| !prints.contains(k)).count());
        (new, trend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{ScanRequest, scan};

    #[test]
    fn fingerprints_survive_moves() {
        let (a, b) = (
            "import os\nos.system(cmd)\n",
            "import os\n\n\ndef f(cmd):\n    os.system(cmd)\n",
        );
        let find = |t: &str| {
            scan(&ScanRequest::new("python", t))
                .into_iter()
                .filter(|f| f.rule.id == "PY-OS-SYSTEM")
                .collect::<Vec<_>>()
        };
        assert_eq!(fingerprints(a, &find(a)), fingerprints(b, &find(b)));
        let mut baseline = Baseline::default();
        baseline.add("a.py", a, &find(a));
        let (new, trend) = Baseline::parse(&baseline.to_json())
            .unwrap()
            .split("a.py", b, find(b));
        assert!(new.is_empty() && trend.known == 1 && trend.fixed == 0);
    }
}
