use super::*;

const REPORT: &str = r#"DESCRIBE {
    name: "Report"
    version: "1.0"
}

ACTION {
    type: "file_read"
    path: "data/report.csv"
    result_variable: "rows"
}

ACTION {
    type: "log"
    message: "read ${rows}"
    level: "info"
}
"#;

fn completer() -> Embedded {
    let completer = Embedded::default();
    completer.set("report.tars", REPORT);
    completer
}

#[test]
fn a_like_place_gives_the_lines_that_followed_there_at_the_depth_of_the_cursor() {
    let guesses = completer().complete(
        "new.tars",
        "TASK t {\n    ACTION {\n        type: \"log\"\n        ",
        "\n    }\n}\n",
        3,
    );
    assert_eq!(
        guesses[0].text,
        "message: \"read ${rows}\"\n        level: \"info\""
    );
    assert_eq!(guesses[0].origin, "as in report.tars:14");
}

#[test]
fn a_half_typed_word_is_completed() {
    let guesses = completer().complete(
        "new.tars",
        "ACTION {\n    type: \"file_read\"\n    path: \"x\"\n    result_var",
        "\n}\n",
        1,
    );
    assert!(
        guesses[0].text.starts_with("iable: \"rows\""),
        "{guesses:?}"
    );
}

#[test]
fn an_empty_workspace_still_knows_the_grammar() {
    let guesses = Embedded::default().complete(
        "new.tars",
        "ACTION {\n    type: \"file_read\"\n    ",
        "\n}\n",
        3,
    );
    assert_eq!(
        (guesses[0].text.as_str(), guesses[0].origin.as_str()),
        ("path: \"\"", "the grammar")
    );
}

#[test]
fn a_forgotten_script_is_not_quoted_and_the_script_itself_is_its_own_source() {
    let completer = completer();
    completer.remove("report.tars");
    assert!(completer.is_empty());
    let before = format!("{REPORT}\nACTION {{\n    type: \"log\"\n    ");
    let guesses = completer.complete("new.tars", &before, "\n}\n", 2);
    assert_eq!(
        guesses[0].text,
        "message: \"read ${rows}\"\n    level: \"info\""
    );
    assert!(guesses[0].origin.starts_with("as in new.tars:"));
}

#[test]
fn similar_parts_are_found_for_prompts() {
    let completer = completer();
    completer.set(
        "other.tars",
        "AGENT a {\n    role: \"writer\"\n    capabilities: [\"x\"]\n}\n",
    );
    let similar = completer.similar(
        "new.tars",
        "ACTION {\n    type: \"file_read\"\n    path: ",
        1,
    );
    assert_eq!(similar[0].0, "report.tars");
    assert!(similar[0].1.contains("file_read"));
}

proptest::proptest! {
    #[test]
    fn completing_never_fails(before in "\\PC{0,60}|[A-Z {}:\"\n]{0,60}", after in "[ -~\n]{0,40}") {
        let _ = completer().complete("x", &before, &after, 3);
    }
}
