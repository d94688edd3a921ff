//! Packages with fixed versions in a text.

use std::sync::LazyLock;

use regex::Regex;

use super::Package;

/// Packages with a fixed version: `pip install a==1`, requirements lines, `npm install a@1`, `#r "nuget: A, 1"`,
/// `dotnet add package A --version 1`, `a = "1"` below a cargo table.
pub fn packages(text: &str) -> Vec<Package> {
    static FORMS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
        [
            ("PyPI", r"(?m)\b([A-Za-z0-9][A-Za-z0-9._-]{0,80})(?:\[[\w,]+\])?==([0-9][A-Za-z0-9.!+]*)"),
            ("npm", r"(?m)(?:^|[\s'\x22/])(@?[a-z0-9][a-z0-9._/-]{0,80})@([0-9]+\.[0-9]+\.[0-9]+[A-Za-z0-9.+-]*)"),
            ("NuGet", r"(?i)nuget:\s*([A-Za-z0-9._-]{1,80})\s*,\s*([0-9][A-Za-z0-9.+-]*)"),
            ("NuGet", r"(?i)add\s+package\s+([A-Za-z0-9._-]{1,80})\s+(?:--version|-v)\s+([0-9][A-Za-z0-9.+-]*)"),
            ("crates.io", r"cargo\s+(?:add|install)\s+([a-z0-9_-]{1,80})@([0-9][A-Za-z0-9.+-]*)"),
        ]
        .into_iter()
        .filter_map(|(e, p)| Regex::new(p).ok().map(|r| (e, r)))
        .collect()
    });
    let mut out = Vec::new();
    for (ecosystem, re) in FORMS.iter() {
        for c in re.captures_iter(text).take(1000) {
            if let (Some(name), Some(version)) = (c.get(1), c.get(2)) {
                out.push(Package {
                    ecosystem,
                    name: name.as_str().to_owned(),
                    version: version.as_str().trim_end_matches('.').to_owned(),
                    range: name.start()..version.end(),
                });
            }
        }
    }
    out
}
