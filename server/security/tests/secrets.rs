//! Texts with credentials and texts that only look so, in `fixtures/security/secrets`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use metascript_security::Setup;

const DIGITS: &str = "0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Characters of a generator that gives the same ones in every run.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below
    }

    fn text(&mut self, from: &str, length: usize) -> String {
        let from: Vec<char> = from.chars().collect();
        (0..length).map(|_| from[self.next(from.len())]).collect()
    }
}

/// The line with random characters in place of its braces.
fn filled(line: &str, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(open) = rest.find('{') {
        let inside = &rest[open + 1..];
        let Some((kind, length)) = inside
            .split_once('}')
            .and_then(|(i, _)| i.split_once(':'))
            .and_then(|(kind, n)| Some((kind, n.parse::<usize>().ok()?)))
        else {
            out.push_str(&rest[..=open]);
            rest = inside;
            continue;
        };
        let from = match kind {
            "hex" => "0123456789abcdef".to_owned(),
            "digit" => DIGITS.to_owned(),
            "upper" => format!("{UPPER}234567"),
            "alnum" => format!("{DIGITS}{LOWER}{UPPER}"),
            "url" => format!("{DIGITS}{LOWER}{UPPER}-_"),
            "b64" => format!("{DIGITS}{LOWER}{UPPER}+/"),
            "word" => format!("{DIGITS}{LOWER}{UPPER}"),
            other => panic!("no such kind: {other}"),
        };
        out.push_str(&rest[..open]);
        if kind == "word" {
            out.push_str(&random.text(LOWER, 2));
            out.push_str(&random.text(UPPER, 1));
            out.push_str(&random.text(DIGITS, 1));
            out.push_str(&random.text(&from, length - 4));
        } else {
            out.push_str(&random.text(&from, length));
        }
        rest = &inside[inside.find('}').unwrap() + 1..];
    }
    (out + rest).replace("\\n", "\n")
}

fn judged(name: &str) -> Vec<(String, bool)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/security/secrets")
        .join(name);
    let setup = Setup::default();
    let mut random = Random(0x5eed_1234_abcd_0001);
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| {
            let text = filled(line, &mut random);
            let found = setup
                .scan_code("text", &text)
                .iter()
                .any(|f| f.rule.id.starts_with("SEC-"));
            (text, found)
        })
        .collect()
}

#[test]
fn credentials_are_told_from_what_looks_like_them() {
    let missed: Vec<String> = judged("found.txt")
        .into_iter()
        .filter_map(|(text, found)| (!found).then_some(text))
        .collect();
    let wrong: Vec<String> = judged("quiet.txt")
        .into_iter()
        .filter_map(|(text, found)| found.then_some(text))
        .collect();
    assert!(
        missed.is_empty() && wrong.is_empty(),
        "missed: {missed:#?}\nwrong: {wrong:#?}"
    );
}
