//! Makes JSON of the rule data: YAML is for those who write it, and slower to read. To each pattern it adds what every match
//! holds, so that the scanner need not try, nor compile, what cannot match.

mod needs;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, Look};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=rules");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo gives no folder")?);
    let mut patterns = BTreeMap::new();
    for entry in fs::read_dir("rules")? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "yaml") {
            convert(&path, &out, &mut patterns)
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    fs::write(out.join("needs.rs"), needs::table(&patterns))?;
    Ok(())
}

fn convert(
    path: &Path,
    out: &Path,
    patterns: &mut BTreeMap<String, needs::Need>,
) -> Result<(), Box<dyn Error>> {
    let mut data: Value = serde_norway::from_str(&fs::read_to_string(path)?)?;
    let name = path.file_stem().ok_or("a file without a name")?;
    // What describes a rule, apart from what it matches.
    for rule in data
        .get_mut("rules")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let mut info = rule.take();
        let fields = info.as_object_mut().ok_or("a rule is a map")?;
        if let Some(matcher) = fields.get("match") {
            needs::collect(matcher, patterns);
        }
        let mut out = serde_json::Map::new();
        for key in ["match", "check", "fsharp_bad", "fsharp_good"] {
            out.extend(fields.remove_entry(key));
        }
        out.insert("info".into(), info);
        *rule = out.into();
    }
    if name == "names" {
        let all = data.as_object().ok_or("names are a map")?;
        for pattern in all.values().filter_map(Value::as_str) {
            needs::add(pattern.to_owned(), patterns);
        }
    }
    if name == "secrets" {
        let formats = data.get_mut("formats").and_then(Value::as_array_mut);
        for format in formats.ok_or("no formats")? {
            describe(format.as_object_mut().ok_or("a format is a map")?)?;
        }
    }
    fs::write(out.join(name).with_extension("json"), data.to_string())?;
    Ok(())
}

/// Tells what a format's pattern begins with and how long its matches are, in bytes.
fn describe(format: &mut serde_json::Map<String, Value>) -> Result<(), Box<dyn Error>> {
    let pattern = format.get("pattern").and_then(Value::as_str);
    let pattern = pattern.ok_or("a format without a pattern")?;
    // With the flag, every letter would be two literals.
    let hir = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern.strip_prefix("(?i)").unwrap_or(pattern))?;
    if let Some(longest) = hir.properties().maximum_len() {
        format.insert("reach".to_owned(), longest.into());
    }
    let least = hir.properties().minimum_len().unwrap_or(0);
    format.insert("least".to_owned(), least.into());
    let bound = hir.properties().look_set_prefix().contains(Look::WordAscii);
    format.insert("bound".to_owned(), bound.into());
    if !format.contains_key("signs") {
        format.insert("heads".to_owned(), heads(&hir)?.into());
    }
    Ok(())
}

/// Shortest and longest beginning that is worth searching for, in bytes.
const SHORTEST: usize = 2;
const LONGEST: usize = 8;

/// Beginnings of one pattern above which shorter ones are taken.
const MOST: usize = 24;

/// What every match of a pattern begins with; empty where that cannot be told.
fn heads(hir: &Hir) -> Result<Vec<String>, Box<dyn Error>> {
    let found = Extractor::new().limit_class(16).extract(hir);
    let literals: Vec<String> = found
        .literals()
        .unwrap_or_default()
        .iter()
        .map(|it| String::from_utf8(it.as_bytes().to_vec()))
        .collect::<Result<_, _>>()?;
    if literals
        .iter()
        .any(|it| it.len() < SHORTEST || !it.is_ascii())
    {
        return Ok(Vec::new());
    }
    let of_length = |most: usize| -> BTreeSet<String> {
        let cut = literals.iter().map(|it| it.chars().take(most).collect());
        cut.collect()
    };
    let heads = (SHORTEST + 1..=LONGEST)
        .rev()
        .map(of_length)
        .find(|heads| heads.len() <= MOST)
        .unwrap_or_else(|| of_length(SHORTEST + 1));
    Ok(heads.into_iter().collect())
}
