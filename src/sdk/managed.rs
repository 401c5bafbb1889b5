//! The untyped resource that the protocol serves, for any [`Resource`]: everything that resources have in common.

mod changes;
mod given_up;
mod identified;
mod served;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use super::facts::Facts;
use super::private::Private;
use super::problem::caught;
use super::session::{Connected, Session};
use super::timeouts::{self, Operation};
use super::verbs::{Model, Of, Verbs};
use super::{Context, PREFIX, Problem, Resource, Result, identity, json};
use graph::Written;
use terraform::{self, Applied, Attribute, Diagnostic, Diagnostics, Identity, Path, Schema, Value};

/// A resource type, ready to be served.
pub struct Managed {
    type_name: String,
    schema: OnceLock<Schema>,
    identity: OnceLock<Option<Identity>>,
    session: Arc<Session>,
    verbs: &'static dyn Verbs,
}

impl Managed {
    /// Returns the resource `R` of the provider that `session` configures.
    pub fn new<R: Resource>(session: &Arc<Session>) -> Self {
        Self {
            type_name: format!("{PREFIX}_{}", R::NAME),
            schema: OnceLock::new(),
            identity: OnceLock::new(),
            session: Arc::clone(session),
            verbs: Of::<R>::VERBS,
        }
    }

    /// Returns the declaration of the resource.
    pub fn facts(&self) -> &'static Facts {
        self.verbs.facts()
    }

    /// Returns the identity schema, if there is one.
    pub fn declared_identity(&self) -> Option<&Identity> {
        let identity = || identity::declared(self.facts(), &self.declared().attributes);
        self.identity.get_or_init(identity).as_ref()
    }

    /// Returns the schema, including `timeouts`.
    pub fn declared(&self) -> &Schema {
        self.schema.get_or_init(|| {
            let facts = self.facts();
            let mut attributes = (facts.attributes)();
            attributes.push(timeouts::attribute(facts.timeouts));
            Schema {
                version: facts.version,
                description: facts.description.into(),
                attributes,
            }
        })
    }

    fn doing(&self, operation: Operation) -> String {
        format!("{} {}", operation.verb(), self.type_name)
    }

    /// Converts `value` to the model. A mismatch with the declaration is a bug of the provider, or the state was edited.
    fn model(&self, value: &Value) -> Result<Model> {
        let empty = terraform::Object::new();
        let mut members = Cow::Borrowed(value.as_object().unwrap_or(&empty));
        // A path that begins at the tenant is needed before the first response, even if the plan did not know the tenant.
        if self.facts().path.contains("{tenant_id}")
            && value.member("tenant_id").as_str().is_none()
            && let Some(tenant_id) = self.session.tenant_id()
        {
            members.to_mut().insert("tenant_id", tenant_id.into());
        }
        self.verbs.model(&members).map_err(|problem| {
            Problem::error(
                format!("{} cannot be read", self.type_name),
                format!("{problem}. Please report this."),
            )
        })
    }

    /// Converts `model` to an object. Local attributes, which Graph does not store, are taken from `from`.
    fn object(&self, model: &Model, from: &Value) -> Value {
        let mut members = self.verbs.members(model);
        for attribute in &self.declared().attributes {
            if attribute.rules.local || !members.contains_key(attribute.name) {
                members.insert(attribute.name, known(from.member(attribute.name)));
            }
        }
        Value::Object(members)
    }

    /// Runs one operation with its timeout and its cancellation token. A panic becomes an error, so that the state is not lost.
    async fn run<T>(
        &self,
        operation: Operation,
        object: &Value,
        private: &Private,
        work: impl AsyncFnOnce(&Context) -> Result<T>,
    ) -> Result<Ran<T>, Diagnostic> {
        let Connected { context, cancel } = self.session.connected(&self.type_name)?;
        let context = context.scoped(
            timeouts::of(object, operation, self.facts().timeouts),
            cancel,
        );
        let context = match operation {
            Operation::Create | Operation::Update => context,
            // These operations do not wait for objects that others have created.
            Operation::Read | Operation::Delete => context.impatient(),
        };
        context.graph.recall(&private.written);
        let result = caught(async {
            if !matches!(operation, Operation::Read) {
                self.planned_here(&context, private)?;
            }
            work(&context).await
        });
        let result = result.await;
        Ok(Ran {
            result: result
                .map_err(|problem| problem.into_diagnostic_once(&self.doing(operation), &context)),
            written: context.graph.written(),
        })
    }

    /// Reads an object. If a response contradicts a recently written state, the read is repeated, because replicas of Microsoft Graph may
    /// lag behind. Only a difference that outlasts the replication lag is drift.
    async fn look(
        &self,
        context: &Context,
        (current, stored): (&Value, &Model),
        private: &Private,
    ) -> Result<Option<Model>> {
        let found = self.verbs.read(context, stored).await?;
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
        let look = || self.verbs.read(&unshared, stored);
        context
            .graph
            .until(left, look, |found| self.agrees(current, found.as_ref()))
            .await
    }

    /// Whether Graph's object has the values of the state in all attributes that can be sent.
    fn agrees(&self, current: &Value, found: Option<&Model>) -> bool {
        let Some(found) = found else {
            return false;
        };
        let attributes = &self.declared().attributes;
        json::agree(attributes, current, self.object(found, current))
    }

    /// Returns the recent writes to the objects that `planned` refers to, for use during apply.
    fn recent(&self, planned: &Value) -> Vec<Written> {
        let Ok(current) = self.session.connected(&self.type_name) else {
            return Vec::new();
        };
        current.context.graph.recent(|| {
            let mut ids = HashSet::new();
            ids_in(planned, &mut ids);
            ids
        })
    }

    /// Refuses to read an object of another tenant, where it would seem to be deleted.
    pub fn same_tenant(&self, object: &Value) -> Result<(), Diagnostic> {
        let (Some(lives_in), Some(configured)) = (
            object.member("tenant_id").as_str(),
            self.session.tenant_id(),
        ) else {
            return Ok(());
        };
        if lives_in.eq_ignore_ascii_case(&configured) {
            return Ok(());
        }
        let detail = format!(
            "This {} is in tenant {lives_in}, but its provider configuration now signs in to tenant {configured}. \
             Use the provider alias of {lives_in}. To stop managing the object, use a `removed` block.",
            self.type_name
        );
        Err(
            Diagnostic::error("The provider is configured for another tenant", detail)
                .at(Path::root("tenant_id")),
        )
    }

    /// Refuses to write to another tenant than the planned one, for example if the provider was configured again in the meantime.
    fn planned_here(&self, context: &Context, private: &Private) -> Result {
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
        Err(Problem::error(
            "The change was planned for another tenant",
            detail,
        ))
    }

    /// Returns the warnings about a plan; none if the resource cannot determine them.
    async fn warnings(&self, prior: &Value, planned: &Value) -> Diagnostics {
        let nothing = Private::default();
        let found = self
            .run(Operation::Read, planned, &nothing, async |context| {
                self.verbs.warn(context, prior, planned).await
            })
            .await;
        parts(found).0.unwrap_or_else(|problem| {
            tracing::debug!(summary = problem.summary, "no warnings could be looked for");
            Diagnostics::new()
        })
    }

    /// Reports that only the key of an object is known. All its attributes would seem to differ from the configuration, and the object
    /// would be replaced.
    fn unread(&self) -> Diagnostic {
        let detail = format!(
            "A `moved` block changed this object to a {}, but the object has not been read yet. Plan once without \
            `-refresh=false`.",
            self.type_name
        );
        Diagnostic::error("The moved object has not been read yet", detail)
    }

    /// Reports that an imported or moved object does not exist. The CLI would not report where it was looked for, and would create a moved
    /// object anew.
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
        let tenant_id = self.session.tenant_id().unwrap_or_default();
        let detail = format!(
            "Tenant {tenant_id}, to which the provider configuration of this resource signs in, has no {}{named}. \
            Check the ID. If the object is in the other tenant of the pair, set `provider = {PREFIX}.ALIAS` to the \
            provider configuration of that tenant, in the `resource` block or, if there is no `resource` block yet, in \
            the `import` block. If the object does not exist any more, remove the `import` or `moved` block.",
            self.type_name
        );
        Diagnostic::error("The object does not exist in this tenant", detail)
    }

    /// Returns an object with only these attributes set.
    pub fn identified<V: Into<Value>>(&self, attributes: Vec<(&'static str, V)>) -> Value {
        let mut object = self.declared().empty_object();
        for (name, value) in attributes {
            object.set_member(name, value.into());
        }
        object
    }

    /// Sets local attributes that the state does not contain to their defaults, after an import or with a new version.
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

    /// Returns the provider's tenant, if it is configured.
    pub fn own_tenant(&self) -> Option<String> {
        self.session.tenant_id()
    }

    /// Sets `tenant_id` of the object to the provider's tenant if the attribute exists and is empty.
    pub fn in_this_tenant(&self, mut object: Value) -> Value {
        if self.declared().attribute("tenant_id").is_some()
            && object.member("tenant_id").is_null()
            && let Some(tenant_id) = self.session.tenant_id()
        {
            object.set_member("tenant_id", Value::String(tenant_id));
        }
        object
    }
}

/// The result of an operation, and its writes.
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

/// Collects all strings in `value`, in lower case, at any depth.
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
