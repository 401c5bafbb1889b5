//! The live schema document in Graph's format, and its conversion to attributes.
//!
//! Names and IDs of rules are never assumed: see `part.rs` for the search for the mappings of users and groups.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::part::Objects;
use super::{AttributeMapping, Clause, ObjectActions, ScopingFilter};
use super::{guards, names};
use expression::{self, Expression, Literal, Node};

/// The application of a mapping, in Terraform's and Graph's spelling.
const APPLY: [(&str, &str); 5] = [
    ("always", "Always"),
    ("only_during_creation", "ObjectAddOnly"),
    ("multi_value_add_only", "MultiValueAddOnly"),
    ("value_add_only", "ValueAddOnly"),
    ("attribute_add_only", "AttributeAddOnly"),
];

/// Operations on objects in the target tenant, in Graph's order.
const ACTIONS: [&str; 3] = ["Add", "Update", "Delete"];

/// Returns the mapping of users or groups.
pub(super) fn object_mapping(document: &Json, objects: Objects) -> Option<&Json> {
    let (rule, at) = objects.place(document)?;
    Some(&document["synchronizationRules"][rule]["objectMappings"][at])
}

/// Returns the mapping of users or groups, mutable.
pub(super) fn object_mapping_mut(document: &mut Json, objects: Objects) -> Option<&mut Json> {
    let (rule, at) = objects.place(document)?;
    Some(&mut document["synchronizationRules"][rule]["objectMappings"][at])
}

/// Returns the elements of an array; empty if it is not an array.
pub(super) fn elements(json: &Json) -> &[Json] {
    json.as_array().map_or(&[][..], Vec::as_slice)
}

/// Returns the target attribute of a mapping.
pub(super) fn target(mapping: &Json) -> &str {
    mapping["targetAttributeName"].as_str().unwrap_or_default()
}

/// Whether the target attribute of this mapping is a matching attribute.
pub(super) fn is_matching(mapping: &Json) -> bool {
    mapping["matchingPriority"].as_i64().unwrap_or(0) > 0
        || names::MATCHING.contains(&target(mapping))
}

/// Whether this mapping is kept even if a configuration manages all mappings.
pub(super) fn is_built_in(mapping: &Json) -> bool {
    is_matching(mapping) || target(mapping) == names::DELETED
}

/// Returns the attribute mappings, each with its target.
pub(super) fn mappings(document: &Json, objects: Objects) -> impl Iterator<Item = (&str, &Json)> {
    let mapping = object_mapping(document, objects).unwrap_or(&Json::Null);
    elements(&mapping["attributeMappings"])
        .iter()
        .map(|mapping| (target(mapping), mapping))
}

/// Returns the groups of clauses of a scoping filter.
pub(super) fn filter_groups(document: &Json, objects: Objects) -> &Json {
    object_mapping(document, objects).map_or(&Json::Null, |mapping| &mapping["scope"]["groups"])
}

/// Returns the matching attributes, each with the expression of its value.
pub(super) fn matching(document: &Json, objects: Objects) -> BTreeMap<String, String> {
    mappings(document, objects)
        .filter(|(_, mapping)| is_matching(mapping))
        .map(|(target, mapping)| (target.to_owned(), text_of(&mapping["source"])))
        .collect()
}

/// Converts a mapping to an attribute value.
pub(super) fn shown(objects: Objects, mapping: &Json) -> AttributeMapping {
    let source = &mapping["source"];
    let (mut attribute, mut constant, mut expression) = (None, None, None);
    let read = Expression::from_source(source);
    let is_unknown =
        !source.is_null() && !read.as_ref().is_ok_and(|it| guards::passes(objects, it));
    match read.map(|expression| expression.node) {
        _ if source.is_null() => {}
        _ if is_unknown => expression = Some(text_of(source)),
        Ok(Node::Attribute(name)) => attribute = Some(name),
        Ok(Node::Literal(literal)) => constant = Some(literal.bare()),
        _ => expression = Some(text_of(source)),
    }
    AttributeMapping {
        attribute,
        constant,
        expression,
        validate_expression: is_unknown.then_some(false),
        default_value: sdk::prelude::text(mapping, "defaultValue"),
        apply: Some(in_our_words(mapping["flowType"].as_str())),
        flow_behavior: Some(
            sdk::prelude::text(mapping, "flowBehavior").unwrap_or_else(|| FLOWS.to_owned()),
        ),
    }
}

/// The default flow type of a mapping.
pub(super) const FLOWS: &str = "FlowWhenChanged";

fn in_our_words(flow_type: Option<&str>) -> String {
    let flow_type = flow_type.unwrap_or("Always");
    let known = APPLY.iter().find(|(_, graph)| *graph == flow_type);
    known.map_or(flow_type, |(ours, _)| ours).to_owned()
}

/// Formats a mapping source as text. A source that this provider cannot parse is returned as Graph has it.
pub(super) fn text_of(source: &Json) -> String {
    if source.is_null() {
        return String::new();
    }
    match Expression::from_source(source) {
        Ok(expression) => expression.to_string(),
        Err(_) => sdk::prelude::text(source, "expression").unwrap_or_else(|| source.to_string()),
    }
}

