//! Collects the names of a chunk from its lowered form.

use std::ops::Deref;

use metascript_syntax::schema::{ValueType, schema};
use smol_str::SmolStr;

use super::cell::CellNames;
use super::{Arguments, Call, Def, DefKind, Function, Names, Space, Use, UseKind};
use crate::expression;
use crate::ir::{Block, CellItem, Chunk, Item, Property, Span, Value, ValueKind, Word};
use crate::validate::spec_of;

/// Properties whose text is code or a template of something else: names in it are not checked.
const CODE_KEYS: &[&str] = &[
    "code",
    "script",
    "command",
    "exec",
    "template",
    "body",
    "html",
    "css",
    "query",
    "sql",
    "implementation",
    "pattern",
    "replace",
    "match",
    "regex",
    "source",
    "example",
    "examples",
];

/// Properties whose value is the name under which a result is kept, in any block.
const RESULT_KEYS: &[&str] = &[
    "result_variable",
    "output_variable",
    "store_result",
    "save_as",
    "store_as",
    "assign_to",
];

/// How much somebody wants to know of a chunk.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wanted {
    All,
    /// What it defines and imports.
    Definitions,
}

pub(super) fn names<C: Deref<Target = CellNames>>(
    chunk: &Chunk,
    wanted: Wanted,
    cells: impl Fn(&CellItem, &str) -> C,
) -> Names {
    let mut collect = Collect {
        chunk,
        reads: wanted == Wanted::All,
        cells,
        names: Names::default(),
        above: Vec::new(),
        template: 0,
        actor: 0,
    };
    collect.item(&chunk.item);
    collect.names
}

struct Collect<'a, F> {
    chunk: &'a Chunk,
    /// Whether what is read matters.
    reads: bool,
    cells: F,
    names: Names,
    /// The keys of the blocks around: an expression may read what stands beside it.
    above: Vec<Vec<SmolStr>>,
    /// Inside text that is code or a template.
    template: usize,
    /// Inside an agent or a task.
    actor: usize,
}

