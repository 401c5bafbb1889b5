//! The mapping language of Microsoft Entra provisioning: `Join(", ", [surname], [givenName])`.
//!
//! Text becomes an [`Expression`], an expression becomes the tree that Graph stores, and either can be evaluated here without
//! the service. No I/O, and no other room: what an attribute is called in which directory is not known here.
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

mod advice;
mod equivalence;
mod evaluate;
mod functions;
mod lexer;
mod limits;
mod mistake;
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
pub use evaluate::evaluate;
pub use functions::{Function, Kind, Parameter};
pub use limits::{DEPTH, LENGTH};
pub use mistake::{EvalError, ParseError, SourceError};
pub use operator::Operator;
pub use parser::parse;
pub use suggestion::closest;
pub use table::{FUNCTIONS, function};
pub use tree::{Expression, Literal, Node};
pub use value::Value;
