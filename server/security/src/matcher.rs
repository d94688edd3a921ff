//! The matching part of a rule, read from data: what triggers it and what its arguments must look like.

use serde_norway::Value;

use crate::lazy_regex::LazyRegex;
use crate::path::Glob;
use crate::rule::{Confidence, Level, Severity};
use crate::value::Taint;

/// A condition on a value.
#[derive(Debug)]
pub(crate) enum Pred {
    Present,
    Missing,
    Const,
    Dynamic,
    Built,
    /// Untrusted, or text built with something of unknown origin.
    Risky,
    /// Not a constant and not made safe for the rule's category.
    Loose,
    Tainted(Taint),
    Truthy,
    Falsy,
    Null,
    Str,
    Empty,
    List,
    Dict,
    Func,
    Int(i64),
    Text(String),
    Bool(bool),
    Re(LazyRegex),
    Source(LazyRegex),
    Path(Vec<Glob>),
    Lt(i64),
    Gt(i64),
    Bits(i64),
    Not(Box<Pred>),
    All(Vec<Pred>),
    Any(Vec<Pred>),
    /// Entry of a literal dictionary.
    Has(String, Box<Pred>),
    /// Some element of a literal list, or some value of a literal dictionary.
    Elem(Box<Pred>),
    /// The first element of a literal list.
    Head(Box<Pred>),
}

impl Pred {
    fn fault(&self) -> Option<String> {
        match self {
            Pred::Re(re) | Pred::Source(re) => re.fault(),
            Pred::Not(p) | Pred::Has(_, p) | Pred::Elem(p) | Pred::Head(p) => p.fault(),
            Pred::All(list) | Pred::Any(list) => list.iter().find_map(Pred::fault),
            _ => None,
        }
    }
}

/// Which argument a condition looks at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sel {
    /// Position, name, or either.
    Arg(Option<usize>, Vec<String>),
    /// Some argument.
    Any,
    /// Some argument from this position on.
    From(usize),
    /// What the method is called on.
    Receiver,
    /// The assigned value.
    Value,
}

/// What makes the rule look.
#[derive(Debug)]
pub(crate) enum Trigger {
    Call(Vec<String>),
    Access(Vec<String>),
    Assign(Vec<String>),
    Import(Vec<String>),
    /// Entry of a literal dictionary, object or initializer with this key.
    Pair(Vec<String>),
    Str(LazyRegex),
    Decorator(Vec<String>),
    /// A pattern on the code's text, comments left out.
    Text(LazyRegex),
    /// Code with `$X` and `...` in it.
    Pattern(String),
    /// A tree-sitter query; the first capture is the finding.
    Query(String),
}

/// One way in which a rule matches.
#[derive(Debug)]
pub(crate) struct Matcher {
    pub rule: u16,
    pub trigger: Trigger,
    pub conds: Vec<(Sel, Pred)>,
    /// The finding stands at this argument rather than at the call.
    pub at: Option<Sel>,
    pub imports: Vec<String>,
    pub min_args: usize,
    pub max_args: usize,
    pub severity: Option<Severity>,
    pub confidence: Option<Confidence>,
    pub level: Option<Level>,
    /// Qualified names that this match must not have.
    pub unless: Vec<Glob>,
    /// Source text around (the enclosing function, or the whole code) must not match.
    pub unless_text: Option<LazyRegex>,
    pub only_text: Option<LazyRegex>,
}

