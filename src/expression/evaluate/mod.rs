//! Evaluates an expression for a user, as far as that is possible without the service.
//!
//! An expression that depends on a directory, on randomness or on the clock is rejected with the reason. If the documentation
//! leaves a case open, null stays null (and is not written), and the code is marked UNVERIFIED. Characters are Unicode's, while
//! .NET counts UTF-16 code units: results differ only for characters outside the basic multilingual plane.

mod comparison;
pub(super) mod dates;
mod format;
pub(super) mod lists;
pub(super) mod logic;
pub(super) mod numbers;
mod pattern;
pub(super) mod replace;
pub(super) mod text;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rewriting;

use std::collections::BTreeMap;

use super::error::{EvalError, shortened};
use super::functions::{Evaluation, Function};
use super::tree::{Expression, Literal, Node};
use super::value::{Attributes, Outcome, Value};

/// The maximum length of the result of a function, in bytes: nested replacements could otherwise exhaust the memory.
const LONGEST: usize = 64 * 1024;

/// Evaluates an expression for an object with these attributes. Switch evaluates only the branch that is taken; IIF evaluates
/// both, because the other one can fail too.
pub fn evaluate(
    expression: &Expression,
    attributes: &BTreeMap<String, Value>,
) -> Result<Value, EvalError> {
    match &expression.node {
        Node::Attribute(name) => Ok(attributes.get(name).cloned().unwrap_or(Value::Null)),
        Node::Literal(literal) => Ok(match literal {
            Literal::Integer(number) => Value::Integer(*number),
            Literal::Boolean(truth) => Value::Boolean(*truth),
            Literal::Text(_) | Literal::Word(_) => Value::Text(literal.bare()),
        }),
        Node::Comparison {
            operator,
            left,
            right,
        } => {
            let sides = (evaluate(left, attributes)?, evaluate(right, attributes)?);
            comparison::compare(*operator, &sides.0, &sides.1).map_err(|cause| EvalError {
                column: expression.column,
                piece: shortened(&expression.to_string()),
                cause,
                matters_only_if_taken: false,
            })
        }
        Node::Call {
            function,
            arguments,
        } => Call {
            function,
            column: expression.column,
            arguments,
            attributes,
        }
        .compute(),
    }
}

/// A function call to evaluate.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    function: &'static Function,
    column: usize,
    arguments: &'a [Option<Expression>],
    attributes: &'a Attributes,
}

impl Call<'_> {
    fn compute(&self) -> Outcome {
        let compute = match self.function.evaluation {
            Evaluation::Local(compute) => compute,
            Evaluation::Refused(why) => {
                let cause = format!("{} cannot be evaluated: {why}", self.function.name);
                return Err(EvalError {
                    matters_only_if_taken: true,
                    ..self.fail(cause)
                });
            }
        };
        let value = compute(self)?;
        let length = match &value {
            Value::Text(text) => text.len(),
            Value::List(items) => items.iter().map(|item| item.len() + 1).sum(),
            _ => 0,
        };
        if length > LONGEST {
            return Err(self.fail(format!("the value is longer than {LONGEST} bytes")));
        }
        Ok(value)
    }

    /// Returns an error about the call.
    fn fail(&self, cause: impl Into<String>) -> EvalError {
        EvalError {
            column: self.column,
            piece: self.function.name.to_owned(),
            cause: cause.into(),
            matters_only_if_taken: false,
        }
    }

    /// Returns an error about an argument, at which the caret points.
    fn fail_at(&self, position: usize, cause: &str) -> EvalError {
        let argument = self.arguments.get(position).and_then(Option::as_ref);
        let key = self
            .function
            .parameter(position)
            .map_or("the argument", |parameter| parameter.key);
        EvalError {
            column: argument.map_or(self.column, |argument| argument.column),
            piece: argument.map_or_else(
                || self.function.name.to_owned(),
                |argument| shortened(&argument.to_string()),
            ),
            cause: format!("{} of {} {cause}", key, self.function.name),
            matters_only_if_taken: false,
        }
    }

    fn is_given(&self, position: usize) -> bool {
        self.arguments.get(position).is_some_and(Option::is_some)
    }

    /// Returns the value of an argument; null if it is empty.
    fn value(&self, position: usize) -> Outcome {
        match self.arguments.get(position) {
            Some(Some(argument)) => evaluate(argument, self.attributes),
            _ => Ok(Value::Null),
        }
    }

    /// Returns the value of an argument as a string; `None` if it is null.
    fn text(&self, position: usize) -> Result<Option<String>, EvalError> {
        match self.value(position)? {
            Value::Null => Ok(None),
            Value::List(_) => Err(self.fail_at(
                position,
                "has several values; select one with Item or concatenate them with Join",
            )),
            single => Ok(Some(single.bare())),
        }
    }

    /// Returns the value of an argument as an integer; `None` if it is null.
    fn integer(&self, position: usize) -> Result<Option<i64>, EvalError> {
        match self.text(position)? {
            None => Ok(None),
            Some(text) => match text.trim().parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(self.fail_at(position, &format!("is not a whole number: {text:?}"))),
            },
        }
    }

    /// Returns the value of a mandatory integer.
    fn number(&self, position: usize) -> Result<i64, EvalError> {
        self.integer(position)?
            .ok_or_else(|| self.fail_at(position, "has no value"))
    }

    /// Returns the values of an argument: none, one or several.
    fn items(&self, position: usize) -> Result<Vec<String>, EvalError> {
        Ok(match self.value(position)? {
            Value::Null => Vec::new(),
            Value::List(items) => items,
            single => vec![single.bare()],
        })
    }

    /// Applies `change` to the first argument; null stays null, which is UNVERIFIED if the documentation does not mention it.
    fn change(&self, change: impl FnOnce(&str) -> String) -> Outcome {
        Ok(self
            .text(0)?
            .map_or(Value::Null, |text| Value::Text(change(&text))))
    }
}
