//! AI assistance for metascripts: fast, private, and never wrong in syntax.
//!
//! [`Assist`] is the façade. It knows neither the protocol of editors nor the terminal, and it prints nothing.
//!
//! ```text
//! let (settings, problems) = Settings::from_layers(&[(Layer::User, user_toml), (Layer::Workspace, workspace_toml)]);
//! let (assist, faults) = Assist::new(Parts { settings, workspace, policy, host: Host::default(), sealer });
//! assist.learn("demo.tars", text);                                  // every script of the workspace
//! let candidates = assist.inline(InlineRequest { name, document, offset, invoked, scope }).await;
//! assist.accepted(candidates[0].id);
//! ```
//!
//! **Invariants.** Nothing that [`privacy::Redactor`] calls a secret is sent. Nothing is sent to another machine
//! without the workspace's consent. A candidate that is returned adds no syntax error and nothing that the policy
//! blocks. Dropping a future or a stream closes its connection. Errors are one line and hold no key.

// Texts are built piece by piece for people and for models; a `write!` with an ignored result reads no better.
#![allow(clippy::format_push_string, clippy::format_collect)]
// Each arm of a protocol's `match` stands for one of its cases, also where two are treated alike.
#![allow(clippy::match_same_arms, clippy::unnecessary_wraps)]
// Fields are called as the protocols and the settings call them.
#![allow(
    clippy::struct_field_names,
    clippy::struct_excessive_bools,
    clippy::similar_names
)]

pub mod accept;
mod assist;
pub mod cache;
pub mod context;
pub mod embedded;
mod error;
mod files;
pub mod inline;
mod keychain;
mod keys;
pub mod privacy;
pub mod provider;
pub mod route;
pub mod settings;
pub mod stats;
pub mod tasks;
pub mod tokens;
pub mod vector;

pub use assist::{Assist, Parts};
pub use error::{AiError, Failure};
pub use inline::{Candidate, InlineRequest};
pub use keys::{Environment, Key};
