//! Arrows between crates go one way: cli -> lsp -> (analysis, sandbox, assist) -> security -> syntax -> grammar.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// What each crate may depend on, among ours. What it may not is everything else.
const ALLOWED: &[(&str, &[&str])] = &[
    ("grammar", &[]),
    ("syntax", &["grammar"]),
    ("security", &["syntax", "grammar"]),
    ("analysis", &["security", "syntax", "grammar"]),
    ("sandbox", &["security", "syntax", "grammar"]),
    ("assist", &["security", "syntax", "grammar"]),
    (
        "lsp",
        &[
            "analysis", "sandbox", "assist", "security", "syntax", "grammar",
        ],
    ),
    (
        "cli",
        &[
            "lsp", "analysis", "sandbox", "assist", "security", "syntax", "grammar",
        ],
    ),
    // Builds the F# compiler's snapshot; no part of the product.
    ("snapshot", &[]),
];

/// Third-party crates that only the named layer may use.
const RESERVED: &[(&str, &[&str])] = &[
    // The tests hold answers against the protocol's types.
    ("tower-lsp-server", &["lsp", "tests"]),
    ("gen-lsp-types", &["lsp"]),
    ("salsa", &["analysis"]),
    ("wasmtime", &["sandbox", "snapshot"]),
    ("reqwest", &["assist", "sandbox"]),
];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    metadata
        .packages
        .iter()
        .filter_map(|package| {
            let layer = package.name.strip_prefix("metascript-")?.to_owned();
            let names = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .map(|dependency| dependency.name.clone())
                .collect();
            Some((layer, names))
        })
        .collect()
}

#[test]
fn no_arrow_points_up_or_sideways() {
    let found = dependencies();
    let mut wrong = Vec::new();
    for (layer, allowed) in ALLOWED {
        let names = found
            .get(*layer)
            .unwrap_or_else(|| panic!("no crate metascript-{layer}"));
        for name in names {
            if let Some(other) = name.strip_prefix("metascript-")
                && !allowed.contains(&other)
            {
                wrong.push(format!("{layer} -> {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "forbidden arrows: {wrong:?}");
}

#[test]
fn every_layer_is_listed() {
    let unlisted: Vec<_> = dependencies()
        .into_keys()
        .filter(|layer| layer != "tests" && !ALLOWED.iter().any(|(known, _)| known == layer))
        .collect();
    assert!(
        unlisted.is_empty(),
        "say what these may depend on: {unlisted:?}"
    );
}

#[test]
fn libraries_stay_in_their_layer() {
    let mut wrong = Vec::new();
    for (layer, names) in dependencies() {
        for (library, owners) in RESERVED {
            if names.iter().any(|name| name == library) && !owners.contains(&layer.as_str()) {
                wrong.push(format!("{layer} uses {library}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
