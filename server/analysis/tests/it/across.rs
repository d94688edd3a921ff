//! Hard cases of names that pass between languages: definition, rename and completion.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::support::Script;

/// One value on its way: a block, Python, F#, JavaScript, and back into text.
const WAY: &str = "VARIABLE city {\n    value: \"Lyon\"\n}\nPYTHON {\n    import math as m\n    names = [city, city.upper()]\n    def pick(names, n):\n        city = names[n]\n        return city\n    first = pick(names, 0)\n}\nFSHARP {\n    let count = List.length names\n    let shown = names |> List.map (fun city -> city.ToLower())\n    printfn \"%s %d\" city count\n}\nJAVASCRIPT {\n    const { length: size } = shown;\n    const text = `${first} of ${city}, ${names.map(city => city.length)}`;\n    result = { city, count, size };\n}\nACTION {\n    type: \"log\"\n    message: \"${city}: ${text} ${result.city} ${names.filter(city => city)} ${count + size}\"\n}\n";

/// The place of the `nth` occurrence of a text.
fn nth(text: &str, wanted: &str, nth: usize) -> usize {
    text.match_indices(wanted)
        .nth(nth)
        .unwrap_or_else(|| panic!("{wanted} occurs {nth} times"))
        .0
}

fn definition(at: usize) -> String {
    let script = Script::new(WAY);
    let targets = script.analysis().definition(script.file, at).unwrap();
    let mut notes: Vec<_> = targets
        .into_iter()
        .flat_map(|target| {
            [
                (target.selection, "definition".to_owned()),
                (target.origin, "asked".to_owned()),
            ]
        })
        .collect();
    notes.sort_by_key(|(range, _)| range.start);
    script.picture(&notes)
}

#[test]
fn definitions() {
    let mut out = String::new();
    for (what, word, occurrence) in [
        ("a free name in F# of a block", "city count", 0),
        ("a Python list in an F# pipe", "names |>", 0),
        ("an F# value destructured in JavaScript", "shown;", 0),
        (
            "Python's result inside a template of JavaScript",
            "first}",
            0,
        ),
        (
            "a block's name inside a template of JavaScript",
            "city}, ",
            0,
        ),
        (
            "the short form of an object in JavaScript",
            "city, count, size",
            0,
        ),
        ("a renamed part of a pattern in an expression", "size}", 0),
        (
            "a name that JavaScript makes by assigning",
            "result.city",
            0,
        ),
        ("what an F# cell made, in arithmetic", "count + size", 0),
    ] {
        let at = nth(WAY, word, occurrence);
        writeln!(out, "# {what}\n{}", definition(at)).unwrap();
    }
    assert_snapshot!(out);
}

#[test]
fn names_that_are_local_lead_nowhere_else() {
    for (word, occurrence) in [
        ("city -> city", 0),
        ("city => city.length", 0),
        ("city => city)", 0),
    ] {
        let at = nth(WAY, word, occurrence);
        let shown = definition(at);
        assert!(!shown.contains("  1 | VARIABLE city"), "{word}:\n{shown}");
    }
}

fn rename(at: usize, name: &str) -> String {
    let script = Script::new(WAY);
    let analysis = script.analysis();
    match analysis.rename(script.file, at, name).unwrap() {
        Err(refusal) => format!("refused: {}", refusal.reason),
        Ok(change) => {
            let mut text = script.text.clone();
            for edit in change.edits[0].1.iter().rev() {
                text.replace_range(edit.range.clone(), &edit.text);
            }
            let changed = WAY.lines().zip(text.lines()).enumerate();
            let mut out = String::new();
            for (number, (_, new)) in changed.filter(|(_, (old, new))| old != new) {
                writeln!(out, "{:>3} | {new}", number + 1).unwrap();
            }
            out
        }
    }
}

#[test]
fn renames() {
    let mut out = String::new();
    for (what, word, occurrence, name) in [
        (
            "a block's name: not the locals that look like it",
            "city count",
            0,
            "town",
        ),
        ("a Python list, from F#", "names |>", 0, "all_names"),
        ("an F# value, from JavaScript", "shown;", 0, "lower"),
        (
            "a part of a JavaScript pattern, from text",
            "size}",
            0,
            "width",
        ),
        (
            "a name that JavaScript assigns, from text",
            "result.city",
            0,
            "summary",
        ),
        ("onto a local of the Python cell", "city count", 0, "n"),
        ("onto a word of F#", "names |>", 0, "member"),
        (
            "onto a word of F# that names nothing in Python",
            "names |>",
            0,
            "match",
        ),
        ("onto another name", "count + size", 0, "text"),
    ] {
        let at = nth(WAY, word, occurrence);
        writeln!(out, "# {what}\n{}", rename(at, name)).unwrap();
    }
    assert_snapshot!(out);
}

fn completion(marked: &str) -> String {
    let script = Script::new(marked);
    let list = script
        .analysis()
        .completions(script.file, script.cursor)
        .unwrap();
    let shown: Vec<String> = list
        .items
        .iter()
        .take(8)
        .map(|item| {
            let detail = item.detail.as_deref().unwrap_or("no detail");
            format!("{} ({detail})", item.label)
        })
        .collect();
    shown.join("\n")
}

#[test]
fn completions() {
    let mut out = String::new();
    for (what, from, to) in [
        (
            "F# sees blocks and Python",
            "List.length names",
            "List.length $0",
        ),
        (
            "F# by a few letters",
            "List.length names",
            "List.length nm$0",
        ),
        ("JavaScript sees F#", "= shown;", "= sh$0;"),
        (
            "a template of JavaScript sees Python",
            "${first}",
            "${fi$0}",
        ),
        (
            "an expression sees every language",
            "${count + size}",
            "${$0}",
        ),
        (
            "a Python function sees its own locals",
            "return city",
            "return ci$0",
        ),
        (
            "the names of a parameter stay inside",
            "first = pick(names, 0)",
            "first = pi$0",
        ),
    ] {
        assert!(WAY.contains(from), "{from}");
        let marked = WAY.replacen(from, to, 1);
        writeln!(out, "# {what}\n{}\n", completion(&marked)).unwrap();
    }
    assert_snapshot!(out);
}
