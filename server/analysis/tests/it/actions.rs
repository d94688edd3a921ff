//! Actions that change the shape, each before and after. Whatever an action does, the script must still parse.

use std::fmt::Write as _;
use std::path::Path;

use insta::assert_snapshot;
use metascript_analysis::{ActionKind, Analysis, AnalysisHost, CodeAction, FileId};
use metascript_syntax::{Document, TextEdit};

/// A script with a cursor `$0`, or a selection between two of them.
fn selected(marked: &str) -> (String, std::ops::Range<usize>) {
    let start = marked.find("$0").expect("a cursor");
    let text = marked.replacen("$0", "", 1);
    match text.find("$0") {
        Some(end) => (text.replacen("$0", "", 1), start..end),
        None => (text, start..start),
    }
}

fn applied(text: &str, edits: &[TextEdit]) -> String {
    assert!(
        edits
            .windows(2)
            .all(|pair| pair[0].range.end <= pair[1].range.start),
        "edits are in order and do not overlap: {edits:?}"
    );
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.range.clone(), &edit.text);
    }
    out
}

fn errors(text: &str) -> usize {
    Document::parse(text).syntax_errors().len()
}

/// The text after an action, which must have no syntax error that was not there before.
fn after(text: &str, action: &CodeAction) -> String {
    let new = applied(text, &action.edits);
    assert!(
        errors(&new) <= errors(text),
        "{} breaks the syntax:\n{new}",
        action.title
    );
    new
}

fn offered(text: &str, range: std::ops::Range<usize>) -> Vec<CodeAction> {
    let mut host = AnalysisHost::new();
    let file = host.set_file(Path::new("/scripts/main.tars"), Document::parse(text));
    host.snapshot().code_actions(file, range).unwrap()
}

/// The script after the action whose title begins so; the titles of others where it is not offered.
fn act(marked: &str, title: &str) -> String {
    let (text, range) = selected(marked);
    let actions = offered(&text, range);
    match actions.iter().find(|one| one.title.starts_with(title)) {
        Some(action) => after(&text, action),
        None => "(not offered)".to_owned(),
    }
}

macro_rules! pictures {
    ($title:literal: $($name:literal $marked:expr;)*) => {
        $(assert_snapshot!($name, act($marked, $title));)*
    };
}

macro_rules! refusals {
    ($title:literal: $($marked:expr;)*) => {
        $(assert_eq!(act($marked, $title), "(not offered)", "{}", $marked);)*
    };
}

#[test]
fn extract_variable() {
    pictures! { "Extract into a variable":
        "extract_text" "ACTION {\n    type: \"log\"\n    message: \"he$0llo\"\n}\n";
        "extract_number_inside" "CALL {\n    function: \"f\"\n    arguments: { limit: 1$00 }\n}\nVARIABLE limit { value: 1 }\n";
    }
    refusals! { "Extract into a variable":
        "VARIABLE a {\n    value: \"x$0\"\n}\n";
        "FOREACH {\n    items: \"${list}\"\n    item_variable: \"one\"\n    ACTION { type: \"log\" message: \"${one} $0\" }\n}\n";
        "FUNCTION f {\n    parameters: [\"p\"]\n    RETURN { value: \"$0${p}!\" }\n}\n";
    }
}

#[test]
fn inline_variable() {
    pictures! { "Inline the variable":
        "inline_text" "VARIABLE $0city {\n    value: \"Lyon\"\n}\n\nACTION {\n    type: \"log\"\n    message: \"from ${city} to ${city}\"\n}\n";
        "inline_number_from_its_use" "VARIABLE limit { value: 3 }\nCALL {\n    function: \"f\"\n    arguments: [\"${lim$0it}\", \"at most ${limit}\"]\n}\n";
    }
    refusals! { "Inline the variable":
        "VARIABLE a$0 { value: 1 }\nPYTHON {\n    print(a)\n}\n";
        "VARIABLE a$0 { value: 1 }\nACTION { type: \"log\" message: \"${a + 1}\" }\n";
        "VARIABLE a$0 { value: 1 }\nVARIABLE a { value: 2 }\nACTION { type: \"log\" message: \"${a}\" }\n";
        "VARIABLE a$0 { value: \"say \\\"x\\\"\" }\nACTION { type: \"log\" message: \"${a}\" }\n";
        "VARIABLE a$0 { value: 1 }\nACTION { type: \"assign\" target: \"a\" value: 2 }\nACTION { type: \"log\" message: \"${a}\" }\n";
        "VARIABLE a$0 { value: 1 }\n";
    }
}

