//! The assistant against scripted servers that speak the providers' own wire formats.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::format_push_string,
    clippy::large_futures,
    unreachable_pub
)]

mod bench;
mod commands;
mod faults;
mod holes;
mod inline;
mod privacy;
mod routing;
mod server;
mod speak;
mod vectors;
mod wire;
