//! Edits are applied in arrival order, whatever else is running.

use serde_json::json;

use crate::start;

/// A small generator, so that a failure can be replayed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// The client's own copy of the text, as lines of UTF-16 units.
fn position(text: &[u16], at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line = before
        .iter()
        .filter(|&&unit| unit == u16::from(b'\n'))
        .count();
    let start = before
        .iter()
        .rposition(|&unit| unit == u16::from(b'\n'))
        .map_or(0, |index| index + 1);
    (line, at - start)
}

/// Never inside a surrogate pair: LSP clients do not split characters either.
fn boundary(text: &[u16], at: usize) -> usize {
    if at > 0 && at < text.len() && (0xDC00..0xE000).contains(&text[at]) {
        at - 1
    } else {
        at
    }
}

#[test]
fn a_thousand_edits_between_64_slow_requests_leave_the_text_right() {
    const URI: &str = "file:///order.tars";
    const PIECES: &[&str] = &[
        "PYTHON {\n  x = 1\n}\n",
        "🔄 naïve\n",
        "}",
        "${a.b}",
        "\"\"\"",
        "\n",
        "VARIABLE v { value: [1, 2] }\n",
    ];
    let mut text: Vec<u16> = "DESCRIBE {\n  name: \"é🔄\"\n}\n"
        .repeat(400)
        .encode_utf16()
        .collect();
    let mut client = start();
    client.open(URI, &String::from_utf16(&text).unwrap());

    // Slow: each loop runs in the sandbox until it is interrupted, all behind one another.
    const LOOP: &str = "file:///loop.tars";
    client.open(LOOP, "JAVASCRIPT {\n  while (true) {}\n}\n");
    let slow: Vec<i64> = (0..64)
        .map(|_| {
            client.send_request(
                "workspace/executeCommand",
                json!({ "command": "metascript.runCell", "arguments": [{ "uri": LOOP, "cell": 0 }] }),
            )
        })
        .collect();

    let mut random = Random(7);
    let mut pending = Vec::new();
    for version in 2..1002 {
        let a = boundary(&text, random.below(text.len() + 1));
        let b = boundary(&text, (a + random.below(20)).min(text.len()));
        let piece = PIECES[random.below(PIECES.len())];
        let ((l1, c1), (l2, c2)) = (position(&text, a), position(&text, b));
        client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": URI, "version": version },
                "contentChanges": [{
                    "range": { "start": { "line": l1, "character": c1 }, "end": { "line": l2, "character": c2 } },
                    "text": piece
                }]
            }),
        );
        text.splice(a..b, piece.encode_utf16());
        if version % 50 == 0 {
            pending.push(client.send_request(
                "textDocument/documentSymbol",
                json!({ "textDocument": { "uri": URI } }),
            ));
        }
    }

    assert_eq!(client.server_text(URI), String::from_utf16(&text).unwrap());
    for id in pending {
        let answer = client.answer(id);
        let modified = answer["error"]["code"] == -32801;
        assert!(modified || answer.get("result").is_some(), "{answer}");
    }
    for id in slow {
        client.notify("$/cancelRequest", json!({ "id": id }));
        client.answer(id);
    }
    assert_eq!(client.shut_down(), Some(0));
}
