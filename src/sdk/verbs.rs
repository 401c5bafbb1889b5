//! A typed [`Resource`] without its type, so that the common code ([`super::managed`]) is compiled once instead of once per resource.

use std::any::Any;
use std::marker::PhantomData;

use super::change::Change;
use super::facts::Facts;
use super::observed::Finding;
use super::problem::caught;
use super::{Context, Resource, Result};
use terraform::{BoxFuture, Diagnostics, Object, Value};

/// The model of one object. Only its resource knows the concrete type.
pub struct Model(Box<dyn Any + Send + Sync>);

impl Model {
    fn of<R: Resource>(model: R) -> Self {
        Self(Box::new(model))
    }

    fn typed<R: Resource>(&self) -> &R {
        self.0.downcast_ref().expect("the model of this resource")
    }

    fn into_typed<R: Resource>(self) -> R {
        *self.0.downcast().expect("the model of this resource")
    }
}

/// The verbs of a [`Resource`], with type-erased models.
pub trait Verbs: Send + Sync {
    /// Returns the declaration of the resource.
    fn facts(&self) -> &'static Facts;
    /// Creates the model with these attributes.
    fn model(&self, members: &Object) -> Result<Model, String>;
    /// Returns the attributes of a model.
    fn members(&self, model: &Model) -> Object;
    /// [`Resource::validate`].
    fn validate(&self, config: &Value, found: &mut Diagnostics);
    /// [`Resource::upgrade`].
    fn upgrade(&self, version: i64, stored: Value) -> Option<Value>;
    /// [`Resource::plan`].
    fn plan(&self, change: &mut Change);
    /// [`Resource::findings`].
    fn findings(&self, tenant_id: &str, found: &Value) -> Vec<Finding>;
    /// [`Resource::warn`].
    fn warn<'a>(
        &self,
        context: &'a Context,
        prior: &'a Value,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Diagnostics>>;
    /// [`Resource::create`]. `made` is set when this returns, even with an error, if something exists.
    fn create<'a>(
        &self,
        context: &'a Context,
        planned: &'a Model,
        made: &'a mut Option<Model>,
    ) -> BoxFuture<'a, Result>;
    /// [`Resource::read`].
    fn read<'a>(
        &self,
        context: &'a Context,
        stored: &'a Model,
    ) -> BoxFuture<'a, Result<Option<Model>>>;
    /// [`Resource::explain`].
    fn explain<'a>(
        &self,
        context: &'a Context,
        stored: &'a Model,
        found: &'a Model,
    ) -> BoxFuture<'a, Diagnostics>;
    /// [`Resource::explain_absence`].
    fn explain_absence<'a>(
        &self,
        context: &'a Context,
        stored: &'a Model,
    ) -> BoxFuture<'a, Diagnostics>;
    /// [`Resource::update`]. `made` is the resulting state when this returns, even with an error.
    fn update<'a>(
        &self,
        context: &'a Context,
        planned: &'a Model,
        prior: Model,
        made: &'a mut Option<Model>,
    ) -> BoxFuture<'a, Result>;
    /// [`Resource::delete`].
    fn delete<'a>(&self, context: &'a Context, stored: &'a Model) -> BoxFuture<'a, Result>;
    /// [`Resource::delete_before_recreate`].
    fn delete_before_recreate<'a>(
        &self,
        context: &'a Context,
        stored: &'a Model,
    ) -> BoxFuture<'a, Result>;
}

/// The verbs of `R`.
pub struct Of<R>(PhantomData<fn() -> R>);

impl<R: Resource> Of<R> {
    /// The type-erased verbs.
    pub const VERBS: &'static dyn Verbs = &Self(PhantomData);

    /// The declaration of the resource.
    pub const FACTS: &'static Facts = &Facts {
        name: R::NAME,
        description: R::DESCRIPTION,
        version: R::VERSION,
        timeouts: R::TIMEOUTS,
        import: R::IMPORT,
        identity: R::IDENTITY,
        identity_version: R::IDENTITY_VERSION,
        path: R::PATH,
        notes: R::NOTES,
        destroy: R::DESTROY,
        export: R::EXPORT,
        moves: R::MOVES,
        attributes: R::attributes,
    };
}

