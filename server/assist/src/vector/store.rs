//! Vectors with names and texts in one file, written as a whole.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::hnsw::Hnsw;
use super::{dot, normalized};
use crate::files;

const MAGIC: &[u8; 8] = b"MSVEC\0\0\x01";
/// From here on the graph answers; below, looking at every vector is faster and exact.
const GRAPH_FROM: usize = 4096;
/// Breadth of the search in the graph.
const BREADTH: usize = 120;
/// No vector is longer.
const MAX_DIMENSION: usize = 1 << 16;

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
pub enum VectorError {
    /// The vector has another length than the store's.
    #[error("the vector has {given} numbers, the store's have {expected}")]
    Dimension {
        /// Numbers of the vector.
        given: usize,
        /// Numbers of every vector in the store.
        expected: usize,
    },
    /// A vector with something that is not a number.
    #[error("the vector holds something that is not a number")]
    NotFinite,
    /// The file is none of ours, or damaged.
    #[error("{0} is not a vector store, or damaged")]
    Damaged(PathBuf),
    /// The disk.
    #[error("the vector store cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// A Chroma server.
    #[error("Chroma: {0}")]
    Chroma(String),
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The entry's name.
    pub id: String,
    /// The entry's text.
    pub text: String,
    /// The cosine of the angle to the query, 1 for the same direction.
    pub score: f32,
}

/// A store of vectors of one length.
#[derive(Debug, Default)]
pub struct VectorStore {
    dimension: usize,
    ids: Vec<String>,
    texts: Vec<String>,
    vectors: Vec<Vec<f32>>,
    by_id: FxHashMap<String, usize>,
    graph: Hnsw,
}

impl VectorStore {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether an entry has this name.
    pub fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The names of all entries.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// Adds an entry, or replaces the one of the same name. The first vector decides the length of all.
    pub fn put(&mut self, id: &str, text: &str, vector: Vec<f32>) -> Result<(), VectorError> {
        if vector.iter().any(|number| !number.is_finite()) {
            return Err(VectorError::NotFinite);
        }
        if self.ids.is_empty() {
            self.dimension = vector.len();
        }
        if vector.len() != self.dimension || vector.is_empty() || vector.len() > MAX_DIMENSION {
            return Err(VectorError::Dimension {
                given: vector.len(),
                expected: self.dimension,
            });
        }
        self.remove(id);
        self.by_id.insert(id.to_owned(), self.ids.len());
        self.ids.push(id.to_owned());
        self.texts.push(text.to_owned());
        self.vectors.push(normalized(vector));
        // A graph that lags behind after a removal is built again when it is next needed.
        if self.graph.len() + 1 == self.ids.len() && !self.graph.is_empty() {
            self.graph.add(&self.vectors);
        }
        Ok(())
    }

