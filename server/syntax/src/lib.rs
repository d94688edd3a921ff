//! Placeholder

pub mod schema;
