//! A block against what the schema says of its keyword: name, required, unknown, repeated and deprecated properties.

use metascript_syntax::schema::{
    ActionSpec, BlockBody, BlockSpec, Family, Group, NameRule, PropertySpec, schema,
};
use rustc_hash::FxHashMap;

use super::Check;
use crate::diagnostic::{Tag, known};
use crate::finding::{Finding, Repair};
use crate::ir::{Block, Item, Property, Span};
use crate::spelling::closest;

impl Check<'_> {
    pub(super) fn block(&mut self, block: &Block, parent: Option<&Block>) {
        let Some(spec) = self.spec(block) else {
            if !self.deprecated_block(block) {
                self.unknown_block(block, parent);
            }
            return;
        };
        self.deprecated_block(block);
        if spec.family == Family::Wot || matches!(spec.body, BlockBody::Code | BlockBody::Prose) {
            return;
        }
        let action = action_of(spec, block);
        if spec.name == NameRule::Required
            && block.name.is_none()
            && block.property("name").is_none()
        {
            let message = format!("`{}` needs a name before its brace", block.keyword.text);
            self.findings.push(Finding::new(
                known::MISSING_NAME,
                block.keyword.span,
                message,
            ));
        }
        self.required(block, spec, action);
        self.repeated(block, spec);
        for property in block.properties() {
            match known_property(spec, action, &property.key.text) {
                Some(known) => {
                    self.deprecated_property(spec, property);
                    self.property_value(property, known);
                }
                None => self.unknown_property(block, property, spec, action),
            }
        }
    }

    fn unknown_block(&mut self, block: &Block, parent: Option<&Block>) {
        // Only keyword-like words: lower-case words are names that people gave to data and widgets. And only where a
        // keyword stands: directly in the file or in a block that holds blocks.
        let keyword = &block.keyword.text;
        let shouted = keyword
            .chars()
            .all(|c| c.is_uppercase() || c == '_' || c.is_numeric());
        let holds_blocks = parent.is_none_or(|parent| {
            self.spec(parent)
                .is_some_and(|spec| spec.body != BlockBody::Properties)
        });
        if !shouted || !holds_blocks {
            return;
        }
        let known = schema()
            .blocks()
            .iter()
            .filter(|spec| spec.family == Family::Script)
            .map(|spec| spec.keyword.as_str());
        if let Some(near) = closest(keyword, known) {
            let finding = Finding::new(
                known::UNKNOWN_BLOCK,
                block.keyword.span,
                format!("unknown block `{keyword}`; did you mean `{near}`?"),
            );
            self.findings.push(finding.replace(
                format!("Change to `{near}`"),
                block.keyword.span,
                near,
            ));
        }
    }

    /// Whether the keyword is an old spelling, which is reported.
    fn deprecated_block(&mut self, block: &Block) -> bool {
        let found = schema()
            .deprecations()
            .iter()
            .find(|old| old.property.is_none() && old.block == block.keyword.text.as_str());
        let Some(old) = found else {
            return false;
        };
        let message = format!("`{}` is now written `{}`", old.block, old.new);
        let finding =
            Finding::new(known::DEPRECATED, block.keyword.span, message).tag(Tag::Deprecated);
        self.findings.push(finding.replace(
            format!("Change to `{}`", old.new),
            block.keyword.span,
            old.new.as_str(),
        ));
        true
    }

    fn deprecated_property(&mut self, spec: &BlockSpec, property: &Property) {
        let found = schema().deprecations().iter().find(|old| {
            old.block == spec.keyword && old.property.as_deref() == Some(property.key.text.as_str())
        });
        if let Some(old) = found {
            let message = format!("`{}` is now written `{}`", property.key.text, old.new);
            let finding =
                Finding::new(known::DEPRECATED, property.key.span, message).tag(Tag::Deprecated);
            self.findings.push(finding.replace(
                format!("Change to `{}`", old.new),
                property.key.span,
                old.new.as_str(),
            ));
        }
    }

    fn required(&mut self, block: &Block, spec: &BlockSpec, action: Option<&ActionSpec>) {
        // A header like `FOREACH x IN list {` says what the properties would say.
        let said_in_header = !block.arguments.is_empty() || self.has_header_tail(block);
        let works_by_blocks = spec.group == Group::Action
            && block
                .items
                .iter()
                .any(|item| matches!(item, Item::Block(_) | Item::Cell(_)));
        let empty = block.items.is_empty();
        if said_in_header
            || works_by_blocks
            || (empty
                && spec.group != Group::Control
                && spec.group != Group::Function
                && spec.group != Group::Data)
        {
            return;
        }
        if block
            .items
            .iter()
            .any(|item| matches!(item, Item::Broken(_) | Item::Value(_)))
        {
            return;
        }
        let groups = spec
            .required
            .iter()
            .chain(action.into_iter().flat_map(|action| &action.required));
        for group in groups {
            // `ACTION log { ... }` says its type in the header.
            let in_header = spec.keyword == "ACTION"
                && block.name.is_some()
                && group.iter().any(|name| name == "type");
            if in_header
                || block
                    .properties()
                    .any(|property| group.iter().any(|name| name == property.key.text.as_str()))
            {
                continue;
            }
            let Some(wanted) = group.first() else {
                continue;
            };
            let of = action
                .filter(|action| action.required.contains(group))
                .map_or_else(
                    || format!("`{}`", block.keyword.text),
                    |action| format!("an action of type `{}`", action.name),
                );
            let mut finding = Finding::new(
                known::MISSING_PROPERTY,
                block.header_word(),
                format!("{of} needs `{wanted}`"),
            );
            let slip = block.properties().find(|property| {
                known_property(spec, action, &property.key.text).is_none()
                    && closest(&property.key.text, [wanted.as_str()]).is_some()
            });
            match slip {
                Some(property) => {
                    finding = finding
                        .related(property.key.span, format!("did you mean `{wanted}` here?"));
                    finding = finding.replace(
                        format!("Change `{}` to `{wanted}`", property.key.text),
                        property.key.span,
                        wanted.as_str(),
                    );
                }
                None => finding.fixes.extend(self.insert_property(
                    block,
                    wanted,
                    known_property(spec, action, wanted),
                )),
            }
            self.findings.push(finding);
        }
    }

    /// Whether the header holds words beyond keyword and name.
    fn has_header_tail(&self, block: &Block) -> bool {
        let from = [block.name.as_ref(), block.modifier.as_ref()]
            .into_iter()
            .flatten()
            .map(|word| word.span.end)
            .max();
        let from = from.unwrap_or(block.keyword.span.end);
        let tail = self.chunk.slice(Span {
            start: from,
            end: block.header.end.max(from),
        });
        tail.chars().any(char::is_alphanumeric)
    }

    /// A repair that writes a property as the first line of the block, in the block's own style.
    fn insert_property(
        &self,
        block: &Block,
        name: &str,
        spec: Option<&PropertySpec>,
    ) -> Option<Repair> {
        let body = self.chunk.slice(block.body);
        let first = block
            .items
            .first()
            .map_or(block.body.end, |item| item.span().start);
        let lead = self.chunk.slice(Span {
            start: block.body.start,
            end: first,
        });
        let separator = if body.contains(": ") || !body.contains(" = ") {
            ": "
        } else {
            " = "
        };
        let value = spec
            .and_then(|spec| spec.snippet.as_deref())
            .map_or_else(|| "\"\"".to_owned(), without_stops);
        let text = match lead.rfind('\n') {
            Some(at) if !block.items.is_empty() => {
                format!("{}{name}{separator}{value}", lead.get(at..).unwrap_or("\n"))
            }
            _ if block.items.is_empty() => format!(" {name}{separator}{value} "),
            _ => format!(" {name}{separator}{value}"),
        };
        let span = Span {
            start: block.body.start,
            end: if block.items.is_empty() && body.trim().is_empty() {
                block.body.end
            } else {
                block.body.start
            },
        };
        let edits = vec![(span, text)];
        Some(Repair {
            title: format!("Add `{name}`"),
            edits,
            preferred: false,
        })
    }

    fn repeated(&mut self, block: &Block, spec: &BlockSpec) {
        let mut seen: FxHashMap<&str, Span> = FxHashMap::default();
        for property in block.properties() {
            let key = property.key.text.as_str();
            if spec.repeats(key) {
                continue;
            }
            if let Some(first) = seen.insert(key, property.key.span) {
                let message = format!("`{key}` is given twice; only the last one counts");
                self.findings.push(
                    Finding::new(known::DUPLICATE_PROPERTY, property.key.span, message)
                        .related(first, "the first one"),
                );
            }
        }
    }

    fn unknown_property(
        &mut self,
        block: &Block,
        property: &Property,
        spec: &BlockSpec,
        action: Option<&ActionSpec>,
    ) {
        // A block in the wild may carry anything: only a slip in a known word is worth a word.
        let given = |name: &str| block.properties().any(|other| other.key.text == name);
        let known = spec
            .properties
            .iter()
            .chain(action.into_iter().flat_map(|action| &action.properties));
        let candidates = known
            .map(|known| known.name.as_str())
            .filter(|name| !given(name));
        let key = &property.key.text;
        if let Some(near) = closest(key, candidates) {
            let message = format!(
                "unknown property `{key}` of `{}`; did you mean `{near}`?",
                block.keyword.text
            );
            let finding = Finding::new(known::UNKNOWN_PROPERTY, property.key.span, message);
            self.findings.push(finding.replace(
                format!("Change to `{near}`"),
                property.key.span,
                near,
            ));
        }
    }
}

