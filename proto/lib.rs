//! The generated messages, servers and clients. Nothing here is written by hand.
#![allow(
    clippy::pedantic,
    missing_docs,
    unreachable_pub,
    reason = "generated, and not every lint fires in every build"
)]

/// `proto/tfplugin6.proto`: what Terraform and OpenTofu ask a provider.
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// `proto/plugin.proto`: what every go-plugin host asks a plugin.
pub mod plugin {
    tonic::include_proto!("plugin");
}
