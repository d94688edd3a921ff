//! The files that are measured: the same code, as a module of Python and as cells of a metascript.

use std::fmt::Write as _;

/// How many lines each file has.
pub(crate) const LINES: usize = 1000;

/// Classes, functions and values as people mix them.
fn unit(number: usize) -> String {
    format!(
        "import math\n\nclass Order_{number}:\n    def __init__(self, amount, rate):\n        self.amount = amount\n        self.rate = rate\n\n    def total(self):\n        return self.amount * math.floor(self.rate)\n\ndef work_{number}(first, second):\n    rows = [first * n for n in range(second)]\n    return sum(rows)\n\norder_{number} = Order_{number}({number}, 3)\ntotal_{number} = order_{number}.total() + work_{number}({number}, 7)\nprint(total_{number})\n"
    )
}

/// The code as one module.
pub(crate) fn python() -> String {
    let mut text = String::new();
    let mut number = 0;
    while text.lines().count() < LINES {
        text.push_str(&unit(number));
        text.push('\n');
        number += 1;
    }
    cut(&text)
}

/// The code as cells, with blocks of the language between them.
pub(crate) fn metascript() -> String {
    let mut text = "DESCRIBE {\n    name: \"bench\"\n    version: \"1.0\"\n}\n\n".to_owned();
    let mut number = 0;
    loop {
        let part = script_part(number);
        if text.lines().count() + part.lines().count() > LINES {
            break;
        }
        text.push_str(&part);
        number += 1;
    }
    while text.lines().count() < LINES {
        text.push_str("// the end\n");
    }
    text
}

/// A cell, and blocks that read what it defines.
pub(crate) fn script_part(number: usize) -> String {
    let mut text = String::from("PYTHON {\n");
    for line in unit(number).lines() {
        if line.is_empty() {
            text.push('\n');
        } else {
            writeln!(text, "    {line}").unwrap();
        }
    }
    write!(
        text,
        "}}\n\nVARIABLE value_{number} {{\n    value: \"item ${{total_{number}}}\"\n}}\n\nACTION {{\n    type: \"log\"\n    message: \"${{value_{number}}} ${{total_{number}}}\"\n}}\n\n"
    )
    .unwrap();
    text
}

fn cut(text: &str) -> String {
    text.split_inclusive('\n').take(LINES).collect()
}

/// A generator with a fixed seed (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>).
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

/// The ends of all words of a text, as line and character. The texts are ASCII.
pub(crate) fn word_ends(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let bytes = line.as_bytes();
        let word = |at: usize| {
            bytes
                .get(at)
                .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        };
        found.extend(
            (1..=bytes.len())
                .filter(|&at| word(at - 1) && !word(at))
                .map(|at| (number, at)),
        );
    }
    found
}
