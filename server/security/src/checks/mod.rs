//! Checks that take code: one module per language.

pub(crate) mod python;