#[test]
fn inline_variable_leaves_what_other_scripts_read() {
    let text = "VARIABLE shared { value: 1 }\nACTION { type: \"log\" message: \"${shared}\" }\n";
    let mut host = AnalysisHost::new();
    let file = host.set_file(Path::new("/s/lib.tars"), Document::parse(text));
    let other = "IMPORT { path: \"lib.tars\" }\nACTION { type: \"log\" message: \"${shared}\" }\n";
    host.set_file(Path::new("/s/main.tars"), Document::parse(other));
    let actions = host.snapshot().code_actions(file, 9..9).unwrap();
    assert!(!actions.iter().any(|one| one.kind == ActionKind::Inline));
}

#[test]
fn extract_function() {
    pictures! { "Extract into a function":
        "extract_blocks_of_a_loop" "FOREACH {\n    items: \"${names}\"\n    item_variable: \"name\"\n    $0ACTION {\n        type: \"log\"\n        message: \"${name}\"\n    }\n    // then\n    ACTION {\n        type: \"file_write\"\n        path: \"${name}.txt\"\n        content: \"\"\"\nkept as it is\n\"\"\"\n    }$0\n    ACTION { type: \"log\" message: \"done\" }\n}\n";
        "extract_top_level_blocks" "VARIABLE a { value: 1 }\n$0ACTION { type: \"log\" message: \"${a}\" }\nIF {\n    condition: \"${a}\"\n}\nELSE {\n}$0\n";
        "extract_of_a_function" "FUNCTION extracted {\n    parameters: [\"x\", \"y\"]\n    $0ACTION { type: \"log\" message: \"${y}\" }$0\n    RETURN { value: \"${x}\" }\n}\n";
    }
    refusals! { "Extract into a function":
        "FUNCTION f {\n    $0RETURN { value: 1 }$0\n}\n";
        "$0VARIABLE a { value: 1 }$0\n";
        "$0IF { condition: \"${a}\" }$0\nELSE {\n}\n";
        "ACTION { $0type: \"log\" message: \"x\" }$0\n";
        "ACTION { type: \"log\" message: \"x\" }$0\n";
        "PYTHON {\n    $0x = 1$0\n}\n";
    }
}

#[test]
fn otherwise_both_ways() {
    pictures! { "Move ELSE into the IF":
        "else_becomes_a_property" "IF {\n    condition: \"${a}\"\n    then: {\n        ACTION { type: \"log\" message: \"yes\" }\n    }\n}\nE$0LSE {\n    ACTION {\n        type: \"log\"\n        message: \"no\"\n    }\n}\n";
        "nested_else_becomes_a_property" "FOREACH {\n    items: \"${list}\"\n    I$0F { condition: \"${a}\" }\n    ELSE { ACTION { type: \"log\" message: \"no\" } }\n}\n";
    }
    refusals! { "Move ELSE into the IF":
        "IF { condition: \"${a}\" }\nELSE IF$0 { condition: \"${b}\" }\n";
        "IF { condition: \"${a}\" }\nELSE IF { condition: \"${b}\" }\nEL$0SE {\n}\n";
        "IF { condition: \"${a}\" else: { } }\nEL$0SE {\n}\n";
        "IF { condition: \"${a}\" }\n// why\nEL$0SE {\n}\n";
    }
    pictures! { "Move `else:` behind the IF":
        "property_becomes_an_else" "IF {\n    condition: \"${a}\"\n    then: {\n        ACTION { type: \"log\" message: \"yes\" }\n    }\n    el$0se: {\n        ACTION {\n            type: \"log\"\n            message: \"no\"\n        }\n    }\n}\nACTION { type: \"log\" message: \"after\" }\n";
        "property_of_one_line_becomes_an_else" "TRY {\n    IF { condition: \"${a}\" else$0: { ACTION { type: \"log\" } } }\n}\n";
    }
    refusals! { "Move `else:` behind the IF":
        "IF {\n    condition: \"${a}\"\n    else$0: { }\n}\nELSE {\n}\n";
    }
}