impl Matcher {
    /// Reads one entry of a rule's `match` list.
    pub(crate) fn read(rule: u16, value: &Value) -> Result<Matcher, String> {
        let map = value.as_mapping().ok_or("a matcher is a map")?;
        let mut m = Matcher {
            rule,
            trigger: Trigger::Call(Vec::new()),
            conds: Vec::new(),
            at: None,
            imports: Vec::new(),
            min_args: 0,
            max_args: usize::MAX,
            severity: None,
            confidence: None,
            level: None,
            unless: Vec::new(),
            unless_text: None,
            only_text: None,
        };
        let mut triggered = false;
        for (key, value) in map {
            let key = key.as_str().ok_or("a key is a string")?;
            let trigger = match key {
                "call" => Some(Trigger::Call(strings(value)?)),
                "access" => Some(Trigger::Access(strings(value)?)),
                "assign" => Some(Trigger::Assign(strings(value)?)),
                "import" => Some(Trigger::Import(strings(value)?)),
                "pair" => Some(Trigger::Pair(strings(value)?)),
                "decorator" => Some(Trigger::Decorator(strings(value)?)),
                "string" => Some(Trigger::Str(regex(value)?)),
                "text" => Some(Trigger::Text(multiline(value)?)),
                "pattern" => Some(Trigger::Pattern(
                    value.as_str().ok_or("a pattern is a string")?.to_owned(),
                )),
                "query" => Some(Trigger::Query(
                    value.as_str().ok_or("a query is a string")?.to_owned(),
                )),
                _ => None,
            };
            if let Some(t) = trigger {
                m.trigger = t;
                triggered = true;
                continue;
            }
            match key {
                "args" => {
                    for (sel, pred) in value.as_mapping().ok_or("`args` is a map")? {
                        let sel = match sel {
                            Value::Number(n) => Sel::Arg(
                                n.as_u64().and_then(|n| usize::try_from(n).ok()),
                                Vec::new(),
                            ),
                            other => {
                                sel_of(other.as_str().ok_or("an argument is a number or a name")?)
                            }
                        };
                        m.conds.push((sel, pred_of(pred)?));
                    }
                }
                "value" => m.conds.push((Sel::Value, pred_of(value)?)),
                "receiver" => m.conds.push((Sel::Receiver, pred_of(value)?)),
                "at" => m.at = value.as_str().map(sel_of),
                "imports" => m.imports = strings(value)?,
                "unless" => m.unless = globs(value)?,
                "unless_text" => m.unless_text = Some(regex(value)?),
                "only_text" => m.only_text = Some(regex(value)?),
                "min_args" => m.min_args = number(value)?,
                "max_args" => m.max_args = number(value)?,
                "severity" => {
                    m.severity =
                        Some(serde_norway::from_value(value.clone()).map_err(|e| e.to_string())?);
                }
                "level" => {
                    m.level =
                        Some(serde_norway::from_value(value.clone()).map_err(|e| e.to_string())?);
                }
                "confidence" => {
                    m.confidence =
                        Some(serde_norway::from_value(value.clone()).map_err(|e| e.to_string())?);
                }
                other => return Err(format!("unknown key `{other}` in a matcher")),
            }
        }
        if triggered {
            Ok(m)
        } else {
            Err(
                "a matcher needs one of call, access, assign, import, pair, string, decorator"
                    .into(),
            )
        }
    }

    /// What is wrong with its regular expressions, which are compiled only when they are needed.
    pub(crate) fn fault(&self) -> Option<String> {
        let trigger = match &self.trigger {
            Trigger::Str(re) | Trigger::Text(re) => re.fault(),
            _ => None,
        };
        trigger
            .or_else(|| self.unless_text.as_ref().and_then(LazyRegex::fault))
            .or_else(|| self.only_text.as_ref().and_then(LazyRegex::fault))
            .or_else(|| self.conds.iter().find_map(|(_, pred)| pred.fault()))
    }

    pub(crate) fn excluded(&self, path: &str) -> bool {
        self.unless.iter().any(|p| p.matches(path))
    }
}

fn number(value: &Value) -> Result<usize, String> {
    value
        .as_u64()
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| "a number is expected".into())
}

fn regex(value: &Value) -> Result<LazyRegex, String> {
    let text = value.as_str().ok_or("a regular expression is a string")?;
    Ok(LazyRegex::new(text.to_owned()))
}

fn multiline(value: &Value) -> Result<LazyRegex, String> {
    let text = value.as_str().ok_or("a regular expression is a string")?;
    Ok(LazyRegex::new(format!("(?m){text}")))
}

fn strings(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::String(s) => Ok(vec![s.clone()]),
        Value::Sequence(list) => list
            .iter()
            .map(|v| {
                v.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| "a list of strings is expected".into())
            })
            .collect(),
        _ => Err("a string or a list of strings is expected".into()),
    }
}

fn globs(value: &Value) -> Result<Vec<Glob>, String> {
    Ok(strings(value)?.into_iter().map(Glob::new).collect())
}

