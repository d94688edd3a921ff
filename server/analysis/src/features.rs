//! One file for each thing that an editor asks for.

pub(crate) mod cells;
pub(crate) mod completion;
pub(crate) mod folding;
pub(crate) mod hover;
pub(crate) mod navigate;
pub(crate) mod symbols;
