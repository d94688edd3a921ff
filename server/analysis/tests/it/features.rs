//! Outline, folds, hover, completion, cells, navigation, rename, actions.

use std::fmt::Write as _;
use std::path::Path;

use insta::assert_snapshot;
use metascript_analysis::{ActionKind, AnalysisHost, Symbol};
use metascript_syntax::Document;

use crate::support::{Script, picture};

const SCRIPT: &str = "DESCRIBE {\n    name: \"Demo\"\n}\nCONFIG {\n    retries: 3\n}\nVARIABLE names {\n    value: [\"a\", \"b\"]\n}\nFUNCTION greet {\n    parameters: [\"who\", \"how\"]\n    description: \"Says hello\"\n    RETURN { value: \"${how} ${who}\" }\n}\nPYTHON {\n    total = len(names)\n    output_variable: \"count\"\n}\nFOREACH {\n    items: \"${names}\"\n    item_variable: \"n\"\n    CALL {\n        function: \"greet\"\n        arguments: { who: \"${n}\" }\n        result_variable: \"said\"\n    }\n    ACTION {\n        type: \"log\"\n        message: \"${said} ${total} ${retries}\"\n    }\n}\nAGENT writer {\n    TASK draft {\n        description: \"First version\"\n    }\n}\n";

fn outline(symbols: &[Symbol], depth: usize, out: &mut String) {
    for symbol in symbols {
        let detail = symbol
            .detail
            .as_deref()
            .map(|detail| format!(" ({detail})"))
            .unwrap_or_default();
        writeln!(
            out,
            "{}{:?} {}{detail}",
            "  ".repeat(depth),
            symbol.kind,
            symbol.name
        )
        .unwrap();
        assert!(
            symbol.range.start <= symbol.selection.start
                && symbol.selection.end <= symbol.range.end,
            "{symbol:?}"
        );
        outline(&symbol.children, depth + 1, out);
    }
}

#[test]
fn outline_is_nested() {
    let script = Script::new(SCRIPT);
    let mut out = String::new();
    outline(
        &script.analysis().document_symbols(script.file).unwrap(),
        0,
        &mut out,
    );
    assert_snapshot!(out);
}

#[test]
fn headings_hold_what_stands_below_them() {
    let script = Script::new("# Title\n\nText.\n\n## Part\n\n```python\nx = 1\n```\n\n# End\n");
    let mut out = String::new();
    outline(
        &script.analysis().document_symbols(script.file).unwrap(),
        0,
        &mut out,
    );
    assert_snapshot!(out);
}

#[test]
fn folds() {
    let script = Script::new(
        "// one\n// two\nVARIABLE a {\n    value: [\n        1\n    ]\n}\nPYTHON {\n    x = 1\n}\nIF { condition: \"x\" }\n",
    );
    let folds = script.analysis().folding_ranges(script.file).unwrap();
    let notes: Vec<_> = folds
        .into_iter()
        .map(|fold| {
            (
                fold.range.clone(),
                format!("{:?} to byte {}", fold.kind, fold.range.end),
            )
        })
        .collect();
    assert_snapshot!(script.picture(&notes));
}

fn hover(marked: &str) -> String {
    let script = Script::new(marked);
    match script.analysis().hover(script.file, script.cursor).unwrap() {
        Some(hover) => format!(
            "{}{}",
            script.picture(&[(hover.range, String::new())]),
            hover.markdown
        ),
        None => "(nothing)".to_owned(),
    }
}

#[test]
fn hover_teaches_words_and_names() {
    assert_snapshot!("hover_block", hover("I$0F {\n    condition: \"${a}\"\n}\n"));
    assert_snapshot!(
        "hover_property",
        hover("CONFIG {\n    temp$0erature: 1\n}\n")
    );
    assert_snapshot!("hover_synonym", hover("PROMPT {\n    pro$0mpt: \"x\"\n}\n"));
    assert_snapshot!(
        "hover_action",
        hover("ACTION {\n    type: \"file_$0read\"\n    path: \"x\"\n}\n")
    );
    assert_snapshot!(
        "hover_variable",
        hover(
            "VARIABLE greeting {\n    value: \"Hello\"\n    description: \"Said first\"\n}\nACTION {\n    type: \"log\"\n    message: \"${gree$0ting}\"\n}\n"
        )
    );
    assert_snapshot!(
        "hover_cell_name",
        hover("PYTHON {\n    total = 1 + 2\n}\nJAVASCRIPT {\n    tot$0al * 2\n}\n")
    );
    assert_snapshot!(
        "hover_function",
        hover(&SCRIPT.replace("function: \"greet\"", "function: \"gre$0et\""))
    );
    assert_eq!(hover("REASONING {\n    some te$0xt\n}\n"), "(nothing)");
}