#[test]
fn else_there_and_back_again() {
    let text =
        "IF {\n    condition: \"${a}\"\n}\nELSE {\n    ACTION {\n        type: \"log\"\n    }\n}\n";
    let inside = act(&text.replace("ELSE", "E$0LSE"), "Move ELSE");
    assert_ne!(inside, text);
    assert_eq!(act(&inside.replace("else", "el$0se"), "Move `else:`"), text);
}

#[test]
fn split_and_merge_cells() {
    pictures! { "Split the cell here":
        "split_python" "PYTHON {\n    import math\n\n    def f(x):\n        return x\n    $0area = f(math.pi)\n    output_variable: \"area\"\n}\n";
        "split_fsharp" "LANG(\"FSHARP\") {\n    let a = 1\n    let$0 b =\n        a + 1\n    b\n}\n";
        "split_fence" "# Title\n\n```python\nx = 1\ny$0 = 2\n```\n";
    }
    refusals! { "Split the cell here":
        "PYTHON {\n    def f(x):\n        re$0turn x\n}\n";
        "PYTHON {\n    x$0 = 1\n}\n";
        "JAVASCRIPT {\n    const a = [1,\n        $02];\n}\n";
        "BASH {\n    ls\n    l$0s\n}\n";
    }
    pictures! { "Merge with the cell":
        "merge_below" "P$0YTHON {\n    x = 1\n}\n\nPYTHON {\n    y = 2\n    output_variable: \"z\"\n}\n";
        "merge_above" "VARIABLE v { value: 1 }\nJAVASCRIPT {\n    let a = 1;\n}\nJAVA$0SCRIPT {\n    let b = 2;\n}\n";
        "merge_fences" "```p$0ython\nx = 1\n```\n\n```python\ny = 2\n```\n";
    }
    refusals! { "Merge with the cell":
        "P$0YTHON {\n    x = 1\n    output_variable: \"z\"\n}\nPYTHON {\n    y = 2\n}\n";
        "P$0YTHON {\n    x = 1\n}\nPYTHON {\n  y = 2\n}\n";
        "P$0YTHON {\n    x = 1\n}\nJAVASCRIPT {\n    y = 2\n}\n";
        "P$0YTHON {\n    x = 1\n}\n// between\nPYTHON {\n    y = 2\n}\n";
    }
}

#[test]
fn split_then_merge_is_what_it_was() {
    let text = "PYTHON {\n    x = 1\n    y = 2\n}\n";
    let two = act(&text.replace("y =", "$0y ="), "Split");
    assert_eq!(act(&two.replacen("PYTHON", "P$0YTHON", 1), "Merge"), text);
}

#[test]
fn forms_of_text_and_cells() {
    pictures! { "Write the text in triple quotes":
        "escapes_become_lines" "ACTION {\n    type: \"log\"\n    message: \"one$0\\ntwo \\\"three\\\" four\"\n}\n";
        "backticks_become_triple_quotes" "ACTION {\n    type: \"log\"\n    message: `one$0\ntwo`\n}\n";
    }
    pictures! { "Write the text in quotes":
        "lines_become_escapes" "ACTION {\n    type: \"log\"\n    message: \"\"\"one$0\n\"two\" three\"\"\"\n}\n";
    }
    pictures! { "Write the text in backticks":
        "triple_quotes_become_backticks" "ACTION {\n    type: \"log\"\n    message: \"\"\"one$0\n${two}\"\"\"\n}\n";
    }
    refusals! { "Write the text":
        "ACTION {\n    type: \"log\"\n    message: \"plain$0\"\n}\n";
        "ACTION {\n    type: \"log\"\n    message: \"\"\"a \\n$0 b\"\"\"\n}\n";
    }
    pictures! { "Write as":
        "lang_becomes_a_keyword" "LA$0NG(\"python\") {\n    x = 1\n}\n";
        "keyword_becomes_lang" "FSH$0ARP {\n    let x = 1\n}\n";
    }
    refusals! { "Write as":
        "LA$0NG(\"haskell\") {\n    x = 1\n}\n";
    }
}

#[test]
fn separators_of_properties() {
    pictures! { "Write the properties as":
        "colons_become_equals" "CON$0FIG {\n    a: 1\n    \"b\": \"x\"\n    c: { d: 1 }\n}\n";
        "equals_become_colons" "CON$0FIG {\n    a = 1\n    bc   = \"x\"\n}\n";
    }
}

