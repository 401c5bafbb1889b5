//! Every RPC of the plugin protocol, sent to the provider's own process as bytes.

use crosstenant::protocol::codec::{encode, object_type};
use crosstenant::resources::CrossTenant;
use crosstenant::terraform::{Attribute, Provider};
use futures::StreamExt as _;
use prost::bytes::Bytes;
use serde_json::json;
use tonic::Status;
use tonic::client::Grpc;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;

use crate::dice::Dice;
use crate::engine::scenarios::all;
use crate::engine::{CONTOSO, object};
use crate::harness::{Target, memory_of};
use crate::host::{Launch, Plugin};
use crate::mutation::split;

/// The most memory the provider may have needed, in KiB.
const MEMORY: u64 = 300 * 1024;

/// Bytes as they are.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        prost::bytes::BufMut::put_slice(buffer, &item);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        use prost::bytes::Buf as _;
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// The first line of an input is the name of an RPC, the rest the request's message.
pub struct Requests {
    runtime: tokio::runtime::Runtime,
    plugin: Plugin,
    client: Grpc<Channel>,
    rpcs: Vec<&'static str>,
    /// Values of resources and of others, encoded.
    values: Vec<Vec<u8>>,
    names: Vec<String>,
    /// The configuration under which all requests are made, as a message.
    configuration: Vec<u8>,
}

/// All RPCs in the protocol's own description.
fn rpcs() -> Vec<&'static str> {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/proto/tfplugin6.proto"
    ));
    let lines = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("rpc "));
    let found: Vec<&str> = lines.map(|line| line.split('(').next().unwrap()).collect();
    assert!(found.len() > 25, "{found:?}");
    found
}

/// A field of a message whose value has a length.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![(number << 3) | 2];
    let mut length = value.len();
    while length >= 0x80 {
        bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes.extend(value);
    bytes
}

impl Requests {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        // Whatever an endpoint becomes, nothing leaves this machine.
        let nowhere = "http://127.0.0.1:1";
        let (plugin, client) = runtime.block_on(async {
            let launch = Launch::provider().without_tls();
            let plugin = launch
                .env("HTTPS_PROXY", nowhere)
                .env("HTTP_PROXY", nowhere)
                .start()
                .await;
            let client = Grpc::new(plugin.channel().await);
            (plugin, client)
        });
        let (mut values, mut names) = (
            Vec::new(),
            vec![String::new(), "crosstenant_nothing".to_owned()],
        );
        let provider = CrossTenant::default();
        for scenario in all() {
            let schema = provider.resource(scenario.type_name).unwrap().schema();
            let value = object(&schema.attributes, &scenario.config);
            let encoded = encode(&object_type(schema), &value).unwrap();
            values.push(field(1, &encoded.msgpack));
            values.push(field(2, scenario.config.to_string().as_bytes()));
        }
        values.push(field(1, &[0xc0]));
        values.push(field(2, b"null"));
        names.extend(
            provider
                .resources()
                .iter()
                .map(|one| one.type_name().to_owned()),
        );
        names.extend(
            provider
                .data_sources()
                .iter()
                .map(|one| one.type_name().to_owned()),
        );
        names.extend(
            provider
                .actions()
                .iter()
                .map(|one| one.type_name().to_owned()),
        );
        names.extend(["evaluate_expression", "validate_expression"].map(str::to_owned));
        let configuration = configuration(&provider.schema().attributes, nowhere);
        let encoded = encode(&object_type(provider.schema()), &configuration).unwrap();
        Self {
            runtime,
            plugin,
            client,
            rpcs: rpcs(),
            values,
            names,
            configuration: field(2, &field(1, &encoded.msgpack)),
        }
    }

    fn call(&mut self, rpc: &str, message: Vec<u8>) -> Result<String, Status> {
        let Ok(path) = format!("/tfplugin6.Provider/{rpc}").parse::<PathAndQuery>() else {
            return Ok(String::new());
        };
        let client = &mut self.client;
        self.runtime.block_on(async {
            client
                .ready()
                .await
                .map_err(|why| Status::internal(why.to_string()))?;
            let request = tonic::Request::new(Bytes::from(message));
            let mut answers = client
                .server_streaming(request, path, Raw)
                .await?
                .into_inner();
            let mut said = String::new();
            while let Some(answer) = answers.next().await {
                said.push_str(&String::from_utf8_lossy(&answer?));
            }
            Ok(said)
        })
    }
}

