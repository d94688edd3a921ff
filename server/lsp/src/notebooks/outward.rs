//! Places of a script become places of the cells that it is made of.
//!
//! This works on the JSON of answers: what is a range or a place looks the same in all of them. What lies in no cell, or in
//! another one than the answer is about, is left out.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Asked;
use super::text::{Layout, Place};

/// Where the cells of each notebook stand, by the notebook's URI.
pub(crate) type Layouts = HashMap<String, Arc<Layout>>;

type Fields = Map<String, Value>;

/// The answer as the client understands it. `asked`: the cell that it is about.
pub(crate) fn answer(value: Value, layouts: &Layouts, asked: Option<&Asked>) -> Value {
    let here = asked.and_then(|asked| asked.layout.cell(&asked.cell));
    Outward { layouts }.value(value, here).unwrap_or_default()
}

impl Asked {
    /// A cell of a notebook, for what is said without being asked.
    pub(crate) fn about(layout: &Arc<Layout>, cell: &str) -> Asked {
        Asked {
            layout: Arc::clone(layout),
            cell: cell.to_owned(),
        }
    }
}

/// Fields whose loss makes the object around meaningless.
const NEEDED: &[&str] = &[
    "range",
    "position",
    "location",
    "textEdit",
    "targetRange",
    "targetSelectionRange",
    "start",
    "end",
];

/// Fields that are ours or the client's business.
const OPAQUE: &[&str] = &["data", "command", "arguments", "textDocument"];

struct Outward<'a> {
    layouts: &'a Layouts,
}

impl<'a> Outward<'a> {
    fn value(&self, value: Value, here: Option<&'a Place>) -> Option<Value> {
        match value {
            Value::Array(items) => Some(Value::Array(
                items
                    .into_iter()
                    .filter_map(|item| self.value(item, here))
                    .collect(),
            )),
            Value::Object(fields) => self.object(fields, here),
            other => Some(other),
        }
    }

    fn object(&self, mut fields: Fields, here: Option<&'a Place>) -> Option<Value> {
        if is_range(&fields) {
            return match here {
                Some(place) => range(&fields, place),
                None => Some(Value::Object(fields)),
            };
        }
        if let (Some(line), true) = (line_of(&fields), fields.contains_key("character")) {
            if let Some(place) = here {
                fields.insert("line".to_owned(), inside(line, place)?.into());
            }
            return Some(Value::Object(fields));
        }
        let here = self.place(&mut fields, here);
        if let Some(place) = here {
            if fields.contains_key("newText") && !whole(&fields, place) {
                return None;
            }
            if !fold(&mut fields, place) {
                return None;
            }
            tokens(&mut fields, place);
        }
        self.edits(&mut fields);
        self.target(&mut fields);
        let mut mapped = Map::new();
        for (name, field) in fields {
            if OPAQUE.contains(&name.as_str()) || name.starts_with("target") {
                mapped.insert(name, field);
                continue;
            }
            let here = match name.as_str() {
                "changes" | "documentChanges" => None,
                _ => here,
            };
            match self.value(field, here) {
                Some(field) => {
                    mapped.insert(name, field);
                }
                None if NEEDED.contains(&name.as_str()) => return None,
                None => {}
            }
        }
        // A name that stands in another cell than most of its block: the block's start must do.
        if let Some(range) = mapped.get("range").cloned()
            && mapped.contains_key("kind")
            && mapped.contains_key("name")
            && !mapped.contains_key("selectionRange")
            && !mapped.contains_key("location")
        {
            let start = range.get("start").cloned().unwrap_or_default();
            mapped.insert(
                "selectionRange".to_owned(),
                json!({ "start": start, "end": start }),
            );
        }
        Some(Value::Object(mapped))
    }

