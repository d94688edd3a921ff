//! Semantic search over the blocks of a workspace.

use std::hash::Hasher as _;
use std::path::PathBuf;

use metascript_syntax::Document;
use rustc_hash::{FxHashSet, FxHasher};
use serde::Serialize;

use super::chroma::Chroma;
use super::store::{VectorError, VectorStore};
use crate::assist::Assist;
use crate::error::{AiError, Failure};
use crate::provider::Embed;
use crate::settings::Task;

/// A block that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlockHit {
    /// The script's name in the workspace.
    pub script: String,
    /// The block's first line, from 1, when it was indexed.
    pub line: usize,
    /// The block's text.
    pub text: String,
    /// Likeness, 1 for the same direction.
    pub score: f32,
}

/// Numbers of a lexical vector.
const LEXICAL: usize = 512;
/// The collection on a Chroma server.
const COLLECTION: &str = "metascript-blocks";
/// Texts per request.
const BATCH: usize = 64;
/// Longest text that is embedded, in tokens.
const MAX_TEXT: u32 = 1500;

/// A vector of the words of a text, for search without a provider: every word and every pair of neighbours adds to
/// one of its numbers.
pub fn lexical_vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0_f32; LEXICAL];
    let mut before = String::new();
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    for word in words {
        let word = word.to_lowercase();
        for (weight, piece) in [(1.0, word.clone()), (0.5, format!("{before} {word}"))] {
            let mut hasher = FxHasher::default();
            hasher.write(piece.as_bytes());
            let hash = hasher.finish();
            let slot = usize::try_from(hash >> 40).unwrap_or(0) % LEXICAL;
            if let Some(number) = vector.get_mut(slot) {
                *number += if hash & 1 == 0 { weight } else { -weight };
            }
        }
        before = word;
    }
    vector
}

/// Name of a block's entry: where it is and a hash of what it says, so that an unchanged block is not embedded again.
fn entry(script: &str, line: usize, text: &str) -> String {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    format!("{script}\u{1F}{line}\u{1F}{:016x}", hasher.finish())
}

/// The blocks of a script: line, text.
fn blocks(document: &Document) -> Vec<(usize, String)> {
    let root = document.tree().root_node();
    let mut cursor = root.walk();
    root.named_children(&mut cursor)
        .filter(|node| node.byte_range().len() > 8 && node.kind() != "comment")
        .map(|node| {
            (
                node.start_position().row + 1,
                document.slice(node.byte_range()).into_owned(),
            )
        })
        .collect()
}

impl Assist {
    fn vector_file(&self) -> Option<PathBuf> {
        let name = if self.router.serves(Task::Embed) {
            "blocks.vec"
        } else {
            "words.vec"
        };
        self.settings
            .data_folder
            .as_ref()
            .map(|folder| folder.join(name))
    }

    async fn vectors(&self, texts: Vec<String>, query: bool) -> Result<Vec<Vec<f32>>, AiError> {
        if !self.router.serves(Task::Embed) {
            return Ok(texts.iter().map(|text| lexical_vector(text)).collect());
        }
        let mut vectors = Vec::new();
        for batch in texts.chunks(BATCH) {
            let inputs = batch
                .iter()
                .map(|text| {
                    let redacted = self
                        .redactor
                        .redact(text, &mut crate::privacy::Placeholders::default());
                    crate::tokens::head(&redacted, MAX_TEXT).to_owned()
                })
                .collect();
            vectors.extend(
                self.router
                    .embed(&Embed { inputs, query })
                    .await?
                    .value
                    .vectors,
            );
        }
        Ok(vectors)
    }

    /// Brings the index of the workspace's blocks up to date and says how many were embedded. Only blocks that changed
    /// are; scripts that may not be read are left out, and entries of blocks that are gone are removed.
    pub async fn index_blocks(&self, scripts: &[(String, Document)]) -> Result<usize, SearchError> {
        let wanted: Vec<(String, String)> = scripts
            .iter()
            .filter(|(name, _)| self.may_read(name))
            .flat_map(|(name, document)| {
                blocks(document)
                    .into_iter()
                    .map(move |(line, text)| (entry(name, line, &text), text))
            })
            .collect();
        match self.chroma().await? {
            Some(chroma) => self.index_in_chroma(&chroma, wanted).await,
            None => self.index_here(wanted).await,
        }
    }

    /// The Chroma server of the settings. Texts go to another machine only with the workspace's consent.
    async fn chroma(&self) -> Result<Option<Chroma>, SearchError> {
        let Some(url) = self.settings.chroma_url.as_deref() else {
            return Ok(None);
        };
        if !crate::settings::is_loopback(url) && !self.has_consent(url) {
            return Err(AiError::new(Failure::NoConsent, "Chroma", url).into());
        }
        Ok(Some(Chroma::open(&self.host, url, COLLECTION).await?))
    }

