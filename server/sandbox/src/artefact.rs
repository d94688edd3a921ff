//! Loading compiled code: the only unsafe step of this crate.
#![allow(unsafe_code)]

use wasmtime::Module;
use wasmtime::component::Component;

use crate::cache::Authentic;

/// Loads a compiled component.
pub(crate) fn load(engine: &wasmtime::Engine, artefact: &Authentic) -> wasmtime::Result<Component> {
    // SAFETY: `deserialize_file` runs whatever machine code the file holds, so the file must be what this engine
    // wrote. An `Authentic` exists only for a file whose bytes carry a valid HMAC under a key that only this user can
    // read, and only `cache` makes such files, from the output of Cranelift. A file is written under a temporary name,
    // never changed afterwards and replaced by renaming alone, so the mapped bytes stay the same while the component
    // lives; whoever could change it in between already acts with the user's rights. Wasmtime itself checks that
    // version, settings and processor features match before it runs anything.
    unsafe { Component::deserialize_file(engine, artefact.path()) }
}

/// Loads a compiled cell.
pub(crate) fn load_module(
    engine: &wasmtime::Engine,
    artefact: &Authentic,
) -> wasmtime::Result<Module> {
    // SAFETY: as above: sealed by this user's Metascript, made by Cranelift alone, never changed in place.
    unsafe { Module::deserialize_file(engine, artefact.path()) }
}
