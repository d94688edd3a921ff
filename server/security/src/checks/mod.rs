//! Checks that take code: one module per language, and what they share.

pub(crate) mod dotnet;
pub(crate) mod javascript;
pub(crate) mod python;
pub(crate) mod rust;
mod shared;