    async fn index_in_chroma(
        &self,
        chroma: &Chroma,
        wanted: Vec<(String, String)>,
    ) -> Result<usize, SearchError> {
        let known: FxHashSet<String> = chroma.ids().await?.into_iter().collect();
        let names: FxHashSet<&str> = wanted.iter().map(|(id, _)| id.as_str()).collect();
        let gone: Vec<String> = known
            .iter()
            .filter(|id| !names.contains(id.as_str()))
            .cloned()
            .collect();
        if !gone.is_empty() {
            chroma.remove(&gone).await?;
        }
        let missing: Vec<(String, String)> = wanted
            .into_iter()
            .filter(|(id, _)| !known.contains(id))
            .collect();
        for batch in missing.chunks(BATCH) {
            let vectors = self
                .vectors(batch.iter().map(|(_, text)| text.clone()).collect(), false)
                .await?;
            let entries: Vec<_> = batch
                .iter()
                .zip(vectors)
                .map(|((id, text), vector)| {
                    let text = self
                        .redactor
                        .redact(text, &mut crate::privacy::Placeholders::default());
                    (id.clone(), text, vector)
                })
                .collect();
            chroma.put(&entries).await?;
        }
        Ok(missing.len())
    }

    async fn index_here(&self, wanted: Vec<(String, String)>) -> Result<usize, SearchError> {
        let mut store = self.load_store();
        let names: FxHashSet<&str> = wanted.iter().map(|(id, _)| id.as_str()).collect();
        let gone: Vec<String> = store
            .ids()
            .filter(|id| !names.contains(id))
            .map(str::to_owned)
            .collect();
        for id in gone {
            store.remove(&id);
        }
        let missing: Vec<(String, String)> = wanted
            .into_iter()
            .filter(|(id, _)| !store.contains(id))
            .collect();
        let vectors = self
            .vectors(
                missing.iter().map(|(_, text)| text.clone()).collect(),
                false,
            )
            .await?;
        let added = missing.len();
        for ((id, text), vector) in missing.into_iter().zip(vectors) {
            if let Err(VectorError::Dimension { .. }) = store.put(&id, &text, vector.clone()) {
                // Another model than before: what it left is of no use.
                store = VectorStore::default();
                store.put(&id, &text, vector)?;
            }
        }
        if let Some(file) = self.vector_file() {
            store.save(&file)?;
        }
        *crate::files::lock(&self.blocks) = Some(store);
        Ok(added)
    }

    fn load_store(&self) -> VectorStore {
        if let Some(store) = crate::files::lock(&self.blocks).take() {
            return store;
        }
        self.vector_file()
            .map(|file| VectorStore::load(&file).unwrap_or_default())
            .unwrap_or_default()
    }

    /// The indexed blocks that are most like a question.
    pub async fn search_blocks(
        &self,
        question: &str,
        count: usize,
    ) -> Result<Vec<BlockHit>, SearchError> {
        let vector = self
            .vectors(vec![question.to_owned()], true)
            .await?
            .into_iter()
            .next()
            .unwrap_or_default();
        let found = if let Some(chroma) = self.chroma().await? {
            chroma.search(&vector, count).await?
        } else {
            let mut store = self.load_store();
            let found = store.search(&vector, count);
            *crate::files::lock(&self.blocks) = Some(store);
            found
        };
        Ok(found
            .into_iter()
            .filter_map(|found| {
                let mut parts = found.id.split('\u{1F}');
                let (script, line) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
                Some(BlockHit {
                    script,
                    line,
                    text: found.text,
                    score: found.score,
                })
            })
            .collect())
    }
}

/// What can go wrong in a search.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The provider of the vectors.
    #[error(transparent)]
    Provider(#[from] AiError),
    /// The store of the vectors.
    #[error(transparent)]
    Store(#[from] VectorError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::cosine;

    #[test]
    fn like_texts_have_like_vectors() {
        let a = lexical_vector("ACTION { type: \"http_request\" url: \"https://x\" }");
        let b = lexical_vector(
            "ACTION { type: \"http_request\" url: \"https://y/z\" method: \"GET\" }",
        );
        let c = lexical_vector("PYTHON { import numpy }");
        assert!(
            cosine(&a, &b) > 0.6 && cosine(&a, &c) < 0.3,
            "{} {}",
            cosine(&a, &b),
            cosine(&a, &c)
        );
    }
}
