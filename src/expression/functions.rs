//! The definition of a function: its parameters, and whether it can be evaluated without the service.

use super::evaluate::Call;
use super::tree::Expression;
use super::value::Outcome;

/// A function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name, which is case-sensitive.
    pub name: &'static str,
    /// The parameters by position; only the last one may repeat.
    pub parameters: &'static [Parameter],
    /// The minimum number of arguments, including empty ones.
    pub fewest: usize,
    /// Whether Microsoft's sample of the API confirms the keys of the parameters.
    pub confirmed: bool,
    /// Whether Microsoft's reference page of the provisioning functions lists it.
    pub documented: bool,
    /// Whether cross-tenant synchronization supports it.
    pub cross_tenant: bool,
    pub(super) evaluation: Evaluation,
}

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The key in Graph's parsed tree.
    pub key: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// Whether it must not be empty.
    pub required: bool,
    /// Whether it may be repeated.
    pub repeats: bool,
}

/// The kind of values that a parameter accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any value.
    Value,
    /// An integer.
    Integer,
    /// A boolean, including comparisons.
    Condition,
    /// A unit of time: `yyyy`, `m`, `d`, `ww`, `h`, `n` or `s`.
    Interval,
    /// `vbBinaryCompare` or `vbTextCompare`.
    Comparison,
}

/// How a function is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Evaluation {
    /// Here, by this function.
    Local(Compute),
    /// Only by the service, for this reason.
    Refused(&'static str),
}

/// Evaluates a call.
pub(super) type Compute = fn(&Call<'_>) -> Outcome;

impl Function {
    /// The reason why it cannot be evaluated without the service, if so.
    pub fn refusal(&self) -> Option<&'static str> {
        match self.evaluation {
            Evaluation::Local(_) => None,
            Evaluation::Refused(why) => Some(why),
        }
    }

    /// Returns the parameter of the argument at a position, counted from 0; `None` if there are too many arguments.
    pub fn parameter(&self, position: usize) -> Option<&'static Parameter> {
        let last = self.parameters.last().filter(|last| last.repeats);
        self.parameters.get(position).or(last)
    }

    /// Checks the number of arguments, including empty ones; the error says which number is valid.
    pub(super) fn check_count(&self, count: usize) -> Result<(), String> {
        let most = self.most();
        let fits = count >= self.fewest && most.is_none_or(|most| count <= most);
        if fits && !(self.name == "Switch" && count % 2 == 1) {
            return Ok(());
        }
        let shape = if self.name == "Switch" {
            "a source, a default and pairs of key and value".to_owned()
        } else if self.name == "Replace" {
            "5 to 7 arguments, empty ones included".to_owned()
        } else {
            match (self.fewest, most) {
                (1, Some(1)) => "1 argument".to_owned(),
                (0, Some(0)) => "no arguments".to_owned(),
                (fewest, Some(most)) if fewest == most => format!("{fewest} arguments"),
                (fewest, Some(most)) => format!("{fewest} to {most} arguments"),
                (fewest, None) => format!("{fewest} or more arguments"),
            }
        };
        Err(format!("{} takes {shape}; found {count}", self.name))
    }

    fn most(&self) -> Option<usize> {
        let repeats = self.parameters.last().is_some_and(|last| last.repeats);
        (!repeats).then_some(self.parameters.len())
    }

    /// Drops empty arguments at the end that are optional, which results in the canonical number. Replace keeps its seven, as in
    /// every documented example.
    pub(super) fn trimmed(
        &self,
        mut arguments: Vec<Option<Expression>>,
    ) -> Vec<Option<Expression>> {
        if self.name == "Replace" {
            if arguments.len() >= self.fewest {
                arguments.resize(self.parameters.len().max(arguments.len()), None);
            }
            return arguments;
        }
        while arguments.len() > self.fewest
            && arguments.len() <= self.parameters.len()
            && arguments.last().is_some_and(Option::is_none)
        {
            arguments.pop();
        }
        arguments
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
