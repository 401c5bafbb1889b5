//! The provider's functions: the language of attribute mappings, usable anywhere in a configuration. No I/O.

mod evaluate_expression;
mod validate_expression;

use terraform::{Function, Parameter, Type};

pub(super) use evaluate_expression::EvaluateExpression;
pub(super) use validate_expression::ValidateExpression;

/// All of them, by name.
pub(super) fn all() -> Vec<Box<dyn Function>> {
    vec![
        Box::new(EvaluateExpression::default()),
        Box::new(ValidateExpression::default()),
    ]
}

/// The parameter that both have first.
fn expression() -> Parameter {
    Parameter {
        name: "expression",
        description: "Expression of an attribute mapping, at most 10,000 characters.",
        of: Type::String,
        allows_null: false,
        allows_unknown: false,
    }
}
