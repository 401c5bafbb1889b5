//! The trait of data sources, and the untyped data source that the protocol serves.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::problem::caught;
use super::session::{Connected, Session};
use super::{Calls, Context, Problem, Result, Task};
use terraform::{
    self, Attributes, BoxFuture, Capabilities, Diagnostics, Read, Schema, Value, has_errors,
};

/// A data source.
pub trait DataSource: Attributes {
    /// The type without the provider's prefix.
    const NAME: &'static str;

    /// The task that its page in the reference belongs to.
    const TASK: Task;

    /// The Graph calls it makes; the documentation derives permissions from them.
    const CALLS: Calls;

    /// How long reading may take.
    const TIMEOUT: Duration = Duration::from_secs(360);

    /// Checks the configuration across attributes. No I/O; unknown values are allowed.
    fn validate(_config: &Value, _found: &mut Diagnostics) {}

    /// Reads the data that the configuration selects. A missing object is an error.
    fn read(context: &Context, config: &Self) -> impl Future<Output = Result<Self>> + Send;
}

/// A data source, ready to be served.
pub struct ServedDataSource<D> {
    type_name: String,
    schema: OnceLock<Schema>,
    session: Arc<Session>,
    model: PhantomData<fn() -> D>,
}

impl<D: DataSource> ServedDataSource<D> {
    /// Returns the data source `D` of the provider that `session` configures.
    pub fn new(session: &Arc<Session>) -> Self {
        let type_name = format!("{}_{}", super::PREFIX, D::NAME);
        Self {
            type_name,
            schema: OnceLock::new(),
            session: Arc::clone(session),
            model: PhantomData,
        }
    }

    async fn look_up(&self, config: &Value) -> Result<Value, terraform::Diagnostic> {
        let Connected { context, cancel } = self.session.connected(&self.type_name)?;
        let context = context.scoped(D::TIMEOUT, cancel);
        let work = async {
            let empty = terraform::Object::new();
            let wanted =
                D::from_object(config.as_object().unwrap_or(&empty)).map_err(|problem| {
                    Problem::error(format!("{} cannot be read", self.type_name), problem)
                })?;
            D::read(&context, &wanted).await
        };
        let result = caught(work).await;
        match result {
            Ok(found) => Ok(with_config(config, found.to_object())),
            Err(problem) => {
                Err(problem.into_diagnostic_once(&format!("read {}", self.type_name), &context))
            }
        }
    }
}

/// Copies the configured values into `found`, with their spelling in the configuration.
fn with_config(config: &Value, mut found: terraform::Object) -> Value {
    for (name, value) in config.as_object().into_iter().flatten() {
        if !value.is_null() {
            found.insert(name.clone(), value.clone());
        }
    }
    Value::Object(found)
}

impl<D: DataSource> terraform::DataSource for ServedDataSource<D> {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema {
            version: 0,
            description: D::DESCRIPTION.into(),
            attributes: D::attributes(),
        })
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut found =
            terraform::validate(&self.schema().attributes, config, Capabilities::default());
        if !has_errors(&found) {
            D::validate(config, &mut found);
        }
        found
    }

    fn read(&self, config: Value) -> BoxFuture<'_, Read> {
        Box::pin(async move {
            match self.look_up(&config).await {
                Ok(state) => Read {
                    state,
                    diagnostics: Diagnostics::new(),
                },
                Err(problem) => Read {
                    state: config,
                    diagnostics: vec![problem],
                },
            }
        })
    }
}
