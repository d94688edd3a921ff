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

/// What followed most often, word by word, in the other scripts.
struct Frequent(HashMap<String, HashMap<String, usize>>);

fn words(text: &str) -> Vec<&str> {
    // Runs of letters and digits, single signs, line ends; blanks belong to what follows them.
    let mut words = Vec::new();
    let mut start = 0;
    let class = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            1
        } else if c == ' ' {
            2
        } else {
            0
        }
    };
    let mut last = 0;
    for (at, c) in text.char_indices() {
        let now = class(c);
        if at > start && (now == 0 || (now != last && last != 2)) {
            words.push(&text[start..at]);
            start = at;
        }
        last = now;
    }
    words.push(&text[start..]);
    words
}

impl Frequent {
    fn learn<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut counts: HashMap<String, HashMap<String, usize>> = HashMap::new();
        for text in texts {
            for pair in words(text).windows(2) {
                *counts
                    .entry(pair[0].to_owned())
                    .or_default()
                    .entry(pair[1].to_owned())
                    .or_default() += 1;
            }
        }
        Self(counts)
    }

    fn complete(&self, before: &str) -> String {
        let mut last = words(before.trim_end_matches(' '))
            .last()
            .copied()
            .unwrap_or_default()
            .to_owned();
        let mut text = String::new();
        for _ in 0..24 {
            let Some(next) = self.0.get(&last).and_then(|next| {
                next.iter()
                    .max_by_key(|(word, count)| (**count, word.as_str().to_owned()))
            }) else {
                break;
            };
            text.push_str(if text.is_empty() {
                next.0.trim_start_matches(' ')
            } else {
                next.0
            });
            if next.0.contains('\n') {
                break;
            }
            last.clone_from(next.0);
        }
        text
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
        ours.exact * 100 >= count * 20,
        "{} of {count} exact",
        ours.exact
    );
    assert!(
        ours.exact >= 3 * keywords.exact.max(1) && ours.exact >= 2 * frequent.exact,
        "{ours:?} {keywords:?} {frequent:?}"
    );
    assert!(
        ours.similarity > keywords.similarity * 1.3 && ours.similarity > frequent.similarity * 1.3
    );
}