impl Block {
    /// Keyword and name: what a report about the whole block underlines.
    pub(crate) fn header_word(&self) -> Span {
        let end = self
            .name
            .as_ref()
            .map_or(self.keyword.span.end, |name| name.span.end);
        Span {
            start: self.keyword.span.start,
            end: end.max(self.keyword.span.end),
        }
    }
}

/// What is known of an action by its `type`.
pub(crate) fn action_of(spec: &BlockSpec, block: &Block) -> Option<&'static ActionSpec> {
    if spec.keyword != "ACTION" {
        return None;
    }
    let named = block.text_of(&["type"]).or(block.name.as_ref())?;
    schema().action_meaning(&named.text)
}

/// The property of a block or of its action type.
pub(crate) fn known_property<'a>(
    spec: &'a BlockSpec,
    action: Option<&'a ActionSpec>,
    name: &str,
) -> Option<&'a PropertySpec> {
    action
        .and_then(|action| action.property(name))
        .or_else(|| spec.property(name))
}

/// A snippet as plain text: its stops removed, their defaults kept.
pub(crate) fn without_stops(snippet: &str) -> String {
    let mut text = String::new();
    let mut chars = snippet.chars().peekable();
    let mut open = 0usize;
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            '$' if chars.next_if_eq(&'{').is_some() => {
                while chars.next_if(char::is_ascii_digit).is_some() {}
                if chars.next_if_eq(&'|').is_some() {
                    let choices: String =
                        std::iter::from_fn(|| chars.next_if(|&c| c != '|')).collect();
                    text.push_str(choices.split(',').next().unwrap_or_default());
                    chars.next();
                } else {
                    chars.next_if_eq(&':');
                }
                open += 1;
            }
            '$' if chars.peek().is_some_and(char::is_ascii_digit) => {
                while chars.next_if(char::is_ascii_digit).is_some() {}
            }
            '}' if open > 0 => open -= 1,
            other => text.push(other),
        }
    }
    text
}
