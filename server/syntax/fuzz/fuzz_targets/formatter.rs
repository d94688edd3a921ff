#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../properties.rs"]
#[allow(dead_code, reason = "each target uses one")]
mod properties;

fuzz_target!(|input: &[u8]| properties::formatter(input));
