use metascript_analysis::{AnalysisHost, Severity};
use metascript_syntax::{
    Document,
    format::{self, FormatOptions},
};
use std::path::Path;
fn main() {
    let mut files = 0;
    let mut lines_all = 0;
    let mut warn_all = 0;
    let mut err_all = 0;
    let verbose = std::env::args().any(|a| a == "-v");
    let tree = std::env::args().any(|a| a == "-t");
    for arg in std::env::args().skip(1).filter(|a| !a.starts_with('-')) {
        let text = std::fs::read_to_string(&arg).unwrap();
        let doc = Document::parse(&text);
        if tree {
            println!("{}", doc.tree().root_node().to_sexp());
        }
        let se = doc.syntax_errors();
        let mut host = AnalysisHost::new();
        let id = host.set_file(Path::new("/x/main.tars"), doc.clone());
        let ds = host.snapshot().diagnostics(id).unwrap();
        let opts = FormatOptions::default();
        let f1 = format::applied(&doc, &format::document(&doc, &opts));
        let d1 = Document::parse(&f1);
        let f2 = format::applied(&d1, &format::document(&d1, &opts));
        let cells = |d: &Document| {
            d.cells()
                .iter()
                .map(|c| d.slice(c.code.clone()).into_owned())
                .collect::<Vec<_>>()
        };
        let same = cells(&doc) == cells(&d1);
        let lines = text.lines().count();
        let e = ds.iter().filter(|d| d.severity == Severity::Error).count();
        let w = ds
            .iter()
            .filter(|d| d.severity == Severity::Warning)
            .count();
        files += 1;
        lines_all += lines;
        warn_all += w;
        err_all += e;
        let flag = if e > 0
            || w * 100 > lines
            || f1 != f2
            || !same
            || doc.tree().root_node().has_error()
        {
            "!!"
        } else {
            "  "
        };
        println!(
            "{flag} {arg}: {} lines {lines} cells {} syntax {} errors {e} warnings {w} idem {} cellsame {}",
            doc.dialect().as_str(),
            doc.cells().len(),
            se.len(),
            f1 == f2,
            same
        );
        for d in ds
            .iter()
            .filter(|d| verbose || d.severity <= Severity::Warning)
        {
            let line = text[..d.range.start].matches('\n').count() + 1;
            println!(
                "      {}:{} {:?} {} «{}»",
                line,
                d.code,
                d.severity,
                d.message,
                text[d.range.clone()]
                    .lines()
                    .next()
                    .unwrap_or("")
                    .chars()
                    .take(60)
                    .collect::<String>()
            );
        }
        if verbose {
            for c in doc.cells() {
                println!(
                    "      cell {:?} lines {} bytes {}..{} out {:?}",
                    c.language,
                    c.first_line + 1,
                    c.code.start,
                    c.code.end,
                    c.output_variable
                );
            }
        }
        if f1 != f2 {
            println!("--- not idempotent");
            for (a, b) in f1.lines().zip(f2.lines()).filter(|(a, b)| a != b).take(5) {
                println!("  1 {a}\n  2 {b}");
            }
        }
    }
    println!("{files} files {lines_all} lines {err_all} errors {warn_all} warnings");
}
