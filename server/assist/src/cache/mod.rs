//! Two caches: suggestions in memory, looked up on every keystroke, and answers on disk, by their content.

mod crypt;
mod disk;
mod inline;

pub use crypt::Sealer;
pub use disk::{DiskCache, DiskStats, answer_key};
pub use inline::{Hit, InlineCache, Kept};

/// A salt that nobody can guess. Without randomness of the operating system it is the time: placeholders are then
/// merely hard to guess, and the secrets are still not in them.
pub(crate) fn random_salt() -> Vec<u8> {
    crypt::random_bytes::<32>().map_or_else(
        || {
            let now = std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |t| t.as_nanos());
            now.to_le_bytes().repeat(2)
        },
        |bytes| bytes.to_vec(),
    )
}
