//! A typed [`Resource`] as the untyped one that the protocol serves: what all resources have in common.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};

use futures::FutureExt;

use super::link::{Current, Link};
use super::private::Private;
use super::resource::Change;
use super::timeouts::{self, Operation};
use super::{Context, PREFIX, Problem, Resource, forms, identity, json, peer};
use crate::graph::Written;
use crate::terraform::{
    self, Applied, Apply, Attribute, BoxFuture, Capabilities, Diagnostic, Diagnostics, Identity,
    Imported, MoveSource, Moved, Path, Plan, PlanRequest, ReadRequest, Refreshed, Schema, Value,
    has_errors,
};

/// One resource type, ready to be served.
pub(super) struct Managed<R> {
    type_name: String,
    schema: OnceLock<Schema>,
    identity: OnceLock<Option<Identity>>,
    link: Arc<Link>,
    model: PhantomData<fn() -> R>,
}

impl<R: Resource> Managed<R> {
    pub(super) fn new(link: &Arc<Link>) -> Self {
        let type_name = format!("{PREFIX}_{}", R::NAME);
        Self {
            type_name,
            schema: OnceLock::new(),
            identity: OnceLock::new(),
            link: Arc::clone(link),
            model: PhantomData,
        }
    }

    pub(super) fn declared_identity(&self) -> Option<&Identity> {
        let identity = || identity::declared::<R>(&self.declared().attributes);
        self.identity.get_or_init(identity).as_ref()
    }

    pub(super) fn declared(&self) -> &Schema {
        self.schema.get_or_init(|| {
            let mut attributes = R::attributes();
            attributes.push(timeouts::attribute(R::TIMEOUTS));
            Schema {
                version: R::VERSION,
                description: R::DESCRIPTION.into(),
                attributes,
            }
        })
    }

    fn doing(&self, operation: Operation) -> String {
        format!("{} {}", operation.verb(), self.type_name)
    }

    /// The model in `value`; what does not fit the declaration is a mistake of ours or of whoever wrote the state.
    fn model(&self, value: &Value) -> Result<R, Problem> {
        let empty = terraform::Object::new();
        R::from_object(value.as_object().unwrap_or(&empty)).map_err(|problem| {
            Problem::said(
                format!("{} cannot be read", self.type_name),
                format!("{problem}. Please report this."),
            )
        })
    }

    /// The object for `model`, with what only Terraform knows taken from `from`.
    fn object(&self, model: &R, from: &Value) -> Value {
        let mut members = model.to_object();
        for attribute in &self.declared().attributes {
            if attribute.rules.local || !members.contains_key(attribute.name) {
                members.insert(
                    attribute.name.to_owned(),
                    known(from.member(attribute.name)),
                );
            }
        }
        Value::Object(members)
    }

    /// Runs one operation, bounded and stoppable; a panic inside becomes an error, so that nothing is forgotten.
    async fn run<T>(
        &self,
        operation: Operation,
        object: &Value,
        private: &Private,
        work: impl AsyncFnOnce(&Context) -> Result<T, Problem>,
    ) -> Result<Ran<T>, Diagnostic> {
        let Current { context, cancel } = self.link.current(&self.type_name)?;
        let context = context.scoped(timeouts::of(object, operation, R::TIMEOUTS), cancel);
        let context = match operation {
            Operation::Create | Operation::Update => context,
            // What others have created is none of its business.
            Operation::Read | Operation::Delete => context.impatient(),
        };
        context.graph.recall(&private.written);
        let result = AssertUnwindSafe(work(&context)).catch_unwind().await;
        let result = result.unwrap_or_else(|_| {
            Err(Problem::said(
                "The provider crashed",
                "Please report the crash text.",
            ))
        });
        Ok(Ran {
            result: result.map_err(|problem| problem.tell_once(&self.doing(operation), &context)),
            written: context.graph.written(),
        })
    }

    /// Reads an object. Right after it was written, an answer that contradicts the state is asked for again, because replicas
    /// of Microsoft Graph may not know the change yet; only when their time is over it is drift.
    async fn look(
        &self,
        context: &Context,
        (current, stored): (&Value, &R),
        private: &Private,
    ) -> Result<Option<R>, Problem> {
        let found = R::read(context, stored).await?;
        let left = context.graph.left_of(&private.written);
        if left.is_zero() || self.agrees(current, found.as_ref()) {
            return Ok(found);
        }
        tracing::info!(
            resource = self.type_name,
            at_most_s = left.as_secs(),
            "Microsoft Graph does not show the last change yet; asking again"
        );
        let unshared = context.unshared();
        let look = || R::read(&unshared, stored);
        context
            .graph
            .until(left, look, |found| self.agrees(current, found.as_ref()))
            .await
    }

