//! Lists of users and groups: by name, by ID, by the beginning of a name, or by a custom filter.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::filter::literal;
use super::prelude::*;

/// The default number of log entries to read.
const MOST: usize = 100;

/// Returns the maximum number of entries to read.
pub(super) fn most(max_results: Option<i64>) -> usize {
    max_results.map_or(MOST, |most| usize::try_from(most).unwrap_or(usize::MAX))
}

/// Removes duplicate log entries. New entries push existing ones to the next page, where they are read again.
pub(super) fn distinct(mut entries: Vec<Json>) -> Vec<Json> {
    let mut seen = HashSet::new();
    entries.retain(|entry| {
        let id = text(entry, "id");
        id.is_none_or(|id| seen.insert(id))
    });
    entries
}

/// A collection that can be listed.
pub(super) struct Collection {
    /// The path, for example `/users`.
    pub(super) path: &'static str,
    /// The noun for an object in a message.
    pub(super) noun: &'static str,
    /// The properties to read.
    pub(super) select: &'static str,
}

impl Collection {
    /// Returns the objects that match a filter. If Graph supports it only as an advanced query, the request is repeated as one.
    pub(super) async fn filtered(&self, context: &Context, filter: &str) -> Result<Vec<Json>> {
        let path = format!(
            "{}?$filter={}&$select={}&$top=999",
            self.path,
            graph::segment(filter),
            self.select
        );
        match context.graph.list(&path).await {
            Err(error) if error.has_code("Request_UnsupportedQuery") => {
                Ok(context.graph.list(&format!("{path}&$count=true")).await?)
            }
            result => Ok(result?),
        }
    }

    /// Returns the objects whose name begins with `prefix`.
    pub(super) async fn named(&self, context: &Context, prefix: &str) -> Result<Vec<Json>> {
        let filter = format!("startswith(displayName,{})", literal(prefix));
        self.filtered(context, &filter).await
    }

    /// Reads the objects with `keys`, which are IDs or alternate keys, in their order. Also returns the keys without an object.
    pub(super) async fn each(
        &self,
        context: &Context,
        keys: &[String],
    ) -> Result<(Vec<Json>, Vec<String>)> {
        let path = |key: &String| {
            let key = graph::segment(key);
            format!("{}/{key}?$select={}", self.path, self.select)
        };
        let paths: Vec<String> = keys.iter().map(path).collect();
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (key, answer) in keys.iter().zip(context.graph.batch_get(&paths).await?) {
            match answer? {
                Some(object) => found.push(object),
                None => missing.push(key.clone()),
            }
        }
        Ok((found, missing))
    }

    /// Returns an error if objects are missing that are required.
    pub(super) fn complain(
        &self,
        context: &Context,
        attribute: &str,
        missing: &[String],
        ignore_missing: Option<bool>,
    ) -> Result {
        if missing.is_empty() || ignore_missing == Some(true) {
            return Ok(());
        }
        let detail = format!(
            "Tenant {} has no {} {}. Correct `{attribute}`, or set `ignore_missing = true`.",
            context.tenant_id(),
            self.noun,
            missing.join(", ")
        );
        let summary = format!("{} of {} cannot be found", missing.len(), self.path);
        Err(Problem::at(attribute, summary, detail))
    }
}

/// Reports an error unless exactly one of several attributes is set. An unknown attribute may turn out to be set or null.
pub(super) fn exactly_one_of(config: &Value, names: &[&str], found: &mut Diagnostics) {
    if names.iter().any(|name| config.member(name).is_unknown()) {
        return;
    }
    let set: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !config.member(name).is_null())
        .collect();
    if set.len() == 1 {
        return;
    }
    let quoted = |names: &[&str]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        quoted.join(", ")
    };
    let problem = if set.is_empty() {
        "none is".to_owned()
    } else {
        format!("{} are", quoted(&set))
    };
    let detail = format!(
        "Exactly one of {} must be set, but {problem}.",
        quoted(names)
    );
    let at = Path::root(set.last().unwrap_or(&names[0]));
    found.push(Diagnostic::error("Set exactly one search argument", detail).at(at));
}

/// Checks a list of object IDs.
pub(super) fn guids(value: &Value) -> Result<(), String> {
    let elements = value.as_elements().unwrap_or_default();
    let wrong = elements.iter().find_map(|id| Check::Guid.violation(id));
    wrong.map_or(Ok(()), |wrong| {
        Err(format!("a list of which each is {wrong}"))
    })
}

/// Returns the IDs of the objects.
pub(super) fn ids(objects: &[Json]) -> Vec<String> {
    objects
        .iter()
        .filter_map(|object| text(object, "id"))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_entry_of_a_log_is_listed_once() {
        let entry = |id: &str| serde_json::json!({ "id": id });
        let none = serde_json::json!({});
        let found = super::distinct(vec![
            entry("b"),
            entry("a"),
            none.clone(),
            entry("b"),
            none.clone(),
        ]);
        assert_eq!(found, [entry("b"), entry("a"), none.clone(), none]);
    }

    use super::*;

    #[test]
    fn exactly_one_way_to_look() {
        let config = |pairs: &[(&str, Value)]| {
            Value::Object(
                pairs
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect(),
            )
        };
        let judge = |pairs: &[(&str, Value)]| {
            let mut found = Diagnostics::new();
            exactly_one_of(&config(pairs), &["a", "b", "c"], &mut found);
            found.pop().map(|one| one.detail)
        };
        let of = "Exactly one of `a`, `b`, `c` must be set, but ";
        assert_eq!(judge(&[("b", "x".into())]), None);
        assert_eq!(judge(&[("b", "x".into()), ("c", Value::Unknown)]), None);
        assert_eq!(judge(&[]), Some(format!("{of}none is.")));
        assert_eq!(
            judge(&[("a", "x".into()), ("c", "y".into())]),
            Some(format!("{of}`a`, `c` are."))
        );
    }

    #[test]
    fn a_hundred_unless_said_otherwise() {
        assert_eq!((most(None), most(Some(7))), (100, 7));
    }
}
