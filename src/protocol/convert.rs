//! Converts schemas, paths, diagnostics and capabilities to messages of the protocol.

use prost::bytes::Bytes;

use super::codec::type_to_json;
use proto::tfplugin6 as pb;
use terraform::{
    Attribute, Capabilities, Diagnostic, Diagnostics, Function, FunctionError, Identity,
    IdentityAttribute, Kind, Parameter, Path, Schema, Severity, Step, Type,
};

/// Converts a schema.
pub(super) fn schema(schema: &Schema) -> pb::Schema {
    pb::Schema {
        version: schema.version,
        block: Some(pb::schema::Block {
            attributes: schema.attributes.iter().map(attribute).collect(),
            description: schema.description.clone().into_owned(),
            description_kind: pb::StringKind::Markdown.into(),
            ..pb::schema::Block::default()
        }),
    }
}

fn attribute(attribute: &Attribute) -> pb::schema::Attribute {
    let rules = &attribute.rules;
    let nested = nested(&attribute.kind);
    let plain = match nested {
        Some(_) => Bytes::new(),
        None => type_bytes(&attribute.kind.value_type()),
    };
    pb::schema::Attribute {
        name: attribute.name.to_owned(),
        r#type: plain,
        nested_type: nested,
        description: attribute.description.clone().into_owned(),
        description_kind: pb::StringKind::Markdown.into(),
        required: rules.required,
        optional: rules.optional,
        computed: rules.computed,
        sensitive: rules.sensitive,
        write_only: rules.write_only,
        deprecated: rules.deprecated.is_some(),
        deprecation_message: rules.deprecated.unwrap_or_default().to_owned(),
    }
}

/// Converts nested attributes. Objects inside plain collections have no attributes of their own.
fn nested(kind: &Kind) -> Option<pb::schema::Object> {
    use pb::schema::object::NestingMode;
    let attributes = kind.nested()?;
    let nesting = match kind {
        Kind::List(_) => NestingMode::List,
        Kind::Set(_) => NestingMode::Set,
        Kind::Map(_) => NestingMode::Map,
        _ => NestingMode::Single,
    };
    Some(pb::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..pb::schema::Object::default()
    })
}

/// Encodes the type in JSON. Most attributes have a type whose encoding is constant.
fn type_bytes(of: &Type) -> Bytes {
    match of {
        Type::Bool => Bytes::from_static(br#""bool""#),
        Type::Number => Bytes::from_static(br#""number""#),
        Type::String => Bytes::from_static(br#""string""#),
        of => type_to_json(of).to_string().into(),
    }
}

/// Converts the identity schema of a resource.
pub(super) fn identity(identity: &Identity) -> pb::ResourceIdentitySchema {
    let attribute =
        |attribute: &IdentityAttribute| pb::resource_identity_schema::IdentityAttribute {
            name: attribute.name.to_owned(),
            r#type: type_bytes(&Type::String),
            required_for_import: attribute.required,
            optional_for_import: !attribute.required,
            description: attribute.description.clone().into_owned(),
        };
    pb::ResourceIdentitySchema {
        version: identity.version,
        identity_attributes: identity.attributes.iter().map(attribute).collect(),
    }
}

/// Converts the signature of a function.
pub(super) fn function(function: &dyn Function) -> pb::Function {
    let signature = function.signature();
    pb::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(pb::function::Return {
            r#type: type_bytes(&signature.returns),
        }),
        summary: signature.summary.to_owned(),
        description: signature.description.clone(),
        description_kind: pb::StringKind::Markdown.into(),
        ..pb::Function::default()
    }
}

fn parameter(parameter: &Parameter) -> pb::function::Parameter {
    pb::function::Parameter {
        name: parameter.name.to_owned(),
        r#type: type_bytes(&parameter.of),
        allow_null_value: parameter.allows_null,
        allow_unknown_values: parameter.allows_unknown,
        description: parameter.description.to_owned(),
        description_kind: pb::StringKind::Markdown.into(),
    }
}

/// Converts the error of a function.
pub(super) fn function_error(error: FunctionError) -> pb::FunctionError {
    pb::FunctionError {
        text: error.text,
        function_argument: error
            .argument
            .map(|argument| i64::try_from(argument).unwrap_or(i64::MAX)),
    }
}

/// Converts diagnostics.
pub(super) fn diagnostics(diagnostics: Diagnostics) -> Vec<pb::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> pb::Diagnostic {
    use pb::diagnostic::Severity as Sent;
    let severity = match diagnostic.severity {
        Severity::Error => Sent::Error,
        Severity::Warning => Sent::Warning,
    };
    pb::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: diagnostic.path.as_ref().map(path),
    }
}

/// Converts the path of an attribute.
pub(super) fn path(path: &Path) -> pb::AttributePath {
    use pb::attribute_path::step::Selector;
    let step = |step: &Step| pb::attribute_path::Step {
        selector: Some(match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => {
                Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX))
            }
        }),
    };
    pb::AttributePath {
        steps: path.0.iter().map(step).collect(),
    }
}

/// Converts the capabilities of the client; none if it sent none.
pub(super) fn capabilities(sent: Option<pb::ClientCapabilities>) -> Capabilities {
    let sent = sent.unwrap_or_default();
    Capabilities {
        deferral_allowed: sent.deferral_allowed,
        write_only_attributes_allowed: sent.write_only_attributes_allowed,
    }
}

/// The capabilities of this provider.
pub(super) fn server_capabilities() -> pb::ServerCapabilities {
    pb::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: true,
    }
}