    /// Whether Graph shows what the state says, in everything that can be sent.
    fn agrees(&self, current: &Value, found: Option<&R>) -> bool {
        let Some(found) = found else {
            return false;
        };
        let attributes = &self.declared().attributes;
        json::agree(attributes, current, self.object(found, current))
    }

    /// What was written lately of all that `planned` names, so that whoever applies it knows.
    fn recent(&self, planned: &Value) -> Vec<Written> {
        let Ok(current) = self.link.current(&self.type_name) else {
            return Vec::new();
        };
        current.context.graph.recent(|| {
            let mut ids = HashSet::new();
            ids_in(planned, &mut ids);
            ids
        })
    }

    /// An object in one tenant is not looked for in another, where it would seem to be gone.
    pub(super) fn same_tenant(&self, object: &Value) -> Result<(), Diagnostic> {
        let (Some(lives_in), Some(configured)) =
            (object.member("tenant_id").as_str(), self.link.tenant_id())
        else {
            return Ok(());
        };
        if lives_in.eq_ignore_ascii_case(&configured) {
            return Ok(());
        }
        let detail = format!(
            "This {} lives in tenant {lives_in}, but the provider configuration it uses now signs in to tenant {configured}. \
             Use the provider alias of {lives_in}; to give the object up instead, use a `removed` block.",
            self.type_name
        );
        Err(
            Diagnostic::error("The provider is configured for another tenant", detail)
                .at(Path::root("tenant_id")),
        )
    }

    /// Nothing is written to another tenant than the one that was planned for, whoever configured the provider in between.
    fn planned_here(&self, context: &Context, private: &Private) -> Result<(), Problem> {
        let Some(planned) = &private.tenant_id else {
            return Ok(());
        };
        if planned.eq_ignore_ascii_case(context.tenant_id()) {
            return Ok(());
        }
        let detail = format!(
            "This change of {} was planned for tenant {planned}, but the provider configuration now signs in to tenant {}. \
             Nothing was written. Plan again, and apply that plan with the same provider configuration and the same environment \
             variables.",
            self.type_name,
            context.tenant_id()
        );
        Err(Problem::said(
            "The change was planned for another tenant",
            detail,
        ))
    }

    async fn create(&self, request: Apply) -> Applied {
        let mut state = None;
        let private = Private::read(&request.private);
        let ran = self
            .run(
                Operation::Create,
                &request.planned,
                &private,
                async |context| {
                    self.planned_here(context, &private)?;
                    let planned = self.model(&request.planned)?;
                    R::create(context, &planned, &mut state).await
                },
            )
            .await;
        let (result, written) = parts(ran);
        let private = private.stamped(written).write();
        let state = state.map(|model| self.object(&model, &request.planned));
        match (result, state) {
            (Ok(()), Some(actual)) => {
                applied(terraform::settle(&request.planned, &actual), private, None)
            }
            (Ok(()), None) => {
                let missing = Diagnostic::error(
                    "Nothing was created",
                    "The provider returned no object. Please report this.",
                );
                applied(Value::Null, private, Some(missing))
            }
            (Err(problem), state) => applied(state.unwrap_or_default(), private, Some(problem)),
        }
    }

    async fn update(&self, request: Apply) -> Applied {
        let mut state = None;
        let private = Private::read(&request.private);
        let ran = self
            .run(
                Operation::Update,
                &request.planned,
                &private,
                async |context| {
                    self.planned_here(context, &private)?;
                    let (planned, prior) =
                        (self.model(&request.planned)?, self.model(&request.prior)?);
                    R::update(context, &planned, state.insert(prior)).await
                },
            )
            .await;
        let (result, written) = parts(ran);
        let private = private.stamped(written).write();
        match result {
            Ok(()) => {
                let actual = state
                    .map(|model| self.object(&model, &request.planned))
                    .unwrap_or_default();
                applied(terraform::settle(&request.planned, &actual), private, None)
            }
            Err(problem) => {
                let state = state.map_or(request.prior.clone(), |model| {
                    self.object(&model, &request.prior)
                });
                applied(state, private, Some(problem))
            }
        }
    }

