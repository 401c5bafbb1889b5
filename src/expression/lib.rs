//! The expression language for attribute mappings of Microsoft Entra provisioning: `Join(", ", [surname], [givenName])`.
//!
//! A text is parsed to an [`Expression`], which is converted to the tree that Graph stores, or evaluated without the service. No
//! I/O, and independent of the other crates: the attributes of the directories are not known here.
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

mod advice;
mod equivalence;
mod error;
mod evaluate;
mod functions;
mod lexer;
mod limits;
mod operator;
mod parser;
mod source;
mod suggestion;
mod table;
mod tree;
mod value;

#[cfg(test)]
mod columns;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod samples;

pub use equivalence::equivalent;
pub use error::{EvalError, ParseError, SourceError};
pub use evaluate::evaluate;
pub use functions::{Function, Kind, Parameter};
pub use limits::{DEPTH, LENGTH};
pub use operator::Operator;
pub use parser::parse;
pub use suggestion::closest;
pub use table::{FUNCTIONS, function};
pub use tree::{Expression, Literal, Node};
pub use value::Value;
