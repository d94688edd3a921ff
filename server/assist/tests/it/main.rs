//! The assistant against scripted servers that speak the providers' own wire formats.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod faults;
mod server;
mod speak;
mod wire;
