//! From the start of the process to its end.

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use crosstenant::proto::plugin::grpc_broker_client::GrpcBrokerClient;
use crosstenant::proto::plugin::grpc_stdio_client::GrpcStdioClient;
use crosstenant::proto::tfplugin6 as pb;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::fixture::SECRET;
use crate::host::{COOKIE, FIXTURE, Launch, PATIENCE, client, plain_channel};
use crate::life::{Cli, apply_request};
use crate::wire::{Wire, get, pack, text, thing, told, unpack};

#[tokio::test]
async fn a_start_without_the_cookie_explains_the_binary() {
    for launch in [
        Launch::provider().without(COOKIE.0),
        Launch::provider().env(COOKIE.0, "another"),
    ] {
        let mut plugin = launch.spawn();
        assert_eq!(plugin.ended().await.code(), Some(1));
        assert_eq!(plugin.rest_of_output().await, "");
        let said = plugin.errors();
        assert!(said.contains(env!("CARGO_PKG_VERSION")), "{said}");
        assert!(said.contains("Terraform"), "{said}");
    }
}

#[tokio::test]
async fn the_line_is_the_first_and_only_output() {
    let mut plugin = Launch::provider().spawn();
    plugin.line = plugin.read_line().await;
    let fields: Vec<_> = plugin
        .line
        .trim_end_matches('\n')
        .split('|')
        .map(str::to_owned)
        .collect();
    assert_eq!(fields.len(), 6, "{}", plugin.line);
    assert_eq!(fields[..3], ["1", "6", "unix"]);
    assert_eq!(fields[4], "grpc");
    let request = pb::get_provider_schema::Request {};
    plugin
        .client()
        .await
        .get_provider_schema(request)
        .await
        .unwrap();
    plugin.shut_down().await;
    assert_eq!(plugin.rest_of_output().await, "");
}

/// The first response was prepared in advance, the others were not.
#[tokio::test]
async fn the_schema_is_the_same_whenever_it_is_asked_for() {
    let mut plugin = Launch::provider().start().await;
    let mut client = plugin.client().await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        let request = pb::get_provider_schema::Request {};
        let answer = client.get_provider_schema(request).await.unwrap();
        answers.push(answer.into_inner());
    }
    assert!(answers[0].resource_schemas.len() > 10);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    plugin.shut_down().await;
}

#[tokio::test]
async fn a_host_that_multiplexes_gets_a_seventh_field() {
    let launch = Launch::provider().env("PLUGIN_MULTIPLEX_GRPC", "true");
    let plugin = launch.start().await;
    assert_eq!(plugin.field(6), "false");
}

