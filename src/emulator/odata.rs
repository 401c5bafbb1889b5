//! Query options: `$filter`, `$select`, `$top`, `$count`, `$expand`, `$orderby` and pagination.
//!
//! Unknown options and unknown properties are refused, as by Graph.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::filter;
use super::query::Query;
use super::reply::{Answer, Refusal, Reply};

/// Default page size.
const PAGE: usize = 100;
/// Largest page size.
const LARGEST_PAGE: usize = 999;

/// One type of object, with the properties for query options.
pub(super) struct Entity {
    /// The name of the type in Graph, without its namespace.
    pub(super) name: &'static str,
    /// Properties that can be selected and filtered.
    pub(super) properties: &'static [&'static str],
    /// Properties that v1.0 returns without `$select`; empty means all.
    pub(super) usual: &'static [&'static str],
    /// Whether the rules of directory objects apply: text is compared without case, and some filters require `ConsistencyLevel`.
    pub(super) directory: bool,
}

impl Entity {
    /// The properties in `$select`, or those that are returned without it.
    fn selected<'q>(&self, query: &'q Query, beta: bool) -> Result<Vec<&'q str>, Refusal> {
        let Some(list) = query.get("$select") else {
            return Ok(if beta {
                Vec::new()
            } else {
                self.usual.to_vec()
            });
        };
        let names: Vec<&str> = list
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        for name in &names {
            if !self.knows(name) {
                return Err(Refusal::gateway(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                    self.name
                )));
            }
        }
        Ok(names)
    }

    fn knows(&self, name: &str) -> bool {
        name == "*" || self.properties.contains(&name) || name.starts_with("extension_")
    }
}

/// The object with only the selected properties, without the internal ones of the emulator.
fn project(object: &Value, names: &[&str]) -> Value {
    let Some(object) = object.as_object() else {
        return object.clone();
    };
    if names.is_empty() || names.contains(&"*") {
        let kept = object.iter().filter(|(name, _)| !name.starts_with('_'));
        return Value::Object(
            kept.map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        );
    }
    let mut kept = Map::new();
    for name in names {
        kept.insert(
            (*name).to_owned(),
            object.get(*name).cloned().unwrap_or(Value::Null),
        );
    }
    // The key is returned even if it is not selected.
    if let Some(id) = object.get("id") {
        kept.entry("id").or_insert_with(|| id.clone());
    }
    if let Some(kind) = object.get("@odata.type") {
        kept.insert("@odata.type".to_owned(), kind.clone());
    }
    Value::Object(kept)
}

/// Returns a single object.
pub(super) fn single(call: &Call, object: &Value, entity: &Entity, context: &str) -> Answer {
    call.query.check()?;
    let names = entity.selected(&call.query, call.beta)?;
    Ok(Reply::ok(with_context(
        call,
        project(object, &names),
        &format!("{context}/$entity"),
    )))
}

/// Returns an object whose properties cannot be selected.
pub(super) fn document(call: &Call, object: Value, context: &str) -> Answer {
    call.query.check()?;
    Ok(Reply::ok(with_context(call, object, context)))
}

/// Adds `@odata.context` in front.
pub(super) fn with_context(call: &Call, object: Value, context: &str) -> Value {
    let mut full = Map::new();
    full.insert(
        "@odata.context".to_owned(),
        json!(format!("{}/$metadata#{context}", call.root)),
    );
    if let Value::Object(object) = object {
        full.extend(object);
    }
    Value::Object(full)
}

/// Returns a page of a collection, filtered and ordered.
pub(super) fn list<'v>(
    call: &Call,
    objects: impl Iterator<Item = &'v Value>,
    entity: &Entity,
    context: &str,
) -> Answer {
    let query = &call.query;
    query.check()?;
    let names = entity.selected(query, call.beta)?;
    let count = query.get("$count") == Some("true");
    if count && entity.directory && !call.eventual {
        return Err(unsupported(
            "$count is only supported with the header ConsistencyLevel: eventual.",
        ));
    }
    if query.get("$search").is_some() {
        return Err(unsupported("$search is not supported by this emulator."));
    }
    let mut found = filtered(call, objects.collect(), entity)?;
    sort(&mut found, query, entity)?;
    let total = found.len();
    let top = page_size(query)?;
    let start = match query.get("$skiptoken") {
        Some(token) => offset(token)?,
        None => query
            .get("$skip")
            .and_then(|skip| skip.parse().ok())
            .unwrap_or(0),
    };
    let page: Vec<Value> = found
        .iter()
        .skip(start)
        .take(top)
        .map(|object| project(object, &names))
        .collect();
    let mut body = json!({ "@odata.context": format!("{}/$metadata#{context}", call.root) });
    if count {
        body["@odata.count"] = json!(total);
    }
    if start + top < total {
        body["@odata.nextLink"] = json!(next_link(call, start + top));
    }
    body["value"] = Value::Array(page);
    Ok(Reply::ok(body))
}

