//! Validates recorded exchanges against Microsoft's OpenAPI descriptions of Graph, v1.0 and beta.
//!
//! Test support, included with `#[path = "openapi/mod.rs"] mod openapi;`. Requests are validated strictly: everything that is not in the
//! description is a violation. Responses can contain more than the description, but described properties must match. Behavior is not
//! validated: a request without violations may still be refused.

#![allow(
    dead_code,
    reason = "each test that takes this module in uses a part of it"
)]

mod batch;
mod body;
mod exchange;
mod paths;
mod query;
pub(crate) mod reduced;
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use exchange::Exchange;
use paths::Template;
use schema::Schemas;

/// Both descriptions, prepared for validation.
pub(crate) struct Description {
    versions: Vec<Version>,
}

/// One of Graph's two versions.
struct Version {
    /// `/v1.0` or `/beta`.
    prefix: &'static str,
    document: Value,
    templates: Vec<Template>,
    /// For requests.
    strict: Schemas,
    /// For responses.
    lenient: Schemas,
}

impl Description {
    /// Reads the copies in this repository.
    ///
    /// Panics if they are missing or invalid.
    pub(crate) fn load() -> Self {
        let versions = [("/v1.0", "v1.0"), ("/beta", "beta")];
        let versions = versions.map(|(prefix, name)| Version::read(prefix, &reduced::file(name)));
        Self {
            versions: versions.into(),
        }
    }

    /// All violations in one line of a journal: `{method, path, query, status, request_body, response_body}`. The path begins with the
    /// version, the query is as it was sent, and status 0 means that the connection broke before the response. Sign-ins are skipped.
    pub(crate) fn violations(&self, entry: &Value) -> Vec<String> {
        let (mut all, answer) = self.sides(entry);
        all.extend(answer);
        all
    }

    /// The violations in the request alone.
    pub(crate) fn request_violations(&self, entry: &Value) -> Vec<String> {
        self.sides(entry).0
    }

    /// The violations in the response alone; a response that cannot be judged has none.
    pub(crate) fn answer_violations(&self, entry: &Value) -> Vec<String> {
        self.sides(entry).1
    }

    /// The operation of an entry of a journal, as `GET /v1.0/users/{user-id}`, if there is one.
    pub(crate) fn operation(&self, entry: &Value) -> Option<String> {
        let exchange = Exchange::read(entry);
        self.versions.iter().find_map(|version| {
            let path = exchange.path.strip_prefix(version.prefix)?;
            let (_, template) = version.operation(exchange.method, path).ok()?;
            Some(format!("{} {}{template}", exchange.method, version.prefix))
        })
    }

    /// The application permissions that Microsoft publishes for a request; empty if there are none.
    pub(crate) fn accepted(&self, method: &str, path: &str) -> BTreeSet<String> {
        let found = self.versions.iter().find_map(|version| {
            let path = path.strip_prefix(version.prefix)?;
            Some(version.operation(method, path).ok()?.0)
        });
        let published = found.map(|operation| &operation["x-permissions"]["application"]);
        let lists = ["leastPrivileged", "alsoAccepted"].into_iter();
        let names = lists.filter_map(|list| published?[list].as_array());
        names
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// All operations of one version, by its prefix, in the same form.
    pub(crate) fn operations(&self, prefix: &str) -> BTreeSet<String> {
        let versions = self.versions.iter().filter(|it| it.prefix == prefix);
        let paths = versions.flat_map(|it| it.document["paths"].as_object().expect("paths"));
        let verbs = paths.flat_map(|(path, item)| {
            let verbs = item.as_object().expect("verbs").keys();
            let verbs = verbs.filter(|name| name.as_str() != "parameters");
            verbs.map(move |verb| format!("{} {prefix}{path}", verb.to_uppercase()))
        });
        verbs.collect()
    }

    /// Fails with every distinct violation and its number of occurrences, and on a journal without a single exchange with Graph, which
    /// proves nothing.
    pub(crate) fn assert_clean(&self, journal: &[Value]) {
        let judged = journal
            .iter()
            .filter(|entry| !exchange::is_sign_in(entry))
            .count();
        assert!(judged > 0, "the journal holds no exchange with Graph");
        let report = report(journal.iter().flat_map(|entry| self.violations(entry)));
        assert!(report.is_empty(), "of {judged} exchanges:\n{report}");
    }

    fn sides(&self, entry: &Value) -> (Vec<String>, Vec<String>) {
        if exchange::is_sign_in(entry) {
            return Default::default();
        }
        let exchange = Exchange::read(entry);
        let version = self
            .versions
            .iter()
            .find_map(|version| Some((version, exchange.path.strip_prefix(version.prefix)?)))
            .filter(|(_, path)| path.starts_with('/'));
        let Some((version, path)) = version else {
            let (method, path) = (exchange.method, exchange.path);
            return (
                vec![format!("{method} {path}: neither v1.0 nor beta")],
                Vec::new(),
            );
        };
        exchange.judge(version, path)
    }
}

/// Validates a journal against the descriptions: see [`Description::assert_clean`].
pub(crate) fn assert_clean(journal: &[Value]) {
    Description::load().assert_clean(journal);
}

/// One line per distinct violation, with its count; empty if there is none.
pub(crate) fn report(violations: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for violation in violations {
        *counts.entry(violation).or_default() += 1;
    }
    let mut text = String::new();
    for (violation, count) in counts {
        let _ = writeln!(text, "{count:>5} × {violation}");
    }
    text
}

fn read(file: &Path) -> Value {
    let text =
        std::fs::read_to_string(file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}

impl Version {
    fn read(prefix: &'static str, file: &Path) -> Self {
        let mut document = read(file);
        reduced::add(&mut document, prefix.trim_start_matches('/'));
        let paths = document["paths"].as_object().expect("paths");
        let components = document["components"]["schemas"]
            .as_object()
            .expect("schemas");
        let components = schema::completed(components);
        Self {
            prefix,
            templates: paths.keys().map(|path| Template::new(path)).collect(),
            strict: Schemas::new(&components, true),
            lenient: Schemas::new(&components, false),
            document,
        }
    }

    /// The operation for a method and a path without the version, with its path template.
    fn operation(&self, method: &str, path: &str) -> Result<(&Value, &str), String> {
        let template = paths::find(&self.templates, path)
            .ok_or_else(|| format!("{method} {}{path}: unknown path", self.prefix))?;
        let operation = self.document["paths"][template].get(method.to_lowercase());
        let operation =
            operation.ok_or_else(|| format!("{method} {}{template}: unknown verb", self.prefix))?;
        Ok((operation, template))
    }

    /// Follows `$ref` until there is none.
    fn resolve<'v>(&'v self, mut node: &'v Value) -> &'v Value {
        while let Some(reference) = node["$ref"].as_str() {
            node = self
                .document
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or_else(|| panic!("{reference} leads nowhere"));
        }
        node
    }

    /// The JSON schema of a request body or a response, `None` if it has no content.
    fn content<'v>(&'v self, holder: &'v Value) -> Option<&'v Value> {
        self.resolve(holder)
            .pointer("/content/application~1json/schema")
    }
}
