//! Cells in the real runtimes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod cache;
mod isolation;
mod javascript;
mod limits;
mod python;
mod sharing;
mod support;