impl<C: Deref<Target = CellNames>, F: Fn(&CellItem, &str) -> C> Collect<'_, F> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::Block(block) if block.is_outline() => {}
            Item::Block(block) => self.block(block),
            Item::Property(property) => self.property(property, None),
            Item::Cell(cell) => self.cell(cell),
            Item::Edge(edge) => {
                self.reference(&edge.from, Space::Nodes, UseKind::Reference);
                self.reference(&edge.to, Space::Nodes, UseKind::Reference);
            }
            Item::Value(value) => self.value(value, "", None),
            Item::Command { word, values, .. } => {
                self.reference(word, Space::Functions, UseKind::Mention);
                values.iter().for_each(|value| self.value(value, "", None));
            }
            Item::Text { span, .. } => self.text(*span, UseKind::Template),
            Item::Comment(_) | Item::Broken(_) => {}
        }
    }

    fn define(
        &mut self,
        word: &Word,
        kind: DefKind,
        full: Span,
        local: Option<Span>,
        value: Option<Span>,
    ) {
        // A name with a path or a template in it names no variable of ours.
        if word.text.is_empty() || word.text.contains(['$', '{', '}', '\n']) {
            return;
        }
        self.names.defs.push(Def {
            name: word.text.clone(),
            kind,
            span: word.span,
            full,
            local,
            value,
            language: None,
        });
    }

    fn reference(&mut self, word: &Word, space: Space, kind: UseKind) {
        if self.reads && (expression::is_name(&word.text) || space == Space::Nodes) {
            self.names.uses.push(Use {
                name: word.text.clone(),
                kind,
                space,
                span: word.span,
            });
        }
    }

    fn block(&mut self, block: &Block) {
        let spec = spec_of(self.chunk.dialect, block);
        let keyword = spec.map_or("", |spec| spec.keyword.as_str());
        self.block_names(block, keyword);
        if spec.is_none() {
            // A section that somebody invented is data, which expressions elsewhere may read.
            let keys = block.properties().map(|property| property.key.text.clone());
            self.names.offered.extend(keys);
        }
        let actor = matches!(keyword, "AGENT" | "TASK");
        let template = matches!(keyword, "rule" | "PATTERN" | "test");
        self.actor += usize::from(actor);
        self.template += usize::from(template);
        self.above.push(
            block
                .properties()
                .chain(&block.arguments)
                .map(|property| property.key.text.clone())
                .collect(),
        );
        for argument in &block.arguments {
            if let Some(value) = &argument.value {
                self.value(value, &argument.key.text, None);
            }
        }
        let action = block
            .is("ACTION")
            .then(|| block.text_of(&["type"]))
            .flatten()
            .map(|word| word.text.as_str());
        for item in &block.items {
            match item {
                Item::Property(property) => self.block_property(block, keyword, action, property),
                other => self.item(other),
            }
        }
        self.above.pop();
        self.actor -= usize::from(actor);
        self.template -= usize::from(template);
    }

    fn block_names(&mut self, block: &Block, keyword: &str) {
        let named = block.name.as_ref().or_else(|| {
            block
                .text_of(&["name"])
                .filter(|_| matches!(keyword, "VARIABLE" | "FUNCTION" | "AGENT" | "TASK"))
        });
        let value = block
            .property_of(&["value", "default"])
            .and_then(|property| property.value.as_ref())
            .map(|value| value.span);
        match keyword {
            "FUNCTION" | "CLOSURE" => self.function(block, named),
            "CONFIG" | "inputs" => {
                let kind = if keyword == "CONFIG" {
                    DefKind::Config
                } else {
                    DefKind::Input
                };
                for property in block.properties() {
                    let value = property.value.as_ref().map(|value| value.span);
                    self.define(&property.key, kind, property.span, None, value);
                }
            }
            "CATCH" => {
                if let Some(word) = block.text_of(&["variable", "error_variable"]) {
                    self.define(word, DefKind::Loop, block.span, None, None);
                }
            }
            "EVAL" => self.names.dynamic |= self.is_dynamic(block),
            "LANG" | "workflow" | "rule" | "test" => {}
            "CALL" if block.name.is_some() => {
                if let Some(name) = &block.name {
                    self.reference(name, Space::Functions, UseKind::Reference);
                }
            }
            _ => {
                let kind = match keyword {
                    "VARIABLE" => DefKind::Variable,
                    "AGENT" => DefKind::Agent,
                    "TASK" => DefKind::Task,
                    "FOR" | "FOREACH" => DefKind::Loop,
                    "node" => DefKind::Node,
                    _ => DefKind::Block,
                };
                if let Some(word) = named {
                    self.define(word, kind, block.span, None, value);
                }
            }
        }
    }

    /// Whether the code of a block is put together at run time.
    fn is_dynamic(&self, block: &Block) -> bool {
        block
            .property_of(&["code", "expression"])
            .and_then(|property| property.value.as_ref())
            .is_some_and(|value| match &value.kind {
                ValueKind::Text { inner, .. } => self.chunk.slice(*inner).contains("${"),
                ValueKind::Number(_) | ValueKind::Bool(_) | ValueKind::Null => false,
                _ => true,
            })
    }

    fn function(&mut self, block: &Block, named: Option<&Word>) {
        let parameters = block
            .property_of(&["parameters", "params", "input", "inputs", "arguments"])
            .and_then(|property| property.value.as_ref());
        let words = parameters.map(|value| self.parameter_words(value));
        for word in words.iter().flatten() {
            self.define(word, DefKind::Parameter, word.span, Some(block.span), None);
        }
        if let Some(name) = named {
            self.define(name, DefKind::Function, block.span, None, None);
            // Only a list says for certain which parameters there are.
            let certain = block.property_of(&["parameters", "params"]).is_some();
            let parameters = words
                .filter(|_| certain)
                .map(|words| words.iter().map(|word| word.text.clone()).collect());
            self.names.functions.push((
                Function {
                    name: name.text.clone(),
                    parameters,
                    top: self.actor == 0,
                },
                name.span,
            ));
        }
    }

    /// The names in `["a", "b"]`, `"a, b"` or `{ a: ... }`.
    fn parameter_words(&self, value: &Value) -> Vec<Word> {
        match &value.kind {
            ValueKind::Array(values) => values
                .iter()
                .flat_map(|value| match &value.kind {
                    ValueKind::Object(_) => value_name(value).into_iter().collect(),
                    _ => self.parameter_words(value),
                })
                .collect(),
            ValueKind::Object(items) => items
                .iter()
                .filter_map(|item| match item {
                    Item::Property(property) => Some(property.key.clone()),
                    _ => None,
                })
                .collect(),
            ValueKind::Text { inner, .. } => self.split_words(*inner),
            ValueKind::Bare(word) => vec![word.clone()],
            _ => Vec::new(),
        }
    }

    /// `a, b: string, c = 1` as a, b, c.
    fn split_words(&self, inner: Span) -> Vec<Word> {
        let text = self.chunk.slice(inner);
        let mut start = inner.start as usize;
        text.split(',')
            .filter_map(|part| {
                let at = start;
                start += part.len() + 1;
                let (offset, name) = expression::words(part).next()?;
                let from = at + offset;
                Some(Word {
                    text: SmolStr::new(name),
                    span: Span::new(from, from + name.len()),
                })
            })
            .collect()
    }

    fn block_property(
        &mut self,
        block: &Block,
        keyword: &str,
        action: Option<&str>,
        property: &Property,
    ) {
        let key = property.key.text.as_str();
        let spec = schema().block(keyword);
        let known = action
            .and_then(|action| schema().action_meaning(action))
            .and_then(|action| action.property(key))
            .or_else(|| spec.and_then(|spec| spec.property(key)));
        let value_type = known.map_or(ValueType::Any, |known| known.value_type);
        let word = property.value.as_ref().and_then(Value::word);
        let in_node = keyword == "node";
        match (value_type, word) {
            // What a node puts out may be the answer of the whole workflow: it is not unused when no other node reads it.
            _ if in_node && key == "output" => {
                for word in property.value.iter().flat_map(words_of) {
                    self.define(word, DefKind::Assigned, block.span, None, None);
                }
                return;
            }
            _ if in_node && key == "verdict" => return,
            (ValueType::Identifier, Some(word)) => {
                return self.defined_by_property(block, keyword, key, word);
            }
            (_, Some(word)) if RESULT_KEYS.contains(&key) => {
                return self.define(word, DefKind::Result, block.span, None, None);
            }
            (ValueType::Variable, Some(word)) => {
                let name = word.text.split(['.', '[']).next().unwrap_or_default();
                let head = Word {
                    text: SmolStr::new(name),
                    span: Span {
                        start: word.span.start,
                        end: word.span.start + u32::try_from(name.len()).unwrap_or(0),
                    },
                };
                let value = block
                    .property_of(&["value"])
                    .and_then(|property| property.value.as_ref())
                    .map(|value| value.span);
                return self.define(&head, DefKind::Assigned, block.span, None, value);
            }
            (ValueType::Function, Some(word)) => return self.call(block, word, false),
            (_, Some(word)) if keyword == "CALL" && key == "function" => {
                return self.call(block, word, true);
            }
            (ValueType::Agent, Some(word)) => {
                return self.reference(word, Space::Agents, UseKind::Reference);
            }
            (ValueType::Task, Some(word)) => {
                return self.reference(word, Space::Tasks, UseKind::Reference);
            }
            _ => {}
        }
        if keyword == "node" && key == "next" {
            for word in property.value.iter().flat_map(words_of) {
                self.reference(word, Space::Nodes, UseKind::Reference);
            }
            return;
        }
        if keyword == "node" && key == "input" {
            for word in property.value.iter().flat_map(words_of) {
                self.reference(word, Space::Values, UseKind::Reference);
            }
        }
        if matches!(keyword, "IMPORT" | "INCLUDE")
            && matches!(key, "path" | "module" | "file" | "from")
        {
            if let Some(word) = word {
                self.names.imports.push((word.text.clone(), word.span));
            }
            return;
        }
        self.property(property, Some(value_type));
    }

    /// A property that says under which name something is kept: a loop's variable, or a result.
    fn defined_by_property(&mut self, block: &Block, keyword: &str, key: &str, word: &Word) {
        match keyword {
            "FOR" | "FOREACH" | "LOOP" | "WHILE" => {
                self.define(word, DefKind::Loop, block.span, None, None);
            }
            "CALL" if key == "function" => self.call(block, word, true),
            "EXPORT" => self.reference(word, Space::Values, UseKind::Mention),
            "CATCH" | "IMPORT" | "SPAWN_AGENT" | "CLOSURE" => {
                self.define(word, DefKind::Block, block.span, None, None);
            }
            _ => self.define(word, DefKind::Result, block.span, None, None),
        }
    }

    fn call(&mut self, block: &Block, word: &Word, strict: bool) {
        self.reference(word, Space::Functions, UseKind::Reference);
        let given = block
            .property_of(&["arguments", "parameters", "args"])
            .and_then(|property| property.value.as_ref());
        let arguments = match given.map(|value| &value.kind) {
            Some(ValueKind::Array(values)) => {
                Arguments::Positional(values.iter().map(|value| value.span).collect())
            }
            Some(ValueKind::Object(items))
                if items
                    .iter()
                    .all(|item| matches!(item, Item::Property(_) | Item::Comment(_))) =>
            {
                Arguments::Named(
                    items
                        .iter()
                        .filter_map(|item| match item {
                            Item::Property(property) => {
                                Some((property.key.text.clone(), property.key.span))
                            }
                            _ => None,
                        })
                        .collect(),
                )
            }
            _ => Arguments::Unknown,
        };
        self.names.calls.push(Call {
            function: word.text.clone(),
            span: word.span,
            arguments,
            strict,
        });
    }

    fn property(&mut self, property: &Property, value_type: Option<ValueType>) {
        let Some(value) = &property.value else { return };
        let key = property.key.text.as_str();
        if RESULT_KEYS.contains(&key)
            && let Some(word) = value.word()
        {
            return self.define(word, DefKind::Result, property.span, None, None);
        }
        self.value(value, key, value_type);
    }

    fn value(&mut self, value: &Value, key: &str, value_type: Option<ValueType>) {
        match &value.kind {
            ValueKind::Text { inner, raw, word } => {
                let templated =
                    self.template > 0 || CODE_KEYS.contains(&key) || (*raw && key != "message");
                self.text(
                    *inner,
                    if templated {
                        UseKind::Template
                    } else {
                        UseKind::Expression
                    },
                );
                let condition = matches!(
                    key,
                    "condition"
                        | "expression"
                        | "until"
                        | "while"
                        | "when"
                        | "initializer"
                        | "iterator"
                        | "range"
                ) || value_type == Some(ValueType::Expression);
                if condition {
                    self.words(*inner, UseKind::Loose);
                } else if templated {
                    self.words(*inner, UseKind::Mention);
                } else if let Some(word) = word {
                    self.reference(word, Space::Values, UseKind::Mention);
                }
            }
            ValueKind::Interpolation(inner) => self.expression(*inner, UseKind::Expression),
            ValueKind::Dollar(word) => self.dollar(word),
            ValueKind::Bare(word) => self.reference(word, Space::Values, UseKind::Mention),
            ValueKind::Array(values) | ValueKind::Many(values) => values
                .iter()
                .for_each(|value| self.value(value, key, value_type)),
            ValueKind::Object(items) => {
                self.above.push(
                    items
                        .iter()
                        .filter_map(|item| {
                            if let Item::Property(property) = item {
                                Some(property.key.text.clone())
                            } else {
                                None
                            }
                        })
                        .collect(),
                );
                items.iter().for_each(|item| self.item(item));
                self.above.pop();
            }
            ValueKind::Other => self.words(value.span, UseKind::Mention),
            ValueKind::Number(_) | ValueKind::Bool(_) | ValueKind::Null => {}
        }
    }

    /// `$name` outside a string.
    fn dollar(&mut self, word: &Word) {
        if !self.reads {
            return;
        }
        let kind = if self.template > 0 || self.stands_beside(&word.text) {
            UseKind::Template
        } else {
            UseKind::Expression
        };
        self.names.uses.push(Use {
            name: word.text.clone(),
            kind,
            space: Space::Values,
            span: word.span,
        });
    }

    fn stands_beside(&self, name: &str) -> bool {
        self.above.iter().flatten().any(|key| key == name)
    }

    /// The expressions in a text.
    fn text(&mut self, inner: Span, kind: UseKind) {
        let text = self.chunk.slice(inner);
        if !self.reads || !text.contains("${") {
            return;
        }
        for range in expression::interpolations(text) {
            let start = inner.start as usize;
            self.expression(Span::new(start + range.start, start + range.end), kind);
        }
    }

    fn expression(&mut self, span: Span, kind: UseKind) {
        if !self.reads {
            return;
        }
        let text = self.chunk.slice(span);
        for free in expression::free_names(text) {
            let base = span.start as usize;
            // `CONFIG.retries` reads the setting.
            let (name, range) = match free.path.first() {
                Some((member, range)) if free.name == "CONFIG" => (*member, range.clone()),
                _ => (free.name, free.range.clone()),
            };
            let through = name != free.name;
            let kind = if through || self.stands_beside(name) {
                UseKind::Template
            } else {
                kind
            };
            self.names.uses.push(Use {
                name: SmolStr::new(name),
                kind,
                space: Space::Values,
                span: Span::new(base + range.start, base + range.end),
            });
        }
    }

    /// All words of a text that an expression has not read already.
    fn words(&mut self, span: Span, kind: UseKind) {
        if !self.reads {
            return;
        }
        let base = span.start as usize;
        for (at, word) in expression::words(self.chunk.slice(span)) {
            let place = Span::new(base + at, base + at + word.len());
            if self
                .names
                .uses
                .iter()
                .rev()
                .take_while(|used| used.span.start >= span.start)
                .any(|used| used.span == place)
            {
                continue;
            }
            self.names.uses.push(Use {
                name: SmolStr::new(word),
                kind,
                space: Space::Values,
                span: place,
            });
        }
    }

    fn cell(&mut self, cell: &CellItem) {
        if let Some(output) = &cell.output {
            self.define(output, DefKind::Result, cell.span, None, None);
        }
        let code = self.chunk.slice(cell.code);
        let base = cell.code.start as usize;
        let names = (self.cells)(cell, code);
        let place = |span: Span| Span::new(base + span.start as usize, base + span.end as usize);
        for (name, span) in &names.defines {
            self.names.defs.push(Def {
                name: name.clone(),
                kind: DefKind::Cell,
                span: place(*span),
                full: place(*span),
                local: None,
                value: None,
                language: Some(cell.language.clone()),
            });
        }
        if !self.reads {
            return;
        }
        let kind = if names.understood {
            UseKind::Cell
        } else {
            UseKind::Loose
        };
        for (name, span) in &names.uses {
            self.names.uses.push(Use {
                name: name.clone(),
                kind,
                space: Space::Values,
                span: place(*span),
            });
        }
        self.names
            .cell_locals
            .push((cell.code, names.locals.clone()));
        if !names.deferred.is_empty() {
            let deferred = names.deferred.clone();
            self.names.cell_deferred.push((cell.code, deferred));
        }
        self.names.offered.extend(names.quoted.iter().cloned());
        // Scripts fill `${...}` in before the code runs; to the language it is often a plain string.
        self.text(cell.code, UseKind::Template);
    }
}

/// The words of a value that is a word or a list of words.
fn words_of(value: &Value) -> Vec<&Word> {
    match &value.kind {
        ValueKind::Array(values) => values.iter().filter_map(Value::word).collect(),
        _ => value.word().into_iter().collect(),
    }
}

/// The `name` of an object.
fn value_name(value: &Value) -> Option<Word> {
    let ValueKind::Object(items) = &value.kind else {
        return None;
    };
    items.iter().find_map(|item| match item {
        Item::Property(property) if property.key.text == "name" => {
            property.value.as_ref().and_then(Value::word).cloned()
        }
        _ => None,
    })
}
