//! The interface of a resource to the protocol.

use super::{Managed, parts};
use crate::change::Change;
use crate::private::Private;
use crate::timeouts::Operation;
use crate::{import, moves};
use terraform::{
    self, Applied, Apply, BoxFuture, Capabilities, Diagnostic, Diagnostics, Identity, Imported,
    MoveSource, Moved, Plan, PlanRequest, ReadRequest, Refreshed, Schema, Value, has_errors,
};

impl terraform::Resource for Managed {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn schema(&self) -> &Schema {
        self.declared()
    }

    fn validate(&self, config: &Value, capabilities: Capabilities) -> Diagnostics {
        let mut found = terraform::validate(&self.declared().attributes, config, capabilities);
        if !has_errors(&found) {
            self.verbs.validate(config, &mut found);
        }
        found
    }

    fn upgrade(&self, version: i64, state: Value) -> Result<Value, Diagnostics> {
        if version == self.facts().version {
            return Ok(state);
        }
        if version < self.facts().version
            && let Some(upgraded) = self.verbs.upgrade(version, state)
        {
            return Ok(upgraded);
        }
        let detail = format!(
            "The state holds version {version} of {}, this provider writes version {}. Use the provider version that wrote it.",
            self.type_name,
            self.facts().version
        );
        Err(vec![Diagnostic::error("Unsupported state version", detail)])
    }

    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, Plan> {
        let terraform::Planned {
            value: mut planned,
            mut requires_replace,
        } = terraform::plan(&self.declared().attributes, &request.prior, &request.config);
        let mut diagnostics = Diagnostics::new();
        let private = Private::read(&request.private);
        self.give_up(&private, &request.prior, &request.config, &mut planned);
        if let Some(tenant_id) = self.session.tenant_id() {
            if let Err(other_tenant) = self.same_tenant(&request.prior) {
                diagnostics.push(other_tenant);
            } else if planned.member("tenant_id").is_unknown() {
                planned.set_member("tenant_id", Value::String(tenant_id.clone()));
            }
            let mut change = Change {
                tenant_id: &tenant_id,
                prior: &request.prior,
                config: &request.config,
                planned: &mut planned,
                requires_replace: &mut requires_replace,
                diagnostics: &mut diagnostics,
            };
            self.verbs.plan(&mut change);
            if !request.prior.is_null() {
                change.warn_of_others(self.verbs.findings(&tenant_id, &request.prior));
            }
        }
        diagnostics.extend(self.session.missing_tenant(&self.type_name));
        if private.unread && !request.config.is_null() {
            diagnostics.push(self.unread());
        }
        // A tainted object that is replaced is planned without its prior state, like a new one.
        let existing = !request.prior.is_null() || private.existing;
        let private = private
            .after_read()
            .decided_by(&request.config)
            .configured_by(&self.declared().attributes, &request.config)
            .planned(self.session.tenant_id(), existing)
            .stamped(self.recent(&planned))
            .write();
        Box::pin(async move {
            if planned != request.prior && !has_errors(&diagnostics) {
                diagnostics.extend(self.warnings(&request.prior, &planned).await);
            }
            Plan {
                planned,
                requires_replace,
                private,
                diagnostics,
            }
        })
    }

    fn read(&self, request: ReadRequest) -> BoxFuture<'_, Refreshed> {
        Box::pin(async move {
            let ReadRequest { current, private } = request;
            let kept = Private::read(&private);
            let is_named_only = kept.is_named_only();
            let result = match self.same_tenant(&current) {
                Ok(()) => {
                    let ran = self.run(Operation::Read, &current, &kept, async |context| {
                        let stored = self.model(&current)?;
                        let Some(found) = self.look(context, (&current, &stored), &kept).await?
                        else {
                            return Ok((None, self.verbs.explain_absence(context, &stored).await));
                        };
                        let diagnostics = self.verbs.explain(context, &stored, &found).await;
                        Ok((Some(found), diagnostics))
                    });
                    parts(ran.await).0
                }
                Err(problem) => Err(problem),
            };
            match result {
                Ok((Some(model), diagnostics)) => {
                    let actual = self.in_this_tenant(self.object(&model, &current));
                    let actual = self.with_local_defaults(actual);
                    let mut state =
                        terraform::keep_spelling(&self.declared().attributes, &current, actual);
                    let private = self.settle_undecided(&current, &mut state, &private);
                    Refreshed {
                        state,
                        private,
                        diagnostics,
                    }
                }
                Ok((None, messages)) if is_named_only => Refreshed {
                    diagnostics: if has_errors(&messages) {
                        messages
                    } else {
                        vec![self.nothing_there(&current)]
                    },
                    ..Refreshed::default()
                },
                Ok((None, mut messages)) => {
                    // An error is the reason why there is nothing to import, but this is not an import.
                    messages.retain(|one| !has_errors(std::slice::from_ref(one)));
                    Refreshed {
                        diagnostics: messages,
                        ..Refreshed::default()
                    }
                }
                Err(problem) => Refreshed {
                    state: current,
                    private,
                    diagnostics: vec![problem],
                },
            }
        })
    }

    fn apply(&self, request: Apply) -> BoxFuture<'_, Applied> {
        if request.planned.is_null() {
            Box::pin(self.delete(request))
        } else if request.prior.is_null() {
            Box::pin(self.create(request))
        } else {
            Box::pin(self.update(request))
        }
    }

    fn identity(&self) -> Option<&Identity> {
        self.declared_identity()
    }

    fn upgrade_identity(&self, version: i64, identity: Value) -> Result<Value, Diagnostics> {
        self.upgraded_identity(version, identity)
    }

    fn import_by_identity(&self, identity: Value) -> BoxFuture<'_, Result<Imported, Diagnostics>> {
        let imported = self.named_by(&identity).map(|object| Imported {
            state: self.in_this_tenant(object),
            private: Private::imported().write(),
        });
        Box::pin(std::future::ready(imported))
    }

    fn import(&self, id: String) -> BoxFuture<'_, Result<Imported, Diagnostics>> {
        let imported = match import::read(self.facts(), &id) {
            Some(attributes) => Ok(Imported {
                state: self.in_this_tenant(self.identified(attributes)),
                private: Private::imported().write(),
            }),
            None => Err(vec![Diagnostic::error(
                format!(
                    "Invalid import ID {:?} for {}",
                    beginning(&id),
                    self.type_name
                ),
                format!(
                    "The import ID must have {}.{}",
                    import::listed(self.facts().import),
                    import::explained(self.facts())
                ),
            )]),
        };
        Box::pin(std::future::ready(imported))
    }

    fn move_from(&self, source: MoveSource) -> Result<Moved, Diagnostics> {
        let attributes = moves::take(self.facts(), &source).map_err(|problem| vec![problem])?;
        Ok(Moved {
            // As after an import, the read that follows sets the defaults of local attributes.
            state: self.in_this_tenant(self.identified(attributes)),
            private: Private::unread().write(),
        })
    }
}

/// Truncates a text for a message.
fn beginning(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
