use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn redactor() -> Redactor {
    Redactor::new(&[], &[], b"salt").0
}

/// Synthetic secrets, put together here so that no scanner of repositories takes them for real ones.
pub(crate) fn corpus() -> Vec<(&'static str, String)> {
    let hex = |n: usize| {
        "0123456789abcdef5c3e9a7d1f8b6042"
            .chars()
            .cycle()
            .take(n)
            .collect::<String>()
    };
    let mixed = |n: usize| {
        "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zR0cF"
            .chars()
            .cycle()
            .take(n)
            .collect::<String>()
    };
    let upper = |n: usize| {
        "Q7Z2M4K8X1V6B3N9"
            .chars()
            .cycle()
            .take(n)
            .collect::<String>()
    };
    vec![
        ("aws id", format!("AKIA{}", upper(16))),
        ("aws temporary id", format!("ASIA{}", upper(16))),
        ("github", format!("ghp_{}", mixed(36))),
        ("github server", format!("ghs_{}", mixed(36))),
        (
            "github fine",
            format!("github_pat_{}_{}", mixed(22), mixed(59)),
        ),
        ("gitlab", format!("glpat-{}", mixed(20))),
        ("openai", format!("sk-{}", mixed(48))),
        ("openai project", format!("sk-proj-{}", mixed(64))),
        ("anthropic", format!("sk-ant-api03-{}", mixed(80))),
        ("groq", format!("gsk_{}", mixed(52))),
        ("xai", format!("xai-{}", mixed(60))),
        ("hugging face", format!("hf_{}", mixed(34))),
        ("replicate", format!("r8_{}", mixed(37))),
        ("google", format!("AIza{}", mixed(35))),
        ("google oauth", format!("ya29.{}", mixed(60))),
        (
            "slack bot",
            format!("xoxb-{}-{}", "123456789012", mixed(24)),
        ),
        ("stripe", format!("sk_live_{}", mixed(24))),
        ("stripe webhook", format!("whsec_{}", mixed(32))),
        ("shopify", format!("shpat_{}", hex(32))),
        ("sendgrid", format!("SG.{}.{}", mixed(22), mixed(43))),
        ("mailgun", format!("key-{}", hex(32))),
        ("twilio", format!("SK{}", hex(32))),
        ("npm", format!("npm_{}", mixed(36))),
        ("pypi", format!("pypi-AgEIcHlwaS5vcmc{}", mixed(60))),
        ("docker", format!("dckr_pat_{}", mixed(27))),
        ("digitalocean", format!("dop_v1_{}", hex(64))),
        ("vault", format!("hvs.{}", mixed(24))),
        ("databricks", format!("dapi{}", hex(32))),
        ("linear", format!("lin_api_{}", mixed(40))),
        ("notion", format!("ntn_{}", mixed(46))),
        ("telegram", format!("123456789:AA{}", mixed(33))),
        (
            "jwt",
            format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.{}", mixed(43)),
        ),
        ("mistral-like", mixed(32)),
        ("cohere-like", mixed(40)),
        ("hex key", hex(64)),
    ]
}

