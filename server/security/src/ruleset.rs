//! The rules of one language, compiled: indexes from qualified names to matchers, sources and sanitizers.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_norway::Value;

use crate::capability::Capability;
use crate::matcher::{Matcher, Trigger};
use crate::path::PathIndex;
use crate::rule::{Rule, RuleInfo};
use crate::value::{Safe, Taint};

/// A rule file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile<R> {
    languages: Vec<String>,
    #[serde(default)]
    models: Models,
    #[serde(default = "Vec::new")]
    rules: Vec<R>,
}

/// What the libraries of a language do to data.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Models {
    sources: Vec<SourceModel>,
    sanitizers: Vec<SanitizerModel>,
    /// Calls whose result carries nothing of their arguments.
    clean: Vec<String>,
    /// Calls that give a constant when all arguments are constant.
    pure: Vec<String>,
    /// Names that the deployment fixes, such as the folder of the program.
    constants: Vec<String>,
    /// What calls need from the machine.
    capabilities: std::collections::BTreeMap<String, Vec<String>>,
    /// Calls that stop the path they stand on.
    exits: Vec<String>,
    /// Decorators or attributes whose function gets its parameters from a request.
    handlers: Vec<String>,
    /// Types whose parameters carry outside input.
    input_types: Vec<String>,
    /// Types of parameters that cannot carry text.
    plain_types: Vec<String>,
    /// Where names come from that people import under one name only, for code whose imports stand elsewhere.
    implied: std::collections::BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceModel {
    from: String,
    paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SanitizerModel {
    #[serde(rename = "for")]
    uses: Vec<String>,
    paths: Vec<String>,
}

/// A rule as people write it.
#[derive(Deserialize)]
struct WrittenRule {
    #[serde(default, rename = "match")]
    matchers: Vec<Value>,
    #[serde(default)]
    check: Option<String>,
    #[serde(default)]
    fsharp_bad: Option<String>,
    #[serde(default)]
    fsharp_good: Option<String>,
    #[serde(flatten)]
    info: Value,
}

/// A rule as the build step leaves it: what describes it stands apart, which is quicker to read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    #[serde(default, rename = "match")]
    matchers: Vec<Value>,
    /// Name of a check written in Rust that reports under this id.
    #[serde(default)]
    check: Option<String>,
    /// Examples in F#, for rules that C# and F# share.
    #[serde(default)]
    fsharp_bad: Option<String>,
    #[serde(default)]
    fsharp_good: Option<String>,
    info: RuleInfo,
}

impl WrittenRule {
    fn read(self) -> Result<RawRule, String> {
        let id = self.info.get("id").and_then(Value::as_str);
        let id = id.unwrap_or("?").to_owned();
        let info = serde_norway::from_value(self.info).map_err(|e| format!("rule {id}: {e}"))?;
        Ok(RawRule {
            matchers: self.matchers,
            check: self.check,
            fsharp_bad: self.fsharp_bad,
            fsharp_good: self.fsharp_good,
            info,
        })
    }
}

/// What an index says of a qualified name.
#[derive(Clone, Copy)]
pub(crate) enum Fact {
    Call(u32),
    Access(u32),
    Assign(u32),
    Import(u32),
    Decorator(u32),
    Source(Taint),
    Sanitizer(Safe),
    Clean,
    Capability(Capability),
    Pure,
    Constant,
    Exit,
    Handler,
    InputType,
    PlainType,
}

/// Compiled rules of one language.
pub(crate) struct RuleSet {
    pub rules: Vec<Rule>,
    pub matchers: Vec<Matcher>,
    pub facts: PathIndex<Fact>,
    pub pairs: FxHashMap<String, Vec<u32>>,
    /// The qualified name of a name that nothing in the code binds.
    pub implied: FxHashMap<String, String>,
    pub string_matchers: Vec<u32>,
    pub text_matchers: Vec<u32>,
    pub has_patterns: bool,
    by_id: FxHashMap<String, u16>,
}

impl RuleSet {
    /// The built-in rules of a language. A fault in them is caught by a test, not at run time.
    pub(crate) fn built_in(language: &str, loose: bool) -> RuleSet {
        Self::compile(BUILT_IN, language, loose).unwrap_or_else(|_| Self::empty(loose))
    }

    fn empty(loose: bool) -> RuleSet {
        RuleSet {
            rules: Vec::new(),
            matchers: Vec::new(),
            facts: PathIndex::new(loose),
            pairs: FxHashMap::default(),
            implied: FxHashMap::default(),
            string_matchers: Vec::new(),
            text_matchers: Vec::new(),
            has_patterns: false,
            by_id: FxHashMap::default(),
        }
    }

    /// Compiles rule files; the error names the rule.
    pub(crate) fn compile(texts: &[&str], language: &str, loose: bool) -> Result<RuleSet, String> {
        let mut set = Self::empty(loose);
        for text in texts {
            if !mentions(text, language) {
                continue;
            }
            let file = read(text)?;
            if !file.languages.iter().any(|l| l == language) {
                continue;
            }
            set.add_models(&file.models)?;
            for raw in file.rules {
                let id = raw.info.id.clone();
                set.add_rule(raw, language, &file.languages)
                    .map_err(|e| format!("rule {id}: {e}"))?;
            }
        }
        Ok(set)
    }

