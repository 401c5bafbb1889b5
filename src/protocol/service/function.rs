//! The RPCs of functions, which need no configured provider.

use super::rpcs::Rpcs;
use crate::{codec, convert};
use proto::tfplugin6 as pb;
use terraform::{Function, FunctionError, Value};

pub(super) fn names(rpcs: &Rpcs) -> Vec<pb::get_metadata::FunctionMetadata> {
    let metadata = |function: &&dyn Function| pb::get_metadata::FunctionMetadata {
        name: function.name().to_owned(),
    };
    rpcs.provider.functions().iter().map(metadata).collect()
}

pub(super) fn all(rpcs: &Rpcs) -> pb::get_functions::Response {
    let functions = rpcs.provider.functions().into_iter();
    pb::get_functions::Response {
        functions: functions
            .map(|function| (function.name().to_owned(), convert::function(function)))
            .collect(),
        diagnostics: Vec::new(),
    }
}

pub(super) fn call(
    rpcs: &Rpcs,
    request: &pb::call_function::Request,
) -> Result<pb::DynamicValue, FunctionError> {
    let functions = rpcs.provider.functions();
    let function = functions
        .into_iter()
        .find(|function| function.name() == request.name)
        .ok_or_else(|| {
            FunctionError::general(format!(
                "This version of the provider has no function `{}`.",
                request.name
            ))
        })?;
    let signature = function.signature();
    let of = &signature.returns;
    let encoded = match arguments(function, &request.arguments)? {
        Some(arguments) => codec::encode(of, &function.call(&arguments)?),
        // The CLI itself would return the same.
        None => codec::encode_with_unknowns(of, &Value::Unknown),
    };
    encoded
        .map_err(|fault| FunctionError::general(fault.diagnostic("answer of this provider").detail))
}

/// Decodes the arguments; `None` if one is unknown that the function needs.
fn arguments(
    function: &dyn Function,
    sent: &[pb::DynamicValue],
) -> Result<Option<Vec<Value>>, FunctionError> {
    let signature = function.signature();
    let fewest = signature.parameters.len();
    if sent.len() < fewest {
        let text = format!(
            "`{}` needs {fewest} arguments and was given {}.",
            function.name(),
            sent.len()
        );
        return Err(FunctionError::general(text));
    }
    let mut is_known = true;
    let mut values = Vec::with_capacity(sent.len());
    for (position, argument) in sent.iter().enumerate() {
        let parameter = signature.parameter(position).ok_or_else(|| {
            FunctionError::of(
                position,
                format!(
                    "`{}` takes no more than {fewest} arguments.",
                    function.name()
                ),
            )
        })?;
        let value = codec::decode(&parameter.of, Some(argument)).map_err(|fault| {
            FunctionError::of(position, fault.diagnostic(parameter.name).detail)
        })?;
        if is_null(&value) && !parameter.allows_null {
            let text = format!("`{}` must not be null.", parameter.name);
            return Err(FunctionError::of(position, text));
        }
        is_known &= parameter.allows_unknown || value.is_wholly_known();
        values.push(value);
    }
    Ok(is_known.then_some(values))
}

fn is_null(value: &Value) -> bool {
    match value {
        Value::Dynamic(_, value) => value.is_null(),
        value => value.is_null(),
    }
}
