//! A text as a program would see it: escapes resolved, literals joined, numbers turned into characters. Each view
//! knows where its bytes stand in the original.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A derived text; `origin[i]` is the range of the original from which byte `i` comes.
#[derive(Debug, Default, Clone)]
pub(crate) struct View {
    pub(crate) text: String,
    origin: Vec<(u32, u32)>,
}

#[allow(clippy::cast_possible_truncation)]
fn narrow(range: &Range<usize>) -> (u32, u32) {
    (range.start as u32, range.end as u32)
}

impl View {
    pub(crate) fn push(&mut self, c: char, from: &Range<usize>) {
        self.text.push(c);
        self.origin
            .extend(std::iter::repeat_n(narrow(from), c.len_utf8()));
    }

    /// The pieces of the original that a range of the view comes from; what was left out between them is not in it.
    pub(crate) fn pieces(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        for (start, end) in self.origin.get(range.clone()).unwrap_or_default() {
            let (start, end) = (*start as usize, *end as usize);
            match pieces.last_mut() {
                Some(last) if start >= last.start && start <= last.end => {
                    last.end = last.end.max(end);
                }
                _ => pieces.push(start..end),
            }
        }
        pieces
    }

    fn identity(text: &str) -> Self {
        let mut view = Self::default();
        for (at, c) in text.char_indices() {
            view.push(c, &(at..at + c.len_utf8()));
        }
        view
    }

    /// The view without the parts that `glue` matches.
    fn without(&self, glue: &Regex) -> Self {
        let mut view = Self::default();
        let mut from = 0;
        for found in glue.find_iter(&self.text) {
            view.copy(self, from..found.start());
            from = found.end();
        }
        view.copy(self, from..self.text.len());
        view
    }

    fn copy(&mut self, other: &Self, range: Range<usize>) {
        self.text
            .push_str(other.text.get(range.clone()).unwrap_or_default());
        self.origin
            .extend_from_slice(other.origin.get(range).unwrap_or_default());
    }
}

static ESCAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\u\{([0-9a-fA-F]{1,6})\}|\\U([0-9a-fA-F]{8})|\\([0-7]{3})|%([0-9a-fA-F]{2})|&#x([0-9a-fA-F]{2,5});|&#(\d{2,6});").ok()
});
/// Between two literals that a program puts together: `" + "`, `" "`, a continued line, `" ++ "`, `" .. "`, `" & "`.
static CONCATENATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"["'`]{1,3}[ \t]*(?:[\\\r\n]+[ \t]*)?(?:\+\+?|\.\.?|&|\|\||\^|<>|%|<<)?[ \t]*(?:[\\\r\n]+[ \t]*)?[rbfuL@$]{0,2}["'`]{1,3}"#).ok()
});
/// Between two literals that may be put together elsewhere: items of a list, arguments, assignments one after the other.
static LOOSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"["'`]{1,3}\s*[,;)\]}]*\s*(?:(?:let|var|const|val|mutable|static|final|string|String|str|set|export|local)\s+)*(?:[\w.$\[\]]{1,40}\s*(?::\s*\w+\s*)?(?:=|\+=|:=|<-|:|\.=|\+\+=)\s*)?(?:[\w.$]{1,40}\s*(?:\+|\.\.|&|\.|\^)\s*)?[\s+.,&^|(\[{<\\]*[rbfuL@$]{0,2}["'`]{1,3}"#).ok()
});
/// Numbers in a row, with whatever a language writes around them: `[65, 75]`, `chr(65)+chr(75)`, `0x41, 0x4b`, `65uy; 75uy`.
static CODES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:\b(?:0x[0-9a-fA-F]{2}|1[01]\d|12[0-6]|[3-9]\d)(?:uy|u8|L)?\b[\s,;)+.&(\]]*(?:(?:chr|char|Chr|CHR|Char|char_from_u32|from_char_code|fromCharCode|String|string|byte)[\s(.]*)*){8,}").ok()
});
static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"0x([0-9a-fA-F]{2})|\b(\d{2,3})").ok());

/// The views of a text that are worth looking at, with whether random-looking words count in them.
pub(crate) fn views(text: &str) -> Vec<(View, bool)> {
    let plain = unescaped(text);
    let concatenated = CONCATENATION
        .as_ref()
        .map_or_else(View::default, |glue| plain.without(glue));
    let loose = LOOSE
        .as_ref()
        .map_or_else(View::default, |glue| plain.without(glue));
    let mut views = Vec::new();
    let backwards = reversed(&concatenated);
    if let Some(codes) = codes(text) {
        views.push((codes, false));
    }
    views.push((backwards, false));
    views.push((loose, false));
    views.push((concatenated, true));
    views.push((plain, true));
    views
}

fn unescaped(text: &str) -> View {
    let Some(escape) = ESCAPE.as_ref().filter(|escape| escape.is_match(text)) else {
        return View::identity(text);
    };
    let mut view = View::default();
    let mut from = 0;
    for groups in escape.captures_iter(text) {
        let Some(whole) = groups.get(0) else { continue };
        let radix = |index: usize| {
            if index == 5 {
                8
            } else if index == 8 {
                10
            } else {
                16
            }
        };
        let decoded = (1..=8).find_map(|index| {
            let digits = groups.get(index)?.as_str();
            char::from_u32(u32::from_str_radix(digits, radix(index)).ok()?)
        });
        let Some(c) = decoded.filter(|c| !c.is_control() || *c == '\n') else {
            continue;
        };
        for (at, c) in text
            .get(from..whole.start())
            .unwrap_or_default()
            .char_indices()
        {
            view.push(c, &(from + at..from + at + c.len_utf8()));
        }
        view.push(c, &whole.range());
        from = whole.end();
    }
    for (at, c) in text.get(from..).unwrap_or_default().char_indices() {
        view.push(c, &(from + at..from + at + c.len_utf8()));
    }
    view
}

fn codes(text: &str) -> Option<View> {
    let (run, number) = (CODES.as_ref()?, NUMBER.as_ref()?);
    let mut view = View::default();
    for found in run.find_iter(text) {
        for groups in number.captures_iter(found.as_str()) {
            let code = match (groups.get(1), groups.get(2)) {
                (Some(hex), _) => u32::from_str_radix(hex.as_str(), 16).ok(),
                (_, Some(decimal)) => decimal.as_str().parse().ok(),
                _ => None,
            };
            if let (Some(c), Some(whole)) = (code.and_then(char::from_u32), groups.get(0)) {
                view.push(
                    c,
                    &(found.start() + whole.start()..found.start() + whole.end()),
                );
            }
        }
        view.push('\n', &(found.end()..found.end()));
    }
    (!view.text.is_empty()).then_some(view)
}

fn reversed(view: &View) -> View {
    let mut backwards = View::default();
    for (at, c) in view.text.char_indices().rev() {
        if let Some((start, end)) = view.origin.get(at) {
            backwards.push(c, &(*start as usize..*end as usize));
        }
    }
    backwards
}
