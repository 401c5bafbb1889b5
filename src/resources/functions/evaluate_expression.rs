//! `evaluate_expression`: evaluates an expression for a user locally.

use std::collections::BTreeMap;

use expression::{self, Value as Computed};
use terraform::{Function, FunctionError, Name, Object, Parameter, Signature, Type, Value};

/// Fails with the reason if the value cannot be computed locally.
pub(crate) struct EvaluateExpression(Signature);

impl Default for EvaluateExpression {
    fn default() -> Self {
        let attributes = Parameter {
            name: "attributes",
            description: "Object or map with the attributes of the source object by their names in Microsoft Entra ID. Strings, numbers, \
                          booleans, lists of them, or null.",
            of: Type::Dynamic,
            allows_null: false,
            allows_unknown: false,
        };
        Self(Signature {
            summary: "Previews what an attribute mapping writes",
            description: "\
Evaluates an expression of an attribute mapping for a user with the given attributes, without calling Microsoft Graph. The result keeps its
type: a string, a number, a boolean or a list of strings. It is null if synchronization would write nothing. Attributes that are not given
are null.

Functions whose value only the service knows (app role assignments, the default domain, random values, the time) cannot be evaluated; the
call fails with an error. In cases that Microsoft does not document, the result may differ from the service."
                .to_owned(),
            parameters: vec![super::expression(), attributes],
            variadic: None,
            returns: Type::Dynamic,
        })
    }
}

impl Function for EvaluateExpression {
    fn name(&self) -> &'static str {
        "evaluate_expression"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let [text, attributes] = arguments else {
            return Err(FunctionError::general("Two arguments are needed."));
        };
        let text = text.as_str().unwrap_or_default();
        let parsed = expression::parse(text).map_err(|mistake| {
            FunctionError::of(0, format!("{mistake}.\n\n{}", mistake.caret(text)))
        })?;
        let attributes = source(attributes)?;
        let computed = expression::evaluate(&parsed, &attributes).map_err(|mistake| {
            FunctionError::of(0, format!("{mistake}.\n\n{}", mistake.caret(text)))
        })?;
        Ok(result(computed))
    }
}

/// Returns the attributes of the source object.
fn source(given: &Value) -> Result<BTreeMap<String, Computed>, FunctionError> {
    let inner = match given {
        Value::Dynamic(_, inner) => inner,
        other => other,
    };
    let (Value::Object(members) | Value::Map(members)) = inner else {
        let text = "The attributes must be an object or a map, such as { givenName = \"Ada\" }.";
        return Err(FunctionError::of(1, text));
    };
    attributes(members)
}

fn attributes(members: &Object) -> Result<BTreeMap<String, Computed>, FunctionError> {
    let one = |(name, value): (&Name, &Value)| {
        let value = match value {
            Value::List(elements) | Value::Set(elements) => list(elements),
            value => single(value),
        };
        let value = value.ok_or_else(|| {
            let text =
                format!("`{name}` must be a string, a number, a boolean or a list of strings.");
            FunctionError::of(1, text)
        })?;
        Ok((name.to_string(), value))
    };
    members.iter().map(one).collect()
}

fn single(value: &Value) -> Option<Computed> {
    Some(match value {
        Value::Null => Computed::Null,
        Value::Bool(truth) => Computed::Boolean(*truth),
        Value::String(text) => Computed::Text(text.clone()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Computed::Integer(whole),
            None => Computed::Text(number.to_string()),
        },
        Value::Dynamic(_, inner) => return single(inner),
        _ => return None,
    })
}

fn list(elements: &[Value]) -> Option<Computed> {
    let text = |element: &Value| match element {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Some(Computed::List(
        elements.iter().map(text).collect::<Option<_>>()?,
    ))
}

/// Converts the value, with its type; null if there is none.
fn result(computed: Computed) -> Value {
    let (of, value) = match computed {
        Computed::Null => return Value::Null,
        Computed::Text(text) => (Type::String, text.into()),
        Computed::Integer(number) => (Type::Number, number.into()),
        Computed::Boolean(truth) => (Type::Bool, truth.into()),
        Computed::List(items) => (
            Type::List(Box::new(Type::String)),
            Value::List(items.into_iter().map(Value::from).collect()),
        ),
    };
    Value::Dynamic(Box::new(of), Box::new(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(text: &str, attributes: Value) -> Result<Value, FunctionError> {
        EvaluateExpression::default().call(&[text.into(), attributes])
    }

    fn ada() -> Value {
        let members = [
            ("givenName", Value::from("Ada")),
            ("surname", "Lovelace".into()),
            ("mail", Value::Null),
            ("age", 36.into()),
            ("proxyAddresses", Value::List(vec!["a".into(), "b".into()])),
        ];
        Value::Object(
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    #[test]
    fn values_keep_their_type() {
        let dynamic = |of, value: Value| Ok(Value::Dynamic(Box::new(of), Box::new(value)));
        assert_eq!(
            evaluate("Join(\", \", [surname], [givenName])", ada()),
            dynamic(Type::String, "Lovelace, Ada".into())
        );
        assert_eq!(evaluate("[age]", ada()), dynamic(Type::Number, 36.into()));
        assert_eq!(
            evaluate("IsPresent([surname])", ada()),
            dynamic(Type::Bool, true.into())
        );
        assert_eq!(
            evaluate("[proxyAddresses]", ada()),
            dynamic(
                Type::List(Box::new(Type::String)),
                Value::List(vec!["a".into(), "b".into()])
            )
        );
        assert_eq!(evaluate("[mail]", ada()), Ok(Value::Null));
        assert_eq!(evaluate("[nothing]", ada()), Ok(Value::Null));
    }

    #[test]
    fn the_argument_to_blame_is_named() {
        let error = evaluate("ToUpper([a]", ada()).unwrap_err();
        assert_eq!(error.argument, Some(0));
        assert!(error.text.contains("column"), "{}", error.text);
        let error = evaluate("DefaultDomain()", ada()).unwrap_err();
        assert_eq!(error.argument, Some(0));
        assert!(error.text.contains("directory"), "{}", error.text);
        assert_eq!(
            evaluate("[a]", "text".into()).unwrap_err().argument,
            Some(1)
        );
        let nested = Value::Object([("manager".to_owned(), ada())].into());
        let error = evaluate("[manager]", nested).unwrap_err();
        assert_eq!(error.argument, Some(1));
        assert!(error.text.contains("`manager`"), "{}", error.text);
    }
}