fn complete(marked: &str) -> String {
    let script = Script::new(marked);
    let list = script
        .analysis()
        .completions(script.file, script.cursor)
        .unwrap();
    let mut out = String::new();
    for item in list.items.iter().take(12) {
        let detail = item.detail.as_deref().unwrap_or_default();
        writeln!(
            out,
            "{:?} {} ({detail}) replaces {:?} with {:?}",
            item.kind,
            item.label,
            &script.text[item.replace.clone()],
            item.text
        )
        .unwrap();
    }
    if list.items.len() > 12 {
        writeln!(
            out,
            "... {} in all, incomplete: {}",
            list.items.len(),
            list.incomplete
        )
        .unwrap();
    }
    out
}

#[test]
fn completion_of_keywords() {
    assert_snapshot!("complete_top_level", complete("VARI$0\n"));
    assert_snapshot!(
        "complete_after_if",
        complete("IF {\n    condition: \"${a}\"\n}\nEL$0\n")
    );
    assert_snapshot!("complete_in_try", complete("TRY {\n    C$0\n}\n"));
    assert_snapshot!(
        "complete_workflow",
        complete("meta {\n  name = \"x\"\n}\nworkflow \"w\" {\n  no$0\n}\n")
    );
}

#[test]
fn completion_of_properties_and_values() {
    assert_snapshot!("complete_properties", complete("CALL {\n    $0\n}\n"));
    assert_snapshot!(
        "complete_not_given_twice",
        complete("CALL {\n    function: \"f\"\n    $0\n}\n")
    );
    assert_snapshot!(
        "complete_of_the_action",
        complete("ACTION {\n    type: \"http_request\"\n    $0\n}\n")
    );
    assert_snapshot!(
        "complete_action_types",
        complete("ACTION {\n    type: \"$0\"\n}\n")
    );
    assert_snapshot!(
        "complete_narrowed",
        complete("ACTION {\n    type: \"flrd$0\"\n}\n")
    );
    assert_snapshot!(
        "complete_values",
        complete("ACTION {\n    type: \"log\"\n    level: \"$0\"\n}\n")
    );
}

#[test]
fn completion_of_names() {
    assert_snapshot!(
        "complete_in_expression",
        complete(&SCRIPT.replace("${said}", "${$0}"))
    );
    assert_snapshot!(
        "complete_parameter",
        complete(&SCRIPT.replace("${how}", "${w$0}"))
    );
    assert_snapshot!(
        "complete_functions",
        complete(&SCRIPT.replace("function: \"greet\"", "function: \"$0\""))
    );
    assert_snapshot!(
        "complete_in_cell",
        complete(&SCRIPT.replace("len(names)", "len(na$0)"))
    );
    assert_snapshot!(
        "complete_members",
        complete(
            "VARIABLE user {\n    value: { name: \"A\", age: 3 }\n}\nACTION { type: \"log\" message: \"${user.$0}\" }\n"
        )
    );
    assert_eq!(complete("// a com$0ment\n"), "");
}

#[test]
fn cells_know_their_flow() {
    let script = Script::new(
        "VARIABLE seed { value: 1 }\nPYTHON {\n    a = seed + 1\n}\nJAVASCRIPT {\n    const b = a * 2;\n}\nFSHARP {\n    let c = b + 1\n}\nPYTHON {\n    z = 5\n}\nSQL {\n    SELECT 1\n}\nPYTHON {\n}\n",
    );
    let analysis = script.analysis();
    let mut out = String::new();
    for info in analysis.cells(script.file).unwrap() {
        writeln!(
            out,
            "{} {} defines {:?} uses {:?} {:?}",
            info.cell.index, info.cell.language, info.defines, info.uses, info.runnable
        )
        .unwrap();
    }
    writeln!(
        out,
        "after cell 0 stale: {:?}",
        analysis.stale_cells(script.file, 0).unwrap()
    )
    .unwrap();
    assert_snapshot!(out);
}

