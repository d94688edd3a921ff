//! A navigable small-world graph in layers (Malkov and Yashunin, 2016) over vectors of length 1.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rustc_hash::FxHashSet;

use super::dot;

/// Neighbours of a node in the upper layers; twice as many in the lowest.
const NEIGHBOURS: usize = 16;
/// How many candidates are kept while a node is added.
const BREADTH: usize = 100;
/// Layers above the lowest.
const MAX_LAYER: usize = 12;

/// The graph. Nodes are numbers from 0 in the order of their addition; the vectors stay with the caller.
#[derive(Debug, Default, Clone)]
pub struct Hnsw {
    /// For every node and every layer that it is in, its neighbours.
    nodes: Vec<Vec<Vec<u32>>>,
    entry: Option<u32>,
    random: u64,
}

#[derive(PartialEq)]
struct Near(f32, u32);

impl Eq for Near {}
impl Ord for Near {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}
impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn vector(vectors: &[Vec<f32>], node: u32) -> &[f32] {
    vectors.get(node as usize).map_or(&[], Vec::as_slice)
}

impl Hnsw {
    /// How many nodes are in the graph.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the graph has no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn neighbours(&self, node: u32, layer: usize) -> &[u32] {
        self.nodes
            .get(node as usize)
            .and_then(|layers| layers.get(layer))
            .map_or(&[], Vec::as_slice)
    }

    /// Adds the next vector: `vectors[self.len()]`.
    pub fn add(&mut self, vectors: &[Vec<f32>]) {
        let Ok(node) = u32::try_from(self.nodes.len()) else {
            return;
        };
        let layer = self.draw_layer();
        self.nodes.push(vec![Vec::new(); layer + 1]);
        let query = vector(vectors, node);
        let Some(mut entry) = self.entry else {
            self.entry = Some(node);
            return;
        };
        let top = self
            .nodes
            .get(entry as usize)
            .map_or(0, |layers| layers.len() - 1);
        for above in (layer + 1..=top).rev() {
            entry = self
                .search_layer(vectors, query, entry, 1, above)
                .first()
                .map_or(entry, |near| near.1);
        }
        for level in (0..=layer.min(top)).rev() {
            let near = self.search_layer(vectors, query, entry, BREADTH, level);
            entry = near.first().map_or(entry, |near| near.1);
            let chosen = select(vectors, &near, NEIGHBOURS);
            for other in &chosen {
                self.connect(vectors, *other, node, level);
            }
            if let Some(slot) = self
                .nodes
                .get_mut(node as usize)
                .and_then(|layers| layers.get_mut(level))
            {
                *slot = chosen;
            }
        }
        if layer > top {
            self.entry = Some(node);
        }
    }

    fn connect(&mut self, vectors: &[Vec<f32>], from: u32, to: u32, layer: usize) {
        let most = if layer == 0 {
            NEIGHBOURS * 2
        } else {
            NEIGHBOURS
        };
        let Some(slot) = self
            .nodes
            .get_mut(from as usize)
            .and_then(|layers| layers.get_mut(layer))
        else {
            return;
        };
        slot.push(to);
        if slot.len() <= most {
            return;
        }
        let center = vector(vectors, from);
        let mut near: Vec<Near> = slot
            .iter()
            .map(|node| Near(dot(center, vector(vectors, *node)), *node))
            .collect();
        near.sort_by(|a, b| b.cmp(a));
        *slot = select(vectors, &near, most);
    }

    /// Layers thin out by a factor of [`NEIGHBOURS`]. The numbers are the same in every run, and so are the graphs.
    fn draw_layer(&mut self) -> usize {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z.trailing_zeros() as usize / NEIGHBOURS.trailing_zeros() as usize).min(MAX_LAYER)
    }

    /// The nodes of a layer nearest to a query, nearest first.
    fn search_layer(
        &self,
        vectors: &[Vec<f32>],
        query: &[f32],
        entry: u32,
        breadth: usize,
        layer: usize,
    ) -> Vec<Near> {
        let mut seen = FxHashSet::from_iter([entry]);
        let start = dot(query, vector(vectors, entry));
        let mut open = BinaryHeap::from([Near(start, entry)]);
        let mut best = BinaryHeap::from([Reverse(Near(start, entry))]);
        while let Some(Near(score, node)) = open.pop() {
            if best.len() >= breadth && best.peek().is_some_and(|Reverse(worst)| score < worst.0) {
                break;
            }
            for next in self.neighbours(node, layer) {
                if !seen.insert(*next) {
                    continue;
                }
                let score = dot(query, vector(vectors, *next));
                if best.len() < breadth || best.peek().is_some_and(|Reverse(worst)| score > worst.0)
                {
                    open.push(Near(score, *next));
                    best.push(Reverse(Near(score, *next)));
                    if best.len() > breadth {
                        best.pop();
                    }
                }
            }
        }
        let mut near: Vec<Near> = best.into_iter().map(|Reverse(near)| near).collect();
        near.sort_by(|a, b| b.cmp(a));
        near
    }

    /// The nodes nearest to a query with their cosines, nearest first. `breadth` trades time for recall.
    pub fn search(
        &self,
        vectors: &[Vec<f32>],
        query: &[f32],
        count: usize,
        breadth: usize,
    ) -> Vec<(u32, f32)> {
        let Some(mut entry) = self.entry else {
            return Vec::new();
        };
        let top = self
            .nodes
            .get(entry as usize)
            .map_or(0, |layers| layers.len() - 1);
        for layer in (1..=top).rev() {
            entry = self
                .search_layer(vectors, query, entry, 1, layer)
                .first()
                .map_or(entry, |near| near.1);
        }
        let near = self.search_layer(vectors, query, entry, breadth.max(count), 0);
        near.into_iter()
            .take(count)
            .map(|Near(score, node)| (node, score))
            .collect()
    }
}

