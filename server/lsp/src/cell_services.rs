//! What cells may ask of the assistant: language models and stores of texts found by likeness.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use metascript_assist::Assist;
use metascript_assist::provider::{About, Chat, Message};
use metascript_assist::vector::{VectorStore, lexical_vector};
use metascript_sandbox::services::{
    Answering, Conversation, Embedded, Entry, Models, Role, Said, Services, StoreName,
};
use serde::{Deserialize, Serialize};

/// Entries of one store.
const MOST_ENTRIES: usize = 100_000;
/// Stores of one session.
const MOST_STORES: usize = 32;
/// Bytes of one text.
const MAX_TEXT: usize = 64 << 10;
/// Whose vectors those are that no model made.
const WORDS: &str = "words";

/// Gives the assistant, if there is one.
type Ask = dyn Fn() -> BoxFuture<'static, Option<Arc<Assist>>> + Send + Sync;

/// The services of one session.
pub struct CellServices {
    assist: Box<Ask>,
    stores: Mutex<HashMap<Place, Open>>,
}

/// A store and whose vectors it has.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    store: StoreName,
    model: String,
}

#[derive(Default)]
struct Open {
    vectors: VectorStore,
    changed: bool,
}

/// What a store keeps as an entry's text.
#[derive(Serialize, Deserialize)]
struct Kept {
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metadata: Vec<(String, String)>,
}

impl fmt::Debug for CellServices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CellServices").finish_non_exhaustive()
    }
}

impl CellServices {
    /// Services of an assistant that `assist` gives when a cell first needs it.
    pub fn new(
        assist: impl Fn() -> BoxFuture<'static, Option<Arc<Assist>>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            assist: Box::new(assist),
            stores: Mutex::default(),
        }
    }

    async fn vectors(
        &self,
        texts: Vec<String>,
        query: bool,
        reach: Models,
    ) -> Result<Embedded, String> {
        if reach != Models::None
            && let Some(assist) = (self.assist)().await
            && let Some((vectors, model)) = assist
                .embed(&texts, query, &|about| within(about, reach))
                .await
                .map_err(|error| error.to_string())?
        {
            return Ok(Embedded { vectors, model });
        }
        Ok(Embedded {
            vectors: texts.iter().map(|text| lexical_vector(text)).collect(),
            model: WORDS.to_owned(),
        })
    }

    /// The vector of one text, and the store of its kind.
    async fn locate(
        &self,
        store: StoreName,
        text: String,
        query: bool,
        reach: Models,
    ) -> Result<(Place, Vec<f32>), String> {
        if text.len() > MAX_TEXT {
            return Err(format!(
                "a text of a store has at most {} KiB; add it in parts",
                MAX_TEXT >> 10
            ));
        }
        let embedded = self.vectors(vec![text], query, reach).await?;
        let place = Place {
            store,
            model: embedded.model,
        };
        let vector = embedded.vectors.into_iter().next();
        vector
            .map(|vector| (place, vector))
            .ok_or_else(|| "the model gave no vector".to_owned())
    }

    /// Works on a store, which is read from its file first. Blocks.
    fn with<T>(
        &self,
        place: &Place,
        work: impl FnOnce(&mut Open) -> Result<T, String>,
    ) -> Result<T, String> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        if !stores.contains_key(place) {
            if stores.len() >= MOST_STORES {
                return Err(format!(
                    "a session has at most {MOST_STORES} stores of vectors"
                ));
            }
            let vectors = match place.file()? {
                Some(file) => VectorStore::load(&file).map_err(|error| error.to_string())?,
                None => VectorStore::default(),
            };
            let open = Open {
                vectors,
                changed: false,
            };
            stores.insert(place.clone(), open);
        }
        stores
            .get_mut(place)
            .ok_or_else(|| "the store is gone".to_owned())
            .and_then(work)
    }
}

