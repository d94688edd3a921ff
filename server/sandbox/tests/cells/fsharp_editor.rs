//! What an editor asks the F# compiler: nothing runs, and there is no session.

use std::fmt::Write as _;
use std::sync::Arc;

use metascript_sandbox::{FSharpEditor, FSharpScript, Value};

use crate::support::{assert_picture, engine};

fn editor() -> FSharpEditor {
    engine().fsharp_editor().unwrap()
}

fn script(cells: &[&str]) -> FSharpScript {
    FSharpScript {
        shared: vec![
            ("limit".to_owned(), Some(Value::Integer(3))),
            (
                "person".to_owned(),
                Some(Value::Map(vec![
                    ("name".to_owned(), Value::Text("Ada".to_owned())),
                    ("born".to_owned(), Value::Integer(1815)),
                ])),
            ),
            ("answer".to_owned(), None),
        ],
        cells: cells.iter().map(|code| Arc::from(*code)).collect(),
    }
}

/// Every cell with what is wrong with it.
fn checked(cells: &[&str]) -> String {
    let (editor, script) = (editor(), script(cells));
    let mut text = String::new();
    for (cell, code) in cells.iter().enumerate() {
        let _ = writeln!(text, "[{}]", cell + 1);
        let found = editor.check(&script, cell);
        let mut start = 0;
        for line in code.split_inclusive('\n') {
            let _ = writeln!(text, "    {}", line.trim_end());
            let end = start + line.len();
            for one in found.iter().filter(|one| {
                (start..end).contains(&one.range.start)
                    || (one.range.start == end && end == code.len())
            }) {
                let from = code[start..one.range.start].chars().count();
                let width = code[one.range.start..one.range.end.min(end)]
                    .trim_end()
                    .chars()
                    .count();
                let kind = if one.is_error { "error" } else { "warning" };
                let _ = writeln!(
                    text,
                    "    {}{} {kind} {}: {}",
                    " ".repeat(from),
                    "^".repeat(width.max(1)),
                    one.code,
                    one.message
                );
            }
            start = end;
        }
    }
    text
}

/// The code without its `$0`, and where that was.
fn cursor(code: &str) -> (String, usize) {
    let at = code.find("$0").expect("a cursor");
    (code.replacen("$0", "", 1), at)
}

fn completions(above: &[&str], code: &str) -> Vec<String> {
    let (code, at) = cursor(code);
    let cells: Vec<&str> = above.iter().copied().chain([code.as_str()]).collect();
    let found = editor().complete(&script(&cells), above.len(), at);
    found.into_iter().map(|one| one.label).collect()
}

fn description(above: &[&str], code: &str) -> String {
    let (code, at) = cursor(code);
    let cells: Vec<&str> = above.iter().copied().chain([code.as_str()]).collect();
    match editor().inspect(&script(&cells), above.len(), at) {
        Some(found) => format!("{}: {}", &code[found.range], found.signature),
        None => "nothing".to_owned(),
    }
}

/// Each signature with the parameter in hand between arrows.
fn signatures(above: &[&str], code: &str) -> String {
    let (code, at) = cursor(code);
    let cells: Vec<&str> = above.iter().copied().chain([code.as_str()]).collect();
    let Some((found, active)) = editor().signatures(&script(&cells), above.len(), at) else {
        return "nothing".to_owned();
    };
    let one = |label: &str, place: &std::ops::Range<usize>| {
        format!(
            "{}»{}«{}",
            &label[..place.start],
            &label[place.clone()],
            &label[place.end..]
        )
    };
    let all = found
        .iter()
        .map(|found| match found.parameters.get(active) {
            Some(place) => one(&found.label, place),
            None => found.label.clone(),
        });
    all.collect::<Vec<_>>().join("\n")
}

#[test]
fn values_of_the_script_are_no_errors_where_they_stand_in_code() {
    assert_picture!(checked(&[
        "let twice = ${limit} * 2\nlet name : string = ${answer}\nlet born = ${person.born} + 1\nprintfn \"%d for ${person.name}\" twice",
        "let wrong : string = ${limit}\ntwice + ${ limit }",
        "${unheard} + undefinedName",
    ]));
}

#[test]
fn errors_stand_where_they_are() {
    assert_picture!(checked(&[
        "let total : int = \"text\"\nlet é = 1 in é + nope",
        "    let indented = 1\n    indented + \"x\"",
        "match Some 1 with\n| Some n -> n",
        "let x =",
        "open Newtonsoft.Json\nlet ok = 1",
        "System.Console.WriteLine(\"fine\")",
    ]));
}

#[test]
fn cells_above_and_names_of_the_script_are_in_scope() {
    assert_picture!(checked(&[
        "type Point = { X: int; Y: int }\nlet origin = { X = 0; Y = 0 }",
        "origin.X + limit",
        "person.name.Length + person.born + person.age",
        "let wrong : string = limit",
        // Nobody knows what it is: whatever is done with it may be right.
        "let first = answer.items.[0]\nfor one in answer do printfn \"%s\" one\nConsole.WriteLine(answer)\nanswer + 1",
        "origin.Z",
    ]));
}

#[test]
fn a_cell_that_is_wrong_hides_only_what_it_did_not_bind() {
    assert_picture!(checked(&[
        "let a = 1\nlet b : int = \"no\"",
        "a + b",
        "missing"
    ]));
}

#[test]
fn completion() {
    let found = completions(&[], "[ 1; 2 ] |> List.ma$0");
    assert!(
        found.contains(&"map".to_owned()) && found.iter().all(|name| name.starts_with("ma")),
        "{found:?}"
    );
    assert!(completions(&[], "List.$0").contains(&"filter".to_owned()));
    let found = completions(&["let population = [ \"Ada\" ]"], "popul$0");
    assert_eq!(found, ["population"]);
    assert!(
        completions(
            &["let population = [ \"Ada\" ]"],
            "let n =\n    population.$0\nn + 1"
        )
        .contains(&"Length".to_owned())
    );
    assert!(completions(&[], "person.$0").contains(&"born".to_owned()));
    assert!(completions(&[], "tars.$0").contains(&"llm".to_owned()));
}

#[test]
fn descriptions() {
    let above = ["let add a b = a + b + 1"];
    assert_picture!(
        [
            description(&above, "a$0dd 1 2"),
            description(&above, "let twice = add 1\ntwi$0ce 3"),
            description(&[], "[ 1 ] |> List.ma$0p string"),
            description(&[], "Math.Ma$0x(1, 2)"),
            description(&[], "limi$0t + 1"),
            description(&[], "person.bo$0rn"),
            description(&[], "// a com$0ment\n1"),
        ]
        .join("\n\n")
    );
}

#[test]
fn signature_help() {
    let above = [
        "let area (width: float) height = width * height\ntype Box(side: int, name: string) =\n    member _.Grow(by: int, ?again: bool) = side + by",
    ];
    assert_picture!(
        [
            signatures(&above, "Math.Max(1, $0)"),
            signatures(&above, "area 1.0 $0"),
            signatures(&above, "let a = area $0"),
            signatures(&above, "Box(1, $0)"),
            signatures(&above, "let b = Box(1, \"(,\")\nb.Grow($0)"),
            signatures(&above, "[ 1; 2 ] |> List.fold $0"),
            signatures(&above, "1 + 2 $0"),
        ]
        .join("\n\n")
    );
}
