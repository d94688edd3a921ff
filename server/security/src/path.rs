//! Qualified names: interned once per scan, matched against patterns by index.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// An interned string; `Sym::EMPTY` is the empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Sym(pub(crate) u32);

impl Sym {
    pub(crate) const EMPTY: Sym = Sym(0);
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Longest qualified name that is kept; longer ones say nothing to a rule.
const MAX_PATH: usize = 200;

/// The strings of one scan.
pub(crate) struct Syms {
    map: FxHashMap<Arc<str>, Sym>,
    list: Vec<Arc<str>>,
    joins: FxHashMap<(Sym, Sym), Sym>,
    calls: FxHashMap<Sym, Sym>,
}

impl Syms {
    pub(crate) fn new() -> Self {
        let mut syms = Syms {
            map: FxHashMap::default(),
            list: Vec::new(),
            joins: FxHashMap::default(),
            calls: FxHashMap::default(),
        };
        syms.get("");
        syms
    }

    pub(crate) fn get(&mut self, text: &str) -> Sym {
        if let Some(s) = self.map.get(text) {
            return *s;
        }
        let s = Sym(u32::try_from(self.list.len()).unwrap_or(0));
        let text: Arc<str> = Arc::from(text);
        self.list.push(Arc::clone(&text));
        self.map.insert(text, s);
        s
    }

    /// The symbol of a string that was seen before.
    pub(crate) fn find(&self, text: &str) -> Option<Sym> {
        self.map.get(text).copied()
    }

    pub(crate) fn str(&self, s: Sym) -> &str {
        self.list.get(s.0 as usize).map_or("", |t| t.as_ref())
    }

    /// `base.name`.
    pub(crate) fn join(&mut self, base: Sym, name: Sym) -> Sym {
        if base.is_empty() || name.is_empty() {
            return name;
        }
        if let Some(s) = self.joins.get(&(base, name)) {
            return *s;
        }
        let (a, b) = (self.str(base), self.str(name));
        let s = if a.len() + b.len() > MAX_PATH {
            Sym::EMPTY
        } else {
            let text = format!("{a}.{b}");
            self.get(&text)
        };
        self.joins.insert((base, name), s);
        s
    }

    /// `callee()`: the name of what a call gives.
    pub(crate) fn call(&mut self, callee: Sym) -> Sym {
        if callee.is_empty() {
            return callee;
        }
        if let Some(s) = self.calls.get(&callee) {
            return *s;
        }
        let a = self.str(callee);
        let s = if a.len() > MAX_PATH {
            Sym::EMPTY
        } else {
            let text = format!("{a}()");
            self.get(&text)
        };
        self.calls.insert(callee, s);
        s
    }
}

/// Patterns over qualified names, each with a payload, looked up by one of the name's parts.
///
/// `a.b` matches itself; `*.b` any receiver; `a.*` anything below `a`; a star elsewhere any text.
/// In a *loose* index `A.b` also matches `X.Y.A.b` (languages whose imports need metadata to resolve).
pub(crate) struct PathIndex<T> {
    exact: FxHashMap<String, Vec<T>>,
    by_last: FxHashMap<String, Vec<(Glob, T)>>,
    by_first: FxHashMap<String, Vec<(Glob, T)>>,
    by_inner: FxHashMap<String, Vec<(Glob, T)>>,
    any: Vec<(Glob, T)>,
    loose: bool,
}

impl<T: Clone> PathIndex<T> {
    pub(crate) fn new(loose: bool) -> Self {
        PathIndex {
            exact: FxHashMap::default(),
            by_last: FxHashMap::default(),
            by_first: FxHashMap::default(),
            by_inner: FxHashMap::default(),
            any: Vec::new(),
            loose,
        }
    }