fn configuration(attributes: &[Attribute], nowhere: &str) -> crosstenant::terraform::Value {
    object(
        attributes,
        &json!({
            "tenant_id": CONTOSO,
            "client_id": "c0a7e1d4-52b8-4f0e-8a3b-6d9f1e2c7b01",
            "client_secret": "planted-secret",
            "graph_endpoint": nowhere,
            "login_endpoint": nowhere,
            "max_retries": 0,
            "request_timeout": "2s",
        }),
    )
}

impl Target for Requests {
    const NAME: &'static str = "requests";
    const HEADED: bool = true;

    fn samples(&mut self) -> Vec<Vec<u8>> {
        let mut samples = Vec::new();
        for rpc in self.rpcs.clone() {
            for dice in 0..3 {
                samples.push(self.message(rpc, &mut Dice(dice)));
            }
        }
        samples
    }

    fn words(&self) -> Vec<String> {
        self.names.clone()
    }

    fn invented(&mut self, dice: &mut Dice) -> Option<Vec<u8>> {
        let rpc = *dice.pick(&self.rpcs);
        Some(self.message(rpc, dice))
    }

    fn attempt(&mut self, input: &[u8]) -> String {
        let (rpc, message) = split(input, true);
        let rpc = String::from_utf8_lossy(rpc).into_owned();
        let answer = self.call(&rpc, message);
        if rpc == "ConfigureProvider" {
            self.call("ConfigureProvider", self.configuration.clone())
                .expect("the provider can be configured again");
        }
        assert!(
            self.plugin.child.try_wait().unwrap().is_none(),
            "the provider ended: {}",
            self.plugin.errors()
        );
        let errors = self.plugin.errors();
        assert!(!errors.contains("panic"), "{errors}");
        assert!(self.memory().unwrap() < MEMORY, "{:?} KiB", self.memory());
        match answer {
            Ok(said) => {
                assert!(!said.contains("crashed"), "{said}");
                format!("{rpc} {}", if said.len() > 2_000 { "much" } else { &said })
            }
            Err(status) => format!("{rpc} {:?} {}", status.code(), status.message()),
        }
    }

    fn memory(&self) -> Option<u64> {
        Some(memory_of(&self.plugin.child.id()?.to_string(), "VmHWM"))
    }
}

impl Requests {
    /// A message that has the fields most requests have: a name, then values, texts, numbers and messages in them.
    fn message(&self, rpc: &str, dice: &mut Dice) -> Vec<u8> {
        let mut message = format!("{rpc}\n").into_bytes();
        let name = dice.pick(&self.names).clone();
        message.extend(field(1, name.as_bytes()));
        let own: Vec<usize> = all()
            .iter()
            .enumerate()
            .filter(|(_, one)| one.type_name == name)
            .map(|(at, _)| 2 * at)
            .collect();
        for number in 2..8 {
            let value = match own.first() {
                // Mostly what fits the name.
                Some(at) if !dice.once_in(4) => self.values[at + dice.below(2)].clone(),
                _ => dice.pick(&self.values).clone(),
            };
            match dice.below(8) {
                0..5 => message.extend(field(number, &value)),
                5 => message.extend([number << 3, dice.byte() & 0x7f]),
                6 => message.extend(field(number, &field(1, &value))),
                _ => {}
            }
        }
        message
    }
}
