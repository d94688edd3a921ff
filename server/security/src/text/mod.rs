//! Checks on text alone, whatever the language.

mod hardening;
mod heads;
pub(crate) mod names;
pub(crate) mod packages;
pub(crate) mod prompt;
pub(crate) mod redos;
pub(crate) mod scan;
pub(crate) mod secrets;
pub(crate) mod unicode;
