//! Filling holes in the fixtures: the built-in completer against what any editor has, and what is shown must hold.

use std::collections::HashMap;
use std::path::Path;

use metascript_assist::accept::{Acceptor, LevelPolicy, Policy as _};
use metascript_assist::embedded::Embedded;
use metascript_syntax::schema::schema;
use metascript_syntax::{Document, TextEdit};

/// A piece cut out of a script.
struct Hole {
    script: usize,
    start: usize,
    end: usize,
}

fn scripts() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/assist");
    let mut scripts: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "tars")
        })
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    scripts.sort();
    assert!(scripts.len() >= 12);
    scripts
}

/// The rest of every third line, from its beginning, after its key, or from the middle of a word.
fn holes(scripts: &[(String, String)]) -> Vec<Hole> {
    let mut holes = Vec::new();
    for (script, (_, text)) in scripts.iter().enumerate() {
        let mut at = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let (start, end) = (at, at + line.trim_end().len());
            at += line.len();
            let trimmed = line.trim();
            if number % 3 != script % 3 || trimmed.len() < 6 || trimmed.ends_with('{') {
                continue;
            }
            let indentation = line.len() - line.trim_start().len();
            let from = match number % 4 {
                0 | 1 => start + indentation,
                2 => line
                    .find(": ")
                    .map_or(start + indentation, |colon| start + colon + 2),
                _ => start + indentation + 3,
            };
            if text.is_char_boundary(from) && from < end {
                holes.push(Hole {
                    script,
                    start: from,
                    end,
                });
            }
        }
    }
    holes
}

#[derive(Default, Debug)]
struct Score {
    shown: usize,
    exact: usize,
    similarity: f64,
}

impl Score {
    fn add(&mut self, truth: &str, said: Option<&str>) {
        let said = said
            .and_then(|said| said.lines().next())
            .unwrap_or_default()
            .trim_end();
        self.shown += usize::from(!said.is_empty());
        self.exact += usize::from(said == truth);
        self.similarity += strsim::normalized_levenshtein(said, truth);
    }
}

/// What keyword completion would put there: the first property that is missing, the first known value.
fn keyword(before: &str) -> String {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let header = before
        .lines()
        .rev()
        .find(|line| line.trim_end().ends_with('{'))
        .unwrap_or_default();
    let block = schema().block(header.trim().split(' ').next().unwrap_or_default());
    if let Some((key, _)) = line.split_once(": ") {
        let value = block
            .and_then(|block| block.property(key.trim()))
            .and_then(|property| property.values.first());
        return value.map_or_else(|| "\"\"".to_owned(), |value| format!("\"{value}\""));
    }
    let partial = line.trim();
    let names = block
        .map(|block| {
            block
                .properties
                .iter()
                .map(|property| property.name.as_str())
                .collect::<Vec<_>>()
        })
        .unwrap_or_default();
    let body = before.rsplit('{').next().unwrap_or_default();
    names
        .into_iter()
        .find(|name| name.starts_with(partial) && !body.contains(&format!("{name}:")))
        .and_then(|name| name.strip_prefix(partial))
        .map_or_else(String::new, |rest| format!("{rest}: "))
}

/// What followed most often in the other scripts: the next line after a line with this key, the rest of a line after
/// this key.
struct Frequent {
    lines: HashMap<String, HashMap<String, usize>>,
    values: HashMap<String, HashMap<String, usize>>,
}

fn key(line: &str) -> String {
    line.trim()
        .split([':', ' '])
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The most frequent text; of equally frequent ones the first in the alphabet.
fn most(counts: Option<&HashMap<String, usize>>, fits: impl Fn(&str) -> bool) -> Option<&str> {
    let fitting = counts?.iter().filter(|(text, _)| fits(text));
    fitting
        .max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)))
        .map(|(text, _)| text.as_str())
}

