//! Converts OpenAPI 3.0 schemas to JSON schemas, which are compiled on first use and cached.
//!
//! The strict form is for requests: an object has only the declared properties, apart from OData's annotations, and no properties that only
//! the service may set.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

const COMPONENTS: &str = "#/components/schemas/";

/// The schemas of one description in one form.
pub(super) struct Schemas {
    strict: bool,
    /// Converted, by name.
    components: HashMap<String, Value>,
    /// By the text of the original schema.
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

/// The components with a part that the description omits: the value of a pair has no type there, so it is not declared at all, although
/// every documented example of parsing an expression sends it.
pub(super) fn completed(components: &Map<String, Value>) -> Map<String, Value> {
    let mut components = components.clone();
    let pair = components.get_mut("microsoft.graph.stringKeyObjectValuePair");
    if let Some(properties) = pair.and_then(|pair| pair["properties"].as_object_mut()) {
        properties.entry("value").or_insert_with(|| json!({}));
    }
    components
}

impl Schemas {
    pub(super) fn new(components: &Map<String, Value>, strict: bool) -> Self {
        let components = components
            .iter()
            .map(|(name, schema)| (name.clone(), translate(schema, strict)));
        Self {
            strict,
            components: components.collect(),
            compiled: Mutex::default(),
        }
    }

    /// The violations of a schema of the description in a value, with their location.
    pub(super) fn errors(&self, schema: &Value, value: &Value) -> Vec<String> {
        let validator = self.validator(schema);
        let error = |error: jsonschema::ValidationError<'_>| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { "/" } else { &place };
            format!("{place}: {}", shortened(&error.to_string()))
        };
        validator.iter_errors(value).map(error).collect()
    }

    /// The violations of a component in a value, if there is a component of that name.
    pub(super) fn component_errors(&self, name: &str, value: &Value) -> Vec<String> {
        if !self.components.contains_key(name) {
            return Vec::new();
        }
        self.errors(&json!({ "$ref": format!("{COMPONENTS}{name}") }), value)
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut compiled = self.compiled.lock().expect("no panic while compiling");
        let key = schema.to_string();
        if let Some(validator) = compiled.get(&key) {
            return Arc::clone(validator);
        }
        let mut root = translate(schema, self.strict);
        root["$defs"] = self.closure(&root);
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .build(&root)
            .unwrap_or_else(|why| panic!("{key} cannot be compiled: {why}"));
        let validator = Arc::new(validator);
        compiled.insert(key, Arc::clone(&validator));
        validator
    }

    /// The components that a converted schema needs, directly or indirectly.
    fn closure(&self, root: &Value) -> Value {
        let mut needed = Map::new();
        let mut open = Vec::new();
        references(root, &mut open);
        while let Some(name) = open.pop() {
            if needed.contains_key(&name) {
                continue;
            }
            let component = self
                .components
                .get(&name)
                .unwrap_or_else(|| panic!("no component {name}"));
            references(component, &mut open);
            needed.insert(name, component.clone());
        }
        Value::Object(needed)
    }
}

/// Names of the components that a converted schema refers to.
fn references(schema: &Value, into: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            into.extend(
                target
                    .and_then(|text| text.strip_prefix("#/$defs/"))
                    .map(str::to_owned),
            );
            members.values().for_each(|member| references(member, into));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        _ => {}
    }
}

/// Converts one OpenAPI schema to JSON schema.
fn translate(schema: &Value, strict: bool) -> Value {
    let mut to = json!({});
    if let Some(target) = schema["$ref"].as_str() {
        let name = target
            .strip_prefix(COMPONENTS)
            .expect("a reference to a component");
        // OpenAPI 3.0 ignores everything next to a reference, including `nullable`.
        to["$ref"] = json!(format!("#/$defs/{name}"));
        return to;
    }
    // An enumeration implies its type; declaring both would report one violation twice.
    copy(
        schema,
        if schema["enum"].is_array() {
            "enum"
        } else {
            "type"
        },
        &mut to,
    );
    for name in ["required", "minItems", "maxItems"] {
        copy(schema, name, &mut to);
    }
    for name in ["uniqueItems", "minimum", "maximum", "pattern"] {
        copy(schema, name, &mut to);
    }
    for name in ["anyOf", "oneOf", "allOf"] {
        if let Some(parts) = schema[name].as_array() {
            to[name] = parts.iter().map(|part| translate(part, strict)).collect();
        }
    }
    if schema["items"].is_object() {
        to["items"] = translate(&schema["items"], strict);
    }
    format(schema, &mut to);
    flags(schema, &mut to);
    properties(schema, strict, &mut to);
    if schema["nullable"] == true {
        nullable(to)
    } else {
        to
    }
}

fn copy(schema: &Value, name: &str, to: &mut Value) {
    if let Some(value) = schema.get(name) {
        to[name] = value.clone();
    }
}

/// JSON schema's formats apply to strings only, so the widths of integers become bounds.
fn format(schema: &Value, to: &mut Value) {
    let (least, most) = match schema["format"].as_str() {
        Some("int32") => (json!(i32::MIN), json!(i32::MAX)),
        Some("int64") => (json!(i64::MIN), json!(i64::MAX)),
        Some(name) => {
            to["format"] = json!(name);
            return;
        }
        None => return,
    };
    for (name, bound) in [("minimum", least), ("maximum", most)] {
        if to[name].is_null() {
            to[name] = bound;
        }
    }
}

/// Enumerations of which several members may be set at once, separated by commas.
fn flags(schema: &Value, to: &mut Value) {
    let Some(members) = schema["x-ms-enum-flags"]["members"].as_array() else {
        return;
    };
    let names: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
    let one = names.join("|");
    to["pattern"] = json!(format!("^(?:{one})(?:, ?(?:{one}))*$"));
}

fn properties(schema: &Value, strict: bool, to: &mut Value) {
    match &schema["additionalProperties"] {
        Value::Null => {}
        Value::Bool(allowed) => to["additionalProperties"] = json!(allowed),
        schema => to["additionalProperties"] = translate(schema, strict),
    }
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    // An object without declared properties is open by design.
    let closed = strict && !properties.is_empty() && to["additionalProperties"].is_null();
    let kept = properties
        .iter()
        .filter(|(_, property)| !(strict && property["readOnly"] == true));
    let kept: Map<String, Value> = kept
        .map(|(name, property)| (name.clone(), translate(property, strict)))
        .collect();
    to["properties"] = Value::Object(kept);
    if closed {
        to["additionalProperties"] = json!(false);
        to["patternProperties"] = json!({ "^[^@]*@odata\\.": {} });
    }
}

/// The same schema with null allowed, which OpenAPI 3.0 does not express in types and enumerations.
fn nullable(mut schema: Value) -> Value {
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.push(Value::Null);
        return schema;
    }
    let composed = ["anyOf", "oneOf", "allOf"];
    if !schema["type"].is_string() || composed.iter().any(|name| schema.get(name).is_some()) {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    let kind = schema["type"].take();
    schema["type"] = json!([kind, "null"]);
    schema
}

/// Error texts quote the value, which may be a whole document; the violation is at the end.
fn shortened(text: &str) -> String {
    const HALF: usize = 120;
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= 2 * HALF {
        return text.to_owned();
    }
    let part = |letters: &[char]| letters.iter().collect::<String>();
    format!(
        "{} … {}",
        part(&letters[..HALF]),
        part(&letters[letters.len() - HALF..])
    )
}
