//! Checks of a job's attributes.

use terraform::{Check, Value};

/// Checks the tenant ID of the target. An imported job without settings has none, which generated configuration contains as `""`.
pub(super) fn target(value: &Value) -> Result<(), String> {
    match value.as_str() {
        Some("") => Err(
            "the tenant ID of the target tenant. A job that has not been set up has no target yet: set the target \
            here, and the next apply writes it to the settings of the job"
                .to_owned(),
        ),
        _ => Check::Guid.violation(value).map_or(Ok(()), Err),
    }
}

/// Checks the reset scopes of a restart. The error explains why Graph's other scopes cannot be used.
pub(crate) fn reset_scopes(value: &Value) -> Result<(), String> {
    const SCOPES: [&str; 5] = [
        "Escrows",
        "Watermark",
        "QuarantineState",
        "Full",
        "ForceDeletes",
    ];
    let Some(elements) = value.as_elements() else {
        return Ok(());
    };
    if elements.is_empty() {
        return Err("a set of at least one scope, or omitted".to_owned());
    }
    for scope in elements.iter().filter_map(Value::as_str) {
        match scope {
            "None" => return Err("a set without \"None\", with which nothing is reset".to_owned()),
            "ConnectorDataStore" => {
                return Err(
                    "a set without \"ConnectorDataStore\", which Microsoft reserves for itself"
                        .to_owned(),
                );
            }
            known if SCOPES.contains(&known) => {}
            other => return Err(format!("a set of {}, not {other:?}", SCOPES.join(", "))),
        }
    }
    Ok(())
}