/// Every way in which a language of ours writes a text literal, and how programs take it apart.
pub(crate) fn disguises(secret: &str) -> Vec<(&'static str, String)> {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(secret);
    let twice = base64::engine::general_purpose::STANDARD.encode(&base64);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let escaped: String = secret
        .bytes()
        .map(|byte| format!("\\x{byte:02x}"))
        .collect();
    let unicode: String = secret
        .bytes()
        .map(|byte| format!("\\u{byte:04x}"))
        .collect();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let numbers = secret
        .bytes()
        .map(|byte| byte.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    let calls = secret
        .bytes()
        .map(|byte| format!("chr({byte})"))
        .collect::<Vec<_>>()
        .join(" + ");
    let backwards: String = secret.chars().rev().collect();
    let (a, rest) = secret.split_at(secret.len() / 3);
    let (b, c) = rest.split_at(rest.len() / 2);
    vec![
        (
            "metascript",
            format!("VARIABLE k {{\n    value: \"{secret}\"\n}}\n"),
        ),
        ("python", format!("client = Client('{secret}')\n")),
        ("python triple", format!("x = \"\"\"\n{secret}\n\"\"\"\n")),
        ("fsharp", format!("let k = @\"{secret}\"\n")),
        ("javascript", format!("const k = `{secret}`;\n")),
        ("csharp", format!("var k = $\"{secret}\";\n")),
        ("bash", format!("curl -H 'X: {secret}' https://x\n")),
        ("powershell", format!("$k = '{secret}'\n")),
        ("sql", format!("select f('{secret}');\n")),
        ("comment", format!("// remember: {secret}\n")),
        ("prose", format!("Use {secret} to sign in.\n")),
        ("yaml", format!("- value: {secret}\n")),
        ("split plus", format!("k = \"{a}\" + \"{b}\" + '{c}'\n")),
        (
            "split lines",
            format!("k = (\"{a}\"\n     \"{b}\"\n     \"{c}\")\n"),
        ),
        (
            "split list",
            format!("k = ''.join(['{a}', '{b}', '{c}'])\n"),
        ),
        (
            "split variables",
            format!("a = \"{a}\"\nb = \"{b}\"\nc = \"{c}\"\n"),
        ),
        (
            "split appended",
            format!("let k = '{a}';\nk += '{b}';\nk += '{c}';\n"),
        ),
        ("base64", format!("k = b64decode(\"{base64}\")\n")),
        ("base64 twice", format!("k = \"{twice}\"\n")),
        (
            "base64 split",
            format!(
                "k = \"{}\" + \"{}\"\n",
                &base64[..base64.len() / 2],
                &base64[base64.len() / 2..]
            ),
        ),
        ("hex", format!("k = bytes.fromhex('{hex}')\n")),
        ("escaped", format!("k = \"{escaped}\"\n")),
        ("unicode", format!("k = \"{unicode}\"\n")),
        ("percent", format!("GET /?k={percent}\n")),
        ("numbers", format!("k = bytes([{numbers}])\n")),
        ("calls", format!("k = {calls}\n")),
        ("backwards", format!("k = \"{backwards}\"[::-1]\n")),
    ]
}

#[test]
fn the_table_is_sound() {
    assert_eq!(detect::table_faults(), Vec::<String>::new());
}

#[test]
fn no_secret_of_the_corpus_leaves_in_any_disguise() {
    let redactor = redactor();
    let mut leaks = Vec::new();
    for (name, secret) in corpus() {
        for (disguise, text) in disguises(&secret) {
            // Words without a known shape are found where they stand whole; encoded, nothing tells them from data.
            let shapeless = name.ends_with("-like") || name == "hex key";
            if shapeless
                && !matches!(
                    disguise,
                    "metascript" | "python" | "csharp" | "javascript" | "comment" | "split plus"
                )
            {
                continue;
            }
            let mut placeholders = Placeholders::default();
            let redacted = redactor.redact(&text, &mut placeholders);
            if redacted == text || redacted.contains(&secret) {
                leaks.push(format!("{name} / {disguise}: {text}"));
            } else {
                assert_eq!(placeholders.restore(&redacted), text, "{name} / {disguise}");
            }
        }
    }
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("")
    );
}

#[test]
fn secrets_by_their_name() {
    for text in [
        "password: \"hunter2!\"",
        "db_password = 'correct horse'",
        "\"api_key\": \"abc-123-def\"",
        "export AUTH_TOKEN=abc123def",
        "$env:CLIENT_SECRET = 'x9!k'",
        "mysql --password=s3cr3t! -u root",
        "curl -u admin:p4ssw0rd https://x",
        "postgres://app:s3cr3t@db/app",
        "Server=x;User Id=sa;Password=Pa55w0rd;",
        "AccountKey=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4==",
        "headers: { \"Authorization\": \"Bearer abcdef0123456789\" }",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----",
    ] {
        assert!(!redactor().find(text).is_empty(), "{text}");
    }
}

#[test]
fn ordinary_scripts_stay_as_they_are() {
    for text in [
        "DESCRIBE {\n    name: \"Weekly report\"\n    version: \"1.0\"\n}\n",
        "max_tokens: 4000\ntemperature: 0.7\n",
        "VARIABLE token_count {\n    value: 12\n}\n",
        "api_key: \"${env.OPENAI_API_KEY}\"",
        "let tokens = tokenize(line)\n",
        "path: \"src/server/assist/privacy/detect_secrets_in_long_paths.rs\"",
        "ACTION {\n    type: \"file_read\"\n    path: \"data/2026-01-31-measurements.csv\"\n    result_variable: \"rows\"\n}\n",
        "let total = xs |> List.map (fun x -> x * 2) |> List.sum\n",
        "import numpy as np\nprint(np.arange(10).reshape(2, 5))\n",
        "tags: [\"alpha\", \"beta\", \"v1\", \"v2\", \"2026\"]\n",
        "https://example.com/docs/en/latest/getting-started-with-metascript.html",
    ] {
        let found = redactor().find(text);
        let words: Vec<_> = found.iter().map(|range| &text[range.clone()]).collect();
        assert!(words.is_empty(), "{words:?} in {text}");
    }
}

