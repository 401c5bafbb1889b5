//! `validate_expression`: checks whether a string is a valid expression, and returns position and reason of the error.

use std::collections::BTreeMap;

use expression::{self, Expression, ParseError};
use terraform::{Function, FunctionError, Name, Signature, Type, Value};

/// Never fails: errors are part of the result, for `validation` and `check` blocks.
pub(crate) struct ValidateExpression(Signature);

impl Default for ValidateExpression {
    fn default() -> Self {
        let members = [
            ("valid", Type::Bool),
            ("error", Type::String),
            ("column", Type::Number),
            ("canonical", Type::String),
            ("attributes", Type::List(Box::new(Type::String))),
        ];
        Self(Signature {
            summary: "Checks an expression of an attribute mapping",
            description: "\
Checks an expression of an attribute mapping as the provider does during a plan: names and number of arguments of functions, nesting,
quoting, length, and whether cross-tenant synchronization supports its functions and attributes. The function never fails, so that
`validation`, `check` and `precondition` blocks can report the error.

The result is an object:

- `valid` (Boolean) Whether the expression is valid.
- `error` (String) Error message with the column and a caret under the place. Empty if the expression is valid.
- `column` (Number) Column of the error, in characters counted from 1. Null if the expression is valid.
- `canonical` (String) Canonical form of the expression, in which expressions that differ only in white space are equal. Null if the expression is not valid.
- `attributes` (List of String) Attributes of the source object that the expression reads, in the order of their first appearance."
                .to_owned(),
            parameters: vec![super::expression()],
            variadic: None,
            returns: Type::Object(
                members
                    .into_iter()
                    .map(|(name, of)| (Name::from(name), of))
                    .collect::<BTreeMap<_, _>>(),
            ),
        })
    }
}

fn checked(text: &str) -> Result<Expression, ParseError> {
    let parsed = expression::parse(text)?;
    parsed.check_cross_tenant()?;
    Ok(parsed)
}

fn object(members: [(&str, Value); 5]) -> Value {
    Value::Object(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

impl Function for ValidateExpression {
    fn name(&self) -> &'static str {
        "validate_expression"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let text = arguments
            .first()
            .and_then(Value::as_str)
            .unwrap_or_default();
        Ok(match checked(text) {
            Ok(parsed) => {
                let attributes = parsed.attributes().into_iter().map(Value::from);
                object([
                    ("valid", true.into()),
                    ("error", "".into()),
                    ("column", Value::Null),
                    ("canonical", parsed.to_string().into()),
                    ("attributes", Value::List(attributes.collect())),
                ])
            }
            Err(mistake) => {
                let column = i64::try_from(mistake.column).unwrap_or(i64::MAX);
                let error = format!("{mistake}.\n\n{}", mistake.caret(text));
                object([
                    ("valid", false.into()),
                    ("error", error.into()),
                    ("column", column.into()),
                    ("canonical", Value::Null),
                    ("attributes", Value::List(Vec::new())),
                ])
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Value {
        ValidateExpression::default().call(&[text.into()]).unwrap()
    }

    #[test]
    fn an_expression_is_distinguished_from_a_mistake() {
        let good = checked("Join( \", \",[surname], [givenName] , [surname])");
        assert_eq!(good.member("valid"), &true.into());
        assert_eq!(good.member("error"), &"".into());
        assert_eq!(
            good.member("canonical").as_str(),
            Some("Join(\", \", [surname], [givenName], [surname])")
        );
        let attributes = vec!["surname".into(), "givenName".into()];
        assert_eq!(good.member("attributes"), &Value::List(attributes));

        let bad = checked("ToUpper(Jion([a]))");
        assert_eq!(bad.member("valid"), &false.into());
        assert_eq!(bad.member("column"), &9.into());
        let error = bad.member("error").as_str().unwrap();
        assert!(
            error.starts_with("column 9, at `Jion`") && error.ends_with("        ^"),
            "{error}"
        );
        assert!(error.contains("Join"), "{error}");
    }

    #[test]
    fn what_synchronization_does_not_support_is_not_valid() {
        let refused = checked("SelectUniqueValue([a], [b])");
        assert_eq!(refused.member("valid"), &false.into());
        assert_eq!(refused.member("column"), &1.into());
    }
}
