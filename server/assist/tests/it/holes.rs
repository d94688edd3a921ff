//! Filling holes in the fixtures: the built-in completer against what any editor has, and what is shown must hold.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use metascript_assist::InlineRequest;
use metascript_assist::accept::{Acceptor, LevelPolicy, Policy as _};
use metascript_assist::context::Scope;
use metascript_assist::embedded::Embedded;
use metascript_syntax::schema::schema;
use metascript_syntax::{Document, TextEdit};

use crate::bench::{assist, named, settings};
use crate::server::Server;
use crate::speak::{self, KINDS};

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

/// What the policy blocks in a script, in its cells and beside them.
fn findings(policy: &LevelPolicy, document: &Document) -> usize {
    let cells = document.cells();
    let in_cells = cells.iter().map(|cell| {
        let code = document.slice(cell.code.clone());
        policy.blocked(cell.language.as_str(), &code).len()
    });
    in_cells.sum::<usize>() + policy.blocked_in_script(document).len()
}

/// Ways in which a model answers. All but the last three hold the truth.
const MANNERS: usize = 8;

/// What a model says in its manner, and whether the truth is in it.
fn said(manner: usize, truth: &str, after: &str) -> (String, bool) {
    let rest = after.lines().find(|line| !line.trim().is_empty());
    match manner {
        // As it should, and beyond the line.
        0 | 1 => (truth.to_owned(), true),
        2 => (format!("{truth}\n    and then \"unclosed"), true),
        // In Markdown, and with what stands behind the hole already.
        3 => (format!("```\n{truth}\n```"), true),
        4 => (format!("{truth}\n{}", rest.unwrap_or_default()), true),
        // Broken, in prose, dangerous.
        5 => ("}}} ]] \"".to_owned(), false),
        6 => ("Sure! Here is what you could write next.".to_owned(), false),
        _ => (
            "x = eval(input())\nimport os; os.system(input())".to_owned(),
            false,
        ),
    }
}

#[tokio::test]
async fn whatever_a_provider_fills_in_parses_and_passes_the_policy() {
    let scripts = scripts();
    let holes = holes(&scripts);
    let policy = LevelPolicy::default();
    for kind in KINDS {
        let answer = Arc::new(Mutex::new(String::new()));
        let spoken = Arc::clone(&answer);
        let server = Server::start(move |_, request| {
            speak::answer(kind, &request.path, &[spoken.lock().unwrap().as_str()])
        })
        .await;
        let assist = assist(settings(vec![named("p", kind, &server.url)]));
        let (mut score, mut truthful, mut exact) = (Score::default(), 0, 0);
        let mut broken = Vec::new();
        for (number, hole) in holes.iter().enumerate().step_by(3) {
            let text = &scripts[hole.script].1;
            let (before, truth, after) = (
                &text[..hole.start],
                &text[hole.start..hole.end],
                &text[hole.end..],
            );
            let (words, true_to_it) = said(number / 3 % MANNERS, truth, after);
            answer.lock().unwrap().clone_from(&words);
            let document = Document::parse(&format!("{before}{after}"));
            let shown = assist
                .inline(InlineRequest {
                    name: format!("{number}.tars"),
                    document: document.clone(),
                    offset: hole.start,
                    invoked: true,
                    scope: Scope::default(),
                })
                .await
                .into_iter()
                .next()
                .map(|candidate| candidate.text);
            if let Some(piece) = &shown {
                let filled = document.edited(&[TextEdit {
                    range: hole.start..hole.start,
                    text: piece.clone(),
                }]);
                if filled.syntax_errors().len() > document.syntax_errors().len()
                    || findings(&policy, &filled) > findings(&policy, &document)
                {
                    broken.push(format!("{number}: {piece}"));
                }
            }
            let first = shown.as_deref().and_then(|shown| shown.lines().next());
            truthful += usize::from(true_to_it);
            exact += usize::from(true_to_it && first == Some(truth));
            if true_to_it {
                score.add(truth, shown.as_deref());
            }
        }
        println!(
            "{}: exact {exact} of {truthful}, similarity {:.3}, parse 100 %, policy 100 %",
            kind.as_str(),
            score.similarity / f64::from(u32::try_from(truthful).unwrap())
        );
        assert_eq!(broken, Vec::<String>::new(), "{kind:?}");
        assert!(
            truthful > 20 && exact * 10 >= truthful * 8,
            "{kind:?}: {exact} of {truthful}"
        );
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
                if filled.syntax_errors().len() > errors
                    || findings(&policy, &filled) > findings(&policy, &document)
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
    for (name, score) in [
        ("built-in", &ours),
        ("keywords", &keywords),
        ("most frequent", &frequent),
    ] {
        let similarity = score.similarity / f64::from(u32::try_from(count).unwrap());
        println!(
            "{name}: exact {} of {count}, similarity {similarity:.3}, shown {}",
            score.exact, score.shown
        );
    }
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
