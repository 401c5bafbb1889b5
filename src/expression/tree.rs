//! The syntax tree of an expression, and its canonical spelling.

use std::fmt;

use super::error::ParseError;
use super::functions::Function;
use super::operator::Operator;
use super::value::boolean;

/// An expression or a part of one. Its position in the text is ignored by comparisons.
#[derive(Clone, Debug)]
pub struct Expression {
    /// The node.
    pub node: Node,
    /// The start, in characters from the start of the text, counted from 1.
    pub column: usize,
}

/// A node of the syntax tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// An attribute of the source object: `[mail]`.
    Attribute(String),
    /// A literal.
    Literal(Literal),
    /// A function call.
    Call {
        /// The function.
        function: &'static Function,
        /// The arguments by position; `None` if one is empty.
        arguments: Vec<Option<Expression>>,
    },
    /// A comparison, as in the condition of IIF.
    Comparison {
        /// The operator.
        operator: Operator,
        /// The left operand.
        left: Box<Expression>,
        /// The right operand.
        right: Box<Expression>,
    },
}

/// A literal in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `"text"`.
    Text(String),
    /// `7`, `-7` or `&H7`.
    Integer(i64),
    /// `True` or `False`.
    Boolean(bool),
    /// A keyword: how InStr compares.
    Word(&'static str),
}

/// The keywords: how InStr compares.
pub(super) const WORDS: [&str; 2] = ["vbBinaryCompare", "vbTextCompare"];

impl Expression {
    /// Returns the attributes of the source object that the expression reads, without duplicates, in the order of their first
    /// use.
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

    /// Returns the functions that Microsoft's reference page does not list, without duplicates.
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

    /// Calls `seen` for this node and all nodes inside it, in preorder.
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
    /// Returns the value as a string without quotes, which Graph uses as the name of a constant.
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

/// Returns a string in double quotes, with escapes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
