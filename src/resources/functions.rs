//! The provider's functions, which validate and evaluate expressions of attribute mappings. No I/O.

mod evaluate_expression;
mod validate_expression;

use terraform::{Function, Parameter, Type};

pub(super) use evaluate_expression::EvaluateExpression;
pub(super) use validate_expression::ValidateExpression;

/// Returns all functions by name.
pub(super) fn all() -> Vec<Box<dyn Function>> {
    vec![
        Box::new(EvaluateExpression::default()),
        Box::new(ValidateExpression::default()),
    ]
}

/// The first parameter of both functions.
fn expression() -> Parameter {
    Parameter {
        name: "expression",
        description: "Expression of an attribute mapping, at most 10,000 characters.",
        of: Type::String,
        allows_null: false,
        allows_unknown: false,
    }
}
