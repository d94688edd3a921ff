//! Starting over, and what a session knows of its surroundings.

use std::path::Path;

use super::Session;
use crate::event::CellSource;
use crate::packages::Packages;
use crate::rust::Kitchen;
use crate::{Engine, Language};

impl Session {
    /// Forgets one language's runtime and what it alone held; other languages keep what they have. Returns the names that
    /// are gone.
    pub fn reset(&mut self, language: Language) -> Vec<String> {
        let home = language.home();
        if home == Language::Rust {
            self.kitchen = Kitchen::default();
        }
        let shared = self.shared();
        shared.runtimes.remove(&home);
        let gone = shared.variables.runtime_gone(home);
        // Asked for: nothing is offered to be run again.
        self.history.lose(home, &gone);
        self.history.take_again();
        gone
    }

    /// The cells that made what was lost with a runtime since this was asked last, in the order in which they ran. Running
    /// them again brings it back.
    pub fn take_lost_cells(&mut self) -> Vec<CellSource> {
        self.history.take_again()
    }

    /// The same, without taking them.
    pub fn lost_cells(&self) -> Vec<&CellSource> {
        self.history.again().collect()
    }

    /// The script's folder: where relative paths begin.
    pub fn folder(&self) -> Option<&Path> {
        self.options.folder.as_deref()
    }

    /// The packages that its cells can import.
    pub fn packages(&self) -> &Packages {
        &self.options.packages
    }

    /// Changes the packages. What is imported already stays.
    pub fn set_packages(&mut self, packages: Packages) {
        self.options.packages = packages;
        self.renew_host();
    }

    /// The engine that it belongs to.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}
