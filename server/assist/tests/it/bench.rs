//! An assistant over scripted servers, ready for questions.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use metascript_assist::accept::LevelPolicy;
use metascript_assist::provider::Host;
use metascript_assist::settings::{ProviderKind, ProviderSettings, Settings};
use metascript_assist::{Assist, InlineRequest, Parts};
use metascript_syntax::Document;

use crate::speak;

/// Settings for providers, quick enough for tests.
pub fn settings(providers: Vec<ProviderSettings>) -> Settings {
    let mut settings = Settings {
        providers,
        hedge_after: Duration::from_millis(80),
        ..Settings::default()
    };
    settings.inline.debounce = (Duration::from_millis(5), Duration::from_millis(20));
    settings.inline.speculate = false;
    settings.inline.candidates = 1;
    settings
}

pub fn named(name: &str, kind: ProviderKind, url: &str) -> ProviderSettings {
    ProviderSettings {
        name: name.to_owned(),
        ..speak::settings(kind, url)
    }
}

pub fn assist(settings: Settings) -> Arc<Assist> {
    assist_in(settings, Path::new("/workspace"))
}

pub fn assist_in(settings: Settings, workspace: &Path) -> Arc<Assist> {
    let (assist, faults) = Assist::new(Parts {
        settings,
        workspace: workspace.to_owned(),
        policy: Arc::new(LevelPolicy::default()),
        host: Host::new(speak::environment()),
        sealer: None,
    });
    assert_eq!(faults, Vec::<String>::new());
    assist
}

/// A request at the `$0` of a text.
pub fn request(text: &str) -> InlineRequest {
    let offset = text.find("$0").expect("a cursor");
    InlineRequest {
        name: "demo.tars".to_owned(),
        document: Document::parse(&text.replacen("$0", "", 1)),
        offset,
        invoked: false,
        scope: metascript_assist::context::Scope::default(),
    }
}

/// The text of the best candidate.
pub async fn ask(assist: &Arc<Assist>, text: &str) -> Option<String> {
    assist
        .inline(request(text))
        .await
        .into_iter()
        .next()
        .map(|candidate| candidate.text)
}
