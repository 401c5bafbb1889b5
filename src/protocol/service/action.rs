//! The RPCs of actions. An invocation is a stream of progress events that ends with exactly one completion in every case.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Status;
use tonic::codegen::BoxStream;

use super::answer::Call;
use super::rpcs::{Rpcs, unknown};
use crate::{codec, convert};
use pb::invoke_action::Event;
use pb::invoke_action::event;
use proto::tfplugin6 as pb;
use terraform::{Action, Diagnostics, Progress, Provider, Value};

pub(super) fn schemas(rpcs: &Rpcs) -> impl Iterator<Item = (String, pb::ActionSchema)> {
    rpcs.provider.actions().into_iter().map(|action| {
        let schema = Some(convert::schema(action.schema()));
        (action.type_name().to_owned(), pb::ActionSchema { schema })
    })
}

pub(super) fn validate(
    rpcs: &Rpcs,
    request: &pb::validate_action_config::Request,
) -> Result<pb::validate_action_config::Response, Diagnostics> {
    let action = lookup(rpcs.provider.as_ref(), &request.type_name)?;
    let config = decode(action, request.config.as_ref())?;
    Ok(pb::validate_action_config::Response {
        diagnostics: convert::diagnostics(action.validate(&config)),
    })
}

pub(super) async fn plan(
    rpcs: &Rpcs,
    request: pb::plan_action::Request,
) -> Result<pb::plan_action::Response, Diagnostics> {
    let action = lookup(rpcs.provider.as_ref(), &request.action_type)?;
    let config = decode(action, request.config.as_ref())?;
    Ok(pb::plan_action::Response {
        diagnostics: convert::diagnostics(action.plan(config).await),
        deferred: None,
    })
}

/// Starts the action and streams its progress. It is canceled if the CLI closes the stream.
pub(super) fn invoke(
    rpcs: &Rpcs,
    call: Call,
    request: pb::invoke_action::Request,
) -> BoxStream<Event> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let provider = Arc::clone(&rpcs.provider);
    let (told, redactor) = (sender.clone(), Arc::clone(&provider));
    let progress = Progress::new(move |message| {
        // This fails only if the CLI has closed the stream.
        let _ = told.send(Ok(progress_event(redactor.redact(&message))));
    });
    tokio::spawn(async move {
        let work = async {
            let action = lookup(provider.as_ref(), &request.action_type)?;
            let config = decode(action, request.config.as_ref())?;
            Ok(action.invoke(config, progress).await)
        };
        let completed = call.diagnose(work);
        let completed = tokio::select! {
            completed = completed => completed,
            () = sender.closed() => return,
        };
        let _ = sender.send(Ok(completed_event(completed)));
    });
    Box::pin(until_completed(receiver))
}

/// Ends the stream with the completion, even if the action still holds its progress sender.
fn until_completed(
    receiver: mpsc::UnboundedReceiver<Result<Event, Status>>,
) -> impl tokio_stream::Stream<Item = Result<Event, Status>> {
    let mut is_over = false;
    UnboundedReceiverStream::new(receiver).take_while(move |event| {
        let was_over = is_over;
        is_over = matches!(
            event,
            Ok(Event {
                r#type: Some(event::Type::Completed(_))
            })
        );
        !was_over
    })
}

fn progress_event(message: String) -> Event {
    Event {
        r#type: Some(event::Type::Progress(event::Progress { message })),
    }
}

fn completed_event(diagnostics: Vec<pb::Diagnostic>) -> Event {
    Event {
        r#type: Some(event::Type::Completed(event::Completed { diagnostics })),
    }
}

fn lookup<'a>(provider: &'a dyn Provider, type_name: &str) -> Result<&'a dyn Action, Diagnostics> {
    let mut actions = provider.actions().into_iter();
    actions
        .find(|action| action.type_name() == type_name)
        .ok_or_else(|| unknown("action", type_name))
}

fn decode(action: &dyn Action, config: Option<&pb::DynamicValue>) -> Result<Value, Diagnostics> {
    codec::decode(&codec::object_type(action.schema()), config)
        .map_err(|fault| vec![fault.diagnostic("configuration")])
}
