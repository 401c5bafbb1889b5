//! Builds `$filter` expressions from conditions, safe against injection.

use super::prelude::graph;

/// Conditions combined with `and`.
#[derive(Debug, Default)]
pub(super) struct Filter(Vec<String>);

impl Filter {
    /// Adds a condition if `value` is set. The function builds the condition from the value as a literal.
    pub(super) fn and(
        mut self,
        value: Option<&str>,
        condition: impl FnOnce(&str) -> String,
    ) -> Self {
        self.0.extend(value.map(|value| condition(&literal(value))));
        self
    }

    /// Adds a condition about a timestamp or a date, which is not quoted.
    pub(super) fn timestamp(mut self, moment: Option<&str>, condition: &str) -> Self {
        let written = moment.and_then(super::timestamp::graph_instant);
        self.0
            .extend(written.map(|moment| format!("{condition} {moment}")));
        self
    }

    /// Returns the query option followed by an ampersand, or nothing if there are no conditions.
    pub(super) fn option(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        format!("$filter={}&", graph::segment(&self.0.join(" and ")))
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> String {
        self.0.join(" and ")
    }
}

/// Quotes a string as a literal.
pub(crate) fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_values() {
        let filter = Filter::default()
            .and(Some("O'Neil' or 1 eq 1"), |name| {
                format!("displayName eq {name}")
            })
            .and(None, |_| unreachable!("nothing to compare with"))
            .timestamp(Some("2026-01-31"), "activityDateTime ge");
        let expected =
            "displayName eq 'O''Neil'' or 1 eq 1' and activityDateTime ge 2026-01-31T00:00:00Z";
        assert_eq!(filter.text(), expected);
        assert!(
            filter
                .option()
                .starts_with("$filter=displayName%20eq%20%27O%27%27Neil")
        );
        assert_eq!(Filter::default().option(), "");
    }
}
