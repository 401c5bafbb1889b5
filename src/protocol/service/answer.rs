//! The common handling of every RPC: one log line, and a response in every case.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tonic::{Response, Status};
use tracing::Instrument as _;

use crate::{convert, panics};
use proto::tfplugin6 as pb;
use terraform::{Diagnostic, Diagnostics, FunctionError, Provider};

/// A response that can contain diagnostics.
pub(super) trait Answer: Send {
    /// The diagnostics of the response.
    fn diagnostics(&mut self) -> &mut Vec<pb::Diagnostic>;
}

macro_rules! answers {
    ($($message:ident),+ $(,)?) => {
        $(impl Answer for pb::$message::Response {
            fn diagnostics(&mut self) -> &mut Vec<pb::Diagnostic> {
                &mut self.diagnostics
            }
        })+
    };
}

answers!(
    get_metadata,
    get_provider_schema,
    validate_provider_config,
    configure_provider,
    validate_resource_config,
    upgrade_resource_state,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    generate_resource_config,
    move_resource_state,
    validate_data_resource_config,
    read_data_source,
    get_functions,
    get_resource_identity_schemas,
    upgrade_resource_identity,
    validate_action_config,
    plan_action,
    validate_list_resource_config,
);

/// A call of an RPC.
pub(super) struct Call {
    /// The name of the RPC.
    pub(super) name: &'static str,
    /// The type that the call is about; empty if it is about the provider.
    pub(super) type_name: String,
    /// The address of the provider, for the logs.
    pub(super) address: &'static str,
    /// The provider, which redacts secrets.
    pub(super) provider: Arc<dyn Provider>,
}

/// The sequence number of the next call.
static CALLS: AtomicU64 = AtomicU64::new(1);

impl Call {
    /// Returns the response of `work`; after an error or a panic, `otherwise` with the diagnostics.
    pub(super) async fn answer<T: Answer>(
        self,
        work: impl Future<Output = Result<T, Diagnostics>> + Send,
        otherwise: T,
    ) -> Result<Response<T>, Status> {
        let span = self.span();
        let start = Instant::now();
        let outcome = panics::catch(work.instrument(span.clone())).await;
        let mut answer = match outcome {
            Ok(Ok(answer)) => answer,
            Ok(Err(found)) => with(otherwise, found),
            Err(panic) => with(otherwise, vec![self.crashed(&panic)]),
        };
        redact(self.provider.as_ref(), answer.diagnostics());
        span.in_scope(|| log(answer.diagnostics(), start));
        Ok(Response::new(answer))
    }

    /// Returns the value of `work`, or its error: the response of a function contains no diagnostics.
    pub(super) async fn compute(
        self,
        work: impl Future<Output = Result<pb::DynamicValue, FunctionError>> + Send,
    ) -> Result<Response<pb::call_function::Response>, Status> {
        let span = self.span();
        let start = Instant::now();
        let outcome = panics::catch(work.instrument(span.clone())).await;
        let outcome = outcome
            .unwrap_or_else(|panic| Err(FunctionError::general(self.crashed(&panic).detail)));
        span.in_scope(|| log(&[], start));
        Ok(Response::new(match outcome {
            Ok(value) => pb::call_function::Response {
                result: Some(value),
                error: None,
            },
            Err(mut error) => {
                error.text = self.provider.redact(&error.text);
                pb::call_function::Response {
                    result: None,
                    error: Some(convert::function_error(error)),
                }
            }
        }))
    }

    /// Returns the final diagnostics of `work`, for responses that are streams.
    pub(super) async fn diagnose(
        self,
        work: impl Future<Output = Result<Diagnostics, Diagnostics>> + Send,
    ) -> Vec<pb::Diagnostic> {
        let span = self.span();
        let start = Instant::now();
        let outcome = panics::catch(work.instrument(span.clone())).await;
        let found = match outcome {
            Ok(Ok(found) | Err(found)) => found,
            Err(panic) => vec![self.crashed(&panic)],
        };
        let mut diagnostics = convert::diagnostics(found);
        redact(self.provider.as_ref(), &mut diagnostics);
        span.in_scope(|| log(&diagnostics, start));
        diagnostics
    }

    /// Only logs the call, for a response that was prepared in advance.
    pub(super) fn answered(self) {
        self.span().in_scope(|| log(&[], Instant::now()));
    }

    fn span(&self) -> tracing::Span {
        tracing::error_span!(
            "rpc",
            tf_provider_addr = self.address,
            tf_rpc = self.name,
            tf_req_id = %CALLS.fetch_add(1, Ordering::Relaxed),
            tf_resource_type = self.type_name,
            tf_proto_version = "6.11",
        )
    }

    fn crashed(&self, panic: &str) -> Diagnostic {
        let about = match self.type_name.as_str() {
            "" => String::new(),
            type_name => format!(" of `{type_name}`"),
        };
        let detail = format!(
            "{}{about} ended in a panic: {}. This is a bug in the provider; please report it with the crash report \
            above. The previous state is kept.",
            self.name,
            self.provider.redact_in_panic(panic)
        );
        Diagnostic::error("The provider crashed", detail)
    }
}

/// Redacts diagnostics. All of them pass through here before they leave the process.
pub(super) fn redact(provider: &dyn Provider, diagnostics: &mut [pb::Diagnostic]) {
    for diagnostic in diagnostics {
        for text in [&mut diagnostic.summary, &mut diagnostic.detail] {
            *text = provider.redact(text);
        }
    }
}

fn with<T: Answer>(mut answer: T, found: Diagnostics) -> T {
    answer.diagnostics().extend(convert::diagnostics(found));
    answer
}

/// Logs one line per call. The CLI shows the messages themselves.
fn log(diagnostics: &[pb::Diagnostic], start: Instant) {
    let count = |severity: pb::diagnostic::Severity| {
        diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity() == severity)
            .count()
    };
    tracing::debug!(
        tf_req_duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        diagnostic_error_count = count(pb::diagnostic::Severity::Error),
        diagnostic_warning_count = count(pb::diagnostic::Severity::Warning),
        "Answered"
    );
}
