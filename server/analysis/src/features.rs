//! One file for each thing that an editor asks for.

pub(crate) mod actions;
pub(crate) mod calls;
pub(crate) mod cells;
pub(crate) mod colors;
pub(crate) mod completion;
pub(crate) mod folding;
pub mod freshness;
pub(crate) mod graph;
pub(crate) mod hints;
pub(crate) mod host_interface;
pub(crate) mod hover;
pub(crate) mod implementation;
pub(crate) mod kinds;
pub(crate) mod moves;
pub(crate) mod navigate;
pub(crate) mod rename;
pub(crate) mod structure;
pub(crate) mod symbols;
pub(crate) mod tokens;
pub(crate) mod workspace;