/// Graph accepts no more values than this in one condition on directory objects.
const MOST_VALUES: usize = 15;

fn filtered<'v>(
    call: &Call,
    objects: Vec<&'v Value>,
    entity: &Entity,
) -> Result<Vec<&'v Value>, Refusal> {
    let Some(text) = call.query.get("$filter") else {
        return Ok(objects);
    };
    let filter = filter::parse(text)
        .map_err(|why| Refusal::gateway(format!("Invalid filter clause: {why}.")))?;
    if let Some(name) = filter
        .properties()
        .into_iter()
        .find(|name| !entity.knows(name))
    {
        return Err(Refusal::gateway(format!(
            "Invalid filter clause: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
            entity.name
        )));
    }
    let values = filter.longest_list();
    if entity.directory && values > MOST_VALUES {
        return Err(unsupported(&format!(
            "Too many child clauses specified in search filter expression containing 'OR' operators: {values}. Max allowed: \
             {MOST_VALUES}."
        )));
    }
    if entity.directory
        && filter.is_advanced()
        && !(call.eventual && call.query.get("$count") == Some("true"))
    {
        return Err(unsupported(
            "Operator or function is only supported with $count=true and the header ConsistencyLevel: eventual.",
        ));
    }
    Ok(objects
        .into_iter()
        .filter(|object| filter.passes(object, entity.directory))
        .collect())
}

fn unsupported(message: &str) -> Refusal {
    Refusal::new(400, "Request_UnsupportedQuery", message)
}

fn sort(objects: &mut [&Value], query: &Query, entity: &Entity) -> Result<(), Refusal> {
    let Some(order) = query.get("$orderby") else {
        return Ok(());
    };
    let (name, descending) = match order.split_once(' ') {
        Some((name, direction)) => (name, direction.trim() == "desc"),
        None => (order, false),
    };
    if !entity.knows(name) {
        return Err(Refusal::gateway(format!(
            "Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
            entity.name
        )));
    }
    objects.sort_by(|a, b| {
        let order = a[name]
            .as_str()
            .unwrap_or_default()
            .cmp(b[name].as_str().unwrap_or_default());
        if descending { order.reverse() } else { order }
    });
    Ok(())
}

fn page_size(query: &Query) -> Result<usize, Refusal> {
    let Some(top) = query.get("$top") else {
        return Ok(PAGE);
    };
    match top.parse() {
        Ok(size) if (1..=LARGEST_PAGE).contains(&size) => Ok(size),
        _ => Err(Refusal::bad(format!(
            "Invalid page size specified: '{top}'. Must be between 1 and {LARGEST_PAGE} inclusive."
        ))),
    }
}

/// The start of a page. The token is opaque to clients, which follow the link unchanged.
fn offset(token: &str) -> Result<usize, Refusal> {
    token
        .strip_prefix("RFNwdAIAAQ")
        .and_then(|hex| usize::from_str_radix(hex, 16).ok())
        .ok_or_else(|| Refusal::new(400, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request."))
}

fn next_link(call: &Call, start: usize) -> String {
    let address = format!("{}{}?", call.root, call.path);
    let options = address.len();
    let mut link = url::form_urlencoded::Serializer::for_suffix(address, options);
    let position = ["$skiptoken", "$skip"];
    for (name, value) in call.query.pairs() {
        if !position.contains(&name) {
            link.append_pair(name, value);
        }
    }
    link.append_pair("$skiptoken", &format!("RFNwdAIAAQ{start:08x}"));
    link.finish()
}
