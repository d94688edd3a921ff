use metascript_syntax::{
    Document,
    format::{self, FormatOptions},
};
fn main() {
    let files: Vec<String> = std::fs::read_dir("fixtures/syntax")
        .unwrap()
        .map(|e| std::fs::read_to_string(e.unwrap().path()).unwrap())
        .collect();
    let pieces = [
        "\n",
        "\r\n",
        "}",
        "{",
        "\"",
        "[",
        "]",
        ",",
        ":",
        "k: 1",
        "A {",
        "\t",
        "# c",
        "// c",
        "${",
        "`",
        "```",
        "---",
        "\u{feff}",
        "\u{a0}",
        "'''",
        "\"\"\"",
        "|",
        "...x",
        "edge a -> b\n",
        "SPAWN X\n",
        "IF a THEN\n",
    ];
    let seed: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let secs: u64 = std::env::args().nth(2).unwrap().parse().unwrap();
    let mut s = seed | 1;
    let mut rnd = move || {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        s
    };
    let start = std::time::Instant::now();
    let mut n = 0;
    let mut best: Option<String> = None;
    let bad = |t: &str| {
        let d = Document::parse(t);
        let a = format::applied(&d, &format::document(&d, &FormatOptions::default()));
        let e = Document::parse(&a);
        let b = format::applied(&e, &format::document(&e, &FormatOptions::default()));
        let sq = |t: &str| t.split_whitespace().collect::<String>();
        let codes = |d: &Document| {
            d.cells()
                .iter()
                .map(|c| d.slice(c.code.clone()).into_owned())
                .collect::<Vec<_>>()
        };
        a != b || sq(&a) != sq(t) || codes(&d) != codes(&e)
    };
    while start.elapsed().as_secs() < secs {
        let mut t = files[rnd() as usize % files.len()].clone();
        // a window of lines
        let ls: Vec<&str> = t.split_inclusive('\n').collect();
        let a = rnd() as usize % ls.len();
        let b = (a + 1 + rnd() as usize % 12).min(ls.len());
        t = ls[a..b].concat();
        if rnd() % 2 == 0 {
            t = format!("Q {{}}\n{t}");
        }
        for _ in 0..rnd() % 4 {
            let border = |t: &str, mut i: usize| {
                while !t.is_char_boundary(i) {
                    i -= 1
                }
                i
            };
            let at = border(&t, rnd() as usize % (t.len() + 1));
            match rnd() % 3 {
                0 => t.insert_str(at, pieces[rnd() as usize % pieces.len()]),
                1 => {
                    let e = border(&t, (at + rnd() as usize % 12).min(t.len()));
                    t.replace_range(at..e, "")
                }
                _ => t = t.replacen('\n', "\r\n", 1 + rnd() as usize % 3),
            }
        }
        n += 1;
        if bad(&t) {
            // shrink by lines then chars
            let mut cur = t;
            loop {
                let mut better = None;
                let v: Vec<char> = cur.chars().collect();
                for len in [40, 16, 8, 4, 2, 1] {
                    let mut i = 0;
                    while i + len <= v.len() {
                        let c: String = v[..i].iter().chain(&v[i + len..]).collect();
                        if bad(&c) {
                            better = Some(c);
                            break;
                        }
                        i += len.div_ceil(2)
                    }
                    if better.is_some() {
                        break;
                    }
                }
                match better {
                    Some(b) => cur = b,
                    None => break,
                }
            }
            if best.as_ref().is_none_or(|b| cur.len() < b.len()) {
                println!("{n}: {cur:?}");
                let d = Document::parse(&cur);
                let a = format::applied(&d, &format::document(&d, &FormatOptions::default()));
                println!("   -> {a:?}");
                let e = Document::parse(&a);
                println!(
                    "   -> {:?}",
                    format::applied(&e, &format::document(&e, &FormatOptions::default()))
                );
                best = Some(cur);
            }
        }
    }
    println!("{n} tried");
}
