//! Terraform and OpenTofu provider for Microsoft Entra cross-tenant synchronization: all its crates under one name, for the
//! binaries and for the tests.
//!
//! 1. [`protocol`] implements the plugin protocol (gRPC and MessagePack) and contains nothing about Graph; [`proto`] holds its
//!    generated messages.
//! 2. [`terraform`] contains the concepts of Terraform (values, schemas, plans, diagnostics) and does no I/O.
//! 3. [`graph`] is a client for Microsoft Graph and contains nothing about Terraform.
//! 4. [`resources`] joins the two, with one file for each resource.
//! 5. [`emulator`] emulates Graph and shares no code with the crates that it tests.
//! 6. [`command`] contains the commands of the binary; it uses the provider in the same way as Terraform.
//! 7. [`expression`] parses, prints and evaluates the language of attribute mappings, and does no I/O.
//! 8. [`preview`] computes what a synchronization cycle would do with two directories, and does no I/O.

pub use {
    command, emulator, expression, graph, preview, proto, protocol, resources, sdk, terraform,
};