fn references(marked: &str) -> String {
    let script = Script::new(marked);
    let analysis = script.analysis();
    let mut notes = Vec::new();
    for target in analysis.definition(script.file, script.cursor).unwrap() {
        notes.push((target.selection, "definition".to_owned()));
    }
    for place in analysis
        .references(script.file, script.cursor, true)
        .unwrap()
    {
        if notes.iter().all(|(range, _)| *range != place.range) {
            notes.push((place.range, "reference".to_owned()));
        }
    }
    notes.sort_by_key(|(range, _)| range.start);
    script.picture(&notes)
}

#[test]
fn definition_and_references_cross_languages() {
    assert_snapshot!(
        "references_python_to_javascript_and_text",
        references(
            "PYTHON {\n    total = 1\n    total += 1\n}\nJAVASCRIPT {\n    rows.map(total => total); to$0tal * 2\n}\nACTION { type: \"log\" message: \"${total.x} ${items.map(total => total)}\" }\n"
        )
    );
    assert_snapshot!(
        "references_variable_to_fsharp",
        references(
            "VARIABLE limit {\n    value: 3\n}\nFSHARP {\n    let f limit = limit + 1\n    printfn \"%d\" (f lim$0it)\n}\n"
        )
    );
    assert_snapshot!(
        "references_output_variable",
        references(
            "CSHARP {\n    var x = 1;\n    x\n    output_variable: \"answer\"\n}\nPYTHON {\n    print(ans$0wer)\n}\n"
        )
    );
    assert_snapshot!(
        "references_parameter",
        references(
            "VARIABLE who { value: 1 }\nFUNCTION f {\n    parameters: [\"who\"]\n    RETURN { value: \"${wh$0o}\" }\n}\nACTION { type: \"log\" message: \"${who}\" }\n"
        )
    );
    assert_snapshot!(
        "references_nearest_assignment",
        references(
            "VARIABLE n { value: 1 }\nVARIABLE n { value: 2 }\nACTION { type: \"log\" message: \"${$0n}\" }\nVARIABLE n { value: 3 }\n"
        )
    );
    assert_snapshot!(
        "references_agent",
        references(
            "VARIABLE writer { value: 1 }\nAGENT writer {\n    TASK draft {\n    }\n}\nACTION { type: \"execute\" agent: \"wri$0ter\" task: \"draft\" }\n"
        )
    );
    assert_snapshot!(
        "references_node",
        references(
            "workflow \"w\" {\n  node \"a\" kind=\"reason\" {\n  }\n  node b {\n  }\n  edge \"a$0\" -> \"b\"\n}\n"
        )
    );
}

fn rename(marked: &str, name: &str) -> String {
    let script = Script::new(marked);
    let analysis = script.analysis();
    if let Err(refusal) = analysis.prepare_rename(script.file, script.cursor).unwrap() {
        return format!("refused: {}", refusal.reason);
    }
    match analysis.rename(script.file, script.cursor, name).unwrap() {
        Err(refusal) => format!("refused: {}", refusal.reason),
        Ok(change) => {
            let mut text = script.text.clone();
            for edit in change.edits[0].1.iter().rev() {
                text.replace_range(edit.range.clone(), &edit.text);
            }
            text
        }
    }
}

#[test]
fn rename_crosses_languages() {
    assert_snapshot!(
        "rename_everywhere",
        rename(
            "VARIABLE to$0tal { value: 1 }\nPYTHON {\n    total = total + 1\n}\nFSHARP {\n    let y = total\n}\nACTION { type: \"log\" message: \"total: ${total}\" }\nACTION { type: \"assign\" target: \"total\" value: \"${total + 1}\" }\n",
            "sum"
        )
    );
    assert_snapshot!(
        "rename_parameter_only",
        rename(
            "VARIABLE who { value: 1 }\nFUNCTION f {\n    parameters: [\"who\"]\n    RETURN { value: \"${wh$0o}\" }\n}\nACTION { type: \"log\" message: \"${who}\" }\n",
            "name"
        )
    );
    assert_snapshot!(
        "rename_node",
        rename(
            "workflow \"w\" {\n  node \"a$0\" kind=\"reason\" {\n    next = \"b\"\n  }\n  node b {\n    next = [\"a\"]\n  }\n}\n",
            "start"
        )
    );
}

