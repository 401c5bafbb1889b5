//! Functions of a provider: values in, a value out. They ask nobody, and the provider need not be configured.

use super::{Type, Value};

/// A function, which answers the same whenever it is asked the same.
pub trait Function: Send + Sync {
    /// Without the provider's prefix.
    fn name(&self) -> &'static str;

    /// How it is called.
    fn signature(&self) -> &Signature;

    /// The value for these arguments: one for each parameter, then those of the variadic one. Nulls and unknown values come
    /// only where the parameter allows them.
    ///
    /// # Errors
    ///
    /// Says which argument is to blame, where it is one.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

/// How a function is called.
#[derive(Clone, Debug)]
pub struct Signature {
    /// One short sentence.
    pub summary: &'static str,
    /// Markdown.
    pub description: String,
    /// By position.
    pub parameters: Vec<Parameter>,
    /// Takes all further arguments.
    pub variadic: Option<Parameter>,
    /// What it yields.
    pub returns: Type,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// For messages and documentation.
    pub name: &'static str,
    /// Markdown.
    pub description: &'static str,
    /// What it takes.
    pub of: Type,
    /// Whether null may be given.
    pub allows_null: bool,
    /// Whether the function looks at values that are not known yet. Otherwise its own is not known either.
    pub allows_unknown: bool,
}

/// Why a function has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// For the person who wrote the call.
    pub text: String,
    /// The argument that is to blame, counted from 0.
    pub argument: Option<usize>,
}

impl Signature {
    /// The parameter that takes the argument at a position; none where there are too many.
    #[must_use]
    pub fn parameter(&self, position: usize) -> Option<&Parameter> {
        self.parameters.get(position).or(self.variadic.as_ref())
    }
}

impl FunctionError {
    /// An error that one argument is to blame for.
    #[must_use]
    pub fn of(argument: usize, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: Some(argument),
        }
    }

    /// An error that no single argument is to blame for.
    #[must_use]
    pub fn general(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: None,
        }
    }
}
