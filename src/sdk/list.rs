//! List resources, which list the existing objects of a tenant page by page, and the untyped list resource that the protocol serves.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value as Json;

use super::default_verbs::fill;
use super::managed::Managed;
use super::problem::caught;
use super::session::{Connected, Session};
use super::{Calls, Context, Problem, Resource, Result, identity};
use graph::Pages;
use terraform::{
    Attributes, BoxFuture, Capabilities, Diagnostic, Diagnostics, ListEntry, ListRequest, ListSink,
    ReadRequest, Schema, Value, has_errors,
};

/// A list resource: lists the objects of a resource. The model is the configuration of the list.
pub trait ListResource: Attributes {
    /// The resource.
    type Of: Resource;

    /// The path of the collection that contains the objects or their parents, with names of attributes in braces.
    const COLLECTION: &'static str;

    /// The Graph calls it makes; the documentation derives permissions from them. A method alone is one on `COLLECTION`.
    const CALLS: Calls = &["GET"];

    /// Whether the collection may be missing, which is treated as an empty collection.
    const MAY_BE_MISSING: bool = false;

    /// Whether the objects are deleted, so that only their identifying attributes can be read.
    const ARE_DELETED: bool = false;

    /// Whether several pages can contain the same object.
    const REPEATS: bool = false;

    /// Whether the collection is filtered, so that it may undetectably lack objects that were just created. `is_one` then decides whether
    /// such an object belongs to the list.
    const IS_FILTERED: bool = false;

    /// Returns the path of the collection for a request. At most `most` objects are requested.
    fn collection(&self, _most: usize) -> String {
        fill(Self::COLLECTION, &self.to_object())
    }

    /// Whether the object matches the filter.
    fn is_one(&self, _item: &Json) -> bool {
        true
    }

    /// Returns the object of an item of the collection, if there is one.
    fn entry(&self, _context: &Context, _item: &Json) -> Option<Entry> {
        None
    }

    /// Returns the objects of one page. Implemented if more requests are needed.
    fn found(
        &self,
        context: &Context,
        page: Vec<Json>,
    ) -> impl Future<Output = Result<Vec<Entry>>> + Send {
        let found = page.iter().filter_map(|item| self.entry(context, item));
        std::future::ready(Ok(found.collect()))
    }
}

/// An object in a list.
pub struct Entry {
    /// The value of the identifying attribute that the configuration of the list does not have.
    pub id: String,
    /// The display name.
    pub display_name: String,
}

impl Entry {
    /// An object with the name `name`, or else its ID.
    #[must_use]
    pub fn new(id: String, name: Option<String>) -> Self {
        let display_name = name.unwrap_or_else(|| id.clone());
        Self { id, display_name }
    }
}

/// Graph's maximum page size.
const LARGEST_PAGE: usize = 999;

/// Returns the page size for `most` requested objects.
#[must_use]
pub fn page_size(most: usize) -> usize {
    most.clamp(1, LARGEST_PAGE)
}

/// A list resource, ready to be served.
pub struct ServedList<L: ListResource> {
    resource: Managed,
    schema: OnceLock<Schema>,
    session: Arc<Session>,
    listing: PhantomData<fn() -> L>,
}

/// A list in progress.
struct Walk<'a, L> {
    context: &'a Context,
    wanted: L,
    request: &'a ListRequest,
    sink: &'a dyn ListSink,
    /// The IDs of the entries that were passed on.
    seen: HashSet<String>,
}

/// Timeout of a list. By default, the CLI requests a hundred objects.
const TIMEOUT: Duration = Duration::from_secs(1800);

impl<L: ListResource> ServedList<L> {
    /// Returns the list resource `L` of the provider that `session` configures.
    pub fn new(session: &Arc<Session>) -> Self {
        Self {
            resource: Managed::new::<L::Of>(session),
            schema: OnceLock::new(),
            session: Arc::clone(session),
            listing: PhantomData,
        }
    }

    async fn run(&self, request: ListRequest, sink: &dyn ListSink) -> Result<(), Diagnostic> {
        let type_name = terraform::Resource::type_name(&self.resource);
        let Connected { context, cancel } = self.session.connected(type_name)?;
        let context = context.scoped(TIMEOUT, cancel);
        let result = caught(self.walk(&context, &request, sink)).await;
        let doing = format!("list {type_name}");
        result.map_err(|problem| problem.into_diagnostic_once(&doing, &context))
    }