impl Place {
    /// The file that keeps the store, if one does. Vectors of different models are not alike: each has a file of its own.
    fn file(&self) -> Result<Option<PathBuf>, String> {
        let Some(folder) = &self.store.folder else {
            return Ok(None);
        };
        // What came with the workspace may lead elsewhere; cells cannot make links.
        for part in [folder.parent(), Some(folder)].into_iter().flatten() {
            if part.is_symlink() {
                return Err(format!(
                    "{} is a link: no store is kept there",
                    part.display()
                ));
            }
        }
        let model: String = self
            .model
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let file = folder.join(format!("{}.{model}.vec", self.store.name));
        if file.is_symlink() {
            return Err(format!("{} is a link: it is not followed", file.display()));
        }
        Ok(Some(file))
    }
}

/// Whether a policy lets cells ask a provider.
fn within(about: &About, reach: Models) -> bool {
    match reach {
        Models::None => false,
        Models::Local => about.local,
        Models::Any => true,
    }
}

impl Services for CellServices {
    fn chat(&self, conversation: Conversation) -> Answering<'_, Said> {
        Box::pin(async move {
            let assist = (self.assist)()
                .await
                .ok_or_else(|| "there is no assistant to ask".to_owned())?;
            let mut chat = Chat {
                max_tokens: conversation.max_tokens.unwrap_or(0),
                #[allow(clippy::cast_possible_truncation)]
                temperature: conversation.temperature.map_or(0.2, |given| given as f32),
                ..Chat::default()
            };
            for (role, text) in conversation.messages {
                match role {
                    Role::System => chat.system.push(text),
                    Role::User => chat.messages.push(Message::User(text)),
                    Role::Assistant => chat.messages.push(Message::Assistant {
                        text,
                        calls: Vec::new(),
                    }),
                }
            }
            let wanted = conversation.model;
            let may = move |about: &About| {
                within(about, conversation.reach)
                    && wanted
                        .as_ref()
                        .is_none_or(|name| *name == about.name || *name == about.model)
            };
            let said = assist
                .chat(chat, &may)
                .await
                .map_err(|error| error.to_string())?;
            Ok(Said {
                text: said.text,
                model: said.model,
                provider: said.provider,
                input_tokens: said.usage.input,
                output_tokens: said.usage.output,
            })
        })
    }

    fn embed(&self, texts: Vec<String>, query: bool, reach: Models) -> Answering<'_, Embedded> {
        Box::pin(self.vectors(texts, query, reach))
    }

    fn add(&self, store: StoreName, entry: Entry, reach: Models) -> Answering<'_, ()> {
        Box::pin(async move {
            let (place, vector) = self.locate(store, entry.text.clone(), false, reach).await?;
            let kept = Kept {
                text: entry.text,
                metadata: entry.metadata,
            };
            let kept = serde_json::to_string(&kept).map_err(|error| error.to_string())?;
            if kept.len() > 2 * MAX_TEXT {
                return Err("the text and its metadata are too long".to_owned());
            }
            self.with(&place, |open| {
                if open.vectors.len() >= MOST_ENTRIES && !open.vectors.contains(&entry.id) {
                    return Err(format!("a store has at most {MOST_ENTRIES} texts"));
                }
                open.changed = true;
                open.vectors
                    .put(&entry.id, &kept, vector)
                    .map_err(|error| error.to_string())
            })
        })
    }

    fn search(
        &self,
        store: StoreName,
        text: String,
        limit: usize,
        reach: Models,
    ) -> Answering<'_, Vec<Entry>> {
        Box::pin(async move {
            let (place, vector) = self.locate(store, text, true, reach).await?;
            let found = self.with(&place, |open| Ok(open.vectors.search(&vector, limit)))?;
            Ok(found
                .into_iter()
                .filter_map(|one| {
                    let kept: Kept = serde_json::from_str(&one.text).ok()?;
                    Some(Entry {
                        id: one.id,
                        text: kept.text,
                        metadata: kept.metadata,
                        score: f64::from(one.score),
                    })
                })
                .collect())
        })
    }

    fn cell_ended(&self) -> Result<(), String> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, open) in stores.iter_mut().filter(|(_, open)| open.changed) {
            let Some(file) = place.file()? else { continue };
            open.vectors
                .save(&file)
                .map_err(|error| format!("{} is not kept: {error}", file.display()))?;
            open.changed = false;
        }
        Ok(())
    }
}
