//! Reads the embedded tables.

use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::{ActionSpec, BlockSpec, CheckSpec, Deprecation, PropertySpec, Schema};

/// What a block is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Says what the script is.
    Metadata,
    /// Settings.
    Configuration,
    /// Values and imports.
    Data,
    /// Conditions, loops, errors.
    Control,
    /// Functions and calls.
    Function,
    /// Does one thing.
    Action,
    /// Agents and their work.
    Agent,
    /// A cell of code.
    Code,
    /// Text for people, or raw text.
    Prose,
    /// Checks and monitoring.
    Quality,
    /// Workflows of thought.
    Workflow,
    /// Rewrite rules.
    Rule,
    /// Unified scripts.
    Unified,
    /// Widgets.
    Interface,
}

/// The dialects that a block belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// The brace dialects in upper and lower case.
    #[default]
    Script,
    /// Workflows of thought.
    Wot,
    /// Rewrite rules.
    Rule,
    /// Unified scripts.
    Unified,
    /// Widgets.
    Interface,
}

/// Whether a block has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameRule {
    /// It has none.
    #[default]
    None,
    /// It may have one.
    Optional,
    /// It must have one.
    Required,
}

/// What a block's braces hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockBody {
    /// Properties only.
    Properties,
    /// Blocks only.
    Blocks,
    /// Both.
    Mixed,
    /// Code of another language.
    Code,
    /// Raw text.
    Prose,
}

/// What a property's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Anything.
    #[default]
    Any,
    /// Text.
    String,
    /// Text or a number that reads like a version.
    Version,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// An object.
    Object,
    /// A condition: text with `${...}`, or a boolean.
    Expression,
    /// The name of a variable that this property defines.
    Identifier,
    /// The name of a variable that exists.
    Variable,
    /// The name of a function.
    Function,
    /// The name of an agent.
    Agent,
    /// The name of a task.
    Task,
    /// A path on disk, relative to the script.
    Path,
    /// An address.
    Url,
    /// The name of a cell language.
    Language,
    /// A type of `ACTION`.
    ActionType,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProperty {
    name: String,
    #[serde(default, rename = "type")]
    value_type: ValueType,
    docs: String,
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    closed: bool,
    min: Option<f64>,
    max: Option<f64>,
    #[serde(default)]
    synonyms: Vec<String>,
    snippet: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    keyword: String,
    group: Group,
    #[serde(default)]
    family: Family,
    #[serde(default)]
    name: NameRule,
    body: BlockBody,
    #[serde(default)]
    open: bool,
    #[serde(default)]
    inside: Vec<String>,
    #[serde(default)]
    required: Vec<Vec<String>>,
    #[serde(default)]
    repeats: Vec<String>,
    shape: Option<String>,
    language: Option<String>,
    docs: String,
    example: String,
    #[serde(default)]
    property: Vec<RawProperty>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAction {
    #[serde(rename = "type")]
    name: String,
    uses: u32,
    synonym: Option<String>,
    docs: String,
    #[serde(default)]
    required: Vec<Vec<String>>,
    #[serde(default)]
    props: Vec<RawProperty>,
    #[serde(default)]
    example: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDeprecation {
    block: String,
    property: Option<String>,
    new: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCheck {
    #[serde(rename = "type")]
    name: String,
    fields: Vec<String>,
    docs: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    javascript_globals: Vec<String>,
    bound: Vec<String>,
    functions: Vec<String>,
    deprecated: Vec<RawDeprecation>,
    check: Vec<RawCheck>,
}

#[derive(Deserialize)]
struct BlockFile {
    block: Vec<RawBlock>,
}

#[derive(Deserialize)]
struct ActionFile {
    action: Vec<RawAction>,
}

/// The word lists.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) bound: Vec<String>,
    pub(super) functions: Vec<String>,
    pub(super) global_set: FxHashSet<String>,
    pub(super) deprecated: Vec<Deprecation>,
    pub(super) check: Vec<CheckSpec>,
}

/// The sources of the tables, for the test that they parse.
pub(super) const BLOCKS: &str = include_str!("blocks.toml");
pub(super) const ACTIONS: &str = include_str!("actions.toml");
pub(super) const WORDS: &str = include_str!("words.toml");

/// Reads the tables. They are part of the binary and a test proves that they parse; a table that does not would
/// leave the language without knowledge, never without a parser.
pub(super) fn load() -> Schema {
    let mut schema = Schema::default();
    if let Ok(file) = toml::from_str::<BlockFile>(BLOCKS) {
        for raw in file.block {
            schema
                .block_index
                .insert(raw.keyword.to_ascii_uppercase(), schema.blocks.len());
            schema.blocks.push(block(raw));
        }
    }
    if let Ok(file) = toml::from_str::<ActionFile>(ACTIONS) {
        for raw in file.action {
            schema
                .action_index
                .insert(raw.name.clone(), schema.actions.len());
            schema.actions.push(action(raw));
        }
    }
    if let Ok(raw) = toml::from_str::<RawWords>(WORDS) {
        schema.words = words(raw);
    }
    schema
}

/// The errors of the tables, for the test.
#[cfg(test)]
pub(super) fn errors() -> Vec<String> {
    [
        toml::from_str::<BlockFile>(BLOCKS).err(),
        toml::from_str::<ActionFile>(ACTIONS).err(),
        toml::from_str::<RawWords>(WORDS).err(),
    ]
    .into_iter()
    .flatten()
    .map(|error| error.to_string())
    .collect()
}

fn property(raw: RawProperty) -> PropertySpec {
    PropertySpec {
        name: raw.name,
        value_type: raw.value_type,
        docs: raw.docs,
        values: raw.values,
        closed: raw.closed,
        min: raw.min,
        max: raw.max,
        synonyms: raw.synonyms,
        snippet: raw.snippet,
    }
}

fn block(raw: RawBlock) -> BlockSpec {
    BlockSpec {
        keyword: raw.keyword,
        group: raw.group,
        family: raw.family,
        name: raw.name,
        body: raw.body,
        open: raw.open,
        inside: raw.inside,
        required: raw.required,
        repeats: raw.repeats,
        shape: raw.shape,
        language: raw.language,
        docs: raw.docs,
        example: raw.example.trim().to_owned(),
        properties: raw.property.into_iter().map(property).collect(),
    }
}

fn action(raw: RawAction) -> ActionSpec {
    ActionSpec {
        name: raw.name,
        uses: raw.uses,
        synonym: raw.synonym,
        docs: raw.docs,
        required: raw.required,
        properties: raw.props.into_iter().map(property).collect(),
        example: raw.example,
    }
}

fn words(raw: RawWords) -> Words {
    let global_set = raw
        .javascript_globals
        .iter()
        .chain(&raw.bound)
        .chain(&raw.functions)
        .cloned()
        .collect();
    Words {
        bound: raw.bound,
        functions: raw.functions,
        global_set,
        deprecated: raw
            .deprecated
            .into_iter()
            .map(|raw| Deprecation {
                block: raw.block,
                property: raw.property,
                new: raw.new,
            })
            .collect(),
        check: raw
            .check
            .into_iter()
            .map(|raw| CheckSpec {
                name: raw.name,
                fields: raw.fields,
                docs: raw.docs,
            })
            .collect(),
    }
}
