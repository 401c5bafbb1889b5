//! Responses of a mocked provider: a plausible value for every computed attribute, generated from the schema.
//!
//! The CLI generates values that fail validation ("jq5zwIZb" for a GUID), so users need these.

use std::fmt::Write as _;

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::{Attribute, Check, Kind, Provider as _, Value};

/// The configurable attributes that get a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Optional {
    /// All of them: Terraform uses configured values instead.
    All,
    /// Only those that other objects refer to: OpenTofu refuses a value for a configured attribute.
    Ids,
}

/// The blocks for every resource and data source, not yet formatted with `fmt`.
pub fn blocks(optional: Optional) -> String {
    let served = CrossTenant::default();
    let resources = served.resources().into_iter();
    let resources = resources.map(|one| ("mock_resource", one.type_name(), one.schema()));
    let data_sources = served.data_sources().into_iter();
    let data_sources = data_sources.map(|one| ("mock_data", one.type_name(), one.schema()));
    let mut text = String::new();
    for (block, type_name, schema) in resources.chain(data_sources) {
        let has_value = |attribute: &Attribute| {
            // Settings that others may make: a mocked tenant has none, and Terraform does not accept null for an object.
            attribute.rules.computed
                && !attribute.rules.observed
                && (!attribute.rules.optional
                    || optional == Optional::All
                    || (attribute.name.ends_with("id") && attribute.rules.default.is_none()))
        };
        let defaults = members(type_name, &schema.attributes, &has_value);
        let _ = writeln!(
            text,
            "{block} {type_name:?} {{\ndefaults = {{\n{defaults}}}\n}}\n"
        );
    }
    text.trim_end().to_owned() + "\n"
}

/// One line for each attribute that has a value.
fn members(path: &str, attributes: &[Attribute], has_value: &dyn Fn(&Attribute) -> bool) -> String {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|one| has_value(one)) {
        let place = format!("{path}.{}", attribute.name);
        let _ = writeln!(text, "{} = {}", attribute.name, value(&place, attribute));
    }
    text
}

/// Attributes that describe problems: a mocked tenant has none.
const TROUBLE: [&str; 14] = [
    "attempts",
    "code",
    "error",
    "error_code",
    "error_message",
    "explanation",
    "failed",
    "failure_reason",
    "message",
    "quarantine",
    "reason",
    "skip_reason",
    "successive_failures",
    "what_to_do",
];

/// Values of Microsoft Graph that the schema does not list.
const WORDS: [(&str, &str); 15] = [
    ("began", MOMENT),
    ("ended", MOMENT),
    ("since", MOMENT),
    ("next_attempt", MOMENT),
    ("steady_state_first_achieved", MOMENT),
    ("steady_state_last_achieved", MOMENT),
    ("external_user_state", "Accepted"),
    ("interval", "PT40M"),
    ("member_state", "active"),
    ("principal_type", "Group"),
    ("result", "success"),
    ("role", "member"),
    ("sms_sign_in_state", "ready"),
    ("transition_status", "succeeded"),
    ("user_type", "Member"),
];

const MOMENT: &str = "2026-01-01T00:00:00Z";

fn value(place: &str, attribute: &Attribute) -> String {
    // An omitted attribute with a neutral value is null.
    if TROUBLE.contains(&attribute.name) || attribute.rules.neutral.is_some() {
        return "null".to_owned();
    }
    if let Some(default) = &attribute.rules.default {
        return written(default);
    }
    match &attribute.kind {
        Kind::Bool => "true".to_owned(),
        Kind::Number => "1".to_owned(),
        Kind::String => format!("{:?}", text(place, attribute)),
        Kind::Dynamic => "\"\"".to_owned(),
        Kind::List(_) | Kind::Set(_) => "[]".to_owned(),
        Kind::Map(_) => "{}".to_owned(),
        Kind::Object(attributes) => {
            format!("{{\n{}}}", members(place, attributes, &|_| true))
        }
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::List(_) | Value::Set(_) => "[]".to_owned(),
        Value::Map(_) | Value::Object(_) => "{}".to_owned(),
        Value::Null | Value::Unknown | Value::Dynamic(..) => "null".to_owned(),
    }
}

/// A plausible text that passes the attribute's own checks.
fn text(place: &str, attribute: &Attribute) -> String {
    for check in &attribute.rules.checks {
        match check {
            Check::OneOf(allowed) => return allowed[0].to_owned(),
            Check::Guid => return guid(place),
            Check::Email => return "identity@contoso.example".to_owned(),
            Check::Duration => return "1m".to_owned(),
            _ => {}
        }
    }
    let name = attribute.name;
    if let Some((_, word)) = WORDS.iter().find(|(known, _)| *known == name) {
        return (*word).to_owned();
    }
    match name {
        "job_id" => job_id(),
        "id" if place.contains("provisioning_job") => job_id(),
        "template_id" => "Azure2Azure".to_owned(),
        "state" | "status" => "Active".to_owned(),
        "default_domain" | "domain_name" => "contoso.example".to_owned(),
        _ if name == "id" || name.ends_with("_id") => guid(place),
        _ if name.ends_with("_time") || name.ends_with("_at") || name.ends_with("date_time") => {
            MOMENT.to_owned()
        }
        _ if name.contains("mail") || name.ends_with("principal_name") => {
            "ada@contoso.example".to_owned()
        }
        _ => format!("mocked {}", name.replace('_', " ")),
    }
}

/// A job ID in Graph's format: the template, and 32 digits.
fn job_id() -> String {
    format!("Azure2Azure.{}", guid("job").replace('-', ""))
}

/// A GUID that is the same in every run, and different for each attribute. All attributes that refer to the same kind of object have the
/// same GUID, so that references between mocked objects agree.
fn guid(place: &str) -> String {
    let name = place.rsplit('.').next().unwrap_or(place);
    let name = match name {
        "resource_object_id" => "service_principal_id",
        other => other,
    };
    // FNV-1a: any hash is sufficient, if it is the same everywhere.
    let hash = |seed: u64| {
        let bytes = name.bytes();
        bytes.fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let number = (u128::from(hash(0xcbf2_9ce4_8422_2325)) << 64) | u128::from(hash(0x9e37_79b9));
    uuid::Builder::from_random_bytes(number.to_be_bytes())
        .into_uuid()
        .to_string()
}
