//! A Chroma server, by its HTTP API (version 2), in the place of the embedded store.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::store::{Found, VectorError};
use crate::provider::Host;

/// One collection of a Chroma server.
pub struct Chroma {
    host: Host,
    base: String,
    collection: String,
    local: bool,
}

const LIMIT: Duration = Duration::from_secs(30);
/// Largest answer, in bytes.
const MAX_ANSWER: usize = 16 << 20;

fn failed(why: impl std::fmt::Display) -> VectorError {
    VectorError::Chroma(crate::error::one_line(&why.to_string()))
}

impl Chroma {
    /// Opens a collection, which is made if it is not there.
    pub async fn open(host: &Host, url: &str, name: &str) -> Result<Self, VectorError> {
        #[derive(Deserialize)]
        struct Collection {
            id: String,
        }
        let base = format!(
            "{}/api/v2/tenants/default_tenant/databases/default_database/collections",
            url.trim_end_matches('/')
        );
        let local = crate::settings::is_loopback(url);
        let mut chroma = Self {
            host: host.clone(),
            base,
            collection: String::new(),
            local,
        };
        let body = json!({ "name": name, "get_or_create": true, "configuration": { "hnsw": { "space": "cosine" } } });
        let collection: Collection =
            serde_json::from_str(&chroma.post("", &body).await?).map_err(failed)?;
        if !collection
            .id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-')
        {
            return Err(failed("a collection with a strange id"));
        }
        chroma.collection = format!("/{}", collection.id);
        Ok(chroma)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<String, VectorError> {
        let client = self
            .host
            .http(self.local)
            .ok_or_else(|| failed("no HTTP"))?;
        let work = async {
            let request = client
                .post(format!("{}{}{path}", self.base, self.collection))
                .json(body);
            let mut response = request
                .send()
                .await
                .map_err(|error| failed(error.without_url()))?;
            let status = response.status();
            let mut bytes = Vec::new();
            while let Some(chunk) = response
                .chunk()
                .await
                .map_err(|error| failed(error.without_url()))?
            {
                bytes.extend_from_slice(&chunk);
                if bytes.len() > MAX_ANSWER {
                    return Err(failed("the answer is too large"));
                }
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if status.is_success() {
                Ok(text)
            } else {
                Err(failed(format!("{status} {text}")))
            }
        };
        tokio::time::timeout(LIMIT, work)
            .await
            .unwrap_or_else(|_| Err(failed("no answer in 30 s")))
    }

    /// The names of all entries.
    pub async fn ids(&self) -> Result<Vec<String>, VectorError> {
        #[derive(Deserialize)]
        struct Answer {
            ids: Vec<String>,
        }
        let answer: Answer =
            serde_json::from_str(&self.post("/get", &json!({ "include": [] })).await?)
                .map_err(failed)?;
        Ok(answer.ids)
    }

    /// Adds entries (name, text, vector), or replaces those of the same names.
    pub async fn put(&self, entries: &[(String, String, Vec<f32>)]) -> Result<(), VectorError> {
        let body = json!({
            "ids": entries.iter().map(|(id, _, _)| id).collect::<Vec<_>>(),
            "documents": entries.iter().map(|(_, text, _)| text).collect::<Vec<_>>(),
            "embeddings": entries.iter().map(|(_, _, vector)| vector).collect::<Vec<_>>(),
        });
        self.post("/upsert", &body).await.map(drop)
    }

    /// Removes entries.
    pub async fn remove(&self, ids: &[String]) -> Result<(), VectorError> {
        self.post("/delete", &json!({ "ids": ids })).await.map(drop)
    }

    /// The entries nearest to a vector, nearest first.
    pub async fn search(&self, query: &[f32], count: usize) -> Result<Vec<Found>, VectorError> {
        #[derive(Deserialize)]
        struct Answer {
            ids: Vec<Vec<String>>,
            #[serde(default)]
            documents: Option<Vec<Vec<Option<String>>>>,
            #[serde(default)]
            distances: Option<Vec<Vec<Option<f32>>>>,
        }
        let body = json!({ "query_embeddings": [query], "n_results": count, "include": ["documents", "distances"] });
        let answer: Answer =
            serde_json::from_str(&self.post("/query", &body).await?).map_err(failed)?;
        let ids = answer.ids.into_iter().next().unwrap_or_default();
        let mut documents = answer
            .documents
            .unwrap_or_default()
            .into_iter()
            .next()
            .unwrap_or_default()
            .into_iter();
        let mut distances = answer
            .distances
            .unwrap_or_default()
            .into_iter()
            .next()
            .unwrap_or_default()
            .into_iter();
        Ok(ids
            .into_iter()
            .map(|id| Found {
                id,
                text: documents.next().flatten().unwrap_or_default(),
                // The distance of directions is 1 less the cosine.
                score: 1.0 - distances.next().flatten().unwrap_or(1.0),
            })
            .collect())
    }
}
