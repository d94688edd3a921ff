//! Checks that take code: one module per language.

pub(crate) mod dotnet;
pub(crate) mod javascript;
pub(crate) mod python;
pub(crate) mod rust;
