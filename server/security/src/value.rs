//! What the evaluator knows of a value: constant, qualified name, taint.

use crate::ast::{Id, NONE};
use crate::path::{Sym, Syms};

/// A constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Const {
    Unknown,
    Str(Sym),
    Int(i64),
    Float(f64),
    Bool(bool),
    Null,
}

/// Where a value comes from: a set of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Taint(pub(crate) u32);

impl Taint {
    /// Nothing.
    pub const NONE: Taint = Taint(0);
    /// A request, a form, a query string: input of someone far away.
    pub const USER: Taint = Taint(1);
    /// Standard input, command line arguments.
    pub const INPUT: Taint = Taint(1 << 1);
    /// The answer of a server.
    pub const NET: Taint = Taint(1 << 2);
    /// The answer of a language model.
    pub const LLM: Taint = Taint(1 << 3);
    /// An environment variable.
    pub const ENV: Taint = Taint(1 << 4);
    /// The contents of a file.
    pub const FILE: Taint = Taint(1 << 5);
    /// A credential: key file, secret store, secret variable.
    pub const SECRET: Taint = Taint(1 << 6);
    /// Text that was decoded from base64, hex or a compressed form.
    pub const DECODED: Taint = Taint(1 << 7);
    /// A value that a weak random generator gave.
    pub const WEAK_RANDOM: Taint = Taint(1 << 8);
    /// A row of a database.
    pub const DB: Taint = Taint(1 << 9);
    /// The name of an entry of an archive.
    pub const ARCHIVE: Taint = Taint(1 << 11);
    /// A value that this code does not show.
    pub(crate) const OPAQUE: Taint = Taint(1 << 10);
    /// What others may choose freely.
    pub const UNTRUSTED: Taint = Taint(1 | 1 << 1 | 1 << 2 | 1 << 3);
    const PARAM_SHIFT: u32 = 16;
    /// A parameter of the function around.
    pub const PARAM: Taint = Taint(0xffff << Self::PARAM_SHIFT);

    pub(crate) fn param(k: usize) -> Taint {
        Taint(1 << (Self::PARAM_SHIFT + u32::try_from(k.min(15)).unwrap_or(15)))
    }

    pub(crate) fn has(self, other: Taint) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn or(self, other: Taint) -> Taint {
        Taint(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Taint) -> Taint {
        Taint(self.0 & !other.0)
    }

    pub(crate) fn and(self, other: Taint) -> Taint {
        Taint(self.0 & other.0)
    }

    /// The label of a name in the rule data.
    pub(crate) fn named(name: &str) -> Option<Taint> {
        Some(match name {
            "user" => Taint::USER,
            "input" => Taint::INPUT,
            "net" => Taint::NET,
            "llm" => Taint::LLM,
            "env" => Taint::ENV,
            "file" => Taint::FILE,
            "secret" => Taint::SECRET,
            "decoded" => Taint::DECODED,
            "weak_random" => Taint::WEAK_RANDOM,
            "db" => Taint::DB,
            "archive" => Taint::ARCHIVE,
            "param" => Taint::PARAM,
            "untrusted" => Taint::UNTRUSTED,
            _ => return None,
        })
    }

    /// The labels, for people.
    pub(crate) fn describe(self) -> &'static str {
        if self.has(Taint::LLM) {
            "the answer of a language model"
        } else if self.has(Taint::USER) {
            "outside input"
        } else if self.has(Taint::INPUT) {
            "what the user types"
        } else if self.has(Taint::NET) {
            "a network answer"
        } else if self.has(Taint::SECRET) {
            "a secret"
        } else if self.has(Taint::ENV) {
            "the environment"
        } else if self.has(Taint::FILE) {
            "a file's contents"
        } else if self.has(Taint::DB) {
            "a database row"
        } else if self.has(Taint::ARCHIVE) {
            "a name in an archive"
        } else {
            "a parameter"
        }
    }
}

/// Uses that a value has been made safe for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Safe(pub(crate) u32);

impl Safe {
    pub(crate) const NONE: Safe = Safe(0);
    /// Every use of the text; a number may still be too large.
    pub(crate) const ALL: Safe = Safe(0xffff);
    /// As an amount: of memory, of rounds, of time.
    pub(crate) const SIZE: Safe = Safe(1 << 16);

    pub(crate) fn named(name: &str) -> Option<Safe> {
        let bit = match name {
            "command" => 0,
            "sql" => 1,
            "html" => 2,
            "path" | "archive" => 3,
            "url" => 4,
            "code" => 5,
            "xpath" => 6,
            "ldap" => 7,
            "log" => 8,
            "regex" => 9,
            "template" => 10,
            "redirect" => 11,
            "deserialize" => 12,
            "header" => 13,
            "xml" => 14,
            "nosql" => 15,
            "size" => 16,
            "all" => return Some(Safe::ALL),
            _ => return None,
        };
        Some(Safe(1 << bit))
    }

    pub(crate) fn has(self, other: Safe) -> bool {
        other.0 != 0 && self.0 & other.0 == other.0
    }

    /// Whether a value that is safe for these uses is safe for this one.
    pub(crate) fn covers(self, used: Safe) -> bool {
        self.has(used) || used != Safe::SIZE && self.has(Safe::ALL)
    }

    pub(crate) fn or(self, other: Safe) -> Safe {
        Safe(self.0 | other.0)
    }

    pub(crate) fn and(self, other: Safe) -> Safe {
        Safe(self.0 & other.0)
    }
}

