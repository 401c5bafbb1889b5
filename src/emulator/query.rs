//! The query options of a request, decoded.

use super::reply::Refusal;

/// The decoded query options of a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The value of an option. As in Graph, the `$` in front of its name is optional.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(key, _)| key == name || name.strip_prefix('$') == Some(key));
        found.map(|(_, value)| value.as_str())
    }

    /// Refuses options that Graph does not support.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        const KNOWN: [&str; 9] = [
            "$filter",
            "$select",
            "$top",
            "$count",
            "$expand",
            "$orderby",
            "$skiptoken",
            "$search",
            "$skip",
        ];
        for (name, _) in &self.0 {
            if name.starts_with('$') && !KNOWN.contains(&name.as_str()) {
                return Err(Refusal::gateway(format!(
                    "Query option '{name}' was not recognized."
                )));
            }
        }
        Ok(())
    }

    /// All options in their order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