#[test]
fn rename_is_refused_where_it_would_change_meaning() {
    for (marked, name, reason) in [
        (
            "VARIABLE a { value: 1 }\nVARIABLE b$0 { value: 2 }\nACTION { type: \"log\" message: \"${b}\" }\n",
            "a",
            "refused: `a` is already used on line 1",
        ),
        (
            "VARIABLE a$0 { value: 1 }\nPYTHON {\n    def f(n):\n        return a + n\n}\n",
            "n",
            "refused: the cell on line 3 has a local `n`, which would hide the new name",
        ),
        (
            "VARIABLE a$0 { value: 1 }\nPYTHON {\n    print(a)\n}\n",
            "lambda",
            "refused: `lambda` is a word of the language of the cell on line 3",
        ),
        (
            "VARIABLE a$0 { value: 1 }\nFUNCTION f {\n    parameters: [\"n\"]\n    RETURN { value: \"${a} ${n}\" }\n}\n",
            "n",
            "refused: the function on line 2 has a parameter `n`, which would hide the new name",
        ),
        (
            "VARIABLE apple { value: 1 }\nACTION { type: \"log\" message: \"app$0le\" }\n",
            "b",
            "refused: `apple` is text here: it only looks like a name",
        ),
        (
            "VARIABLE a$0 { value: 1 }\nBASH {\n    echo $a\n}\n",
            "b",
            "refused: line 3 mentions `a` in a place that cannot be read for certain",
        ),
        (
            "VARIABLE a$0 { value: 1 }\n",
            "1b",
            "refused: `1b` is not a name: letters, digits and `_`, not beginning with a digit",
        ),
        (
            "ACTION { type: \"log\" message: \"${JS$0ON.x}\" }\n",
            "b",
            "refused: `JSON` is not defined in this workspace",
        ),
    ] {
        assert_eq!(rename(marked, name), reason, "{marked}");
    }
}

#[test]
fn imports_join_scripts() {
    let mut host = AnalysisHost::new();
    let library = host.set_file(
        Path::new("/s/lib.tars"),
        Document::parse("VARIABLE shared {\n    value: 1\n}\n"),
    );
    let text = "IMPORT { path: \"lib.tars\" }\nACTION { type: \"log\" message: \"${shared} ${unknown}\" }\n";
    let main = host.set_file(Path::new("/s/main.tars"), Document::parse(text));
    let analysis = host.snapshot();
    let targets = analysis
        .definition(main, text.find("shared").unwrap())
        .unwrap();
    assert_eq!(
        targets
            .iter()
            .map(|target| (target.file, target.selection.clone()))
            .collect::<Vec<_>>(),
        [(library, 9..15)]
    );
    assert_eq!(analysis.references(library, 10, true).unwrap().len(), 2);
    drop(analysis);
    host.set_document(library, Document::parse("IMPORT { path: \"main.tars\" }\n"));
    let analysis = host.snapshot();
    let found: Vec<String> = analysis
        .diagnostics(main)
        .unwrap()
        .iter()
        .map(|diagnostic| diagnostic.code.to_string())
        .collect();
    assert_eq!(found, ["MS0304"]);
}

#[test]
fn actions_repair_and_reshape() {
    let script = Script::new(
        "VARAIBLE a {\n    value: 1\n}\nACTION {\n    type: \"log\"\n    mesage: \"${a}\"\n}\n",
    );
    let analysis = script.analysis();
    let mut out = String::new();
    for word in ["VARAIBLE", "mesage", "ACTION"] {
        let at = script.text.find(word).unwrap();
        let (what, range) = (word, at..at);
        for action in analysis.code_actions(script.file, range).unwrap() {
            let mut text = script.text.clone();
            for edit in action.edits.iter().rev() {
                text.replace_range(edit.range.clone(), &edit.text);
            }
            writeln!(out, "== {what}: {:?} {}", action.kind, action.title).unwrap();
            if action.kind != ActionKind::Suppress {
                writeln!(out, "{text}").unwrap();
            }
        }
    }
    assert_snapshot!(out);
}

#[test]
fn workspace_symbols_find_names_in_all_files() {
    let mut host = AnalysisHost::new();
    host.set_file(
        Path::new("/s/a.tars"),
        Document::parse("VARIABLE report_title { value: 1 }\nFUNCTION make_report {\n}\n"),
    );
    host.set_file(
        Path::new("/s/b.tars"),
        Document::parse("PYTHON {\n    reports = []\n}\n"),
    );
    let found = host.snapshot().workspace_symbols("report", 10).unwrap();
    let names: Vec<String> = found
        .iter()
        .map(|symbol| format!("{:?} {}", symbol.kind, symbol.name))
        .collect();
    assert_eq!(
        names,
        [
            "Cell reports",
            "Variable report_title",
            "Function make_report"
        ]
    );
}