/// Neighbours in different directions: one that is nearer to a chosen one than to the node adds no way.
fn select(vectors: &[Vec<f32>], near: &[Near], most: usize) -> Vec<u32> {
    let mut chosen: Vec<u32> = Vec::new();
    let mut passed: Vec<u32> = Vec::new();
    for Near(score, node) in near {
        if chosen.len() >= most {
            break;
        }
        let redundant = chosen
            .iter()
            .any(|other| dot(vector(vectors, *other), vector(vectors, *node)) > *score);
        if redundant {
            passed.push(*node);
        } else {
            chosen.push(*node);
        }
    }
    chosen.extend(passed.into_iter().take(most.saturating_sub(chosen.len())));
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::normalized;

    #[test]
    fn it_finds_nearly_all_that_an_exact_search_finds() {
        let mut state = 7_u64;
        let mut random = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            #[allow(clippy::cast_precision_loss)]
            let number = (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
            number
        };
        let vectors: Vec<Vec<f32>> = (0..2000)
            .map(|_| normalized((0..24).map(|_| random()).collect()))
            .collect();
        let mut graph = Hnsw::default();
        for _ in 0..vectors.len() {
            graph.add(&vectors);
        }
        let (mut hits, mut total) = (0, 0);
        for _ in 0..50 {
            let query = normalized((0..24).map(|_| random()).collect());
            let mut exact: Vec<(u32, f32)> = (0_u32..)
                .zip(&vectors)
                .map(|(n, v)| (n, dot(v, &query)))
                .collect();
            exact.sort_by(|a, b| b.1.total_cmp(&a.1));
            let found = graph.search(&vectors, &query, 10, 100);
            hits += exact[..10]
                .iter()
                .filter(|(node, _)| found.iter().any(|(other, _)| other == node))
                .count();
            total += 10;
        }
        assert!(hits * 100 >= total * 95, "recall {hits} of {total}");
    }

    #[test]
    fn an_empty_graph_finds_nothing() {
        assert_eq!(Hnsw::default().search(&[], &[1.0], 3, 10), []);
    }
}
