//! The `graph` room.
