//! The code in an answer.

/// The content of the longest fence of an answer, or the whole answer if it has none.
pub(super) fn code(answer: &str) -> String {
    let mut best: Option<String> = None;
    let mut open: Option<(usize, String)> = None;
    for line in answer.lines() {
        let ticks = line.trim_start().chars().take_while(|c| *c == '`').count();
        match &mut open {
            Some((fence, body)) if ticks >= *fence && line.trim().chars().all(|c| c == '`') => {
                if best.as_ref().is_none_or(|known| body.len() > known.len()) {
                    best = Some(std::mem::take(body));
                }
                open = None;
            }
            Some((_, body)) => {
                body.push_str(line);
                body.push('\n');
            }
            None if ticks >= 3 => open = Some((ticks, String::new())),
            None => {}
        }
    }
    // A fence that the answer's limit cut off counts as well; whether it holds is judged later.
    let cut = open.map(|(_, body)| body);
    best.or(cut)
        .unwrap_or_else(|| answer.trim_start_matches('\n').to_owned())
}

/// The code with the indentation of the text that it replaces.
pub(super) fn indented(code: &str, replaced: &str) -> String {
    let indentation = |text: &str| -> usize {
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.len() - line.trim_start().len())
            .min()
            .unwrap_or(0)
    };
    let (has, wants) = (indentation(code), indentation(replaced));
    let blank = " ".repeat(wants);
    let mut lines: Vec<String> = code
        .trim_end()
        .lines()
        .map(|line| {
            let bare = line
                .get(has.min(line.len() - line.trim_start().len())..)
                .unwrap_or_default();
            if bare.is_empty() {
                String::new()
            } else {
                format!("{blank}{bare}")
            }
        })
        .collect();
    if replaced.ends_with('\n') {
        lines.push(String::new());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_whole_cut_nested_and_absent() {
        assert_eq!(code("Here:\n```tars\nA {\n}\n```\nDone."), "A {\n}\n");
        assert_eq!(code("````md\n```x\ny\n```\n````"), "```x\ny\n```\n");
        assert_eq!(
            code("```\nshort\n```\n```\nmuch longer\n```"),
            "much longer\n"
        );
        assert_eq!(code("```python\nx = 1\ny ="), "x = 1\ny =\n");
        assert_eq!(code("\nA {\n}\n"), "A {\n}\n");
    }

    #[test]
    fn the_indentation_is_that_of_the_place() {
        assert_eq!(
            indented(
                "def f():\n    return 1\n",
                "    def f():\n        return 0\n"
            ),
            "    def f():\n        return 1\n"
        );
        assert_eq!(indented("  a\n\n    b", "x"), "a\n\n  b");
    }
}
