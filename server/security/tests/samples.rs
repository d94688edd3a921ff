//! Dangerous pieces of code and their harmless neighbours, in `fixtures/security/samples`, judged by the default policy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use metascript_security::{Finding, Policy, Setup};

fn ids(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|f| format!("{} {:?}", f.rule.id, f.rule.cwe))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn every_sample_is_judged_as_it_says() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/security/samples");
    let setup = Setup::default();
    let strict = Setup::new(Policy::built_in("strict").unwrap());
    let mut faults = String::new();
    let mut summary = String::new();
    for language in [
        "python",
        "javascript",
        "csharp",
        "rust",
        "fsharp",
        "bash",
        "powershell",
        "sql",
    ] {
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{language}.txt"))) else {
            continue;
        };
        let (mut bad, mut missed, mut ok, mut wrong) = (0, 0, 0, 0);
        for sample in format!("\n{text}").split("\n=== ").skip(1) {
            let (head, code) = sample.split_once('\n').unwrap();
            let code = &format!("{code}\n");
            let findings = match head.strip_prefix("strict ") {
                Some(_) => strict.scan_code(language, code),
                None => setup.scan_code(language, code),
            };
            if let Some(cwe) = head.strip_prefix("bad ").or(head.strip_prefix("strict ")) {
                bad += 1;
                let cwe: u16 = cwe.trim().parse().unwrap();
                if !findings.iter().any(|f| f.rule.cwe.contains(&cwe)) {
                    missed += 1;
                    faults += &format!(
                        "-- missed {language} CWE-{cwe}, found: {}\n{code}",
                        ids(&findings)
                    );
                }
            } else {
                ok += 1;
                if !findings.is_empty() {
                    wrong += 1;
                    faults += &format!("-- false {language}: {}\n{code}", ids(&findings));
                }
            }
        }
        summary += &format!("{language}: {missed} of {bad} missed, {wrong} of {ok} false\n");
    }
    assert!(faults.is_empty(), "\n{faults}\n{summary}");
}
