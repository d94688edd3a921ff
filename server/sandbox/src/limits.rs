//! What a cell may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// Bounds of one cell, and of one runtime's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Time on the wall, from the cell's first instruction to its last.
    pub wall_time: Duration,
    /// Bytes of linear memory of one runtime. Python itself takes about 45 MiB.
    pub memory: usize,
    /// Bytes of output of one cell; of more, its head and its tail are shown.
    pub output: usize,
    /// Bytes of one shared value.
    pub value: usize,
    /// Instructions of one cell, as the engine counts them ("fuel"); `None` does not count, which is faster.
    pub fuel: Option<u64>,
}

impl Default for Limits {
    /// 30 seconds, 256 MiB, 1 MiB of output, values of 16 MiB, no fuel count.
    fn default() -> Self {
        Self {
            wall_time: Duration::from_secs(30),
            memory: 256 << 20,
            output: 1 << 20,
            value: 16 << 20,
            fuel: None,
        }
    }
}

/// Entries of one table of functions; runtimes need some ten thousand.
const MAX_TABLE: usize = 1_000_000;

/// Counts a store's memory and refuses growth beyond the limit.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    limit: usize,
    used: usize,
    /// Growth was refused since [`Self::begin`].
    pub(crate) refused: bool,
}

impl MemoryLimiter {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            refused: false,
        }
    }

    pub(crate) fn begin(&mut self) {
        self.refused = false;
    }

    pub(crate) fn used(&self) -> usize {
        self.used
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // A store has several memories: the sum counts.
        let used = self.used.saturating_sub(current).saturating_add(desired);
        if used > self.limit {
            self.refused = true;
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE)
    }
}