    /// Removes an entry; `false` if there was none.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some(at) = self.by_id.remove(id) else {
            return false;
        };
        self.ids.swap_remove(at);
        self.texts.swap_remove(at);
        self.vectors.swap_remove(at);
        if let Some(moved) = self.ids.get(at) {
            self.by_id.insert(moved.clone(), at);
        }
        self.graph = Hnsw::default();
        true
    }

    /// The entries nearest to a vector, nearest first; looks at all of them.
    pub fn search_exact(&self, query: &[f32], count: usize) -> Vec<Found> {
        let query = normalized(query.to_vec());
        if query.len() != self.dimension {
            return Vec::new();
        }
        let mut scores: Vec<(usize, f32)> = self
            .vectors
            .iter()
            .map(|vector| dot(vector, &query))
            .enumerate()
            .collect();
        scores.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        scores
            .into_iter()
            .take(count)
            .filter_map(|(at, score)| self.found(at, score))
            .collect()
    }

    /// The entries nearest to a vector, nearest first; in a large store by the graph.
    pub fn search(&mut self, query: &[f32], count: usize) -> Vec<Found> {
        if self.len() < GRAPH_FROM || query.len() != self.dimension {
            return self.search_exact(query, count);
        }
        while self.graph.len() < self.vectors.len() {
            self.graph.add(&self.vectors);
        }
        let query = normalized(query.to_vec());
        let near = self.graph.search(&self.vectors, &query, count, BREADTH);
        near.into_iter()
            .filter_map(|(at, score)| self.found(at as usize, score))
            .collect()
    }

    fn found(&self, at: usize, score: f32) -> Option<Found> {
        Some(Found {
            id: self.ids.get(at)?.clone(),
            text: self.texts.get(at)?.clone(),
            score,
        })
    }

    /// Reads a store; a file that does not exist is an empty one.
    pub fn load(file: &Path) -> Result<Self, VectorError> {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(error.into()),
        };
        Self::parse(&bytes).ok_or_else(|| VectorError::Damaged(file.to_owned()))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let dimension = take_number(&mut rest)?;
        let count = take_number(&mut rest)?;
        let mut store = Self::default();
        if dimension > MAX_DIMENSION || count.checked_mul(dimension.checked_mul(4)?)? > rest.len() {
            return None;
        }
        for _ in 0..count {
            let id = take_text(&mut rest)?;
            let text = take_text(&mut rest)?;
            let (numbers, tail) = rest.split_at_checked(dimension * 4)?;
            rest = tail;
            let vector = numbers
                .chunks_exact(4)
                .map(|four| four.try_into().ok().map(f32::from_le_bytes))
                .collect::<Option<Vec<f32>>>()?;
            store.put(&id, &text, vector).ok()?;
        }
        rest.is_empty().then_some(store)
    }

    /// Writes the store, as a whole or not at all.
    pub fn save(&self, file: &Path) -> Result<(), VectorError> {
        let mut bytes = MAGIC.to_vec();
        put_number(&mut bytes, self.dimension);
        put_number(&mut bytes, self.ids.len());
        for ((id, text), vector) in self.ids.iter().zip(&self.texts).zip(&self.vectors) {
            for text in [id, text] {
                put_number(&mut bytes, text.len());
                bytes.extend_from_slice(text.as_bytes());
            }
            bytes.extend(vector.iter().flat_map(|number| number.to_le_bytes()));
        }
        Ok(files::write_atomically(file, &bytes)?)
    }
}

fn put_number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

fn take_number(rest: &mut &[u8]) -> Option<usize> {
    let (four, tail) = rest.split_at_checked(4)?;
    *rest = tail;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = take_number(rest)?;
    let (text, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_replaced_removed_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("v/store.bin");
        let mut store = VectorStore::load(&file).unwrap();
        store.put("a", "first", vec![1.0, 0.0]).unwrap();
        store.put("b", "second", vec![0.0, 2.0]).unwrap();
        store.put("c", "third", vec![1.0, 1.0]).unwrap();
        store.put("a", "first again", vec![3.0, 0.1]).unwrap();
        assert!(matches!(
            store.put("d", "", vec![1.0]),
            Err(VectorError::Dimension {
                given: 1,
                expected: 2
            })
        ));
        assert!(matches!(
            store.put("d", "", vec![f32::NAN, 0.0]),
            Err(VectorError::NotFinite)
        ));
        store.save(&file).unwrap();
        let mut store = VectorStore::load(&file).unwrap();
        let found = store.search(&[1.0, 0.0], 2);
        assert_eq!(
            found
                .iter()
                .map(|found| found.text.as_str())
                .collect::<Vec<_>>(),
            ["first again", "third"]
        );
        assert!(store.remove("a") && !store.remove("a"));
        assert_eq!(store.search(&[1.0, 0.0], 5)[0].id, "c");
        assert_eq!(store.search(&[1.0, 0.0, 0.0], 5), []);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_never_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.bin");
        let mut store = VectorStore::default();
        store.put("a", "x", vec![1.0, 0.5]).unwrap();
        store.save(&file).unwrap();
        let good = std::fs::read(&file).unwrap();
        for cut in 0..good.len() {
            std::fs::write(&file, &good[..cut]).unwrap();
            assert!(
                matches!(VectorStore::load(&file), Err(VectorError::Damaged(_))),
                "{cut}"
            );
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0xFF;
            std::fs::write(&file, &bad).unwrap();
            let _ = VectorStore::load(&file);
        }
    }
}
