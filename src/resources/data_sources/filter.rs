//! `$filter`, put together of conditions in which no value can become syntax.

use super::prelude::graph;

/// Conditions that must all hold.
#[derive(Debug, Default)]
pub(super) struct Filter(Vec<String>);

impl Filter {
    /// One more condition, where `value` is there; the function makes it from the value as a literal.
    pub(super) fn and(
        mut self,
        value: Option<&str>,
        condition: impl FnOnce(&str) -> String,
    ) -> Self {
        self.0.extend(value.map(|value| condition(&literal(value))));
        self
    }

    /// One more condition about a moment or a day, which stands without quotes.
    pub(super) fn timestamp(mut self, moment: Option<&str>, condition: &str) -> Self {
        let written = moment.and_then(super::timestamp::graph_instant);
        self.0
            .extend(written.map(|moment| format!("{condition} {moment}")));
        self
    }

    /// The query option with an ampersand behind it, or nothing where there are no conditions.
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

/// A text as a literal.
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
