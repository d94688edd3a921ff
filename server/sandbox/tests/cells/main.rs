//! Cells in the real runtimes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod cache;
mod deterministic;
mod everyday;
mod fsharp;
mod fsharp_editor;
mod host;
mod hostile;
mod interpolation;
mod isolation;
mod javascript;
mod limits;
mod nested;
mod operations;
mod packages;
mod python;
mod round_trip;
mod rust;
mod sharing;
mod support;