#[test]
fn a_placeholder_is_stable_and_says_nothing() {
    let (_, secret) = corpus().remove(2);
    let mut placeholders = Placeholders::default();
    let once = redactor().redact(&secret, &mut placeholders);
    let again = redactor().redact(&format!("x \"{secret}\""), &mut placeholders);
    assert!(again.contains(&once));
    let other = Redactor::new(&[], &[], b"other")
        .0
        .redact(&secret, &mut Placeholders::default());
    assert_ne!(once, other);
    assert!(!format!("{placeholders:?}").contains(&secret));
}

#[test]
fn known_values_and_the_users_patterns() {
    let (redactor, faults) = Redactor::new(
        &["ACME-\\d+".into(), "(".into()],
        &["swordfish".into()],
        b"s",
    );
    assert_eq!(faults.len(), 1);
    let text = "say swordfish, hsifdrows or c3dvcmRmaXNo to project ACME-4711";
    let redacted = redactor.redact(text, &mut Placeholders::default());
    for hidden in ["swordfish", "hsifdrows", "c3dvcmRmaXNo", "4711"] {
        assert!(!redacted.contains(hidden), "{redacted}");
    }
}

#[test]
fn a_secret_around_the_hole_is_seen_whole() {
    let secret = &corpus()[2].1;
    let (left, right) = secret.split_at(9);
    let mut ask = Ask::Fill(crate::provider::Fill {
        prefix: format!("k = \"{left}"),
        suffix: format!("{right}\"\nnext"),
        ..Default::default()
    });
    redactor().redact_ask(&mut ask);
    let Ask::Fill(fill) = ask else { panic!() };
    assert!(
        !fill.prefix.contains(left) && !fill.suffix.contains(&right[..12]),
        "{fill:?}"
    );
    assert!(fill.suffix.ends_with("\"\nnext") && fill.prefix.starts_with("k = \""));
}

#[test]
fn what_the_model_called_with_a_secret_is_redacted_in_the_next_turn() {
    let secret = corpus()[6].1.clone();
    let call = crate::provider::ToolCall {
        id: "1".into(),
        name: "edit".into(),
        arguments: serde_json::json!({ "deep": [{ "text": format!("x = '{secret}'") }] }),
    };
    let mut ask = Ask::Chat(crate::provider::Chat {
        messages: vec![Message::Assistant {
            text: String::new(),
            calls: vec![call],
        }],
        ..Default::default()
    });
    redactor().redact_ask(&mut ask);
    assert!(!format!("{ask:?}").contains(&secret));
}

proptest! {
    #[test]
    fn restoring_gives_back_every_text_however_the_stream_is_cut(words in prop::collection::vec("[ -~é\n]{0,20}", 0..5), picks in prop::collection::vec(0_usize..30, 0..4), cuts in prop::collection::vec(0_usize..300, 0..8)) {
        let corpus = corpus();
        let mut text = String::new();
        for (n, word) in words.iter().enumerate() {
            text.push_str(word);
            if let Some(pick) = picks.get(n) { text.push_str(&format!("\"{}\"", corpus[*pick].1)); }
        }
        let mut placeholders = Placeholders::default();
        let redacted = redactor().redact(&text, &mut placeholders);
        let mut restorer = Restorer::new(placeholders);
        let cuts: BTreeSet<usize> = cuts.into_iter().filter(|cut| redacted.is_char_boundary(*cut)).collect();
        let mut restored = String::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([redacted.len()]) {
            restored.push_str(&restorer.push(&redacted[from..cut]));
            from = cut;
        }
        restored.push_str(&restorer.end());
        prop_assert_eq!(restored, text);
    }

    #[test]
    fn finding_never_fails(text in "\\PC{0,200}") {
        for range in redactor().find(&text) { prop_assert!(text.get(range).is_some()); }
    }
}
