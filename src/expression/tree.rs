//! What an expression consists of, and its one canonical spelling.

use std::fmt;

use super::functions::Function;
use super::mistake::ParseError;
use super::operator::Operator;
use super::value::boolean;

/// A part of a mapping, or all of it. Where it stood in its text does not count for equality.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it is.
    pub node: Node,
    /// Where it begins, in characters from the start of the text it was read from, counted from 1.
    pub column: usize,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// The value of an attribute of the source object: `[mail]`.
    Attribute(String),
    /// A value written down.
    Literal(Literal),
    /// The value of a function.
    Call {
        /// Which one.
        function: &'static Function,
        /// Its arguments by position; `None` where one was left empty.
        arguments: Vec<Option<Expression>>,
    },
    /// Two values compared, as IIF's conditions do.
    Comparison {
        /// How.
        operator: Operator,
        /// What stands before the operator.
        left: Box<Expression>,
        /// What stands behind it.
        right: Box<Expression>,
    },
}

/// A value written down in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `"text"`.
    Text(String),
    /// `7`, `-7` or `&H7`.
    Integer(i64),
    /// `True` or `False`.
    Boolean(bool),
    /// A word of the language: how InStr compares.
    Word(&'static str),
}

/// How InStr may compare.
pub(super) const WORDS: [&str; 2] = ["vbBinaryCompare", "vbTextCompare"];

impl Expression {
    /// The attributes of the source object it reads, each once, in the order of their first appearance.
    pub fn attributes(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.visit(&mut |part| {
            if let Node::Attribute(name) = &part.node
                && !found.contains(&name.as_str())
            {
                found.push(name.as_str());
            }
        });
        found
    }

    /// Fails at the first function that cross-tenant synchronization does not support.
    pub fn check_cross_tenant(&self) -> Result<(), ParseError> {
        let mut unsupported = None;
        self.visit(&mut |part| {
            if let Node::Call { function, .. } = &part.node
                && !function.cross_tenant
                && unsupported.is_none()
            {
                unsupported = Some((part.column, function.name));
            }
        });
        unsupported.map_or(Ok(()), |(column, name)| {
            Err(ParseError {
                column,
                piece: name.to_owned(),
                cause: format!("{name} is not supported by cross-tenant synchronization"),
            })
        })
    }

    /// The functions in it that Microsoft's reference page does not list, each once.
    pub fn undocumented(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        self.visit(&mut |part| {
            if let Node::Call { function, .. } = &part.node
                && !function.documented
                && !found.contains(&function.name)
            {
                found.push(function.name);
            }
        });
        found
    }

    /// Shows `seen` this part and every part inside it, outer before inner, first before last.
    pub(super) fn visit<'a>(&'a self, seen: &mut impl FnMut(&'a Self)) {
        seen(self);
        match &self.node {
            Node::Attribute(_) | Node::Literal(_) => {}
            Node::Call { arguments, .. } => {
                for argument in arguments.iter().flatten() {
                    argument.visit(seen);
                }
            }
            Node::Comparison { left, right, .. } => {
                left.visit(seen);
                right.visit(seen);
            }
        }
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Node::Attribute(name) => write!(formatter, "[{name}]"),
            Node::Literal(literal) => literal.fmt(formatter),
            Node::Call {
                function,
                arguments,
            } => {
                write!(formatter, "{}(", function.name)?;
                for (position, argument) in arguments.iter().enumerate() {
                    if position > 0 {
                        formatter.write_str(", ")?;
                    }
                    if let Some(argument) = argument {
                        argument.fmt(formatter)?;
                    }
                }
                formatter.write_str(")")
            }
            Node::Comparison {
                operator,
                left,
                right,
            } => write!(formatter, "{left} {} {right}", operator.symbol()),
        }
    }
}

impl Literal {
    /// The value as text, without quotes: what Graph keeps as the name of a constant.
    pub fn bare(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(truth) => boolean(*truth).to_owned(),
            Self::Word(word) => (*word).to_owned(),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(&quoted(text)),
            other => formatter.write_str(&other.bare()),
        }
    }
}

/// A text in double quotes, with what must be escaped escaped.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