#[test]
fn signatures_and_selections() {
    let script = Script::new(&SCRIPT.replace("{ who: \"${n}\" }", "{ how: \"$0\" }"));
    let help = script
        .analysis()
        .signature_help(script.file, script.cursor)
        .unwrap()
        .unwrap();
    assert_eq!(
        (help.label.as_str(), help.active),
        ("greet(who, how)", Some(1))
    );
    assert_eq!(&help.label[help.parameters[1].clone()], "how");

    let script = Script::new("IF {\n    condition: \"${fl$0ag}\"\n}\n");
    let ranges = script
        .analysis()
        .selection_ranges(script.file, &[script.cursor])
        .unwrap()
        .remove(0);
    let shown: Vec<String> = ranges
        .into_iter()
        .map(|range| format!("{:?}", &script.text[range]))
        .collect();
    assert_snapshot!(shown.join("\n"));
}

#[test]
fn links_and_linked_places() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.txt"), "x").unwrap();
    let text = "ACTION { type: \"file_read\" path: \"in.txt\" result_variable: \"a\" }\nACTION { type: \"file_read\" path: \"none.txt\" }\nWEBAPI { endpoint: \"https://example.org/a\" }\nFUNCTION f {\n    parameters: [\"p\"]\n    RETURN { value: \"${p}\" }\n}\n";
    let mut host = AnalysisHost::new();
    let file = host.set_file(&folder.path().join("main.tars"), Document::parse(text));
    let analysis = host.snapshot();
    let links: Vec<String> = analysis
        .document_links(file)
        .unwrap()
        .iter()
        .map(|link| text[link.range.clone()].to_owned())
        .collect();
    assert_eq!(links, ["in.txt", "https://example.org/a"]);
    let ranges = analysis
        .linked_ranges(file, text.find("\"p\"").unwrap() + 1)
        .unwrap();
    assert_snapshot!(picture(
        text,
        &ranges
            .into_iter()
            .map(|range| (range, String::new()))
            .collect::<Vec<_>>()
    ));
}

#[test]
fn calls_lead_both_ways() {
    let text = "FUNCTION a {\n    CALL { function: \"b\" }\n}\nFUNCTION b {\n}\nCALL { function: \"a\" }\nACTION { type: \"call_function\" function: \"b\" }\n";
    let script = Script::new(text);
    let analysis = script.analysis();
    let b = analysis
        .prepare_call_hierarchy(script.file, text.find("b\" }").unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(b.name, "b");
    let callers: Vec<String> = analysis
        .incoming_calls(&b)
        .unwrap()
        .into_iter()
        .map(|edge| edge.item.name)
        .collect();
    assert_eq!(callers, ["a", "(script)"]);
    let a = analysis
        .prepare_call_hierarchy(script.file, text.find("a {").unwrap())
        .unwrap()
        .unwrap();
    let called: Vec<String> = analysis
        .outgoing_calls(&a)
        .unwrap()
        .into_iter()
        .map(|edge| edge.item.name)
        .collect();
    assert_eq!(called, ["b"]);
}

#[test]
fn tokens_colour_scripts_and_cells() {
    let text = "VARIABLE n {\n    value: \"${m} text\" // note\n}\nPYTHON {\n    def f(x):\n        return \"a\" + n  # note\n}\nACTION { type: \"log\" level: 3 }\n";
    let script = Script::new(text);
    let tokens = script
        .analysis()
        .semantic_tokens(script.file, None)
        .unwrap();
    assert!(
        tokens
            .windows(2)
            .all(|pair| pair[0].range.end <= pair[1].range.start),
        "tokens overlap"
    );
    let lines: Vec<String> = tokens
        .iter()
        .map(|token| {
            format!(
                "{:?}{} {:?}",
                token.kind,
                if token.definition {
                    " (definition)"
                } else {
                    ""
                },
                &text[token.range.clone()]
            )
        })
        .collect();
    assert_snapshot!(lines.join("\n"));
}

#[test]
fn hints_name_parameters_and_what_cells_read() {
    let text = "VARIABLE n { value: 1 }\nFUNCTION f {\n    parameters: [\"a\", \"b\"]\n}\nCALL { function: \"f\" arguments: [1, 2] }\nPYTHON {\n    print(n)\n}\n";
    let script = Script::new(text);
    let hints = script
        .analysis()
        .inlay_hints(script.file, 0..text.len())
        .unwrap();
    let notes: Vec<_> = hints
        .into_iter()
        .map(|hint| (hint.position..hint.position, hint.label))
        .collect();
    assert_snapshot!(script.picture(&notes));
}
