//! Colours: hexadecimal values of properties that hold one, as `color: "#ff8800"`.

use std::ops::Range;

use crate::host::Analysis;
use crate::ir::{Item, Property, Value, ValueKind};
use crate::{Cancellable, FileId};

/// A colour in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Color {
    /// The value without its quotes, in bytes.
    pub range: Range<usize>,
    /// Red, green, blue and opacity.
    pub rgba: [u8; 4],
}

impl Color {
    /// Reads `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa` (CSS Color 4, section 5.2).
    pub fn parse(text: &str) -> Option<[u8; 4]> {
        let digits = text.strip_prefix('#')?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let wide: String = match digits.len() {
            3 | 4 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 | 8 => digits.to_owned(),
            _ => return None,
        };
        let part = |index: usize| {
            wide.get(index * 2..index * 2 + 2)
                .map_or(Some(255), |pair| u8::from_str_radix(pair, 16).ok())
        };
        Some([part(0)?, part(1)?, part(2)?, part(3)?])
    }

    /// `#rrggbb`, with the opacity only where it is not full.
    pub fn write([red, green, blue, opacity]: [u8; 4]) -> String {
        if opacity == 255 {
            format!("#{red:02x}{green:02x}{blue:02x}")
        } else {
            format!("#{red:02x}{green:02x}{blue:02x}{opacity:02x}")
        }
    }
}

impl Analysis {
    /// The colours of a file, in order.
    pub fn colors(&self, file: FileId) -> Cancellable<Vec<Color>> {
        self.about(file, |ctx| {
            let mut colors = Vec::new();
            for placed in &ctx.layout().chunks {
                let mut open: Vec<&Item> = vec![&placed.chunk.item];
                while let Some(item) = open.pop() {
                    match item {
                        Item::Block(block) => open.extend(&block.items),
                        Item::Property(property) => {
                            collect(property, placed.start, &mut colors);
                            let value = property.value.as_ref().map(|value| &value.kind);
                            if let Some(ValueKind::Object(items)) = value {
                                open.extend(items);
                            }
                        }
                        _ => {}
                    }
                }
            }
            colors.sort_by_key(|color| color.range.start);
            colors
        })
    }
}

fn collect(property: &Property, base: usize, colors: &mut Vec<Color>) {
    let mut open: Vec<&Value> = property.value.iter().collect();
    while let Some(value) = open.pop() {
        match &value.kind {
            ValueKind::Array(values) | ValueKind::Many(values) => open.extend(values),
            ValueKind::Text {
                word: Some(word), ..
            } => {
                if let Some(rgba) = Color::parse(&word.text) {
                    colors.push(Color {
                        range: word.span.at(base),
                        rgba,
                    });
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use std::path::Path;

    use metascript_syntax::Document;

    use super::Color;
    use crate::AnalysisHost;

    #[test]
    fn colours_are_found_wherever_a_value_may_stand() {
        let text = "CONFIG {\n    accent: \"#f80\"\n    theme: { dark: [\"#11223380\"] }\n    issue: \"#12345\"\n}\n";
        let mut host = AnalysisHost::new();
        let file = host.set_file(Path::new("/a.tars"), Document::parse(text));
        let colors = host.snapshot().colors(file).unwrap();
        let shown: Vec<_> = colors
            .iter()
            .map(|color| (&text[color.range.clone()], Color::write(color.rgba)))
            .collect();
        assert_eq!(
            shown,
            [
                ("#f80", "#ff8800".to_owned()),
                ("#11223380", "#11223380".to_owned())
            ]
        );
    }
}
