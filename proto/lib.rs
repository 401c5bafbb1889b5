//! The generated messages, servers and clients of the plugin protocol.
#![allow(
    clippy::pedantic,
    missing_docs,
    unreachable_pub,
    reason = "generated, and not every lint fires in every build"
)]

/// `proto/tfplugin6.proto`: the protocol between Terraform or OpenTofu and a provider.
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// `proto/plugin.proto`: the protocol between every go-plugin host and its plugins.
pub mod plugin {
    tonic::include_proto!("plugin");
}