    fn add_models(&mut self, models: &Models) -> Result<(), String> {
        for source in &models.sources {
            let taint = Taint::named(&source.from)
                .ok_or_else(|| format!("unknown source `{}`", source.from))?;
            for p in &source.paths {
                self.facts.insert(p, Fact::Source(taint));
            }
        }
        for sanitizer in &models.sanitizers {
            let mut safe = Safe::NONE;
            for name in &sanitizer.uses {
                safe = safe.or(Safe::named(name).ok_or_else(|| format!("unknown use `{name}`"))?);
            }
            for p in &sanitizer.paths {
                self.facts.insert(p, Fact::Sanitizer(safe));
            }
        }
        for (name, paths) in &models.capabilities {
            let capability =
                Capability::named(name).ok_or_else(|| format!("unknown capability `{name}`"))?;
            for p in paths {
                self.facts.insert(p, Fact::Capability(capability));
            }
        }
        for (module, names) in &models.implied {
            for entry in names {
                let (name, shown) = entry.split_once(" as ").unwrap_or((entry, entry));
                let full = match name {
                    "." => module.clone(),
                    name => format!("{module}.{name}"),
                };
                self.implied.insert(shown.to_owned(), full);
            }
        }
        let plain = [
            (&models.clean, Fact::Clean),
            (&models.pure, Fact::Pure),
            (&models.constants, Fact::Constant),
            (&models.exits, Fact::Exit),
            (&models.handlers, Fact::Handler),
            (&models.input_types, Fact::InputType),
            (&models.plain_types, Fact::PlainType),
        ];
        for (paths, fact) in plain {
            for p in paths {
                self.facts.insert(p, fact);
            }
        }
        Ok(())
    }

    fn add_rule(
        &mut self,
        raw: RawRule,
        language: &str,
        languages: &[String],
    ) -> Result<(), String> {
        let mut info = raw.info;
        let shared = info.id.strip_prefix("NET-").map(str::to_owned);
        if raw.matchers.is_empty() && raw.check.is_none() {
            return Err("has neither `match` nor `check`".into());
        }
        languages.clone_into(&mut info.languages);
        if let Some(rest) = shared {
            info.id = format!("{}-{rest}", if language == "fsharp" { "FS" } else { "CS" });
            info.languages = vec![language.to_owned()];
            if language == "fsharp" {
                info.bad = raw.fsharp_bad.ok_or("has no F# example")?;
                info.good = raw.fsharp_good.ok_or("has no F# example")?;
            }
        }
        let rule = u16::try_from(self.rules.len()).map_err(|e| e.to_string())?;
        if self.by_id.insert(info.id.clone(), rule).is_some() {
            return Err("is defined twice".into());
        }
        for value in &raw.matchers {
            let matcher = Matcher::read(rule, value)?;
            let k = u32::try_from(self.matchers.len()).map_err(|e| e.to_string())?;
            let (paths, fact): (&[String], Fact) = match &matcher.trigger {
                Trigger::Call(p) => (p, Fact::Call(k)),
                Trigger::Access(p) => (p, Fact::Access(k)),
                Trigger::Assign(p) => (p, Fact::Assign(k)),
                Trigger::Import(p) => (p, Fact::Import(k)),
                Trigger::Decorator(p) => (p, Fact::Decorator(k)),
                Trigger::Pair(keys) => {
                    for key in keys {
                        self.pairs.entry(key.clone()).or_default().push(k);
                    }
                    (&[], Fact::Exit)
                }
                Trigger::Pattern(_) | Trigger::Query(_) => {
                    self.has_patterns = true;
                    (&[], Fact::Exit)
                }
                Trigger::Text(_) => {
                    self.text_matchers.push(k);
                    (&[], Fact::Exit)
                }
                Trigger::Str(_) => {
                    self.string_matchers.push(k);
                    (&[], Fact::Exit)
                }
            };
            for p in paths {
                self.facts.insert(p, fact);
            }
            self.matchers.push(matcher);
        }
        self.rules.push(Arc::new(info));
        Ok(())
    }

    /// The first regular expression that is none, with its rule.
    pub(crate) fn fault(&self) -> Option<String> {
        self.matchers.iter().find_map(|m| {
            let fault = m.fault()?;
            let id = self.rule(m.rule).map_or("?", |r| r.id.as_str());
            Some(format!("rule {id}: {fault}"))
        })
    }

    pub(crate) fn rule(&self, index: u16) -> Option<&Rule> {
        self.rules.get(index as usize)
    }

    pub(crate) fn find(&self, id: &str) -> Option<u16> {
        self.by_id.get(id).copied()
    }
}

/// A rule file; the built-in ones were made JSON, which is quicker to read.
fn read(text: &str) -> Result<RuleFile<RawRule>, String> {
    if text.starts_with('{') {
        return serde_json::from_str(text).map_err(|e| e.to_string());
    }
    let file: RuleFile<WrittenRule> = serde_norway::from_str(text).map_err(|e| e.to_string())?;
    let rules = file.rules.into_iter().map(WrittenRule::read);
    Ok(RuleFile {
        languages: file.languages,
        models: file.models,
        rules: rules.collect::<Result<_, _>>()?,
    })
}

/// Whether the list of languages at the top of a rule file may hold this one.
fn mentions(text: &str, language: &str) -> bool {
    if let Some((list, _)) = text
        .strip_prefix(r#"{"languages":["#)
        .and_then(|rest| rest.split_once(']'))
    {
        return list.contains(language);
    }
    let list = text
        .lines()
        .find_map(|l| l.trim_start().strip_prefix("languages:"))
        .map(str::trim);
    list.is_none_or(|l| !l.ends_with(']') || l.contains(language))
}

/// The rule files that ship with the product.
pub(crate) const BUILT_IN: &[&str] = &[
    built_in!("python"),
    built_in!("python-models"),
    built_in!("javascript"),
    built_in!("javascript-models"),
    built_in!("dotnet"),
    built_in!("dotnet-models"),
    built_in!("rust"),
    built_in!("rust-models"),
    built_in!("bash"),
    built_in!("powershell"),
    built_in!("sql"),
    built_in!("metascript"),
    built_in!("capabilities"),
    built_in!("text"),
];
