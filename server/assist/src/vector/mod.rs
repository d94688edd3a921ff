//! Vectors on disk, with exact and approximate search, and the semantic search over a workspace's blocks.

mod chroma;
mod hnsw;
mod index;
mod store;

pub use chroma::Chroma;
pub use hnsw::Hnsw;
pub use index::{BlockHit, SearchError, lexical_vector};
pub use store::{Found, VectorError, VectorStore};

/// The cosine of the angle between two vectors; 0 where one has no direction or the lengths differ.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    if a.len() != b.len() {
        return 0.0;
    }
    let (mut dot, mut left, mut right) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (x, y) in a.iter().zip(b) {
        dot += x * y;
        left += x * x;
        right += y * y;
    }
    let length = (left * right).sqrt();
    if length > 0.0 && length.is_finite() {
        dot / length
    } else {
        0.0
    }
}

/// The vector with length 1, so that a dot product is the cosine; a vector without direction stays as it is.
pub(crate) fn normalized(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 && length.is_finite() {
        for x in &mut vector {
            *x /= length;
        }
    }
    vector
}

pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
