//! `componentize-qjs` wraps its component in another one, which answers the imports that only the build needs. A
//! snapshot is taken of the one within.

use anyhow::{Context, Result};
use wasm_encoder::{Component, RawSection};
use wasmparser::{Parser, Payload};

/// The number of the section that holds a component within a component.
const COMPONENT_SECTION: u8 = 4;

/// A component that holds the one with the code.
pub struct Composed<'a> {
    /// Sections of the outer component, in order.
    sections: Vec<(u8, &'a [u8])>,
    /// Which of them holds the code.
    place: usize,
}

impl<'a> Composed<'a> {
    /// Finds the largest component among those that the outer one holds.
    pub fn read(component: &'a [u8]) -> Result<Self> {
        let mut sections = Vec::new();
        // How many of the components within are not left yet.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload?;
            if depth == 0
                && let Some((id, range)) = payload.as_section()
            {
                let bytes = component
                    .get(range)
                    .context("a section reaches beyond the component")?;
                sections.push((id, bytes));
            }
            match payload {
                Payload::ComponentSection { .. } | Payload::ModuleSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        let place = sections
            .iter()
            .enumerate()
            .filter(|(_, (id, _))| *id == COMPONENT_SECTION)
            .max_by_key(|(_, (_, bytes))| bytes.len())
            .map(|(at, _)| at)
            .context("no component within the component: is it one of componentize-qjs?")?;
        Ok(Self { sections, place })
    }

    /// The component with the code.
    pub fn inner(&self) -> &'a [u8] {
        self.sections
            .get(self.place)
            .map_or(&[], |(_, bytes)| *bytes)
    }

    /// The outer component around another inner one.
    pub fn with(&self, inner: &[u8]) -> Vec<u8> {
        let mut made = Component::new();
        for (at, (id, bytes)) in self.sections.iter().enumerate() {
            let data = if at == self.place { inner } else { bytes };
            made.section(&RawSection { id: *id, data });
        }
        made.finish()
    }
}
