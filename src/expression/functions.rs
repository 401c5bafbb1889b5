//! What a function is: how it is called, and whether it can be computed without the service.

use super::evaluate::Call;
use super::tree::Expression;
use super::value::Outcome;

/// A function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name; case matters.
    pub name: &'static str,
    /// Its parameters by position; only the last may repeat.
    pub parameters: &'static [Parameter],
    /// Fewest arguments, empty ones included.
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
    /// What Graph calls it in the parsed tree.
    pub key: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether it cannot be left empty.
    pub required: bool,
    /// Whether it may be given many times.
    pub repeats: bool,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any value.
    Value,
    /// A whole number.
    Integer,
    /// Something true or false, a comparison included.
    Condition,
    /// A unit of time: `yyyy`, `m`, `d`, `ww`, `h`, `n` or `s`.
    Interval,
    /// `vbBinaryCompare` or `vbTextCompare`.
    Comparison,
}

/// Whether a function can be computed without the service.
#[derive(Clone, Copy, Debug)]
pub(super) enum Evaluation {
    /// It can.
    Local(Compute),
    /// It cannot, and why.
    Refused(&'static str),
}

/// Computes a function.
pub(super) type Compute = fn(&Call<'_>) -> Outcome;

impl Function {
    /// Why it cannot be computed without the service; none where it can.
    pub fn refusal(&self) -> Option<&'static str> {
        match self.evaluation {
            Evaluation::Local(_) => None,
            Evaluation::Refused(why) => Some(why),
        }
    }

    /// The parameter that takes the argument at a position, counted from 0; none where there are too many.
    pub fn parameter(&self, position: usize) -> Option<&'static Parameter> {
        let last = self.parameters.last().filter(|last| last.repeats);
        self.parameters.get(position).or(last)
    }

    /// Whether that many arguments fit, empty ones included; else what would.
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

    /// The arguments in their canonical number: without the empty ones at the end that need not be written. Replace keeps its
    /// seven places, as every documented example has them.
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
