#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::{BlockBody, load, schema};

#[test]
fn the_tables_parse() {
    assert_eq!(load::errors(), Vec::<String>::new());
    assert!(schema().blocks().len() > 60);
    assert!(schema().actions().len() > 30);
    assert!(
        schema().is_global("JSON")
            && schema().is_global("_last_result")
            && !schema().is_global("frobnicate")
    );
}

#[test]
fn keywords_are_found_in_any_case_and_as_sharps() {
    for keyword in ["DESCRIBE", "describe", "Describe"] {
        assert_eq!(schema().block(keyword).unwrap().keyword, "DESCRIBE");
    }
    assert_eq!(
        schema().block("F#").unwrap().language.as_deref(),
        Some("fsharp")
    );
    assert!(schema().block("REASONING_TEAM_ARCHITECTURE").is_none());
}

#[test]
fn actions_come_most_frequent_first_and_synonyms_lead_home() {
    let uses: Vec<u32> = schema()
        .actions()
        .iter()
        .map(|action| action.uses)
        .collect();
    assert!(uses.is_sorted_by(|a, b| a >= b), "{uses:?}");
    assert_eq!(
        schema().action_meaning("write_file").unwrap().name,
        "file_write"
    );
    for action in schema().actions() {
        assert!(
            schema().action_meaning(&action.name).is_some(),
            "{} is a synonym of nothing",
            action.name
        );
        assert!(!action.docs.is_empty());
    }
}

#[test]
fn every_block_has_words_and_an_example_that_shows_it() {
    for block in schema().blocks() {
        assert!(
            block.docs.ends_with(['.', '`']),
            "{}: {}",
            block.keyword,
            block.docs
        );
        assert!(block.example.contains(&block.keyword), "{}", block.keyword);
        assert_eq!(
            block.body == BlockBody::Code,
            block.language.is_some() || block.keyword == "LANG",
            "{}",
            block.keyword
        );
        for property in &block.properties {
            assert!(
                property.docs.ends_with('.'),
                "{}.{}: {}",
                block.keyword,
                property.name,
                property.docs
            );
        }
    }
}

#[test]
fn required_properties_are_known() {
    for block in schema().blocks() {
        for group in &block.required {
            assert!(
                group.iter().any(|name| block.property(name).is_some()),
                "{}: none of {group:?} is described",
                block.keyword
            );
        }
    }
    for action in schema()
        .actions()
        .iter()
        .filter(|action| action.synonym.is_none())
    {
        for group in &action.required {
            assert!(
                group.iter().any(|name| action.property(name).is_some()),
                "{}: {group:?}",
                action.name
            );
        }
    }
}