#[tokio::test]
async fn the_line_comes_at_once() {
    let start = Instant::now();
    let _plugin = Launch::provider().start().await;
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn without_a_host_certificate_there_is_no_tls() {
    let plugin = Launch::provider().without_tls().start().await;
    assert_eq!(plugin.field(5), "");
    let request = pb::get_metadata::Request {};
    plugin.client().await.get_metadata(request).await.unwrap();
}

#[tokio::test]
async fn an_invalid_host_certificate_is_reported() {
    let mut plugin = Launch::provider()
        .env("PLUGIN_CLIENT_CERT", "nonsense")
        .spawn();
    assert_eq!(plugin.ended().await.code(), Some(1));
    assert_eq!(plugin.rest_of_output().await, "");
    assert!(plugin.errors().contains("PLUGIN_CLIENT_CERT"));
}

#[tokio::test]
async fn the_socket_is_private_and_removed() {
    let elsewhere = tempfile::tempdir().unwrap();
    let directory = elsewhere.path().to_str().unwrap();
    for launch in [
        Launch::provider(),
        Launch::provider().env("PLUGIN_UNIX_SOCKET_DIR", directory),
    ] {
        let mut plugin = launch.start().await;
        let socket = plugin.socket();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(socket.as_path()), 0o600);
        assert_eq!(mode(socket.parent().unwrap()), 0o700);
        assert!(socket.starts_with(plugin.home.path()) || socket.starts_with(elsewhere.path()));
        assert!(plugin.shut_down().await.success());
        assert!(!socket.parent().unwrap().exists());
    }
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_plugin_is_healthy() {
    let plugin = Launch::provider().start().await;
    let mut health = HealthClient::new(plugin.channel().await);
    let request = HealthCheckRequest {
        service: "plugin".to_owned(),
    };
    let answer = health.check(request).await.unwrap().into_inner();
    assert_eq!(answer.status, 1, "SERVING");
}

#[tokio::test]
async fn both_streams_stay_open() {
    let mut plugin = Launch::provider().start().await;
    let channel = plugin.channel().await;
    let mut stdio = GrpcStdioClient::new(channel.clone());
    let mut stdio = stdio.stream_stdio(()).await.unwrap().into_inner();
    let mut broker = GrpcBrokerClient::new(channel);
    let mut broker = broker
        .start_stream(tokio_stream::pending())
        .await
        .unwrap()
        .into_inner();
    let quiet = Duration::from_millis(200);
    assert!(tokio::time::timeout(quiet, stdio.message()).await.is_err());
    assert!(tokio::time::timeout(quiet, broker.message()).await.is_err());
    assert!(plugin.shut_down().await.success());
    assert!(stdio.message().await.is_err());
}

#[tokio::test]
async fn shutdown_ends_the_process_within_two_seconds() {
    // Also with a request in flight.
    let mut cli = Cli::fixture().await;
    let planned = thing([("name", text("a")), ("note", text("slow"))]);
    let mut other = cli.client.clone();
    let request = apply_request(&Wire::Nil, &planned, &planned, b"");
    let slow = tokio::spawn(async move { other.apply_resource_change(request).await });
    cli.wait_until_slow().await;
    let start = Instant::now();
    let status = cli.plugin.shut_down().await;
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(status.code(), Some(0));
    let answer = slow.await.unwrap().unwrap().into_inner();
    assert_eq!(told(&answer.diagnostics), [": Stopped"]);
}

#[tokio::test]
async fn a_host_that_vanishes_takes_the_process_with_it() {
    let mut plugin = Launch::provider().start().await;
    let mut client = plugin.client().await;
    client
        .get_metadata(pb::get_metadata::Request {})
        .await
        .unwrap();
    drop(client);
    assert!(plugin.ended().await.success());
}

#[tokio::test]
async fn ctrl_c_alone_does_not_end_the_process() {
    let mut plugin = Launch::provider().start().await;
    let mut client = plugin.client().await;
    for _ in 0..2 {
        plugin.signal("INT").await;
        client
            .get_metadata(pb::get_metadata::Request {})
            .await
            .unwrap();
    }
    let socket = plugin.socket();
    plugin.signal("TERM").await;
    assert!(plugin.ended().await.success());
    assert!(!socket.exists());
}

#[tokio::test]
async fn debug_mode_says_how_to_attach_and_serves_run_after_run() {
    let launch = Launch::fixture().env(FIXTURE, "debug").without(COOKIE.0);
    let mut plugin = launch.spawn();
    let mut entries = Vec::new();
    while entries.len() < 2 {
        let line = plugin.read_line().await;
        if let Some(value) = line.strip_prefix("export TF_REATTACH_PROVIDERS='") {
            let json = value.trim_end().trim_end_matches('\'');
            entries.push(serde_json::from_str::<serde_json::Value>(json).unwrap());
        }
    }
    let hosts = ["registry.terraform.io", "registry.opentofu.org"];
    let entry = &entries[0][format!("{}/example/fixture", hosts[0])];
    assert_eq!(entry, &entries[1][format!("{}/example/fixture", hosts[1])]);
    assert_eq!(entry["Protocol"], "grpc");
    assert_eq!(entry["ProtocolVersion"], 6);
    assert_eq!(entry["Pid"], plugin.child.id().unwrap());
    assert_eq!(entry["Test"], true);
    assert_eq!(entry["Addr"]["Network"], "unix");
    let socket = entry["Addr"]["String"].as_str().unwrap();
    let mut runs = Vec::new();
    for greeting in ["good morning", "good night"] {
        let mut run = Cli::attached(client(plain_channel(socket.into()).await));
        assert_eq!(run.greeting(greeting).await, text(greeting));
        runs.push((run, greeting));
    }
    // Two provider configurations use two connections, and each keeps its own values.
    for (run, greeting) in &mut runs {
        let read = run.look_up("x").await;
        let state = unpack(read.state.as_ref());
        assert_eq!(get(&state, "greeting"), &text(greeting));
    }
    drop(runs);
    // Longer than the allowed absence of a host that has started the process.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(plugin.child.try_wait().unwrap().is_none());
    plugin.signal("INT").await;
    assert!(plugin.ended().await.success());
}

#[tokio::test]
async fn logs_are_json_lines_and_silent_unless_asked() {
    let call = async |launch: Launch| {
        let mut plugin = launch.start().await;
        plugin
            .client()
            .await
            .get_metadata(pb::get_metadata::Request {})
            .await
            .unwrap();
        plugin.shut_down().await;
        plugin.errors()
    };
    assert_eq!(call(Launch::provider()).await, "");
    let off = Launch::provider()
        .env("TF_LOG", "TRACE")
        .env("TF_LOG_PROVIDER", "OFF");
    assert_eq!(call(off).await, "");
    let lines = call(Launch::provider().env("TF_LOG", "TRACE")).await;
    assert!(lines.contains("GetMetadata"), "{lines}");
    for line in lines.lines() {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        for key in ["@level", "@message", "@timestamp", "@module"] {
            assert!(json[key].is_string(), "{key} in {line}");
        }
        let time = json["@timestamp"].as_str().unwrap();
        let (_, fraction) = time.split_once('.').unwrap();
        assert_eq!(fraction.len(), "123456Z".len(), "{time}");
    }
}

#[tokio::test]
async fn a_panic_is_shown_and_answered() {
    let mut cli = Cli::fixture().await;
    let prior = thing([("name", text("a")), ("limit", crate::wire::number(1))]);
    let wanted = thing([("name", text("a")), ("note", text("panic"))]);
    let answer = cli.apply(&prior, &wanted, &wanted, b"p").await;
    assert_eq!(told(&answer.diagnostics), [": The provider crashed"]);
    assert!(answer.diagnostics[0].detail.contains("as asked"));
    assert_eq!(answer.new_state, pack(&prior));
    assert_eq!(answer.private, "p");
    let read = cli.read(&wanted, b"p").await;
    assert_eq!(told(&read.diagnostics), [": The provider crashed"]);
    assert_eq!((read.new_state, read.private), (pack(&wanted), "p".into()));
    let mut impossible = wanted.clone();
    crate::wire::set(&mut impossible, "note", text("panic in plan"));
    let plan = cli.plan(&prior, &impossible, b"").await;
    assert_eq!(told(&plan.diagnostics), [": The provider crashed"]);
    // The process continues to run, and standard error contains the text that hosts look for.
    assert_eq!(cli.greeting("still here").await, text("still here"));
    let said = cli.plugin.errors();
    assert!(said.lines().any(|line| line == "panic: as asked"), "{said}");
    let with_secret = "panic: as asked with (hidden)";
    assert!(said.lines().any(|line| line == with_secret), "{said}");
    assert!(!said.contains(SECRET), "{said}");
    assert!(!answer.diagnostics[0].detail.contains(SECRET));
}

#[tokio::test]
async fn stop_cancels_what_is_in_flight() {
    let mut cli = Cli::fixture().await;
    let planned = thing([("name", text("a")), ("note", text("slow"))]);
    let request = apply_request(&Wire::Nil, &planned, &planned, b"");
    let mut other = cli.client.clone();
    let slow = tokio::spawn(async move { other.apply_resource_change(request).await });
    cli.wait_until_slow().await;
    assert!(!slow.is_finished());
    let stopped = cli
        .client
        .stop_provider(pb::stop_provider::Request {})
        .await
        .unwrap();
    assert_eq!(stopped.into_inner().error, "");
    let answer = tokio::time::timeout(PATIENCE, slow)
        .await
        .unwrap()
        .unwrap()
        .unwrap()
        .into_inner();
    assert_eq!(told(&answer.diagnostics), [": Stopped"]);
    assert_eq!(answer.new_state, pack(&planned), "what is known so far");
    assert_eq!(cli.greeting("still here").await, text("still here"));
}
