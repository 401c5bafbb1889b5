//! Generates the messages, servers and clients of the plugin protocol, without `protoc`.

use std::error::Error;

const PROTOS: [&str; 2] = ["tfplugin6.proto", "plugin.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    for proto in PROTOS {
        println!("cargo::rerun-if-changed={proto}");
    }
    let messages = protox::compile(PROTOS, ["."])?;
    tonic_prost_build::configure()
        .bytes(".tfplugin6")
        .build_transport(false)
        .generate_default_stubs(true)
        .disable_comments(["."])
        .compile_fds(messages)?;
    Ok(())
}