/// How a value was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Shape(pub(crate) u8);

impl Shape {
    /// Text put together from pieces of which one is not constant.
    pub(crate) const BUILT: Shape = Shape(1);
    /// A literal list, tuple, array.
    pub(crate) const LIST: Shape = Shape(1 << 1);
    /// A literal dictionary or object.
    pub(crate) const DICT: Shape = Shape(1 << 2);
    /// A function written in place.
    pub(crate) const FUNC: Shape = Shape(1 << 3);
    /// Made of constants alone, though not one constant.
    pub(crate) const FIXED: Shape = Shape(1 << 4);
    /// A name that nothing in this code binds.
    pub(crate) const FREE: Shape = Shape(1 << 5);
    /// What `path` says is the type of the value, not where it lives.
    pub(crate) const NUMBER: Shape = Shape(1 << 6);

    pub(crate) fn has(self, other: Shape) -> bool {
        self.0 & other.0 != 0
    }
    pub(crate) fn or(self, other: Shape) -> Shape {
        Shape(self.0 | other.0)
    }
}

/// A value as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Val {
    pub path: Sym,
    pub konst: Const,
    pub taint: Taint,
    pub safe: Safe,
    /// Uses for which the parts that came from outside are safe, when others (parameters, values of no known origin)
    /// are not.
    pub guarded: Safe,
    pub shape: Shape,
    /// The expression that made it, for looking into lists, dictionaries and functions.
    pub def: Id,
    /// The node where the taint came in.
    pub origin: Id,
    /// The constant text that a built string begins with.
    pub prefix: Sym,
}

impl Val {
    pub(crate) const UNKNOWN: Val = Val {
        path: Sym::EMPTY,
        konst: Const::Unknown,
        taint: Taint::NONE,
        safe: Safe::NONE,
        guarded: Safe::NONE,
        shape: Shape(0),
        def: NONE,
        origin: NONE,
        prefix: Sym::EMPTY,
    };

    pub(crate) fn constant(konst: Const) -> Val {
        Val {
            konst,
            ..Val::UNKNOWN
        }
    }

    pub(crate) fn is_const(&self) -> bool {
        self.konst != Const::Unknown || self.shape.has(Shape::FIXED)
    }

    pub(crate) fn str(&self) -> Option<Sym> {
        if let Const::Str(s) = self.konst {
            Some(s)
        } else {
            None
        }
    }

    /// What either branch may have left in a variable.
    ///
    /// The constant beginning that both share is kept: `"SELECT "` of two queries says what either is.
    pub(crate) fn join(syms: &mut Syms, a: &Val, b: &Val) -> Val {
        let (x, y) = (a.str().unwrap_or(a.prefix), b.str().unwrap_or(b.prefix));
        let empty = |v: &Val| v.konst == Const::Null || v.str().is_some_and(Sym::is_empty);
        let prefix = if x == y || empty(a) {
            y
        } else if empty(b) {
            x
        } else {
            let (x, y) = (syms.str(x), syms.str(y));
            let shared = x
                .char_indices()
                .zip(y.chars())
                .find(|((_, c), d)| c != d)
                .map_or(x.len().min(y.len()), |((k, _), _)| k);
            let shared = x.get(..shared).unwrap_or_default().to_owned();
            syms.get(&shared)
        };
        Val {
            path: if a.path == b.path || b.path.is_empty() {
                a.path
            } else if a.path.is_empty() {
                b.path
            } else {
                a.path
            },
            konst: if a.konst == b.konst {
                a.konst
            } else {
                Const::Unknown
            },
            taint: a.taint.or(b.taint),
            safe: match (a.is_const(), b.is_const()) {
                (true, true) => a.safe.or(b.safe),
                (true, false) => b.safe,
                (false, true) => a.safe,
                (false, false) => a.safe.and(b.safe),
            },
            guarded: a.guarded_with(b),
            shape: Shape(
                ((a.shape.0 | b.shape.0) & !Shape::FIXED.0)
                    | if a.is_const() && b.is_const() && a.konst != b.konst
                        || (a.shape.has(Shape::FIXED) && b.shape.has(Shape::FIXED))
                    {
                        Shape::FIXED.0
                    } else {
                        0
                    },
            ),
            def: if a.def == b.def { a.def } else { NONE },
            origin: if a.origin == NONE { b.origin } else { a.origin },
            prefix,
        }
    }

    /// Uses for which nothing in the value that came from outside is dangerous.
    pub(crate) fn safe_input(&self) -> Safe {
        self.safe.or(self.guarded)
    }

    fn guarded_with(&self, other: &Val) -> Safe {
        let labelled = |v: &Val| v.taint.without(Taint::OPAQUE.or(Taint::PARAM)) != Taint::NONE;
        match (labelled(self), labelled(other)) {
            (true, true) => self.safe_input().and(other.safe_input()),
            (true, false) => self.safe_input(),
            (false, true) => other.safe_input(),
            (false, false) => Safe::NONE,
        }
    }

    /// Takes on the taint of a part.
    pub(crate) fn absorb(&mut self, part: &Val) {
        self.guarded = self.guarded_with(part);
        if part.taint != Taint::NONE {
            if self.taint == Taint::NONE {
                self.safe = part.safe;
                self.origin = part.origin;
            } else {
                self.safe = self.safe.and(part.safe);
                if self.origin == NONE {
                    self.origin = part.origin;
                }
            }
            self.taint = self.taint.or(part.taint);
        }
    }
}