    /// Reads the collection page by page. The next page is read only after the sink has taken all entries of the previous one.
    async fn walk(&self, context: &Context, request: &ListRequest, sink: &dyn ListSink) -> Result {
        let empty = terraform::Object::new();
        let wanted = L::from_object(request.config.as_object().unwrap_or(&empty))
            .map_err(|problem| Problem::error("The list cannot be prepared", problem))?;
        let collection = wanted.collection(request.limit);
        let mut walk = Walk {
            context,
            wanted,
            request,
            sink,
            seen: HashSet::new(),
        };
        let (mut pages, mut listed) = (Pages::of(&collection), HashSet::new());
        while let Some(page) = Self::next_page(context, &mut pages).await? {
            if L::IS_FILTERED {
                listed.extend(
                    page.iter()
                        .filter_map(|item| item["id"].as_str())
                        .map(str::to_lowercase),
                );
            }
            if !self.offer(&mut walk, page).await? {
                return Ok(());
            }
        }
        if L::IS_FILTERED {
            let new = context
                .graph
                .unlisted(&collection, |id| listed.contains(id));
            let mut new = new.await?;
            new.retain(|item| walk.wanted.is_one(item));
            self.offer(&mut walk, new).await?;
        }
        Ok(())
    }

    /// Passes the objects of a page to the sink. Returns false if no more are wanted.
    async fn offer(&self, walk: &mut Walk<'_, L>, mut page: Vec<Json>) -> Result<bool> {
        // No more items at once than are wanted, because looking up their objects may cost requests.
        while !page.is_empty() {
            let rest = page.split_off(walk.request.limit.clamp(1, page.len()));
            for found in walk.wanted.found(walk.context, page).await? {
                if L::REPEATS && !walk.seen.insert(found.id.clone()) {
                    continue;
                }
                if let Some(entry) = self.entry(found, walk.request).await
                    && !walk.sink.take(entry).await
                {
                    return Ok(false);
                }
            }
            page = rest;
        }
        Ok(true)
    }

    async fn next_page(context: &Context, pages: &mut Pages) -> Result<Option<Vec<Json>>> {
        match context.graph.next_settled_page(pages).await {
            Err(error) if L::MAY_BE_MISSING && error.is_not_found() => Ok(None),
            page => Ok(page?),
        }
    }

    /// Returns the entry of an object; `None` if the object was deleted in the meantime.
    async fn entry(&self, found: Entry, request: &ListRequest) -> Option<ListEntry> {
        let key = identity::names(self.resource.facts()).into_iter();
        let key = key.map(|name| match request.config.member(name).as_str() {
            Some(configured) => (name, configured),
            None => (name, found.id.as_str()),
        });
        let object = self.resource.identified(key.collect());
        let object = self.resource.in_this_tenant(object);
        let mut entry = ListEntry {
            display_name: found.display_name,
            object,
            diagnostics: Diagnostics::new(),
        };
        if request.whole_objects && !L::ARE_DELETED {
            let request = ReadRequest {
                current: entry.object.clone(),
                private: Vec::new(),
            };
            let read = terraform::Resource::read(&self.resource, request).await;
            if read.state.is_null() {
                return None;
            }
            entry.object = read.state;
            entry.diagnostics = read.diagnostics;
        }
        Some(entry)
    }
}

impl<L: ListResource> terraform::ListResource for ServedList<L> {
    fn type_name(&self) -> &str {
        terraform::Resource::type_name(&self.resource)
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema {
            version: 0,
            description: L::DESCRIPTION.into(),
            attributes: L::attributes(),
        })
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        terraform::validate(&self.schema().attributes, config, Capabilities::default())
    }

    fn list<'a>(
        &'a self,
        request: ListRequest,
        sink: &'a dyn ListSink,
    ) -> BoxFuture<'a, Diagnostics> {
        Box::pin(async move {
            let found = self.validate(&request.config);
            if has_errors(&found) {
                return found;
            }
            self.run(request, sink).await.err().into_iter().collect()
        })
    }
}
