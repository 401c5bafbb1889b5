//! Actions: operations that manage no object. Defines the typed trait and the untyped action that the protocol serves.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::problem::caught;
use super::session::{Connected, Session};
use super::{Calls, Context, Problem, Result, Task};
use terraform::{
    Attributes, BoxFuture, Capabilities, Diagnostic, Diagnostics, Progress, Schema, Value,
    has_errors,
};

/// An action.
pub trait Action: Attributes {
    /// The type without the provider's prefix.
    const NAME: &'static str;

    /// The task that its page in the reference belongs to.
    const TASK: Task;

    /// The Graph calls it makes; the documentation derives permissions from them.
    const CALLS: Calls;

    /// How long it may take.
    const TIMEOUT: Duration = Duration::from_secs(600);

    /// Checks the configuration across attributes. No I/O; unknown values are allowed.
    fn validate(_config: &Value, _found: &mut Diagnostics) {}

    /// Reports problems while planning, for the provider's tenant. No I/O; unknown values are allowed.
    fn plan(_tenant_id: &str, _config: &Value, _found: &mut Diagnostics) {}

    /// Performs the action and reports its progress.
    fn invoke(
        context: &Context,
        config: &Self,
        progress: &Progress,
    ) -> impl Future<Output = Result> + Send;
}

/// Returns a model with only these attributes set, for actions that reuse the code that creates a resource.
pub fn model_of<M: Attributes, const N: usize>(members: [(&'static str, Value); N]) -> Result<M> {
    let members = members.map(|(name, value)| (name.to_owned(), value));
    M::from_object(&terraform::Object::from(members))
        .map_err(|problem| Problem::error("The action cannot be prepared", problem))
}

/// An action, ready to be served.
pub struct ServedAction<A> {
    type_name: String,
    schema: OnceLock<Schema>,
    session: Arc<Session>,
    model: PhantomData<fn() -> A>,
}

impl<A: Action> ServedAction<A> {
    /// Returns the action `A` of the provider that `session` configures.
    pub fn new(session: &Arc<Session>) -> Self {
        Self {
            type_name: format!("{}_{}", super::PREFIX, A::NAME),
            schema: OnceLock::new(),
            session: Arc::clone(session),
            model: PhantomData,
        }
    }

    async fn run(&self, config: &Value, progress: &Progress) -> Result<(), Diagnostic> {
        let Connected { context, cancel } = self.session.connected(&self.type_name)?;
        let context = context.scoped(A::TIMEOUT, cancel);
        let work = async {
            let empty = terraform::Object::new();
            let wanted =
                A::from_object(config.as_object().unwrap_or(&empty)).map_err(|problem| {
                    Problem::error(format!("{} cannot be read", self.type_name), problem)
                })?;
            A::invoke(&context, &wanted, progress).await
        };
        let result = caught(work).await;
        let doing = format!("invoke {}", self.type_name);
        result.map_err(|problem| problem.into_diagnostic_once(&doing, &context))
    }
}

impl<A: Action> terraform::Action for ServedAction<A> {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema {
            version: 0,
            description: A::DESCRIPTION.into(),
            attributes: A::attributes(),
        })
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut found =
            terraform::validate(&self.schema().attributes, config, Capabilities::default());
        if !has_errors(&found) {
            A::validate(config, &mut found);
        }
        found
    }

    fn plan(&self, config: Value) -> BoxFuture<'_, Diagnostics> {
        let mut found = Diagnostics::new();
        if let Some(tenant_id) = self.session.tenant_id() {
            A::plan(&tenant_id, &config, &mut found);
        }
        found.extend(self.session.missing_tenant(&self.type_name));
        Box::pin(std::future::ready(found))
    }

    fn invoke(&self, config: Value, progress: Progress) -> BoxFuture<'_, Diagnostics> {
        Box::pin(async move {
            self.run(&config, &progress)
                .await
                .err()
                .into_iter()
                .collect()
        })
    }
}
