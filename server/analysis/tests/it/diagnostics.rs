//! What the checks say, shown under the source.

use crate::support::Script;
use insta::assert_snapshot;

/// Every finding with its fixes; after `fix:` the text that the first fix leaves on the line.
fn check(text: &str) -> String {
    let script = Script::new(text);
    let diagnostics = script.analysis().diagnostics(script.file).unwrap();
    let notes: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| {
            let mut note = format!(
                "{} {}: {}",
                diagnostic.severity.as_str(),
                diagnostic.code,
                diagnostic.message
            );
            for fix in &diagnostic.fixes {
                note.push_str(&format!(" [fix: {}]", fix.title));
            }
            (diagnostic.range.clone(), note)
        })
        .collect();
    script.picture(&notes)
}

#[test]
fn slips_in_keywords_and_properties() {
    assert_snapshot!(check(
        "VARAIBLE greeting {\n    value: \"Hello\"\n}\nACTION {\n    type: \"log\"\n    mesage: \"${greeting}\"\n}\n"
    ));
    assert_snapshot!(check(
        "ACTION {\n    type: \"file_wirte\"\n    path: \"x\"\n}\nDEPLOYMENT_STRATEGY {\n    colour: \"blue\"\n}\n"
    ));
}

#[test]
fn missing_parts() {
    assert_snapshot!(check(
        "VARIABLE {\n    value: 1\n}\nIF {\n    ACTION { type: \"log\" message: \"m\" }\n}\nCALL {\n    arguments: {}\n}\nFOREACH {\n    item_variable: \"x\"\n}\n"
    ));
}

#[test]
fn wrong_values() {
    assert_snapshot!(check(
        "CONFIG {\n    temperature: 20\n    max_tokens: \"many\"\n    max_tokens: 1.5\n}\nACTION {\n    type: \"http_request\"\n    url: \"u\"\n    method: \"PSOT\"\n}\n"
    ));
}

#[test]
fn control_flow() {
    assert_snapshot!(check(
        "ELSE {\n}\nIF {\n    condition: \"${a}\"\n}\n// between\nELSE IF {\n    condition: \"${a}\"\n}\nELSE {\n}\nCATCH {\n}\nTRY {\n    CATCH {\n    }\n}\nFUNCTION a {\n    RETURN { value: 1 }\n    ACTION { type: \"log\" message: \"m\" }\n}\n"
    ));
}

#[test]
fn names() {
    assert_snapshot!(check(
        "VARIABLE greeting {\n    value: \"Hello\"\n}\nVARIABLE unused {\n    value: 1\n}\nACTION {\n    type: \"log\"\n    message: \"${greting} ${JSON.parse(greeting).map(x => x.y)}\"\n}\nFUNCTION greet {\n    parameters: [\"who\"]\n    RETURN { value: \"${who} ${greeting}\" }\n}\nCALL {\n    function: \"great\"\n}\nCALL {\n    function: \"greet\"\n    arguments: [\"a\", \"b\"]\n}\nCALL {\n    function: \"greet\"\n    arguments: { whom: \"a\" }\n    result_variable: \"said\"\n}\n"
    ));
}

#[test]
fn names_pass_between_languages() {
    assert_snapshot!(check(
        "PYTHON {\n    total = 1 + 2\n}\nJAVASCRIPT {\n    const twice = total * 2;\n}\nACTION {\n    type: \"log\"\n    message: \"${twice} ${thrice}\"\n}\n"
    ));
}

#[test]
fn suppressions_need_a_reason() {
    assert_snapshot!(check(
        "// metascript: ignore MS0301 because the host sets it\nACTION {\n    type: \"log\"\n    message: \"${from_host}\"\n}\nACTION {\n    type: \"log\"\n    message: \"${other}\" // metascript: ignore undefined-variable set by the caller\n    // metascript: ignore MS0301\n    file: \"${third}\"\n}\n// metascript: ignore MS0302 because nothing\nVARIABLE _a {\n    value: 1\n}\n// metascript: ignore MS9999 because\n"
    ));
}

#[test]
fn circles_between_cells_and_variables() {
    assert_snapshot!(check(
        "PYTHON {\n    total = price * 2\n}\nFSHARP {\n    let shown = total\n}\nJAVASCRIPT {\n    const price = shown + 1\n}\nVARIABLE a {\n    value: \"${b}\"\n}\nVARIABLE b {\n    value: \"x ${a}\"\n}\nACTION {\n    type: \"log\"\n    message: \"${a} ${price}\"\n}\n"
    ));
    // No circles: a function that is called later, a name that is there before, a name that something else gives.
    assert_snapshot!(check(
        "PYTHON {\n    def later():\n        return made\n    total = 1\n}\nJAVASCRIPT {\n    const made = total + 1\n}\nPYTHON {\n    total = made + total\n}\nPYTHON {\n    x = given + 1\n}\nJAVASCRIPT {\n    const given = x\n}\nACTION {\n    type: \"log\"\n    message: \"${total} ${x}\"\n    result_variable: \"given\"\n}\n"
    ));
}