fn sel_of(text: &str) -> Sel {
    match text {
        "any" => return Sel::Any,
        "receiver" => return Sel::Receiver,
        "value" => return Sel::Value,
        _ => {}
    }
    if let Some(from) = text.strip_suffix('+').and_then(|n| n.parse().ok()) {
        return Sel::From(from);
    }
    let mut position = None;
    let mut names = Vec::new();
    for part in text.split('|') {
        match part.parse() {
            Ok(n) => position = Some(n),
            Err(_) => names.push(part.to_owned()),
        }
    }
    Sel::Arg(position, names)
}

fn pred_of(value: &Value) -> Result<Pred, String> {
    Ok(match value {
        Value::Bool(b) => Pred::Bool(*b),
        Value::Number(n) => Pred::Int(n.as_i64().ok_or("only whole numbers are compared")?),
        Value::Null => Pred::Null,
        Value::String(s) => match s.as_str() {
            "present" => Pred::Present,
            "missing" => Pred::Missing,
            "const" => Pred::Const,
            "dynamic" => Pred::Dynamic,
            "built" => Pred::Built,
            "risky" => Pred::Risky,
            "loose" => Pred::Loose,
            "tainted" => Pred::Tainted(Taint::UNTRUSTED),
            "truthy" => Pred::Truthy,
            "falsy" => Pred::Falsy,
            "null" => Pred::Null,
            "string" => Pred::Str,
            "empty" => Pred::Empty,
            "list" => Pred::List,
            "dict" => Pred::Dict,
            "func" => Pred::Func,
            other => {
                return Err(format!(
                    "unknown condition `{other}`; a text to compare with is `{{is: {other}}}`"
                ));
            }
        },
        Value::Sequence(list) => Pred::Any(list.iter().map(pred_of).collect::<Result<_, _>>()?),
        Value::Mapping(map) => {
            let mut all = Vec::new();
            for (key, value) in map {
                let key = key.as_str().ok_or("a condition's key is a string")?;
                all.push(match key {
                    "is" => match value {
                        Value::String(s) => Pred::Text(s.clone()),
                        Value::Sequence(list) => Pred::Any(
                            list.iter()
                                .map(|v| {
                                    v.as_str().map_or_else(
                                        || pred_of(v),
                                        |s| Ok(Pred::Text(s.to_owned())),
                                    )
                                })
                                .collect::<Result<_, _>>()?,
                        ),
                        other => pred_of(other)?,
                    },
                    "re" => Pred::Re(regex(value)?),
                    "source" => Pred::Source(regex(value)?),
                    "path" => Pred::Path(globs(value)?),
                    "lt" => Pred::Lt(value.as_i64().ok_or("`lt` takes a number")?),
                    "gt" => Pred::Gt(value.as_i64().ok_or("`gt` takes a number")?),
                    "bits" => Pred::Bits(value.as_i64().ok_or("`bits` takes a number")?),
                    "not" => Pred::Not(Box::new(pred_of(value)?)),
                    "any" => Pred::Any(
                        value
                            .as_sequence()
                            .ok_or("`any` takes a list")?
                            .iter()
                            .map(pred_of)
                            .collect::<Result<_, _>>()?,
                    ),
                    "all" => Pred::All(
                        value
                            .as_sequence()
                            .ok_or("`all` takes a list")?
                            .iter()
                            .map(pred_of)
                            .collect::<Result<_, _>>()?,
                    ),
                    "from" => {
                        let mut taint = Taint::NONE;
                        for label in strings(value)? {
                            taint = taint
                                .or(Taint::named(&label)
                                    .ok_or(format!("unknown source `{label}`"))?);
                        }
                        Pred::Tainted(taint)
                    }
                    "has" => {
                        let map = value.as_mapping().ok_or("`has` takes a map")?;
                        let mut entries = Vec::new();
                        for (k, v) in map {
                            entries.push(Pred::Has(
                                k.as_str().ok_or("a key is a string")?.to_owned(),
                                Box::new(pred_of(v)?),
                            ));
                        }
                        Pred::All(entries)
                    }
                    "elem" => Pred::Elem(Box::new(pred_of(value)?)),
                    "head" => Pred::Head(Box::new(pred_of(value)?)),
                    other => return Err(format!("unknown condition `{other}`")),
                });
            }
            if all.len() == 1 {
                all.swap_remove(0)
            } else {
                Pred::All(all)
            }
        }
        Value::Tagged(_) => return Err("tags have no meaning here".into()),
    })
}
