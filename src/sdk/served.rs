//! Everything that the provider serves, as untyped constants: resources, data sources, actions and list resources.

use std::sync::Arc;

use super::action::{Action, ServedAction};
use super::calls::{Calls, split};
use super::data_source::ServedDataSource;
use super::facts::Facts;
use super::list::{ListResource, ServedList};
use super::managed::Managed;
use super::session::Session;
use super::verbs::Of;
use super::{DataSource, Destroy, Resource, Task};

/// A resource, data source, action or list resource that the provider serves.
pub struct Served {
    /// The type without the provider's prefix. A list resource has the name of its resource.
    pub name: &'static str,
    /// The task that its page belongs to.
    pub task: Task,
    /// The path of its calls that are a method alone.
    path: &'static str,
    /// The Graph calls it makes, as it declares them.
    calls: Calls,
    /// How it is served.
    pub how: How,
}

/// How a thing is served.
pub enum How {
    /// As a resource.
    Resource(&'static Facts, fn(&Arc<Session>) -> Managed),
    /// As a data source.
    DataSource(fn(&Arc<Session>) -> Box<dyn terraform::DataSource>),
    /// As an action.
    Action(fn(&Arc<Session>) -> Box<dyn terraform::Action>),
    /// As a list resource.
    List(fn(&Arc<Session>) -> Box<dyn terraform::ListResource>),
}

/// The resource `R`.
#[must_use]
pub const fn resource<R: Resource>() -> Served {
    Served {
        name: R::NAME,
        task: R::TASK,
        path: R::PATH,
        calls: R::CALLS,
        how: How::Resource(Of::<R>::FACTS, Managed::new::<R>),
    }
}

/// The data source `D`.
#[must_use]
pub const fn data_source<D: DataSource>() -> Served {
    Served {
        name: D::NAME,
        task: D::TASK,
        path: "",
        calls: D::CALLS,
        how: How::DataSource(|session| Box::new(ServedDataSource::<D>::new(session))),
    }
}

/// The action `A`.
#[must_use]
pub const fn action<A: Action>() -> Served {
    Served {
        name: A::NAME,
        task: A::TASK,
        path: "",
        calls: A::CALLS,
        how: How::Action(|session| Box::new(ServedAction::<A>::new(session))),
    }
}

/// The list resource `L`.
#[must_use]
pub const fn list<L: ListResource>() -> Served {
    Served {
        name: L::Of::NAME,
        task: L::Of::TASK,
        path: L::COLLECTION,
        calls: L::CALLS,
        how: How::List(|session| Box::new(ServedList::<L>::new(session))),
    }
}

impl Served {
    /// Returns the Graph calls it makes, as (method, path template).
    #[must_use]
    pub fn calls(&self) -> Vec<(&'static str, &'static str)> {
        let mut calls = split(self.calls, self.path);
        if let Some(Destroy::Post(reset)) = self.facts().map(|facts| facts.destroy) {
            calls.push(("POST", reset));
        }
        calls
    }

    /// Returns its declaration if it is a resource.
    #[must_use]
    pub fn facts(&self) -> Option<&'static Facts> {
        match self.how {
            How::Resource(facts, _) => Some(facts),
            _ => None,
        }
    }
}
