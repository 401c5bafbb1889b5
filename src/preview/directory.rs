//! The objects of the two directories, reduced to the attributes that a configuration uses.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::attributes;
use super::matching::Origin;
use super::value::Value;

/// The attributes that are used, each with its number.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Columns {
    /// Returns the number of an attribute, and adds it if it is new.
    pub(super) fn column(&mut self, attribute: &str) -> usize {
        if let Some(number) = self.numbers.get(attribute) {
            return *number;
        }
        let number = self.names.len();
        self.names.push(attribute.to_owned());
        self.numbers.insert(attribute.to_owned(), number);
        number
    }

    /// Returns the number of an attribute that is used.
    pub(super) fn find(&self, attribute: &str) -> Option<usize> {
        self.numbers.get(attribute).copied()
    }

    /// The attributes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Returns the value of an attribute; null if it is not used.
    #[must_use]
    pub fn value<'r>(&self, record: &'r Record, attribute: &str) -> &'r Value {
        let column = self.find(attribute);
        column.map_or(&Value::Null, |column| record.value(column))
    }

    /// Reduces an object of the directory to these attributes.
    #[must_use]
    pub fn record(&self, object: &Json) -> Record {
        let values = self.names.iter();
        Record {
            id: object["id"].as_str().unwrap_or_default().into(),
            values: values.map(|name| attributes::read(object, name)).collect(),
        }
    }
}

/// A user or group with the attributes that are used.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The object ID.
    pub id: Box<str>,
    values: Box<[Value]>,
}

impl Record {
    pub(super) fn value(&self, column: usize) -> &Value {
        self.values.get(column).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, column: usize) -> Option<&str> {
        match self.value(column) {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

/// A user of the source tenant.
#[derive(Clone, Debug)]
pub struct Source {
    /// The attributes, by the source columns of the configuration.
    pub record: Record,
    /// Whether SMS sign-in is enabled; `None` if unknown.
    pub sms_sign_in: Option<bool>,
    /// Whether the user has a license with Microsoft Entra ID P1; `None` if unknown.
    pub licensed: Option<bool>,
    /// Whether this job manages the copy, if that is known from the user rather than from the copy.
    pub managed: Option<bool>,
}

/// A user of the target tenant.
#[derive(Clone, Debug)]
pub struct Target {
    /// The attributes, by the target columns of the configuration.
    pub record: Record,
    /// Whether the user is in the recycle bin.
    pub deleted: bool,
    /// The source user of this copy, if known from another source than its name.
    pub origin: Option<Origin>,
}

/// The presence in the target of a user in scope, for references to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It exists already.
    There,
    /// The cycle creates it.
    Arrives,
}
