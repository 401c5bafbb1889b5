//! The live schema document as Graph keeps it, and what of it a configuration shows.
//!
//! Names and IDs of rules are never assumed: see `part.rs` for how the mappings of users and groups are found.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::part::Objects;
use super::{AttributeMapping, Clause, ObjectActions, ScopingFilter};
use super::{guards, names};
use expression::{self, Expression, Literal, Node};

/// How often a mapping is applied, in our words and Graph's.
const APPLY: [(&str, &str); 5] = [
    ("always", "Always"),
    ("only_during_creation", "ObjectAddOnly"),
    ("multi_value_add_only", "MultiValueAddOnly"),
    ("value_add_only", "ValueAddOnly"),
    ("attribute_add_only", "AttributeAddOnly"),
];

/// What happens to objects in the target tenant, in Graph's order.
const ACTIONS: [&str; 3] = ["Add", "Update", "Delete"];

/// The mapping of users or groups.
pub(super) fn object_mapping(document: &Json, objects: Objects) -> Option<&Json> {
    let (rule, at) = objects.place(document)?;
    Some(&document["synchronizationRules"][rule]["objectMappings"][at])
}

/// The same, to be changed.
pub(super) fn object_mapping_mut(document: &mut Json, objects: Objects) -> Option<&mut Json> {
    let (rule, at) = objects.place(document)?;
    Some(&mut document["synchronizationRules"][rule]["objectMappings"][at])
}

/// The elements of an array; none where there is no array.
pub(super) fn elements(json: &Json) -> &[Json] {
    json.as_array().map_or(&[][..], Vec::as_slice)
}

/// The attribute that a mapping writes.
pub(super) fn target(mapping: &Json) -> &str {
    mapping["targetAttributeName"].as_str().unwrap_or_default()
}

/// Whether objects are recognized by what this mapping writes.
pub(super) fn is_matching(mapping: &Json) -> bool {
    mapping["matchingPriority"].as_i64().unwrap_or(0) > 0
        || names::MATCHING.contains(&target(mapping))
}

/// Whether this mapping stays even where a configuration manages all of them.
pub(super) fn is_built_in(mapping: &Json) -> bool {
    is_matching(mapping) || target(mapping) == names::DELETED
}

/// The mappings of attributes, each with its target.
pub(super) fn mappings(document: &Json, objects: Objects) -> impl Iterator<Item = (&str, &Json)> {
    let mapping = object_mapping(document, objects).unwrap_or(&Json::Null);
    elements(&mapping["attributeMappings"])
        .iter()
        .map(|mapping| (target(mapping), mapping))
}

/// The groups of clauses of a scoping filter.
pub(super) fn filter_groups(document: &Json, objects: Objects) -> &Json {
    object_mapping(document, objects).map_or(&Json::Null, |mapping| &mapping["scope"]["groups"])
}

/// The attributes by which objects are recognized, each with the expression of its value.
pub(super) fn matching(document: &Json, objects: Objects) -> BTreeMap<String, String> {
    mappings(document, objects)
        .filter(|(_, mapping)| is_matching(mapping))
        .map(|(target, mapping)| (target.to_owned(), text_of(&mapping["source"])))
        .collect()
}

/// A mapping as somebody would write it.
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

/// When a value flows unless the mapping says otherwise.
pub(super) const FLOWS: &str = "FlowWhenChanged";

fn in_our_words(flow_type: Option<&str>) -> String {
    let flow_type = flow_type.unwrap_or("Always");
    let known = APPLY.iter().find(|(_, graph)| *graph == flow_type);
    known.map_or(flow_type, |(ours, _)| ours).to_owned()
}

/// A mapping source as text. One that this provider does not understand is shown as Graph has it.
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
    /// The tree that Graph stores as the source of the value; null where there is only a default.
    pub(super) fn source(&self) -> Result<Json, expression::ParseError> {
        let part = |node: Node| Expression { node, column: 1 }.to_source();
        Ok(match (&self.attribute, &self.constant, &self.expression) {
            (Some(name), ..) => part(Node::Attribute(name.clone())),
            (_, Some(constant), _) => part(Node::Literal(Literal::Text(constant.clone()))),
            (.., Some(text)) => expression::parse(text)?.to_source(),
            (None, None, None) => Json::Null,
        })
    }

    /// Whether this does nothing at all: neither a source nor a default.
    pub(super) fn is_nothing(&self) -> bool {
        self.default_value.is_none() && matches!(self.source(), Ok(Json::Null))
    }

    /// The text of an expression that only Graph understands.
    pub(super) fn unread(&self) -> Option<&str> {
        let text = self.expression.as_deref()?;
        (self.validate_expression == Some(false) && self.source().is_err()).then_some(text)
    }

    /// `flowType` in Graph's words.
    pub(super) fn flow_type(&self) -> &str {
        let ours = self.apply.as_deref().unwrap_or("always");
        let known = APPLY.iter().find(|(known, _)| *known == ours);
        known.map_or(ours, |(_, graph)| graph)
    }

    /// This mapping, with the source spelled as in `written` where that is the same.
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

    /// Whether both do the same to every user.
    pub(super) fn means_the_same_as(&self, other: &Self) -> bool {
        self.clone().spelled_as(other) == *other
    }
}

/// The groups of a filter as somebody would write them.
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

/// Groups of a filter as Graph stores them.
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

/// Whether both filters let the same objects in.
pub(super) fn same_filters(one: &[ScopingFilter], other: &[ScopingFilter]) -> bool {
    groups(one) == groups(other)
}

/// What may happen to objects in the target tenant.
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
    /// `flowTypes` in Graph's words.
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

/// Whether these objects are synchronized at all.
pub(super) fn enabled(document: &Json, objects: Objects) -> Option<bool> {
    object_mapping(document, objects)?["enabled"].as_bool()
}
