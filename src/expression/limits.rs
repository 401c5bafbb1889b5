//! Limits of the size of an expression.

/// The longest expression that Graph accepts, in characters. It applies to the text as written and to its canonical spelling.
pub const LENGTH: usize = 10_000;

/// The maximum depth of nested calls, including the outermost.
///
/// Graph documents no limit. A call takes three levels of JSON in the tree that Graph stores, and a schema takes eight above the
/// tree: deeper nesting could not be parsed by JSON readers, which commonly stop at 128 levels.
pub const DEPTH: usize = 40;
