//! Checks on text alone, whatever the language.

pub(crate) mod names;
pub(crate) mod redos;
