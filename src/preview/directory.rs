//! The two directories, as much of them as a configuration looks at.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::attributes;
use super::matching::Origin;
use super::value::Value;

/// Which attributes are looked at, each by its number.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Columns {
    /// The number of an attribute, which is new where nobody has asked for it yet.
    pub(super) fn column(&mut self, attribute: &str) -> usize {
        if let Some(number) = self.numbers.get(attribute) {
            return *number;
        }
        let number = self.names.len();
        self.names.push(attribute.to_owned());
        self.numbers.insert(attribute.to_owned(), number);
        number
    }

    /// The number of an attribute that is looked at.
    pub(super) fn find(&self, attribute: &str) -> Option<usize> {
        self.numbers.get(attribute).copied()
    }

    /// The attributes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The value of an attribute; null where it is not looked at.
    #[must_use]
    pub fn value<'r>(&self, record: &'r Record, attribute: &str) -> &'r Value {
        let column = self.find(attribute);
        column.map_or(&Value::Null, |column| record.value(column))
    }

    /// An object of the directory, reduced to these attributes.
    #[must_use]
    pub fn record(&self, object: &Json) -> Record {
        let values = self.names.iter();
        Record {
            id: object["id"].as_str().unwrap_or_default().into(),
            values: values.map(|name| attributes::read(object, name)).collect(),
        }
    }
}

/// A user or group with the attributes that are looked at.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Its object ID.
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
    /// Its attributes, by the engine's columns of the source.
    pub record: Record,
    /// Whether SMS sign-in is on; none where that was not looked up.
    pub sms_sign_in: Option<bool>,
    /// Whether it has a license with Microsoft Entra ID P1; none where that was not looked up.
    pub licensed: Option<bool>,
    /// Whether this job manages the copy, where that is known from the user rather than from the copy.
    pub managed: Option<bool>,
}

/// A user of the target tenant.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its attributes, by the engine's columns of the target.
    pub record: Record,
    /// Whether it is in the recycle bin.
    pub deleted: bool,
    /// The source user it stands for, where that is known from elsewhere than its name.
    pub origin: Option<Origin>,
}

/// A user that is in scope and would come to the target, for those who refer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is there already.
    There,
    /// It arrives with the cycle.
    Arrives,
}