    async fn delete(&self, request: Apply) -> Applied {
        // Only a tainted object is replaced by a plan that knew of none: see `Private::existing`.
        let private = Private::read(&request.private);
        let makes_way = !request.private.is_empty() && !private.existing;
        let ran = self
            .run(
                Operation::Delete,
                &request.prior,
                &private,
                async |context| {
                    self.planned_here(context, &private)?;
                    let model = self.model(&request.prior)?;
                    if makes_way {
                        R::make_way(context, &model).await
                    } else {
                        R::delete(context, &model).await
                    }
                },
            )
            .await;
        match parts(ran).0 {
            Ok(()) => applied(Value::Null, Vec::new(), None),
            Err(problem) => applied(request.prior, request.private, Some(problem)),
        }
    }

    /// What is worth a warning about a plan, where it can be found out.
    async fn warnings(&self, prior: &Value, planned: &Value) -> Diagnostics {
        let nothing = Private::default();
        let found = self
            .run(Operation::Read, planned, &nothing, async |context| {
                R::warn(context, prior, planned).await
            })
            .await;
        parts(found).0.unwrap_or_else(|problem| {
            tracing::debug!(summary = problem.summary, "no warnings could be looked for");
            Diagnostics::new()
        })
    }

    /// An object of which nothing but its name is known seems to differ from its configuration in everything, and would be
    /// replaced.
    fn unread(&self) -> Diagnostic {
        let detail = format!(
            "A `moved` block made this a {}, and nothing has been read of it yet. Plan once without `-refresh=false`.",
            self.type_name
        );
        Diagnostic::error("The moved object has not been read yet", detail)
    }

    /// Nothing has the name under which an object was imported or moved here. The CLI would not say where it was looked for, and
    /// would create a moved one anew.
    fn nothing_there(&self, object: &Value) -> Diagnostic {
        let known = |attribute: &&Attribute| attribute.name != "tenant_id";
        let named: Vec<String> = self
            .declared()
            .attributes
            .iter()
            .filter(known)
            .filter_map(|it| {
                Some(format!(
                    "{} = {:?}",
                    it.name,
                    object.member(it.name).as_str()?
                ))
            })
            .collect();
        let named = match named.as_slice() {
            [] => String::new(),
            all => format!(" with {}", all.join(" and ")),
        };
        let tenant_id = self.link.tenant_id().unwrap_or_default();
        let detail = format!(
            "Tenant {tenant_id}, to which the provider configuration of this resource signs in, has no {}{named}. Check the id. If \
             the object lives in the other tenant of the pair, name the provider configuration of that tenant with `provider = \
             {PREFIX}.ALIAS`, in the `resource` block or, where there is none yet, in the `import` block. If it is gone, remove \
             the `import` or `moved` block.",
            self.type_name
        );
        Diagnostic::error("There is no such object in this tenant", detail)
    }

    /// An object with only these attributes set.
    pub(super) fn identified<V: Into<Value>>(&self, attributes: Vec<(&'static str, V)>) -> Value {
        let mut object = self.declared().empty_object();
        for (name, value) in attributes {
            object.set_member(name, value.into());
        }
        object
    }
}

/// What an operation came to, and what it wrote.
struct Ran<T> {
    result: Result<T, Diagnostic>,
    written: Vec<Written>,
}

fn parts<T>(ran: Result<Ran<T>, Diagnostic>) -> (Result<T, Diagnostic>, Vec<Written>) {
    match ran {
        Ok(ran) => (ran.result, ran.written),
        Err(problem) => (Err(problem), Vec::new()),
    }
}

/// Every text in `value`, in lower case, wherever it is.
fn ids_in(value: &Value, ids: &mut HashSet<String>) {
    match value {
        Value::String(text) => drop(ids.insert(text.to_ascii_lowercase())),
        Value::List(elements) | Value::Set(elements) => {
            for element in elements {
                ids_in(element, ids);
            }
        }
        Value::Map(members) | Value::Object(members) => {
            for member in members.values() {
                ids_in(member, ids);
            }
        }
        _ => {}
    }
}

fn known(value: &Value) -> Value {
    terraform::settle(value, &Value::Null)
}

fn applied(state: Value, private: Vec<u8>, problem: Option<Diagnostic>) -> Applied {
    Applied {
        state,
        private,
        diagnostics: problem.into_iter().collect(),
    }
}

impl<R: Resource> terraform::Resource for Managed<R> {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn schema(&self) -> &Schema {
        self.declared()
    }

