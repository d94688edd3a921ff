//! What blocks do: actions, prompts, agents, variables.

use std::ops::Range;
use std::sync::LazyLock;

use metascript_syntax::ast::{Block, Value, Walk};
use regex::Regex;

use super::{DocumentScan, finding, flow};
use crate::text::names;
use crate::value::Taint;

/// Kinds of actions by what they can do.
fn kind(action: &str) -> &'static str {
    let a = action.to_ascii_lowercase();
    match a.as_str() {
        "shell_execute" | "shell" | "command" | "execute_command" | "run_command" | "exec"
        | "bash" | "powershell" | "system" | "run_script" | "docker_exec" | "cmd" | "run_tests"
        | "test" => "shell",
        "file_write" | "write_file" | "append_file" | "file_append" | "file_copy" | "file_move"
        | "ensure_directory" | "create_directory" | "save_file" => "write",
        "file_delete" | "delete_file" | "directory_delete" | "delete_directory" => "write",
        "file_read" | "read_file" | "load_file" | "parse_file" => "read",
        "http_request" | "webapi" | "http" | "http_get" | "http_post" | "fetch" | "rest_call"
        | "graphql" | "web_request" | "web_search" | "download" | "upload" => "http",
        "mcp_receive" | "mcp_send" | "receive" => "mcp",
        "llm" | "ask_llm" | "llm_call" | "completion" | "generate" | "chat" | "prompt" => "llm",
        "input" | "ask_user" | "prompt_user" | "user_input" => "input",
        "eval" | "evaluate" | "execute_code" | "run_code" => "eval",
        _ if a.contains("shell") || a.contains("command") => "shell",
        _ => "other",
    }
}

fn text_of(block: &Block<'_>, keys: &[&str]) -> Option<(String, Range<usize>)> {
    keys.iter().find_map(|k| {
        let value = block.property(k)?.value()?;
        Some(
            value
                .plain_text()
                .unwrap_or_else(|| (value.syntax().text().into_owned(), value.range())),
        )
    })
}

pub(super) fn block(scan: &mut DocumentScan<'_>, block: &Block<'_>) {
    let keyword = block.keyword_text().to_ascii_uppercase();
    let result = text_of(
        block,
        &["result_variable", "output_variable", "result", "output"],
    )
    .map(|(n, _)| n);
    let mut taint = Taint::NONE;
    match keyword.as_str() {
        "ACTION" | "COMMAND" | "WEBAPI" => {
            let action =
                text_of(block, &["type"]).map_or_else(|| keyword.to_ascii_lowercase(), |(t, _)| t);
            taint = action_block(scan, block, kind(&action));
        }
        "PROMPT" | "LLM" | "ASK" | "QUERY" | "CHAT" | "AI" => {
            if let Some((text, range)) = text_of(block, &["text", "prompt", "content", "message"]) {
                scan.prompt_text(range.clone(), &text);
                if scan
                    .flow
                    .of_text(&text)
                    .has(Taint::USER.or(Taint::NET).or(Taint::FILE))
                {
                    scan.out.extend(finding("MS-PROMPT-UNTRUSTED", range));
                }
            }
            taint = Taint::LLM;
        }
        "AGENT" | "SPAWN_AGENT" => agent(scan, block),
        "VARIABLE" => variable(scan, block),
        "EVAL" | "SCRIPT" => {
            if let Some((code, range)) = text_of(block, &["code", "expression", "script", "source"])
            {
                let language = text_of(block, &["language", "lang"])
                    .map_or("text".to_owned(), |(l, _)| {
                        metascript_syntax::Language::named(&l).as_str().to_owned()
                    });
                string_code(scan, &language, &code, range);
            }
        }
        _ => {}
    }
    if let Some(name) = result {
        let old = scan.flow.taint(&name);
        scan.flow.set(
            &name,
            taint.or(if taint == Taint::NONE {
                old
            } else {
                Taint::NONE
            }),
        );
    }
}