    /// The cell that an object with a URI of its own is about; its URI becomes that of the cell.
    fn place(&self, fields: &mut Fields, here: Option<&'a Place>) -> Option<&'a Place> {
        if let Some(uri) = fields.get("uri").and_then(Value::as_str)
            && fields.contains_key("range")
        {
            let place = self.layouts.get(uri).and_then(|layout| {
                let range = fields.get("selectionRange").or_else(|| fields.get("range"));
                layout.at(start_line(range?)?)
            });
            if let Some(place) = place {
                fields.insert("uri".to_owned(), place.uri.clone().into());
            }
            return place;
        }
        // The ranges of an incoming call lie in the caller.
        if let Some(caller) = fields.get("from").and_then(|from| from.get("uri"))
            && let Some(caller) = caller.as_str()
        {
            let first = fields.get("fromRanges").and_then(|ranges| ranges.get(0));
            return self
                .layouts
                .get(caller)
                .and_then(|layout| layout.at(start_line(first?)?));
        }
        here
    }

    /// The target of a link between places.
    fn target(&self, fields: &mut Fields) {
        let uri = fields.get("targetUri").and_then(Value::as_str);
        let Some(layout) = uri.and_then(|uri| self.layouts.get(uri)) else {
            return;
        };
        let line = fields.get("targetSelectionRange").and_then(start_line);
        let Some(place) = line.and_then(|line| layout.at(line)) else {
            return;
        };
        fields.insert("targetUri".to_owned(), place.uri.clone().into());
        for name in ["targetRange", "targetSelectionRange"] {
            let moved = fields
                .get(name)
                .and_then(Value::as_object)
                .and_then(|target| range(target, place));
            if let Some(moved) = moved {
                fields.insert(name.to_owned(), moved);
            }
        }
    }

    /// The edits of a `WorkspaceEdit`, each to the cell that it lies in.
    fn edits(&self, fields: &mut Fields) {
        if let Some(Value::Object(changes)) = fields.get_mut("changes") {
            for (notebook, layout) in self.layouts {
                let Some(Value::Array(edits)) = changes.remove(notebook) else {
                    continue;
                };
                for (place, edits) in by_cell(edits, layout) {
                    changes.insert(place.uri.clone(), edits.into());
                }
            }
        }
        if let Some(Value::Array(changes)) = fields.get_mut("documentChanges") {
            let split = std::mem::take(changes).into_iter().flat_map(|change| {
                let layout = change
                    .pointer("/textDocument/uri")
                    .and_then(Value::as_str)
                    .and_then(|uri| self.layouts.get(uri));
                let (Some(layout), Some(edits)) = (layout, change.get("edits")) else {
                    return vec![change];
                };
                let edits = edits.as_array().cloned().unwrap_or_default();
                by_cell(edits, layout)
                    .into_iter()
                    .map(|(place, edits)| {
                        json!({
                            "textDocument": { "uri": place.uri, "version": place.version },
                            "edits": edits,
                        })
                    })
                    .collect()
            });
            *changes = split.collect();
        }
    }
}

/// Edits that lie in a cell, by cell. An edit that touches what stands between cells is none that a client could apply.
fn by_cell(edits: Vec<Value>, layout: &Layout) -> Vec<(&Place, Vec<Value>)> {
    let mut found: Vec<(&Place, Vec<Value>)> = Vec::new();
    for mut edit in edits {
        let Some(place) = edit
            .get("range")
            .and_then(start_line)
            .and_then(|line| layout.at(line))
        else {
            continue;
        };
        let Some(fields) = edit.as_object_mut().filter(|fields| whole(fields, place)) else {
            continue;
        };
        let moved = fields
            .get("range")
            .and_then(Value::as_object)
            .and_then(|old| range(old, place));
        if let Some(moved) = moved {
            fields.insert("range".to_owned(), moved);
        }
        match found.iter_mut().find(|(known, _)| *known == place) {
            Some((_, edits)) => edits.push(edit),
            None => found.push((place, vec![edit])),
        }
    }
    found
}

fn is_range(fields: &Fields) -> bool {
    let position = |name| {
        fields
            .get(name)
            .is_some_and(|at| at.get("line").is_some() && at.get("character").is_some())
    };
    fields.len() == 2 && position("start") && position("end")
}

fn line_of(fields: &Fields) -> Option<u32> {
    let line = fields.get("line").and_then(Value::as_u64)?;
    u32::try_from(line).ok()
}

fn start_line(range: &Value) -> Option<u32> {
    line_of(range.get("start")?.as_object()?)
}

/// The line of the cell; `None` outside it.
fn inside(line: u32, place: &Place) -> Option<u32> {
    line.checked_sub(place.first)
        .filter(|line| *line < place.lines)
}

/// The part of a range that lies in the cell; `None` where there is none.
fn range(fields: &Fields, place: &Place) -> Option<Value> {
    let ends = |name| {
        let at = fields.get(name)?.as_object()?;
        Some((line_of(at)?, at.get("character")?.as_u64()?))
    };
    let (from, to) = (ends("start")?, ends("end")?);
    let last = place.first + place.lines - 1;
    if to.0 < place.first || from.0 > last {
        return None;
    }
    let from = if from.0 < place.first {
        (place.first, 0)
    } else {
        from
    };
    let to = if to.0 > last {
        (last, u64::from(place.end))
    } else {
        to
    };
    Some(json!({
        "start": { "line": from.0 - place.first, "character": from.1 },
        "end": { "line": to.0 - place.first, "character": to.1 },
    }))
}

/// Whether the object's range lies in the cell with both ends.
fn whole(fields: &Fields, place: &Place) -> bool {
    ["start", "end"].iter().all(|name| {
        fields
            .get("range")
            .and_then(|range| range.get(*name)?.get("line")?.as_u64())
            .and_then(|line| inside(u32::try_from(line).ok()?, place))
            .is_some()
    })
}

/// The lines of a fold. `false`: it is not in the cell.
fn fold(fields: &mut Fields, place: &Place) -> bool {
    for name in ["startLine", "endLine"] {
        let Some(line) = fields.get(name).and_then(Value::as_u64) else {
            continue;
        };
        let line = u32::try_from(line)
            .ok()
            .and_then(|line| inside(line, place));
        let Some(line) = line else { return false };
        fields.insert(name.to_owned(), line.into());
    }
    true
}

/// Semantic tokens, five numbers each, the line relative to the token before. The answer has no id: the next one is
/// asked for in full.
fn tokens(fields: &mut Fields, place: &Place) {
    let Some(Value::Array(data)) = fields.get("data") else {
        return;
    };
    let numbers: Option<Vec<u64>> = data.iter().map(Value::as_u64).collect();
    let Some(numbers) = numbers else { return };
    let mut out: Vec<u64> = Vec::new();
    let (mut line, mut start) = (0, 0);
    let mut last = u64::from(place.first);
    let mut last_start = 0;
    let lines = last..last + u64::from(place.lines);
    for token in numbers.chunks_exact(5) {
        let [delta_line, delta_start, length, kind, modifiers] = token else {
            continue;
        };
        start = if *delta_line == 0 {
            start + delta_start
        } else {
            *delta_start
        };
        line += delta_line;
        if !lines.contains(&line) {
            continue;
        }
        let down = line - last;
        let right = if down == 0 { start - last_start } else { start };
        out.extend([down, right, *length, *kind, *modifiers]);
        (last, last_start) = (line, start);
    }
    fields.insert("data".to_owned(), out.into());
    fields.remove("resultId");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(uri: &str, first: u32) -> Place {
        Place {
            uri: uri.to_owned(),
            version: 3,
            first,
            lines: 2,
            end: 4,
        }
    }

    /// Cell `a` has the lines 1 and 2 of the script, cell `b` the lines 5 and 6.
    fn mapped(value: Value) -> Value {
        let layout = Arc::new(Layout {
            places: vec![place("a", 1), place("b", 5)],
        });
        let asked = Asked::about(&layout, "b");
        let layouts = Layouts::from([("n".to_owned(), layout)]);
        answer(value, &layouts, Some(&asked))
    }

    fn lines(start: u32, end: u32) -> Value {
        json!({ "start": { "line": start, "character": 1 }, "end": { "line": end, "character": 9 } })
    }

    #[test]
    fn ranges_are_moved_cut_or_left_out() {
        let answer = mapped(json!([
            { "range": lines(5, 5) },
            { "range": lines(1, 5) },
            { "range": lines(1, 2) },
            { "uri": "n", "range": lines(2, 2) },
            { "uri": "other", "range": lines(2, 2) },
            { "uri": "n", "range": lines(3, 3) },
        ]));
        assert_eq!(
            answer,
            json!([
                { "range": lines(0, 0) },
                { "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 9 } } },
                { "uri": "a", "range": lines(1, 1) },
                { "uri": "other", "range": lines(2, 2) },
                { "uri": "n", "range": lines(3, 3) },
            ])
        );
    }

    #[test]
    fn edits_go_to_their_cells_and_never_between_them() {
        let edit = |line| json!({ "range": lines(line, line), "newText": "x" });
        let change = json!({ "textDocument": { "uri": "n", "version": 9 }, "edits": [edit(1), edit(3), edit(6)] });
        let answer = mapped(json!({ "documentChanges": [change] }));
        assert_eq!(
            answer,
            json!({ "documentChanges": [
                { "textDocument": { "uri": "a", "version": 3 }, "edits": [edit(0)] },
                { "textDocument": { "uri": "b", "version": 3 }, "edits": [edit(1)] },
            ] })
        );
        let answer = mapped(json!({ "changes": { "n": [edit(5)], "other": [edit(5)] } }));
        assert_eq!(
            answer,
            json!({ "changes": { "b": [edit(0)], "other": [edit(5)] } })
        );
    }

    #[test]
    fn tokens_of_other_cells_are_left_out() {
        let answer = mapped(
            json!({ "resultId": "7", "data": [1, 2, 3, 4, 0, 4, 5, 6, 7, 0, 0, 3, 1, 1, 0, 1, 1, 1, 1, 0, 9, 0, 1, 1, 0] }),
        );
        assert_eq!(
            answer,
            json!({ "data": [0, 5, 6, 7, 0, 0, 3, 1, 1, 0, 1, 1, 1, 1, 0] })
        );
    }
}