impl Frequent {
    fn learn<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let (mut lines, mut values) = (HashMap::new(), HashMap::new());
        let count = |map: &mut HashMap<String, HashMap<String, usize>>, key: String, text: &str| {
            *map.entry(key)
                .or_default()
                .entry(text.to_owned())
                .or_default() += 1;
        };
        for text in texts {
            let all: Vec<&str> = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            for pair in all.windows(2) {
                count(&mut lines, key(pair[0]), pair[1]);
            }
            for (name, value) in all.iter().filter_map(|line| line.split_once(": ")) {
                count(&mut values, name.to_owned(), value);
            }
        }
        Self { lines, values }
    }

    fn complete(&self, before: &str) -> String {
        let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
        if let Some((name, typed)) = line.split_once(": ") {
            let value =
                most(self.values.get(name), |value| value.starts_with(typed)).unwrap_or_default();
            return value.strip_prefix(typed).unwrap_or_default().to_owned();
        }
        let last = before
            .lines()
            .rev()
            .skip(usize::from(!before.ends_with('\n')))
            .find(|line| !line.trim().is_empty());
        let next = most(self.lines.get(&key(last.unwrap_or_default())), |next| {
            next.starts_with(line)
        });
        next.and_then(|next| next.strip_prefix(line))
            .unwrap_or_default()
            .to_owned()
    }
}

#[test]
fn the_built_in_completer_beats_what_any_editor_has_and_what_it_shows_holds() {
    let scripts = scripts();
    let acceptor = Acceptor::default();
    let policy = LevelPolicy::default();
    let (mut ours, mut keywords, mut frequent) =
        (Score::default(), Score::default(), Score::default());
    let mut broken = Vec::new();
    let holes = holes(&scripts);
    for (index, (name, text)) in scripts.iter().enumerate() {
        // Each script is filled from the others alone and from its own rest.
        let completer = Embedded::default();
        for (other, text) in scripts.iter().filter(|(other, _)| other != name) {
            completer.set(other, text);
        }
        let counts = Frequent::learn(
            scripts
                .iter()
                .filter(|(other, _)| other != name)
                .map(|(_, text)| text.as_str()),
        );
        for hole in holes.iter().filter(|hole| hole.script == index) {
            let (before, truth, after) = (
                &text[..hole.start],
                &text[hole.start..hole.end],
                &text[hole.end..],
            );
            let document = Document::parse(&format!("{before}{after}"));
            let errors = document.syntax_errors().len();
            let said = completer
                .complete(name, before, after, 4)
                .into_iter()
                .find_map(|guess| acceptor.accept(&document, hole.start, &guess.text).ok());
            if let Some(piece) = &said {
                let filled = document.edited(&[TextEdit {
                    range: hole.start..hole.start,
                    text: piece.clone(),
                }]);
                let findings = |document: &Document| -> usize {
                    document
                        .cells()
                        .iter()
                        .map(|cell| {
                            policy
                                .blocked(cell.language.as_str(), &document.slice(cell.code.clone()))
                                .len()
                        })
                        .sum()
                };
                if filled.syntax_errors().len() > errors || findings(&filled) > findings(&document)
                {
                    broken.push(format!("{name}:{}: {piece}", hole.start));
                }
            }
            ours.add(truth, said.as_deref());
            keywords.add(truth, Some(&keyword(before)));
            frequent.add(truth, Some(&counts.complete(before)));
        }
    }
    let count = holes.len();
    println!("{count} holes\nbuilt-in {ours:?}\nkeywords {keywords:?}\nfrequent {frequent:?}");
    assert!(count > 100, "{count}");
    assert_eq!(
        broken,
        Vec::<String>::new(),
        "every candidate parses and passes the policy"
    );
    assert!(
        ours.exact * 100 >= count * 30,
        "{} of {count} exact",
        ours.exact
    );
    assert!(keywords.exact * 3 < ours.exact && keywords.similarity * 3.0 < ours.similarity);
    assert!(frequent.exact * 14 < ours.exact * 10 && frequent.similarity < ours.similarity);
}