/// Code in a string: the positions fit when the string has no escapes.
fn string_code(scan: &mut DocumentScan<'_>, language: &str, code: &str, range: Range<usize>) {
    let source = scan.document.slice(range.clone()).into_owned();
    let start = source.find(code).map(|k| range.start + k);
    let before = scan.out.len();
    scan.code(language, code, start.unwrap_or(range.start), None, None);
    if start.is_none() {
        for f in scan.out.iter_mut().skip(before) {
            f.range = range.clone();
        }
    }
    if scan.flow.of_text(code).has(Taint::UNTRUSTED) {
        scan.out.extend(finding("MS-MODEL-CODE", range));
    }
}

fn action_block(scan: &mut DocumentScan<'_>, block: &Block<'_>, kind: &str) -> Taint {
    match kind {
        "shell" => {
            if let Some((command, range)) = text_of(block, &["command", "script", "cmd", "code"]) {
                let tainted = scan.flow.of_text(&command).has(Taint::UNTRUSTED);
                if tainted {
                    scan.out
                        .extend(finding("MS-SHELL-INTERPOLATION", range.clone()));
                } else if !flow::interpolations(&command).is_empty() {
                    scan.out.extend(finding("MS-SHELL-VARIABLE", range.clone()));
                }
                let shell = text_of(block, &["shell"])
                    .is_some_and(|(s, _)| s.contains("pwsh") || s.contains("powershell"));
                let source = scan.document.slice(range.clone()).into_owned();
                let start = source.find(&command).map(|k| range.start + k);
                let before = scan.out.len();
                scan.code(
                    if shell { "powershell" } else { "bash" },
                    &command,
                    start.unwrap_or(range.start),
                    None,
                    None,
                );
                if start.is_none() {
                    for f in scan.out.iter_mut().skip(before) {
                        f.range = range.clone();
                    }
                }
            }
            Taint::NONE
        }
        "write" => {
            if let Some((path, range)) = text_of(block, &["path", "destination", "target", "file"])
            {
                path_checks(scan, &path, range, true);
            }
            Taint::NONE
        }
        "read" => {
            let mut taint = Taint::FILE;
            if let Some((path, range)) = text_of(block, &["path", "file", "source"]) {
                path_checks(scan, &path, range.clone(), false);
                if names::is_sensitive_file(&path) {
                    taint = taint.or(Taint::SECRET);
                    scan.out.extend(finding("MS-SECRET-FILE", range));
                }
            }
            taint
        }
        "http" => {
            if let Some((url, range)) = text_of(block, &["url", "endpoint", "uri"]) {
                plain_http(scan, &url, range.clone());
                if scan.flow.of_text(&url).has(Taint::UNTRUSTED) && !constant_host(&url) {
                    scan.out.extend(finding("MS-SSRF", range));
                }
            }
            for key in [
                "body", "data", "payload", "content", "url", "query", "params",
            ] {
                let Some(value) = block.property(key).and_then(|p| p.value()) else {
                    continue;
                };
                if scan.flow.of_text(&value.syntax().text()).has(Taint::SECRET) {
                    scan.out.extend(finding("MS-EXFILTRATION", value.range()));
                }
            }
            Taint::NET
        }
        "mcp" => Taint::NET,
        "llm" => Taint::LLM,
        "input" => Taint::INPUT,
        "eval" => {
            if let Some((code, range)) = text_of(block, &["code", "expression", "script"]) {
                let language = text_of(block, &["language", "lang"])
                    .map_or("text".to_owned(), |(l, _)| {
                        metascript_syntax::Language::named(&l).as_str().to_owned()
                    });
                string_code(scan, &language, &code, range);
            }
            Taint::NONE
        }
        _ => {
            if let Some((url, range)) = text_of(block, &["url", "endpoint"]) {
                plain_http(scan, &url, range);
            }
            Taint::NONE
        }
    }
}

fn constant_host(url: &str) -> bool {
    url.split_once("://").is_some_and(|(_, rest)| {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        !host.is_empty() && !host.contains("${") && !host.contains("{{") && rest.len() > host.len()
    })
}

