//! What the language knows: block keywords, their properties, action types, synonyms, deprecated spellings.
//!
//! The knowledge is data (`blocks.toml`, `actions.toml`, `words.toml` beside this file), embedded at build time and
//! read once. Any identifier is a legal block keyword; the tables only say which ones have a meaning of their own.

mod load;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

pub use load::{BlockBody, Family, Group, NameRule, ValueType};

/// The tables, read from the embedded files on first use.
pub fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(load::load);
    &SCHEMA
}

/// Everything that the language knows about its words.
#[derive(Debug, Default)]
pub struct Schema {
    blocks: Vec<BlockSpec>,
    block_index: FxHashMap<String, usize>,
    actions: Vec<ActionSpec>,
    action_index: FxHashMap<String, usize>,
    words: load::Words,
}

/// One block keyword.
#[derive(Debug, Clone)]
pub struct BlockSpec {
    /// The spelling that we write; looked up without regard to case.
    pub keyword: String,
    /// What it is about.
    pub group: Group,
    /// The dialect family that it belongs to.
    pub family: Family,
    /// Whether a word stands between the keyword and the brace.
    pub name: NameRule,
    /// What its braces hold.
    pub body: BlockBody,
    /// Any property is legal, the listed ones are only the known ones.
    pub open: bool,
    /// Parents in which completion offers it; empty: anywhere. `file` is the top level.
    pub inside: Vec<String>,
    /// At least one property of each group must be there.
    pub required: Vec<Vec<String>>,
    /// Properties that may come several times.
    pub repeats: Vec<String>,
    /// The snippet of an unusual header.
    pub shape: Option<String>,
    /// Language of a code block, by its canonical lower-case name.
    pub language: Option<String>,
    /// Markdown: what it means.
    pub docs: String,
    /// A short script.
    pub example: String,
    /// Known properties, in the order in which completion offers them.
    pub properties: Vec<PropertySpec>,
}

/// One property of a block or an action.
#[derive(Debug, Clone)]
pub struct PropertySpec {
    /// The spelling that we write.
    pub name: String,
    /// What its value is.
    pub value_type: ValueType,
    /// Markdown: what it means.
    pub docs: String,
    /// Values that people use; the only legal ones if `closed`.
    pub values: Vec<String>,
    /// No other value is legal.
    pub closed: bool,
    /// Smallest legal number.
    pub min: Option<f64>,
    /// Largest legal number.
    pub max: Option<f64>,
    /// Other spellings with the same meaning.
    pub synonyms: Vec<String>,
    /// The value as an LSP snippet.
    pub snippet: Option<String>,
}

/// One value of an `ACTION`'s `type`.
#[derive(Debug, Clone)]
pub struct ActionSpec {
    /// The value of `type`.
    pub name: String,
    /// How often a survey of public scripts saw it.
    pub uses: u32,
    /// The type that this is another name of.
    pub synonym: Option<String>,
    /// Markdown: what it does.
    pub docs: String,
    /// At least one property of each group must be there.
    pub required: Vec<Vec<String>>,
    /// What it takes.
    pub properties: Vec<PropertySpec>,
    /// One action, on one line.
    pub example: String,
}

/// A spelling that is understood but no longer written.
#[derive(Debug, Clone)]
pub struct Deprecation {
    /// Block keyword (of the property, or the deprecated one itself).
    pub block: String,
    /// The property, if it is one.
    pub property: Option<String>,
    /// What to write.
    pub new: String,
}

/// A kind of check in a workflow node.
#[derive(Debug, Clone)]
pub struct CheckSpec {
    /// Value of the check's `type`.
    pub name: String,
    /// Fields that must be there.
    pub fields: Vec<String>,
    /// What it checks.
    pub docs: String,
}

impl Schema {
    /// All known blocks, in the order in which completion offers them.
    pub fn blocks(&self) -> &[BlockSpec] {
        &self.blocks
    }

    /// The block with this keyword, in any case; `F#` and `C#` are the cells that they look like.
    pub fn block(&self, keyword: &str) -> Option<&BlockSpec> {
        let key = match keyword {
            "F#" | "f#" => "FSHARP".to_owned(),
            "C#" | "c#" => "CSHARP".to_owned(),
            _ => keyword.to_ascii_uppercase(),
        };
        self.block_index.get(&key).and_then(|&i| self.blocks.get(i))
    }

    /// All known action types, most frequent first.
    pub fn actions(&self) -> &[ActionSpec] {
        &self.actions
    }

    /// The action type with this exact name.
    pub fn action(&self, name: &str) -> Option<&ActionSpec> {
        self.action_index
            .get(name)
            .and_then(|&i| self.actions.get(i))
    }

    /// The action type that `name` is or is another name of.
    pub fn action_meaning(&self, name: &str) -> Option<&ActionSpec> {
        let spec = self.action(name)?;
        match &spec.synonym {
            Some(other) => self.action(other),
            None => Some(spec),
        }
    }

    /// Deprecated spellings.
    pub fn deprecations(&self) -> &[Deprecation] {
        &self.words.deprecated
    }

    /// Checks that workflow nodes know.
    pub fn checks(&self) -> &[CheckSpec] {
        &self.words.check
    }

    /// Whether an expression may use the name without a definition.
    pub fn is_global(&self, name: &str) -> bool {
        self.words.global_set.contains(name)
    }

    /// Names that the language binds itself.
    pub fn bound_names(&self) -> &[String] {
        &self.words.bound
    }

    /// Functions that every script can call.
    pub fn builtin_functions(&self) -> &[String] {
        &self.words.functions
    }
}

impl BlockSpec {
    /// The property with this name or synonym.
    pub fn property(&self, name: &str) -> Option<&PropertySpec> {
        find_property(&self.properties, name)
    }

    /// Whether the property may come several times.
    pub fn repeats(&self, property: &str) -> bool {
        self.repeats.iter().any(|name| name == property)
    }
}

impl ActionSpec {
    /// The property with this name or synonym.
    pub fn property(&self, name: &str) -> Option<&PropertySpec> {
        find_property(&self.properties, name)
    }
}

impl PropertySpec {
    /// Whether `name` is this property's name or one of its synonyms.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.synonyms.iter().any(|synonym| synonym == name)
    }
}

fn find_property<'a>(properties: &'a [PropertySpec], name: &str) -> Option<&'a PropertySpec> {
    properties
        .iter()
        .find(|property| property.name == name)
        .or_else(|| properties.iter().find(|property| property.is_called(name)))
}
