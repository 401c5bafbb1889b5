//! The `terraform` room.
