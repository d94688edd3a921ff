//! How long after a keystroke the diagnostics are there, and how the cost grows with the file.
//!
//! Each size is measured beside its peer: the same answer made from scratch. `check` measures whole files.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use metascript_analysis::{AnalysisHost, FileId};
use metascript_syntax::{Document, TextEdit};

/// A script of about so many lines: variables, actions, functions and cells as people mix them.
fn script(lines: usize) -> String {
    let mut text = String::from("DESCRIBE {\n    name: \"Bench\"\n    version: \"1.0\"\n}\n\n");
    let mut number = 0;
    while text.lines().count() < lines {
        for _ in 0..(lines / 400).clamp(1, 200) {
            number += 1;
            write!(
                text,
                "VARIABLE value_{number} {{\n    value: \"item {number}\"\n    description: \"The value number {number}\"\n}}\n\nFUNCTION work_{number} {{\n    parameters: [\"first\", \"second\"]\n    IF {{\n        condition: \"${{first > second}}\"\n        ACTION {{\n            type: \"log\"\n            message: \"${{first}} and ${{value_{number}}}\"\n        }}\n    }}\n    RETURN {{ value: \"${{second}}\" }}\n}}\n\nPYTHON {{\n    total_{number} = sum(n * n for n in range({number}))\n    text_{number} = f\"{{value_{number}}}: {{total_{number}}}\"\n    print(text_{number})\n}}\n\nCALL {{\n    function: \"work_{number}\"\n    arguments: [{number}, \"${{total_{number}}}\"]\n    result_variable: \"result_{number}\"\n}}\n\nACTION {{\n    type: \"file_write\"\n    path: \"out/{number}.txt\"\n    content: \"${{result_{number}}} ${{text_{number}}}\"\n}}\n\n"
            )
            .unwrap();
        }
    }
    text
}

/// An editor that types inside one cell in the middle of the file.
struct Editor {
    host: AnalysisHost,
    file: FileId,
    document: Document,
    at: usize,
    typed: usize,
}

impl Editor {
    fn new(text: &str) -> Editor {
        let document = Document::parse(text);
        let mut host = AnalysisHost::new();
        let file = host.set_file(Path::new("/bench.tars"), document.clone());
        let half = text.len() / 2;
        let at = half + text[half..].find("print(").unwrap() + "print(".len();
        let mut editor = Editor {
            host,
            file,
            document,
            at,
            typed: 0,
        };
        editor.answer();
        editor.keystroke();
        editor
    }

    fn answer(&mut self) -> usize {
        self.host.snapshot().diagnostics(self.file).unwrap().len()
    }

    /// Types a letter, or takes a word back; then asks for the diagnostics.
    fn keystroke(&mut self) -> usize {
        let edit = if self.typed == 8 {
            self.typed = 0;
            TextEdit {
                range: self.at..self.at + 8,
                text: String::new(),
            }
        } else {
            let at = self.at + self.typed;
            self.typed += 1;
            TextEdit {
                range: at..at,
                text: "x".to_owned(),
            }
        };
        self.document = self.document.edited(&[edit]);
        self.host.set_document(self.file, self.document.clone());
        self.answer()
    }
}

fn from_scratch(text: &str) -> usize {
    let mut host = AnalysisHost::new();
    let file = host.set_file(Path::new("/bench.tars"), Document::parse(text));
    host.snapshot().diagnostics(file).unwrap().len()
}

fn percentile(sorted: &[Duration], part: f64) -> Duration {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss
    )]
    let index = ((sorted.len() - 1) as f64 * part) as usize;
    sorted[index]
}

fn keystroke(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("keystroke to diagnostics");
    group.sample_size(20);
    println!("lines     p50        p99        from scratch   ratio");
    for lines in [1_000, 2_000, 10_000, 100_000] {
        let text = script(lines);
        let mut editor = Editor::new(&text);
        let mut times: Vec<Duration> = (0..500)
            .map(|_| {
                let start = Instant::now();
                black_box(editor.keystroke());
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        let start = Instant::now();
        black_box(from_scratch(&text));
        let scratch = start.elapsed();
        let (half, most) = (percentile(&times, 0.5), percentile(&times, 0.99));
        println!(
            "{lines:<9} {half:<10.1?} {most:<10.1?} {scratch:<14.1?} {:.0}",
            scratch.as_secs_f64() / half.as_secs_f64()
        );
        group.bench_function(BenchmarkId::new("edit in a cell", lines), |bencher| {
            bencher.iter(|| editor.keystroke());
        });
    }
    group.finish();
}

fn check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    let text = script(2_000);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse only", |bencher| {
        bencher.iter(|| Document::parse(black_box(&text)));
    });
    group.bench_function("parse and analyse", |bencher| {
        bencher.iter(|| from_scratch(black_box(&text)));
    });
    group.finish();
}

criterion_group!(benches, keystroke, check);
criterion_main!(benches);
