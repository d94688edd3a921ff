//! Bindings of the WIT world that every runtime implements.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used
)]

wasmtime::component::bindgen!({
    path: "../../runtimes/wit",
    world: "cell-runtime",
    imports: { default: async | trappable },
    exports: { default: async },
});

mod client {
    wasmtime::component::bindgen!({
        path: "../../runtimes/wit",
        world: "fsharp-compiler-client",
        imports: { default: async | trappable },
        with: { "metascript:cell/types@0.1.0": super::types },
    });
}

/// The F# compiler, as those who ask it see it.
pub use client::metascript::cell::{fsharp_compiler as compiler, fsharp_editor as editor};
pub use metascript::cell::host;
pub use metascript::cell::types;
