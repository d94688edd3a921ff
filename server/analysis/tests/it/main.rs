//! The answers of the analysis, drawn beside the scripts that they are about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod across;
mod actions;
mod cells;
mod diagnostics;
mod false_alarms;
mod features;
mod graph;
mod incremental;
mod kinds;
mod notebook;
mod outlines;
mod support;
