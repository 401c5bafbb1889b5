//! How large an expression may be.

/// Longest expression Graph takes, in characters. It counts for the text as written and for its canonical spelling.
pub const LENGTH: usize = 10_000;

/// How many calls may stand inside each other, the outermost included.
///
/// Graph names no limit. A call takes three levels of JSON in the tree Graph stores, and a schema spends eight before the tree
/// begins: what nests deeper could not be read back by JSON readers, which commonly stop at 128 levels.
pub const DEPTH: usize = 40;