impl<R: Resource> Verbs for Of<R> {
    fn facts(&self) -> &'static Facts {
        Self::FACTS
    }

    fn model(&self, members: &Object) -> Result<Model, String> {
        R::from_object(members).map(Model::of)
    }

    fn members(&self, model: &Model) -> Object {
        model.typed::<R>().to_object()
    }

    fn validate(&self, config: &Value, found: &mut Diagnostics) {
        R::validate(config, found);
    }

    fn upgrade(&self, version: i64, stored: Value) -> Option<Value> {
        R::upgrade(version, stored)
    }

    fn plan(&self, change: &mut Change) {
        R::plan(change);
    }

    fn findings(&self, tenant_id: &str, found: &Value) -> Vec<Finding> {
        R::findings(tenant_id, found)
    }

    fn warn<'a>(
        &self,
        context: &'a Context,
        prior: &'a Value,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Diagnostics>> {
        Box::pin(R::warn(context, prior, planned))
    }

    fn create<'a>(
        &self,
        context: &'a Context,
        planned: &'a Model,
        made: &'a mut Option<Model>,
    ) -> BoxFuture<'a, Result> {
        Box::pin(async move {
            let mut state = None;
            let result = caught(boxed(R::create(context, planned.typed(), &mut state))).await;
            *made = state.map(Model::of::<R>);
            result
        })
    }

    fn read<'a>(
        &self,
        context: &'a Context,
        stored: &'a Model,
    ) -> BoxFuture<'a, Result<Option<Model>>> {
        let found = R::read(context, stored.typed());
        Box::pin(async move { Ok(found.await?.map(Model::of)) })
    }

    fn explain<'a>(
        &self,
        context: &'a Context,
        stored: &'a Model,
        found: &'a Model,
    ) -> BoxFuture<'a, Diagnostics> {
        Box::pin(R::explain(context, stored.typed(), found.typed()))
    }

    fn explain_absence<'a>(
        &self,
        context: &'a Context,
        stored: &'a Model,
    ) -> BoxFuture<'a, Diagnostics> {
        Box::pin(R::explain_absence(context, stored.typed()))
    }

    fn update<'a>(
        &self,
        context: &'a Context,
        planned: &'a Model,
        prior: Model,
        made: &'a mut Option<Model>,
    ) -> BoxFuture<'a, Result> {
        Box::pin(async move {
            let mut state: R = prior.into_typed();
            let result = caught(boxed(R::update(context, planned.typed(), &mut state))).await;
            *made = Some(Model::of(state));
            result
        })
    }

    fn delete<'a>(&self, context: &'a Context, stored: &'a Model) -> BoxFuture<'a, Result> {
        Box::pin(R::delete(context, stored.typed()))
    }

    fn delete_before_recreate<'a>(
        &self,
        context: &'a Context,
        stored: &'a Model,
    ) -> BoxFuture<'a, Result> {
        Box::pin(R::delete_before_recreate(context, stored.typed()))
    }
}

/// Boxes `work`, so that the code that awaits it is compiled once.
fn boxed<'a, T>(work: impl Future<Output = T> + Send + 'a) -> BoxFuture<'a, T> {
    Box::pin(work)
}

#[cfg(test)]
mod tests {
    use super::super::prelude::*;
    use super::*;
    use graph::testing::{Script, empty};

    attributes! {
        /// A resource that panics half-way.
        pub struct Panicking {
            /// How far it got.
            step: String = required(),
        }
    }

    impl Resource for Panicking {
        const NAME: &'static str = "panicking";
        const TASK: crate::Task = crate::Task::Synchronization;
        const EXPORT: Export = Export::No("it is a test");
        const CALLS: crate::Calls = &[];
        const IMPORT: &'static [&'static str] = &[];

        async fn create(_: &Context, _: &Self, state: &mut Option<Self>) -> Result {
            *state = Some(at("created"));
            panic!("half-way");
        }

        async fn read(_: &Context, _: &Self) -> Result<Option<Self>> {
            Ok(None)
        }

        async fn update(_: &Context, _: &Self, state: &mut Self) -> Result {
            *state = at("updated");
            panic!("half-way");
        }

        async fn delete(_: &Context, _: &Self) -> Result {
            Ok(())
        }
    }

    fn at(step: &str) -> Panicking {
        Panicking {
            step: step.to_owned(),
        }
    }

    #[tokio::test]
    async fn what_was_done_before_a_panic_is_kept() {
        let context = Context::new(Script::new(|_| empty(204)).client());
        let (verbs, planned) = (Of::<Panicking>::VERBS, Model::of(at("planned")));
        let mut made = None;
        let created = verbs.create(&context, &planned, &mut made).await;
        assert!(created.is_err());
        assert_eq!(made.take().unwrap().typed::<Panicking>().step, "created");
        let prior = Model::of(at("prior"));
        let updated = verbs.update(&context, &planned, prior, &mut made).await;
        assert!(updated.is_err());
        assert_eq!(made.unwrap().typed::<Panicking>().step, "updated");
    }
}
