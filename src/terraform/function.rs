//! Functions of a provider: pure functions that need no configured provider.

use super::{Type, Value};

/// A pure function.
pub trait Function: Send + Sync {
    /// The name, without the provider's prefix.
    fn name(&self) -> &'static str;

    /// The signature.
    fn signature(&self) -> &Signature;

    /// Returns the value for these arguments: one for each parameter, followed by the variadic ones. Nulls and unknown values
    /// occur only if the parameter allows them.
    ///
    /// # Errors
    ///
    /// The reason, and the invalid argument if it is one.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

/// The signature of a function.
#[derive(Clone, Debug)]
pub struct Signature {
    /// One short sentence.
    pub summary: &'static str,
    /// The description in Markdown.
    pub description: String,
    /// The parameters by position.
    pub parameters: Vec<Parameter>,
    /// The parameter for all further arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub returns: Type,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name, for messages and documentation.
    pub name: &'static str,
    /// The description in Markdown.
    pub description: &'static str,
    /// The type.
    pub of: Type,
    /// Whether null is allowed.
    pub allows_null: bool,
    /// Whether the function accepts unknown values. If not, the result for one is unknown as well.
    pub allows_unknown: bool,
}

/// The reason why a function has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The message for the author of the call.
    pub text: String,
    /// The invalid argument, counted from 0.
    pub argument: Option<usize>,
}

impl Signature {
    /// Returns the parameter for the argument at a position; `None` if there are too many arguments.
    #[must_use]
    pub fn parameter(&self, position: usize) -> Option<&Parameter> {
        self.parameters.get(position).or(self.variadic.as_ref())
    }
}

impl FunctionError {
    /// Creates an error about one argument.
    #[must_use]
    pub fn of(argument: usize, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: Some(argument),
        }
    }

    /// Creates an error that is not about a single argument.
    #[must_use]
    pub fn general(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: None,
        }
    }
}
