//! Scoping filters: groups of clauses. A filter is satisfied if all clauses of one group are.

use fancy_regex::Regex;
use serde_json::Value as Json;

use super::directory::{Columns, Record};
use super::value::Value;

/// The scoping filter of an object mapping.
#[derive(Debug, Default)]
pub struct Filter {
    groups: Vec<(String, Vec<Clause>)>,
}

/// A clause of a filter.
#[derive(Debug)]
pub struct Clause {
    group: String,
    attribute: String,
    column: usize,
    test: Test,
    text: String,
}

#[derive(Debug)]
enum Test {
    Equals(Vec<String>),
    NotEquals(Vec<String>),
    IsNull,
    IsNotNull,
    IsTrue,
    IsFalse,
    Contains(String),
    NotContains(String),
    EndsWith(String),
    Greater(Option<i64>),
    GreaterOrEqual(Option<i64>),
    Matches(Option<Box<Regex>>),
    NotMatches(Option<Box<Regex>>),
    /// An operator that cross-tenant synchronization does not support.
    Never,
}

/// The result of a clause for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseResult {
    /// The clause in the format of the provisioning log.
    pub clause: String,
    /// The value of the source object.
    pub value: Value,
    /// Whether it is satisfied.
    pub met: bool,
}

impl Filter {
    /// Reads Graph's `scope` of an object mapping.
    pub(super) fn read(scope: &Json, columns: &mut Columns) -> Self {
        let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
        let groups = list(&scope["groups"]).into_iter().map(|group| {
            let name = group["name"].as_str().unwrap_or_default().to_owned();
            let clauses = list(&group["clauses"]);
            let clauses = clauses
                .iter()
                .map(|clause| Clause::read(&name, clause, columns));
            (name.clone(), clauses.collect())
        });
        Self {
            groups: groups.collect(),
        }
    }

    /// Whether it has no clauses, so that all objects pass.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.groups.is_empty()
    }

    /// Whether it contains a regular expression.
    pub(super) fn has_pattern(&self) -> bool {
        let mut clauses = self.groups.iter().flat_map(|(_, clauses)| clauses);
        clauses.any(|clause| matches!(clause.test, Test::Matches(_) | Test::NotMatches(_)))
    }

    /// Whether the object satisfies the filter.
    pub(super) fn passes(&self, record: &Record) -> bool {
        self.is_open()
            || self
                .groups
                .iter()
                .any(|(_, clauses)| clauses.iter().all(|clause| clause.holds(record)))
    }

    /// Returns the first clause that is not satisfied, for an object that does not pass.
    pub(super) fn unmet(&self, record: &Record) -> Option<&Clause> {
        let mut clauses = self.groups.iter().flat_map(|(_, clauses)| clauses);
        clauses.find(|clause| !clause.holds(record))
    }

    /// Returns every clause with its value.
    pub(super) fn explained(&self, record: &Record) -> Vec<ClauseResult> {
        let clauses = self.groups.iter().flat_map(|(_, clauses)| clauses);
        clauses
            .map(|clause| ClauseResult {
                clause: clause.text.clone(),
                value: record.value(clause.column).clone(),
                met: clause.holds(record),
            })
            .collect()
    }
}

impl Clause {
    fn read(group: &str, clause: &Json, columns: &mut Columns) -> Self {
        let attribute = clause["sourceOperandName"].as_str().unwrap_or_default();
        let operator = clause["operatorName"].as_str().unwrap_or_default();
        let values = clause["targetOperand"]["values"].as_array();
        let values: Vec<String> = values
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect();
        let operand = match values.len() {
            0 => String::new(),
            _ => format!(" '{}'", values.join(",")),
        };
        Self {
            group: group.to_owned(),
            attribute: attribute.to_owned(),
            column: columns.column(attribute),
            text: format!("{group}.{attribute} {operator}{operand}"),
            test: Test::read(operator, values),
        }
    }

    /// The clause in the format of the provisioning log: `Sales staff.department EQUALS 'Sales'`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The group of the clause.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The attribute of the clause.
    #[must_use]
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// Null and empty values satisfy `IS NULL` only; according to the documentation this includes the negated operators.
    fn holds(&self, record: &Record) -> bool {
        let value = record.value(self.column);
        if value.is_empty() {
            return matches!(self.test, Test::IsNull);
        }
        match value {
            Value::Text(text) | Value::Reference(text) => self.test.holds(text),
            other => self.test.holds(&other.bare()),
        }
    }
}

impl Test {
    fn read(operator: &str, values: Vec<String>) -> Self {
        let first = values.first().cloned().unwrap_or_default();
        let number = first.trim().parse().ok();
        let pattern = || Regex::new(&first).ok().map(Box::new);
        match operator {
            "EQUALS" => Self::Equals(values),
            "NOT EQUALS" => Self::NotEquals(values),
            "IS NULL" => Self::IsNull,
            "IS NOT NULL" => Self::IsNotNull,
            "IS TRUE" => Self::IsTrue,
            "IS FALSE" => Self::IsFalse,
            "&" | "Includes" => Self::Contains(first),
            "!&" => Self::NotContains(first),
            "ENDS_WITH" => Self::EndsWith(first),
            "Greater_Than" => Self::Greater(number),
            "Greater_Than_OR_EQUALS" => Self::GreaterOrEqual(number),
            "REGEX MATCH" => Self::Matches(pattern()),
            "NOT REGEX MATCH" => Self::NotMatches(pattern()),
            _ => Self::Never,
        }
    }

    /// For a value that is not empty. Comparisons are case-sensitive.
    fn holds(&self, text: &str) -> bool {
        let number = || text.trim().parse::<i64>().ok();
        match self {
            Self::Equals(values) => values.iter().any(|value| value == text),
            Self::NotEquals(values) => values.iter().all(|value| value != text),
            Self::IsNotNull => true,
            Self::IsTrue => text.eq_ignore_ascii_case("true"),
            Self::IsFalse => text.eq_ignore_ascii_case("false"),
            Self::Contains(part) => text.contains(part.as_str()),
            Self::NotContains(part) => !text.contains(part.as_str()),
            Self::EndsWith(end) => text.ends_with(end.as_str()),
            Self::Greater(than) => number().zip(*than).is_some_and(|(a, b)| a > b),
            Self::GreaterOrEqual(than) => number().zip(*than).is_some_and(|(a, b)| a >= b),
            Self::Matches(pattern) => found(pattern.as_deref(), text),
            Self::NotMatches(pattern) => !found(pattern.as_deref(), text),
            Self::IsNull | Self::Never => false,
        }
    }
}

/// Searches the whole text. A pattern that cannot be compiled or takes too long does not match.
fn found(pattern: Option<&Regex>, text: &str) -> bool {
    pattern.is_some_and(|pattern| pattern.is_match(text).unwrap_or(false))
}