/// Whether two mapping sources give every user the same value.
pub(super) fn same_source(one: &Json, other: &Json) -> bool {
    match (Expression::from_source(one), Expression::from_source(other)) {
        (Ok(one), Ok(other)) => one.means_the_same_as(&other),
        _ => expression::equivalent(&text_of(one), &text_of(other)),
    }
}

impl AttributeMapping {
    /// Returns the tree that Graph stores as the source of the value; null if there is only a default.
    pub(super) fn source(&self) -> Result<Json, expression::ParseError> {
        let part = |node: Node| Expression { node, column: 1 }.to_source();
        Ok(match (&self.attribute, &self.constant, &self.expression) {
            (Some(name), ..) => part(Node::Attribute(name.clone())),
            (_, Some(constant), _) => part(Node::Literal(Literal::Text(constant.clone()))),
            (.., Some(text)) => expression::parse(text)?.to_source(),
            (None, None, None) => Json::Null,
        })
    }

    /// Whether the mapping has neither a source nor a default.
    pub(super) fn is_nothing(&self) -> bool {
        self.default_value.is_none() && matches!(self.source(), Ok(Json::Null))
    }

    /// Returns the text of an expression that only Graph can parse.
    pub(super) fn unread(&self) -> Option<&str> {
        let text = self.expression.as_deref()?;
        (self.validate_expression == Some(false) && self.source().is_err()).then_some(text)
    }

    /// Returns `flowType` in Graph's spelling.
    pub(super) fn flow_type(&self) -> &str {
        let ours = self.apply.as_deref().unwrap_or("always");
        let known = APPLY.iter().find(|(known, _)| *known == ours);
        known.map_or(ours, |(_, graph)| graph)
    }

    /// Returns this mapping with the source as spelled in `written` if both are equivalent.
    pub(super) fn spelled_as(self, written: &Self) -> Self {
        let same = match (self.source(), written.source()) {
            (Ok(one), Ok(other)) => same_source(&one, &other),
            _ => self.expression == written.expression,
        };
        if !same {
            return self;
        }
        Self {
            default_value: self.default_value,
            apply: self.apply,
            flow_behavior: self.flow_behavior,
            ..written.clone()
        }
    }

    /// Whether both have the same effect on every user.
    pub(super) fn means_the_same_as(&self, other: &Self) -> bool {
        self.clone().spelled_as(other) == *other
    }
}

/// Converts the groups of a filter to attribute values.
pub(super) fn filters(groups: &Json) -> Vec<ScopingFilter> {
    let clause = |clause: &Json| {
        let values: Vec<String> = elements(&clause["targetOperand"]["values"])
            .iter()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect();
        Clause {
            attribute: sdk::prelude::text(clause, "sourceOperandName").unwrap_or_default(),
            operator: sdk::prelude::text(clause, "operatorName").unwrap_or_default(),
            values: (!values.is_empty()).then_some(values),
        }
    };
    let group = |group: &Json| ScopingFilter {
        name: sdk::prelude::text(group, "name").unwrap_or_default(),
        clauses: elements(&group["clauses"]).iter().map(clause).collect(),
    };
    elements(groups).iter().map(group).collect()
}

/// Converts filters to the groups that Graph stores.
pub(super) fn groups(filters: &[ScopingFilter]) -> Json {
    let clause = |clause: &Clause| {
        json!({
            "operatorName": clause.operator, "sourceOperandName": clause.attribute,
            "targetOperand": { "values": clause.values.as_deref().unwrap_or_default() },
        })
    };
    let group = |group: &ScopingFilter| {
        let clauses: Vec<Json> = group.clauses.iter().map(clause).collect();
        json!({ "name": group.name, "clauses": clauses })
    };
    filters.iter().map(group).collect()
}

/// Whether both filters match the same objects.
pub(super) fn same_filters(one: &[ScopingFilter], other: &[ScopingFilter]) -> bool {
    groups(one) == groups(other)
}

/// Returns the allowed operations on objects in the target tenant.
pub(super) fn actions(document: &Json, objects: Objects) -> Option<ObjectActions> {
    let flow_types = object_mapping(document, objects)?["flowTypes"].as_str()?;
    let [create, update, delete] =
        ACTIONS.map(|action| Some(flow_types.split(',').any(|word| word.trim() == action)));
    Some(ObjectActions {
        create,
        update,
        delete,
    })
}

impl ObjectActions {
    /// Returns `flowTypes` in Graph's spelling.
    pub(super) fn flow_types(&self) -> String {
        let wanted = [self.create, self.update, self.delete];
        let words: Vec<&str> = ACTIONS
            .into_iter()
            .zip(wanted)
            .filter(|(_, wanted)| wanted.unwrap_or(true))
            .map(|(word, _)| word)
            .collect();
        if words.is_empty() {
            "None".to_owned()
        } else {
            words.join(", ")
        }
    }
}

/// Whether these objects are synchronized.
pub(super) fn enabled(document: &Json, objects: Objects) -> Option<bool> {
    object_mapping(document, objects)?["enabled"].as_bool()
}