#[test]
fn sort_properties() {
    pictures! { "Sort the properties":
        "sort_call" "CA$0LL {\n    result_variable: \"r\"\n    arguments: {\n        a: 1\n    }\n    function: \"f\"\n}\n";
        "sort_beside_blocks" "TASK {\n}\nAGE$0NT a {\n    capabilities: []\n    TASK t {\n    }\n    mine: 1\n    description: \"d\"\n}\n";
    }
    refusals! { "Sort the properties":
        "CA$0LL {\n    function: \"f\"\n    result_variable: \"r\"\n}\n";
        "CA$0LL {\n    result_variable: \"r\"\n    // the function\n    function: \"f\"\n}\n";
    }
}

#[test]
fn generate_what_is_missing() {
    pictures! { "Generate the":
        "generate_function" "CALL {\n    function: \"gre$0et\"\n    arguments: [\"${name}\", 3]\n}\nACTION { type: \"log\" message: \"x\" }\n";
        "generate_function_by_name" "CALL {\n    function: \"gre$0et\"\n    arguments: { who: 1, how: \"x\" }\n}\n";
        "generate_agent" "ACTION {\n    type: \"execute\"\n    agent: \"wri$0ter\"\n    task: \"draft\"\n}\n";
    }
    refusals! { "Generate the":
        "FUNCTION f {\n}\nCALL { function: \"$0f\" }\n";
        "AGENT a {\n}\nACTION { type: \"execute\" agent: \"$0a\" }\n";
    }
}

#[test]
fn wrap_and_describe() {
    pictures! { "Wrap in TRY":
        "wrap_keeps_raw_text" "IF {\n    condition: \"${a}\"\n    ACT$0ION {\n        type: \"log\"\n        message: \"\"\"\nas it\n  is\n\"\"\"\n    }\n}\n";
    }
    pictures! { "Add a description":
        "describe_below_comments" "// A script.\nACT$0ION { type: \"log\" message: \"x\" }\n";
    }
}

#[test]
fn fix_all_has_a_title_for_one() {
    let text = "ACTION {\n    type: \"log\"\n    mesage: \"x\"\n}\n";
    let actions = offered(text, 0..0);
    let all: Vec<_> = actions
        .iter()
        .filter(|one| one.kind == ActionKind::FixAll)
        .collect();
    assert_eq!(all.len(), 1);
    assert_eq!(after(text, all[0]), text.replace("mesage", "message"));
}

/// Every action at many places of every fixture leaves a script that parses as well as before.
#[test]
fn no_action_breaks_a_fixture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut tried = 0;
    let mut broken = String::new();
    for folder in ["", "syntax", "analysis"] {
        let mut entries: Vec<_> = std::fs::read_dir(root.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect();
        entries.sort();
        for path in entries {
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            let mut host = AnalysisHost::new();
            let file = host.set_file(&path, Document::parse(&text));
            let analysis = host.snapshot();
            for range in places(&text) {
                tried += try_all(&analysis, file, &text, range, &mut broken);
            }
        }
    }
    assert_eq!(broken, "");
    assert!(tried > 1000, "only {tried} actions were tried");
}

/// The first word, the middle and the end of each line; each line as a whole; pairs of lines.
fn places(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end();
        let first = start + body.len() - body.trim_start().len();
        let end = start + body.len();
        let mut middle = start + body.len() / 2;
        while !text.is_char_boundary(middle) {
            middle += 1;
        }
        let next = text[end..].find("\n\n").map_or(text.len(), |at| end + at);
        found.extend([
            first..first,
            middle..middle,
            end..end,
            first..end,
            first..next,
        ]);
        start += line.len();
    }
    found
}

fn try_all(
    analysis: &Analysis,
    file: FileId,
    text: &str,
    range: std::ops::Range<usize>,
    broken: &mut String,
) -> usize {
    let before = errors(text);
    let actions = analysis.code_actions(file, range.clone()).unwrap();
    let mut tried = 0;
    // Repairs and suppressions have tests of their own; fix-all is the same at every place.
    for action in actions.iter().filter(|one| {
        !matches!(one.kind, ActionKind::Suppress | ActionKind::FixAll)
            && one.title != "Add a description"
    }) {
        tried += 1;
        let new = applied(text, &action.edits);
        if errors(&new) > before && broken.len() < 4000 {
            let around = &text[range.start..text.len().min(range.start + 60)];
            let around: String = around.chars().take(40).collect();
            writeln!(broken, "{} at {range:?} {around:?}", action.title).unwrap();
        }
    }
    tried
}