fn plain_http(scan: &mut DocumentScan<'_>, url: &str, range: Range<usize>) {
    let Some(rest) = url.strip_prefix("http://") else {
        return;
    };
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    let near = host.is_empty()
        || host == "localhost"
        || host.starts_with("127.")
        || host.starts_with("10.")
        || host.starts_with("192.168.")
        || host == "0.0.0.0"
        || host.starts_with('[')
        || host.starts_with('$')
        || !host.contains('.')
        || host.ends_with(".local")
        || host.ends_with(".internal");
    if !near {
        scan.out.extend(finding("MS-PLAIN-HTTP", range));
    }
}

fn path_checks(scan: &mut DocumentScan<'_>, path: &str, range: Range<usize>, writes: bool) {
    static OUTSIDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^(/(etc|usr|bin|sbin|var|root|home|lib|boot|opt|dev|sys|proc|Library|System|Applications)(/|$)|~|[a-z]:\\(windows|program|users)|\\\\|%(appdata|userprofile|programfiles|systemroot)|(\.\./){2,}|\$HOME)").ok()
    });
    if writes && OUTSIDE.as_ref().is_some_and(|re| re.is_match(path)) {
        scan.out.extend(finding("MS-WRITE-OUTSIDE", range.clone()));
    }
    if scan.flow.of_text(path).has(Taint::UNTRUSTED) {
        scan.out.extend(finding("MS-PATH-INTERPOLATION", range));
    }
}

fn agent(scan: &mut DocumentScan<'_>, block: &Block<'_>) {
    for key in [
        "capabilities",
        "permissions",
        "tools",
        "allowed_tools",
        "access",
    ] {
        let Some(value) = block.property(key).and_then(|p| p.value()) else {
            continue;
        };
        let text = value.syntax().text().to_ascii_lowercase();
        let words: Vec<&str> = text
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '*' | '_')))
            .filter(|w| !w.is_empty())
            .collect();
        if words.iter().any(|w| {
            matches!(
                *w,
                "*" | "all"
                    | "unlimited"
                    | "unrestricted"
                    | "any"
                    | "everything"
                    | "root"
                    | "full_access"
                    | "admin"
            )
        }) && words.len() <= 3
        {
            scan.out
                .extend(finding("MS-AGENT-UNLIMITED", value.range()));
        }
    }
    for key in [
        "unrestricted",
        "unlimited",
        "allow_all",
        "bypass_safety",
        "disable_safety",
    ] {
        let Some(value) = block.property(key).and_then(|p| p.value()) else {
            continue;
        };
        if value.as_bool() == Some(true) {
            scan.out
                .extend(finding("MS-AGENT-UNLIMITED", value.range()));
        }
    }
    if let Some((text, range)) =
        text_of(block, &["instructions", "system_prompt", "role", "prompt"])
    {
        scan.prompt_text(range, &text);
    }
}

fn variable(scan: &mut DocumentScan<'_>, block: &Block<'_>) {
    let Some((name, _)) = block.name() else {
        return;
    };
    let Some(value) = block.property("value").and_then(|p| p.value()) else {
        return;
    };
    let text = match &value {
        Value::String(_) => value
            .plain_text()
            .map_or_else(|| value.syntax().text().into_owned(), |(t, _)| t),
        _ => value.syntax().text().into_owned(),
    };
    let mut taint = scan.flow.of_text(&text);
    if names::is_credential(&name) && taint == Taint::NONE {
        taint = Taint::SECRET;
    }
    scan.flow.set(&name, taint);
    if matches!(value, Value::Object(_) | Value::Array(_)) {
        // Each text stands for itself: keys and values side by side make no sentence.
        for part in Walk::new(value.syntax(), |_| true).filter(|part| part.kind() == "string") {
            let text = part.text();
            if text.len() > 20 {
                scan.prompt_text(part.range(), &text);
            }
        }
    } else if text.len() > 20 {
        scan.prompt_text(value.range(), &text);
    }
}
