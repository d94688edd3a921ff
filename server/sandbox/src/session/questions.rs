//! What a session answers about its state.

use super::{Session, caught};
use crate::event::{Completion, Inspection, RuntimeInformation, VariableInfo};
use crate::instance::{ANSWER_TIME, Instance, answer_time};
use crate::value::Value;
use crate::{Error, Language};

impl Session {
    /// The variables of the session, by name.
    pub fn variables(&mut self) -> Result<Vec<VariableInfo>, Error> {
        let mut found: Vec<VariableInfo> = self.shared().variables.own().collect();
        for language in self.languages() {
            let listed = self.ask(language, async |runtime| runtime.variables().await)?;
            let shared = self.shared();
            found.extend(
                listed
                    .into_iter()
                    .filter(|variable| shared.variables.is_held_by(&variable.name, language))
                    .map(|variable| VariableInfo {
                        name: variable.name,
                        language: Some(language),
                        type_name: variable.type_name,
                        preview: variable.preview,
                        size: variable.size,
                    }),
            );
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The value of a variable, whichever language holds it; `None` if there is none of that name.
    pub fn variable(&mut self, name: &str) -> Result<Option<Value>, Error> {
        let executor = self.engine.executor()?.clone();
        let _running = self.engine.running();
        self.control.begin(ANSWER_TIME);
        let read = executor.block_on(self.shared().read(name));
        self.control.end();
        read.map_err(|reason| Error::Unshareable {
            name: name.to_owned(),
            reason,
        })
    }

    /// Sets a variable for every language.
    pub fn set_variable(&mut self, name: &str, value: Value) -> Result<(), Error> {
        self.shared()
            .variables
            .put(name, value)
            .map_err(|reason| Error::Unshareable {
                name: name.to_owned(),
                reason,
            })
    }

    /// Hands a variable to a language now instead of before the cell that reads it; starts its runtime if need be. The
    /// error says why the language cannot have it.
    pub fn hand_over(&mut self, name: &str, language: Language) -> Result<(), Error> {
        let unshareable = |reason: String| Error::Unshareable {
            name: name.to_owned(),
            reason,
        };
        let value = self
            .variable(name)?
            .ok_or_else(|| unshareable("there is no variable of this name".to_owned()))?;
        let taken = self.ask(language, async |runtime| runtime.set(name, &value).await)?;
        taken.map_err(unshareable)?;
        self.shared().variables.seen_by(name, language.home());
        Ok(())
    }

    /// Sets the variables that the script declares ([`declared`](crate::declared)). One whose declaration is the same
    /// as before keeps the value that cells gave it. Returns the names that cannot be set, with the reason.
    pub fn declare(&mut self, values: &[(String, Value)]) -> Vec<(String, String)> {
        let mut refused = Vec::new();
        for (name, value) in values {
            if self
                .declared
                .get(name)
                .is_some_and(|known| known.is_identical(value))
            {
                continue;
            }
            match self.shared().variables.put(name, value.clone()) {
                Ok(()) => {
                    self.declared.insert(name.clone(), value.clone());
                }
                Err(reason) => refused.push((name.clone(), reason)),
            }
        }
        refused
    }

    /// Completions at the cursor between the two texts of a cell, from the live state. None if the language has no
    /// live runtime: completing never starts one.
    pub fn complete(
        &mut self,
        language: Language,
        before: &str,
        after: &str,
    ) -> Result<Vec<Completion>, Error> {
        let language = language.home();
        if !self.languages().contains(&language) {
            return Ok(Vec::new());
        }
        let found = self.ask(language, async |runtime| {
            runtime.complete(before, after).await
        })?;
        Ok(found
            .into_iter()
            .map(|one| Completion {
                label: one.label,
                kind: one.kind,
                detail: one.detail,
                replaces: one.replaces,
            })
            .collect())
    }

    /// What the name at the cursor between the two texts of a cell means in the live state.
    pub fn inspect(
        &mut self,
        language: Language,
        before: &str,
        after: &str,
    ) -> Result<Option<Inspection>, Error> {
        let language = language.home();
        if !self.languages().contains(&language) {
            return Ok(None);
        }
        let found = self.ask(language, async |runtime| {
            runtime.inspect(before, after).await
        })?;
        Ok(found.map(|one| Inspection {
            title: one.title,
            type_name: one.type_name,
            documentation: one.documentation,
            preview: one.preview,
        }))
    }

    /// What a runtime says about itself; starts it if need be.
    pub fn about(&mut self, language: Language) -> Result<RuntimeInformation, Error> {
        if language == Language::Rust {
            return self.engine.about_rust();
        }
        let found = self.ask(language, async |runtime| runtime.about().await)?;
        Ok(RuntimeInformation {
            version: found.version,
            implementation: found.implementation,
            modules: found.modules,
        })
    }

    /// Asks a runtime about its state.
    fn ask<T>(
        &mut self,
        language: Language,
        question: impl AsyncFnOnce(&mut Instance) -> wasmtime::Result<T>,
    ) -> Result<T, Error> {
        let language = language.home();
        let mut runtime = self.take(language)?;
        let executor = self.engine.executor()?.clone();
        let _running = self.engine.running();
        self.control.begin(answer_time(language));
        let answer = caught(|| {
            executor.block_on(async {
                runtime.fuel(None)?;
                question(&mut runtime).await
            })
        });
        self.control.end();
        match answer {
            Ok(answer) => {
                self.shared().runtimes.insert(language, runtime);
                Ok(answer)
            }
            Err(error) => {
                self.shared().variables.runtime_gone(language);
                Err(Error::Stopped {
                    language,
                    reason: format!("{error:#}"),
                })
            }
        }
    }
}
