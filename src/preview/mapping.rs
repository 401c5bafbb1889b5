//! Attribute mappings, compiled once: from the attributes of a source user to those of its copy.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::attributes;
use super::directory::{Columns, Record};
use super::value::Value;
use expression::{self, Expression, Literal, Node};

/// An attribute mapping.
#[derive(Debug)]
pub struct AttributeMapping {
    target: String,
    /// The column of the target attribute.
    pub(super) column: usize,
    source: Origin,
    default: Option<Value>,
    flow: Flow,
}

/// When the mapping applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Always,
    /// Only when the copy is created.
    Creating,
}

#[derive(Debug)]
enum Origin {
    /// No source, only a default.
    Nothing,
    Attribute(usize),
    Constant(Value),
    Computed(Box<Computed>),
    /// The schema contains an invalid expression.
    Broken(String),
}

#[derive(Debug)]
struct Computed {
    expression: Expression,
    inputs: Vec<(String, usize)>,
}

/// The reason why a mapping has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unmapped {
    pub(super) attribute: String,
    pub(super) why: String,
    /// Whether only the service can evaluate it, so that it does not fail there.
    pub(super) only_service: bool,
}

/// The properties of the copy that its values depend on.
#[derive(Clone, Copy)]
pub(super) struct Destination<'d> {
    pub(super) domain: &'d str,
    pub(super) creating: bool,
}

impl AttributeMapping {
    /// Reads one of Graph's `attributeMappings`; `None` if it is only for matching or deletion.
    pub(super) fn read(mapping: &Json, source: &mut Columns, target: &mut Columns) -> Option<Self> {
        let name = mapping["targetAttributeName"].as_str()?;
        let matches = mapping["matchingPriority"].as_i64().unwrap_or(0) > 0;
        if matches || attributes::is_internal(name) {
            return None;
        }
        let default = Value::of(&mapping["defaultValue"]);
        Some(Self {
            target: name.to_owned(),
            column: target.column(name),
            source: Origin::read(&mapping["source"], source),
            default: (!default.is_empty()).then_some(default),
            flow: match mapping["flowType"].as_str() {
                Some("ObjectAddOnly" | "AttributeAddOnly") => Flow::Creating,
                _ => Flow::Always,
            },
        })
    }

    /// The target attribute.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Whether it refers to another object, so that it is written after all objects.
    pub(super) fn is_reference(&self) -> bool {
        attributes::is_reference(&self.target)
    }

    /// Whether only the service can evaluate its expression.
    pub(super) fn needs_service(&self) -> bool {
        matches!(&self.source, Origin::Computed(computed) if !is_local(&computed.expression))
    }

    /// Returns the value for this object; null if nothing is written. A default applies to new objects only.
    pub(super) fn value(&self, record: &Record, to: Destination) -> Result<Value, Unmapped> {
        if self.flow == Flow::Creating && !to.creating {
            return Ok(Value::Null);
        }
        let value = match &self.source {
            Origin::Nothing => Value::Null,
            Origin::Attribute(column) => record.value(*column).clone(),
            Origin::Constant(value) => value.clone(),
            Origin::Computed(computed) => computed.value(record).map_err(|why| Unmapped {
                attribute: self.target.clone(),
                why,
                only_service: !is_local(&computed.expression),
            })?,
            Origin::Broken(why) => {
                return Err(Unmapped {
                    attribute: self.target.clone(),
                    why: why.clone(),
                    only_service: false,
                });
            }
        };
        let value = match &self.default {
            Some(default) if value.is_empty() && to.creating => default.clone(),
            _ => value,
        };
        Ok(self.written(value, to.domain))
    }

    /// Converts a value to its form in the target.
    fn written(&self, value: Value, domain: &str) -> Value {
        if value.is_empty() {
            return Value::Null;
        }
        match self.target.as_str() {
            "userPrincipalName" => Value::text(&external_name(&value.bare(), domain)),
            "manager" => Value::Reference(value.bare().into()),
            name if attributes::is_boolean(name) => {
                Value::Bool(value.bare().eq_ignore_ascii_case("true"))
            }
            _ => match value {
                Value::Text(_) => value,
                other => Value::text(&other.bare()),
            },
        }
    }
}

impl Origin {
    fn read(source: &Json, columns: &mut Columns) -> Self {
        if source.is_null() {
            return Self::Nothing;
        }
        match Expression::from_source(source) {
            Err(why) => Self::Broken(why.to_string()),
            Ok(expression) => match &expression.node {
                Node::Attribute(name) => Self::Attribute(columns.column(name)),
                Node::Literal(Literal::Text(text)) => Self::Constant(Value::text(text)),
                _ => {
                    let inputs = expression.attributes().into_iter();
                    let inputs = inputs.map(|name| (name.to_owned(), columns.column(name)));
                    Self::Computed(Box::new(Computed {
                        inputs: inputs.collect(),
                        expression: expression.clone(),
                    }))
                }
            },
        }
    }
}

impl Computed {
    fn value(&self, record: &Record) -> Result<Value, String> {
        let inputs = self.inputs.iter();
        let inputs: BTreeMap<String, expression::Value> = inputs
            .map(|(name, column)| (name.clone(), record.value(*column).for_expression()))
            .collect();
        expression::evaluate(&self.expression, &inputs)
            .map(Value::of_expression)
            .map_err(|why| why.to_string())
    }
}

fn is_local(expression: &Expression) -> bool {
    match &expression.node {
        Node::Attribute(_) | Node::Literal(_) => true,
        Node::Comparison { left, right, .. } => is_local(left) && is_local(right),
        Node::Call {
            function,
            arguments,
        } => function.refusal().is_none() && arguments.iter().flatten().all(is_local),
    }
}

/// Returns the name of `ada@contoso.example` as an external user of another domain.
pub(super) fn external_name(name: &str, domain: &str) -> String {
    if name.contains("#EXT#") {
        name.to_owned()
    } else {
        format!("{}#EXT#@{domain}", name.replace('@', "_"))
    }
}
