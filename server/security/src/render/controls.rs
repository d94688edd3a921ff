//! Which controls of SOC 2, GDPR and HIPAA a finding speaks to; the mapping is data.

use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Control {
    pub id: String,
    pub title: String,
    pub categories: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Framework {
    pub name: String,
    pub controls: Vec<Control>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    frameworks: Vec<Framework>,
}

pub(super) fn frameworks() -> &'static [Framework] {
    static FILE: LazyLock<File> =
        LazyLock::new(|| serde_json::from_str(built_in!("controls")).unwrap_or_default());
    &FILE.frameworks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_names_categories_that_exist() {
        assert_eq!(frameworks().len(), 3);
        let mut known: Vec<String> = crate::LANGUAGES
            .iter()
            .chain(&["text", "metascript"])
            .flat_map(|l| crate::rules(l))
            .map(|r| r.category.clone())
            .collect();
        known.sort();
        known.dedup();
        let mapped: Vec<&String> = frameworks()
            .iter()
            .flat_map(|f| &f.controls)
            .flat_map(|c| &c.categories)
            .collect();
        for c in &mapped {
            assert!(known.contains(c), "{c} is no category of a rule");
        }
    }
}
