//! Inside cells: the host interface without a session, and Rust beside the other languages.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::support::Script;

fn complete(marked: &str) -> String {
    let script = Script::new(marked);
    let analysis = script.analysis();
    let list = analysis.completions(script.file, script.cursor).unwrap();
    let mut out = String::new();
    for item in &list.items {
        let detail = item.detail.as_deref().unwrap_or_default();
        let replaced = &script.text[item.replace.clone()];
        writeln!(
            out,
            "{:?} {} ({detail}) for {replaced:?}",
            item.kind, item.label
        )
        .unwrap();
    }
    out
}

fn hover(marked: &str) -> String {
    let script = Script::new(marked);
    let found = script.analysis().hover(script.file, script.cursor).unwrap();
    found.map_or_else(
        || "nothing\n".to_owned(),
        |hover| script.picture(&[(hover.range, hover.markdown.replace('\n', " "))]),
    )
}

#[test]
fn the_host_interface_is_offered_without_a_session() {
    let mut out = String::new();
    for marked in [
        "PYTHON {\n    x = tars.$0\n}\n",
        "JAVASCRIPT {\n    const x = tars.fs.re$0;\n}\n",
        "FSHARP {\n    let x = tars.vars.$0\n}\n",
        "RUST {\n    let x = tars::http::$0;\n}\n",
        "RUST {\n    let x = tars::llm::$0;\n}\n",
        "PYTHON {\n    x = ta$0\n}\n",
        // Members of something else, of a name of one's own, in a language that has no runtime.
        "PYTHON {\n    x = other.$0\n}\n",
        "PYTHON {\n    tars = 3\n}\nPYTHON {\n    y = tars.$0\n}\n",
        "CSHARP {\n    var x = tars.$0;\n}\n",
    ] {
        writeln!(out, "# {}\n{}", marked.trim_end(), complete(marked)).unwrap();
    }
    assert_snapshot!(out);
}

#[test]
fn the_host_interface_is_explained() {
    let mut out = String::new();
    for marked in [
        "PYTHON {\n    x = ta$0rs.fs.read(path)\n}\n",
        "PYTHON {\n    x = tars.fs.re$0ad(path)\n}\n",
        "RUST {\n    let x = tars::fs::ex$0ists(path)?;\n}\n",
        "FSHARP {\n    let x = tars.llm$0.complete \"a\"\n}\n",
        "PYTHON {\n    x = file.re$0ad(path)\n}\n",
    ] {
        out.push_str(&hover(marked));
    }
    assert_snapshot!(out);
}

/// A value on its way through Rust: from a block, through items and macros, to Python and back into text.
const RUST: &str = "VARIABLE city {\n    value: \"Lyon\"\n}\nRUST {\n    struct Place { city: String, rank: i64 }\n    fn best(places: &[Place]) -> Option<&Place> { places.iter().max_by_key(|place| place.rank) }\n    let rank = city.len() as i64;\n    let place = Place { city: city.clone(), rank };\n    println!(\"{city} {rank:>3} {}\", place.rank);\n    let Place { city: shown, rank: high } = place;\n}\nPYTHON {\n    total = rank + high\n}\nRUST {\n    let twice = total * 2;\n    let found = best(&[]);\n}\nACTION {\n    type: \"log\"\n    message: \"${city} ${rank} ${shown} ${twice}\"\n}\n";

fn at(word: &str) -> usize {
    RUST.find(word).unwrap()
}

#[test]
fn rust_names_lead_to_their_definitions() {
    let mut out = String::new();
    for word in [
        "city.len()",
        "{city} {rank",
        "rank:>3",
        "rank + high",
        "high\n}",
        "total * 2",
        "best(&[])",
        "shown} $",
    ] {
        let from = at(word) + usize::from(word.starts_with('{'));
        let script = Script::new(RUST);
        let found = script.analysis().definition(script.file, from).unwrap();
        let mut notes = vec![(from..from + 1, "asked".to_owned())];
        notes.extend(
            found
                .into_iter()
                .map(|target| (target.selection, "definition".to_owned())),
        );
        notes.sort_by_key(|(range, _)| range.start);
        writeln!(out, "# {word}\n{}", script.picture(&notes)).unwrap();
    }
    assert_snapshot!(out);
}

#[test]
fn rust_names_are_renamed() {
    let mut out = String::new();
    for (word, name) in [
        ("city.len()", "town"),
        ("rank + high", "level"),
        ("shown} $", "label"),
        ("best(&[])", "first"),
        ("total * 2", "match"),
        ("total * 2", "place"),
    ] {
        let script = Script::new(RUST);
        let analysis = script.analysis();
        writeln!(out, "# {word} -> {name}").unwrap();
        match analysis.rename(script.file, at(word), name).unwrap() {
            Err(refusal) => writeln!(out, "refused: {}", refusal.reason).unwrap(),
            Ok(change) => {
                let mut text = script.text.clone();
                for edit in change.edits[0].1.iter().rev() {
                    text.replace_range(edit.range.clone(), &edit.text);
                }
                let changed = RUST.lines().zip(text.lines()).enumerate();
                for (number, (_, new)) in changed.filter(|(_, (old, new))| old != new) {
                    writeln!(out, "{:>3} | {new}", number + 1).unwrap();
                }
            }
        }
    }
    assert_snapshot!(out);
}

#[test]
fn rust_cells_take_part_in_the_flow() {
    let script = Script::new(RUST);
    let analysis = script.analysis();
    let mut out = String::new();
    for info in analysis.cells(script.file).unwrap() {
        let stale = analysis.stale_cells(script.file, info.cell.index).unwrap();
        writeln!(
            out,
            "{} {}: takes {:?}, gives {:?}; an edit makes {stale:?} stale",
            info.cell.index,
            info.cell.language.as_str(),
            info.uses,
            info.defines
        )
        .unwrap();
    }
    assert_snapshot!(out);
}
