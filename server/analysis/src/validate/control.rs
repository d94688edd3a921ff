//! Control flow: `ELSE` after `IF`, `CATCH` with `TRY`, nothing after `RETURN`.

use super::Check;
use crate::diagnostic::{Tag, known};
use crate::finding::Finding;
use crate::ir::{Block, Context, Item, Previous};

/// What came before among the siblings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    previous: Previous,
    after_return: bool,
    reported: bool,
}

impl State {
    pub(super) fn of(context: Context) -> State {
        State {
            previous: context.previous,
            after_return: context.after_return,
            reported: false,
        }
    }
}

/// The kind of sibling that an item is for the one after it; `None` for comments, which change nothing.
pub(crate) fn previous_of(item: &Item, before: Previous) -> Option<Previous> {
    match item {
        Item::Comment(_) => None,
        Item::Block(block) => Some(if block.is("IF") || is_else_if(block) {
            Previous::If
        } else if block.is("TRY") || (block.is("CATCH") && before == Previous::Try) {
            Previous::Try
        } else {
            Previous::Other
        }),
        _ => Some(Previous::Other),
    }
}

fn is_else_if(block: &Block) -> bool {
    let chained =
        block.is("ELSE") && (block.modifier.is_some() || block.property("condition").is_some());
    chained || block.is("ELSEIF") || block.is("ELIF")
}

impl Check<'_> {
    pub(super) fn control(&mut self, item: &Item, parent: Option<&Block>, state: &mut State) {
        if let Item::Block(block) = item {
            let else_like = block.is("ELSE") || block.is("ELSEIF") || block.is("ELIF");
            let inside_if = parent.is_some_and(|parent| parent.is("IF") || is_else_if(parent));
            if else_like
                && block.keyword.text != "else"
                && state.previous != Previous::If
                && !inside_if
            {
                let message = format!("`{}` does not follow an `IF`", block.keyword.text);
                self.findings.push(Finding::new(
                    known::ELSE_WITHOUT_IF,
                    block.keyword.span,
                    message,
                ));
            }
            let inside_try = parent.is_some_and(|parent| parent.is("TRY"));
            let catch_like = matches!(block.keyword.text.as_str(), "CATCH" | "FINALLY");
            if catch_like && state.previous != Previous::Try && !inside_try {
                let message = format!("`{}` belongs to no `TRY`", block.keyword.text);
                self.findings.push(Finding::new(
                    known::CATCH_WITHOUT_TRY,
                    block.keyword.span,
                    message,
                ));
            }
        }
        if state.after_return
            && !state.reported
            && matches!(item, Item::Block(_) | Item::Cell(_))
            && runs(item)
        {
            state.reported = true;
            let finding = Finding::new(
                known::UNREACHABLE,
                item.span(),
                "this never runs: a `RETURN` comes before it",
            );
            self.findings.push(finding.tag(Tag::Unnecessary));
        }
        if matches!(item, Item::Block(block) if block.keyword.text == "RETURN") && parent.is_some()
        {
            state.after_return = true;
        }
        if let Some(previous) = previous_of(item, state.previous) {
            state.previous = previous;
        }
    }
}

/// Whether an item does something when it is reached; definitions are made before anything runs.
fn runs(item: &Item) -> bool {
    match item {
        Item::Cell(_) => true,
        Item::Block(block) => {
            matches!(
                block.keyword.text.as_str(),
                "ACTION"
                    | "IF"
                    | "FOR"
                    | "FOREACH"
                    | "WHILE"
                    | "LOOP"
                    | "CALL"
                    | "VARIABLE"
                    | "PROMPT"
                    | "TRY"
                    | "EVAL"
            )
        }
        _ => false,
    }
}
