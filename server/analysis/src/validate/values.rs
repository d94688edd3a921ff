//! Values against the kinds, ranges and words that their properties know.

use metascript_syntax::schema::{PropertySpec, ValueType, schema};

use super::Check;
use crate::diagnostic::known;
use crate::finding::Finding;
use crate::ir::{Property, Value, ValueKind};
use crate::spelling::closest;

impl Check<'_> {
    pub(super) fn property_value(&mut self, property: &Property, spec: &PropertySpec) {
        let Some(value) = &property.value else { return };
        if !self.has_type(value, spec.value_type) {
            let message = format!(
                "`{}` should be {}, not {}",
                property.key.text,
                describe(spec.value_type),
                value.kind_name()
            );
            self.findings
                .push(Finding::new(known::WRONG_TYPE, value.span, message));
            return;
        }
        self.range(property, value, spec);
        self.word(property, value, spec);
    }

    /// Whether a value can be of a type. What is decided only when the script runs can be anything.
    fn has_type(&self, value: &Value, wanted: ValueType) -> bool {
        let text = match &value.kind {
            ValueKind::Interpolation(_)
            | ValueKind::Dollar(_)
            | ValueKind::Many(_)
            | ValueKind::Other
            | ValueKind::Null => return true,
            ValueKind::Text { inner, .. } => Some(self.chunk.slice(*inner)),
            ValueKind::Bare(word) => Some(word.text.as_str()),
            _ => None,
        };
        if text
            .is_some_and(|text| text.contains("${") || text.contains("{{") || text.starts_with('$'))
        {
            return true;
        }
        let number = |text: &str| text.trim().parse::<f64>().is_ok();
        match wanted {
            ValueType::Number | ValueType::Integer => {
                matches!(value.kind, ValueKind::Number(_)) || text.is_some_and(number)
            }
            ValueType::Boolean => {
                matches!(value.kind, ValueKind::Bool(_))
                    || text.is_some_and(|text| {
                        matches!(
                            text.to_lowercase().as_str(),
                            "true" | "false" | "yes" | "no"
                        )
                    })
            }
            ValueType::Object => {
                text.is_none() && !matches!(value.kind, ValueKind::Number(_) | ValueKind::Bool(_))
            }

            ValueType::Array => !matches!(value.kind, ValueKind::Number(_) | ValueKind::Bool(_)),
            ValueType::Identifier
            | ValueType::Variable
            | ValueType::Path
            | ValueType::ActionType => {
                !matches!(value.kind, ValueKind::Number(_) | ValueKind::Bool(_))
            }
            _ => true,
        }
    }

    fn range(&mut self, property: &Property, value: &Value, spec: &PropertySpec) {
        let ValueKind::Number(digits) = &value.kind else {
            return;
        };
        let Ok(number) = digits.parse::<f64>() else {
            return;
        };
        let key = &property.key.text;
        if spec.value_type == ValueType::Integer && number.fract() != 0.0 {
            self.findings.push(Finding::new(
                known::WRONG_TYPE,
                value.span,
                format!("`{key}` should be a whole number"),
            ));
        }
        if let Some(min) = spec.min.filter(|&min| number < min) {
            let finding = Finding::new(
                known::OUT_OF_RANGE,
                value.span,
                format!("`{key}` must be at least {min}"),
            );
            self.findings.push(finding.replace(
                format!("Change to {min}"),
                value.span,
                min.to_string(),
            ));
        }
        if let Some(max) = spec.max.filter(|&max| number > max) {
            let finding = Finding::new(
                known::OUT_OF_RANGE,
                value.span,
                format!("`{key}` must be at most {max}"),
            );
            self.findings.push(finding.replace(
                format!("Change to {max}"),
                value.span,
                max.to_string(),
            ));
        }
    }

    fn word(&mut self, property: &Property, value: &Value, spec: &PropertySpec) {
        let Some(word) = value.word() else { return };
        if spec.value_type == ValueType::ActionType {
            let types = schema().actions();
            if types.iter().all(|action| action.name != word.text.as_str())
                && let Some(near) =
                    closest(&word.text, types.iter().map(|action| action.name.as_str()))
            {
                let message = format!(
                    "unknown action type `{}`; did you mean `{near}`?",
                    word.text
                );
                let finding = Finding::new(known::UNKNOWN_ACTION, word.span, message);
                self.findings
                    .push(finding.replace(format!("Change to `{near}`"), word.span, near));
            }
            return;
        }
        if spec.values.is_empty()
            || spec
                .values
                .iter()
                .any(|known| known.eq_ignore_ascii_case(&word.text))
        {
            return;
        }
        let near = closest(&word.text, spec.values.iter().map(String::as_str));
        if near.is_none() && !spec.closed {
            return;
        }
        let message = match near {
            Some(near) => format!(
                "`{}` is not a known value of `{}`; did you mean `{near}`?",
                word.text, property.key.text
            ),
            None => format!(
                "`{}` must be one of {}",
                property.key.text,
                spec.values.join(", ")
            ),
        };
        let mut finding = Finding::new(known::UNKNOWN_VALUE, word.span, message);
        if let Some(near) = near {
            finding = finding.replace(format!("Change to `{near}`"), word.span, near);
        }
        self.findings.push(finding);
    }
}

fn describe(wanted: ValueType) -> &'static str {
    match wanted {
        ValueType::Number => "a number",
        ValueType::Integer => "a whole number",
        ValueType::Boolean => "true or false",
        ValueType::Array => "a list",
        ValueType::Object => "an object",
        ValueType::Identifier
        | ValueType::Variable
        | ValueType::Function
        | ValueType::Agent
        | ValueType::Task => "a name",
        ValueType::Path => "a path",
        ValueType::Url => "an address",
        _ => "text",
    }
}