    pub(crate) fn insert(&mut self, pattern: &str, value: T) {
        if !pattern.contains('*') {
            self.exact
                .entry(pattern.to_owned())
                .or_default()
                .push(value.clone());
            if self.loose {
                self.by_last
                    .entry(last_part(pattern).to_owned())
                    .or_default()
                    .push((Glob::new(format!("*.{pattern}")), value));
            }
            return;
        }
        let (first, last) = (first_part(pattern), last_part(pattern));
        if !last.contains('*') {
            self.by_last
                .entry(last.to_owned())
                .or_default()
                .push((Glob::new(pattern.to_owned()), value));
        } else if !first.contains('*') {
            self.by_first
                .entry(first.to_owned())
                .or_default()
                .push((Glob::new(pattern.to_owned()), value));
        } else if let Some(part) = inner_part(pattern) {
            self.by_inner
                .entry(part.to_owned())
                .or_default()
                .push((Glob::new(pattern.to_owned()), value));
        } else {
            self.any.push((Glob::new(pattern.to_owned()), value));
        }
    }

    pub(crate) fn lookup(&self, path: &str) -> Vec<T> {
        let mut found: Vec<T> = self.exact.get(path).cloned().unwrap_or_default();
        let lists = [
            self.by_last.get(last_part(path)),
            self.by_first.get(first_part(path)),
            Some(&self.any),
        ];
        let mut inner: Vec<&Vec<(Glob, T)>> = Vec::new();
        for part in path.split('.') {
            if let Some(list) = self.by_inner.get(part)
                && !inner.iter().any(|known| std::ptr::eq(*known, list))
            {
                inner.push(list);
            }
        }
        for (pattern, value) in lists.into_iter().flatten().chain(inner).flatten() {
            if pattern.matches(path) {
                found.push(value.clone());
            }
        }
        found
    }
}

pub(crate) fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A part without a star between two dots of the pattern.
fn inner_part(pattern: &str) -> Option<&str> {
    let (_, rest) = pattern.split_once('.')?;
    let (inner, _) = rest.rsplit_once('.')?;
    inner.split('.').find(|part| !part.contains('*'))
}

pub(crate) fn first_part(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// A pattern in which `*` stands for any text, also none; its stars are found once.
#[derive(Debug)]
pub(crate) struct Glob {
    pattern: String,
    /// First and last star.
    stars: Option<(usize, usize)>,
}

impl Glob {
    pub(crate) fn new(pattern: String) -> Self {
        let stars = pattern.find('*').zip(pattern.rfind('*'));
        Glob { pattern, stars }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        matches(&self.pattern, self.stars, text)
    }
}

/// Whether `text` matches a pattern in which `*` stands for any text, also none.
pub fn glob(pattern: &str, text: &str) -> bool {
    matches(pattern, pattern.find('*').zip(pattern.rfind('*')), text)
}

fn matches(pattern: &str, stars: Option<(usize, usize)>, text: &str) -> bool {
    let Some((first, last)) = stars else {
        return pattern == text;
    };
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let head = pattern.get(..first).unwrap_or_default();
    let tail = pattern.get(last + 1..).unwrap_or_default();
    // The ends tell most names apart, and cost least.
    if text.len() < head.len() + tail.len() || !text.ends_with(tail) || !text.starts_with(head) {
        return false;
    }
    let mut rest = text
        .get(head.len()..text.len() - tail.len())
        .unwrap_or_default();
    let middle = pattern.get(first + 1..last).unwrap_or_default();
    for part in middle.split(|byte| *byte == b'*') {
        match find(rest, part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_written() {
        for (pattern, text, expected) in [
            ("a.b", "a.b", true),
            ("*.b", "x.y.b", true),
            ("*.b", "b", false),
            ("a.*", "a.b.c", true),
            ("a*c", "abbc", true),
            ("a.*.c", "a.c", false),
            ("*a*b*", "xaybz", true),
            ("*a*b*", "xbya", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn an_index_finds_exact_suffix_and_prefix() {
        let mut index = PathIndex::new(true);
        index.insert("File.Read", 1);
        index.insert("*.execute", 2);
        index.insert("os.*", 3);
        index.insert("*.request.*", 4);
        index.insert("*.form*", 5);
        assert_eq!(index.lookup("System.IO.File.Read"), vec![1]);
        assert_eq!(index.lookup("db.cursor().execute"), vec![2]);
        assert_eq!(index.lookup("os.path.join"), vec![3]);
        assert_eq!(index.lookup("flask.request.request.args"), vec![4]);
        assert_eq!(index.lookup("a.request.forms"), vec![5, 4]);
        assert!(index.lookup("File.Write").is_empty());
    }
}