    fn validate(&self, config: &Value, capabilities: Capabilities) -> Diagnostics {
        let mut found = terraform::validate(&self.declared().attributes, config, capabilities);
        if !has_errors(&found) {
            R::validate(config, &mut found);
        }
        found
    }

    fn upgrade(&self, version: i64, state: Value) -> Result<Value, Diagnostics> {
        if version == R::VERSION {
            return Ok(state);
        }
        if version < R::VERSION
            && let Some(upgraded) = R::upgrade(version, state)
        {
            return Ok(upgraded);
        }
        let detail = format!(
            "The state holds version {version} of {}, this provider writes version {}. Use the provider version that wrote it.",
            self.type_name,
            R::VERSION
        );
        Err(vec![Diagnostic::error(
            "The state is of another version",
            detail,
        )])
    }

    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, Plan> {
        let terraform::Planned {
            value: mut planned,
            mut requires_replace,
        } = terraform::plan(&self.declared().attributes, &request.prior, &request.config);
        let mut diagnostics = Diagnostics::new();
        let private = Private::read(&request.private);
        self.give_up(&private, &request.prior, &request.config, &mut planned);
        if let Some(tenant_id) = self.link.tenant_id() {
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
            R::plan(&mut change);
            if !request.prior.is_null() {
                change.warn_of_others(R::findings(&tenant_id, &request.prior));
            }
        }
        diagnostics.extend(self.link.missing_tenant(&self.type_name));
        if private.unread && !request.config.is_null() {
            diagnostics.push(self.unread());
        }
        // A tainted object that is replaced is planned without its prior, and so is a new one.
        let existing = !request.prior.is_null() || private.existing;
        let private = private
            .after_read()
            .decided_by(&request.config)
            .configured_by(&self.declared().attributes, &request.config)
            .planned(self.link.tenant_id(), existing)
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
                            return Ok((None, R::explain_absence(context, &stored).await));
                        };
                        let diagnostics = R::explain(context, &stored, &found).await;
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
                Ok((None, told)) if is_named_only => Refreshed {
                    diagnostics: if has_errors(&told) {
                        told
                    } else {
                        vec![self.nothing_there(&current)]
                    },
                    ..Refreshed::default()
                },
                Ok((None, mut told)) => {
                    // An error says why there is nothing to import, which nobody has asked for.
                    told.retain(|one| !has_errors(std::slice::from_ref(one)));
                    Refreshed {
                        diagnostics: told,
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
        let imported = match forms::read::<R>(&id) {
            Some(attributes) => Ok(Imported {
                state: self.in_this_tenant(self.identified(attributes)),
                private: Private::imported().write(),
            }),
            None => Err(vec![Diagnostic::error(
                format!("{:?} is no import id of {}", beginning(&id), self.type_name),
                format!(
                    "The import id must have {}.{}",
                    forms::listed(R::IMPORT),
                    forms::explained::<R>()
                ),
            )]),
        };
        Box::pin(std::future::ready(imported))
    }

    fn move_from(&self, source: MoveSource) -> Result<Moved, Diagnostics> {
        let attributes = peer::take::<R>(&source).map_err(|problem| vec![problem])?;
        Ok(Moved {
            // As after an import: the read that follows adds the defaults of what only Terraform knows.
            state: self.in_this_tenant(self.identified(attributes)),
            private: Private::unread().write(),
        })
    }
}

impl<R: Resource> Managed<R> {
    /// What only Terraform knows has its default where nothing is stored: after an import, or a new version.
    fn with_local_defaults(&self, mut object: Value) -> Value {
        for attribute in &self.declared().attributes {
            if let (true, Some(default), true) = (
                attribute.rules.local,
                &attribute.rules.default,
                object.member(attribute.name).is_null(),
            ) {
                object.set_member(attribute.name, default.clone());
            }
        }
        object
    }

    /// The provider's tenant, where it is configured.
    pub(super) fn own_tenant(&self) -> Option<String> {
        self.link.tenant_id()
    }

    /// The object with the provider's tenant in it, where it has a place for one and it is empty.
    pub(super) fn in_this_tenant(&self, mut object: Value) -> Value {
        if self.declared().attribute("tenant_id").is_some()
            && object.member("tenant_id").is_null()
            && let Some(tenant_id) = self.link.tenant_id()
        {
            object.set_member("tenant_id", Value::String(tenant_id));
        }
        object
    }
}

/// As much of a text as anybody reads.
fn beginning(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
