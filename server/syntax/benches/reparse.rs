//! One keystroke: the incremental parse beside a parse from scratch, and beside tree-sitter's own grammar of
//! JavaScript on a file of the same number of lines, in the same run. Then memory per document.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group};
use metascript_syntax::{Document, TextEdit};
use tree_sitter::{InputEdit, Parser, Point};

/// Lines of a script with the mix of blocks that real ones have.
fn script(lines: usize) -> String {
    let mut text = String::from("DESCRIBE {\n    name: \"Bench\"\n    version: \"1.0\"\n}\n\n");
    let mut n = 0;
    while text.lines().count() < lines.min(40) || n * 21 < lines {
        n += 1;
        text.push_str(&format!(
            "VARIABLE item_{n} {{\n    value: \"${{source_{n}.list[0]}} and more text\"\n}}\n\nACTION {{\n    type: \"log\"\n    message: \"Found ${{item_{n}.length > 0 ? 'some' : 'none'}} of them\"\n}}\n\nFSHARP {{\n    let total = [1; 2; 3] |> List.sum\n    let text = \"a {{ brace\"\n    // a comment with a }}\n    printfn \"%d %s\" total text\n    output_variable: \"total_{n}\"\n}}\n\nIF {{\n    condition: \"${{total_{n} >= {n}}}\"\n}}\n\n"
        ));
    }
    text
}

fn javascript(lines: usize) -> String {
    let mut text = String::new();
    for n in 0..lines / 8 {
        text.push_str(&format!(
            "function item{n}(source) {{\n  const list = source.list[0];\n  if (list.length > {n}) {{\n    console.log(`found ${{list.length}}`, \"of them\");\n  }}\n  return {{ total: list.reduce((a, b) => a + b, 0), name: 'item' }};\n}}\n\n"
        ));
    }
    text
}

/// Where the keystrokes fall: in the middle of the file, inside a cell.
fn inside_a_cell(text: &str) -> usize {
    let middle = text.len() / 2;
    middle + text.get(middle..).unwrap().find("List.sum").unwrap()
}

fn percentiles(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    (at(0.5), at(0.99))
}

/// Types and deletes a character again and again.
fn keystrokes(document: &Document, at: usize, count: usize) -> Vec<Duration> {
    let mut current = document.clone();
    (0..count)
        .map(|n| {
            let edit = if n % 2 == 0 {
                TextEdit {
                    range: at..at,
                    text: "x".into(),
                }
            } else {
                TextEdit {
                    range: at..at + 1,
                    text: String::new(),
                }
            };
            let start = Instant::now();
            let next = current.edited(&[edit]);
            let time = start.elapsed();
            current = next;
            time
        })
        .collect()
}

fn javascript_keystrokes(text: &str, count: usize) -> Vec<Duration> {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_javascript::LANGUAGE.into())
        .unwrap();
    let at = text.len() / 2 + text[text.len() / 2..].find("total").unwrap();
    let typed = format!("{}x{}", &text[..at], &text[at..]);
    let point = |byte: usize| Point::new(text[..byte].matches('\n').count(), 0);
    let position = point(at);
    let mut tree = parser.parse(text, None).unwrap();
    (0..count)
        .map(|n| {
            let (new_text, old_end, new_end) = if n % 2 == 0 {
                (typed.as_str(), at, at + 1)
            } else {
                (text, at + 1, at)
            };
            let start = Instant::now();
            tree.edit(&InputEdit {
                start_byte: at,
                old_end_byte: old_end,
                new_end_byte: new_end,
                start_position: position,
                old_end_position: position,
                new_end_position: position,
            });
            tree = parser.parse(new_text, Some(&tree)).unwrap();
            start.elapsed()
        })
        .collect()
}

fn resident_bytes() -> usize {
    let Ok(statm) = std::fs::read_to_string("/proc/self/statm") else {
        return 0;
    };
    statm
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok())
        .unwrap_or(0)
        * 4096
}

fn table() {
    println!(
        "lines | keystroke p50 ms | p99 ms | from scratch ms | ratio | JavaScript p50 ms | p99 ms | memory MB (x text)"
    );
    for lines in [1_000, 2_000, 10_000, 100_000] {
        let text = script(lines);
        let start = Instant::now();
        let document = Document::parse(&text);
        let scratch = start.elapsed().as_secs_f64() * 1e3;
        let (p50, p99) = percentiles(keystrokes(&document, inside_a_cell(&text), 400));
        let (js50, js99) = percentiles(javascript_keystrokes(&javascript(lines), 400));
        let before = resident_bytes();
        let copies: Vec<Document> = (0..4).map(|_| Document::parse(&text)).collect();
        let memory = (resident_bytes().saturating_sub(before)) as f64 / copies.len() as f64;
        println!(
            "{lines} | {p50:.3} | {p99:.3} | {scratch:.2} | {:.0} | {js50:.3} | {js99:.3} | {:.1} ({:.1})",
            scratch / p50,
            memory / 1e6,
            memory / text.len() as f64
        );
    }
}

fn bench(criterion: &mut Criterion) {
    table();
    let mut group = criterion.benchmark_group("reparse");
    group.sample_size(20);
    for lines in [2_000, 10_000] {
        let text = script(lines);
        let document = Document::parse(&text);
        let at = inside_a_cell(&text);
        group.bench_function(format!("keystroke in {lines} lines"), |bencher| {
            bencher.iter(|| {
                black_box(document.edited(&[TextEdit {
                    range: at..at,
                    text: "x".into(),
                }]))
            });
        });
        group.bench_function(format!("from scratch, {lines} lines"), |bencher| {
            bencher.iter_batched(
                || text.clone(),
                |text| black_box(Document::parse(&text)),
                BatchSize::LargeInput,
            );
        });
        group.bench_function(format!("syntax errors of {lines} lines"), |bencher| {
            bencher.iter(|| black_box(document.syntax_errors().len()));
        });
        group.bench_function(format!("cells of {lines} lines"), |bencher| {
            bencher.iter(|| black_box(document.cells().len()));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
