//! Writes of a resource: an object is created, changed or deleted, and the state is updated after each step.

use super::{Managed, applied, parts};
use crate::private::Private;
use crate::timeouts::Operation;
use terraform::{self, Applied, Apply, Diagnostic, Value};

impl Managed {
    pub(super) async fn create(&self, request: Apply) -> Applied {
        let mut state = None;
        let private = Private::read(&request.private);
        let ran = self
            .run(
                Operation::Create,
                &request.planned,
                &private,
                async |context| {
                    let planned = self.model(&request.planned)?;
                    self.verbs.create(context, &planned, &mut state).await
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

    pub(super) async fn update(&self, request: Apply) -> Applied {
        let mut state = None;
        let private = Private::read(&request.private);
        let ran = self
            .run(
                Operation::Update,
                &request.planned,
                &private,
                async |context| {
                    let (planned, prior) =
                        (self.model(&request.planned)?, self.model(&request.prior)?);
                    self.verbs
                        .update(context, &planned, prior, &mut state)
                        .await
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

    pub(super) async fn delete(&self, request: Apply) -> Applied {
        // Only a tainted object is replaced by a plan without a prior state: see `Private::existing`.
        let private = Private::read(&request.private);
        let is_before_recreate = !request.private.is_empty() && !private.existing;
        let ran = self
            .run(
                Operation::Delete,
                &request.prior,
                &private,
                async |context| {
                    let model = self.model(&request.prior)?;
                    if is_before_recreate {
                        self.verbs.delete_before_recreate(context, &model).await
                    } else {
                        self.verbs.delete(context, &model).await
                    }
                },
            )
            .await;
        match parts(ran).0 {
            Ok(()) => applied(Value::Null, Vec::new(), None),
            Err(problem) => applied(request.prior, request.private, Some(problem)),
        }
    }
}
