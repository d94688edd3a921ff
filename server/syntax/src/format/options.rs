/// What one level of indentation is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indent {
    /// This many spaces.
    Spaces(u8),
    /// One tabulator.
    Tab,
}

/// Deeper levels are indented no further, so that a bomb of brackets does not grow with its square.
const MAX_LEVELS: usize = 40;

impl Indent {
    /// The text of some levels; of more than forty, that of forty.
    pub fn text(self, levels: usize) -> String {
        let levels = levels.min(MAX_LEVELS);
        match self {
            Indent::Spaces(width) => " ".repeat(levels * usize::from(width)),
            Indent::Tab => "\t".repeat(levels),
        }
    }
}

/// What a project wants. The default keeps what a document does itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatOptions {
    /// The indentation; `None` keeps what most lines of the document use, or four spaces.
    pub indent: Option<Indent>,
    /// Whether the last line ends with a line break.
    pub insert_final_newline: bool,
    /// Whether white space at the end of lines is removed. It never is inside cells, strings, comments and
    /// lines of text.
    pub trim_trailing_whitespace: bool,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self {
            indent: None,
            insert_final_newline: true,
            trim_trailing_whitespace: true,
        }
    }
}

impl FormatOptions {
    /// Options from the properties of an `.editorconfig`: `indent_style`, `indent_size`, `tab_width`,
    /// `insert_final_newline` and `trim_trailing_whitespace`. Others are passed over.
    pub fn from_editorconfig<'a>(properties: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut options = Self::default();
        let (mut tab, mut size, mut tab_width) = (None, None, None);
        for (key, value) in properties {
            let value = value.trim().to_ascii_lowercase();
            match key.trim().to_ascii_lowercase().as_str() {
                "indent_style" => tab = Some(value == "tab"),
                "indent_size" => size = value.parse::<u8>().ok(),
                "tab_width" => tab_width = value.parse::<u8>().ok(),
                "insert_final_newline" => options.insert_final_newline = value != "false",
                "trim_trailing_whitespace" => options.trim_trailing_whitespace = value != "false",
                _ => {}
            }
        }
        let width = size.or(tab_width).filter(|width| (1..=16).contains(width));
        options.indent = match (tab, width) {
            (Some(true), _) => Some(Indent::Tab),
            (_, Some(width)) => Some(Indent::Spaces(width)),
            (Some(false), None) => Some(Indent::Spaces(4)),
            (None, None) => None,
        };
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editorconfig_is_read() {
        let options = FormatOptions::from_editorconfig([
            ("indent_style", "space"),
            ("indent_size", "2"),
            ("insert_final_newline", "false"),
            ("charset", "utf-8"),
        ]);
        assert_eq!(options.indent, Some(Indent::Spaces(2)));
        assert!(!options.insert_final_newline);
        assert_eq!(
            FormatOptions::from_editorconfig([("indent_style", "tab")]).indent,
            Some(Indent::Tab)
        );
        assert_eq!(
            FormatOptions::from_editorconfig([("indent_size", "900")]).indent,
            None
        );
        assert_eq!(
            FormatOptions::from_editorconfig([]),
            FormatOptions::default()
        );
    }
}
