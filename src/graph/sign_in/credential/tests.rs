use super::*;
use crate::testing::{SECRET, Script, TENANT, empty, lost, options, raw, refuse, reply};
use crate::{Client, Error, Transport};
use serde_json::json;
use std::collections::HashMap;
#[cfg(unix)]
use std::{ffi::OsStr, io, process::Output};
use url::Url;

const PATH: &str = "/policies/crossTenantAccessPolicy";

fn client(script: &Arc<Script>, sign_in: SignIn) -> Client {
    let options = Options {
        sign_in,
        ..options()
    };
    Client::over(options, Arc::clone(script) as Arc<dyn Transport>).unwrap()
}

/// The fields of the only token request.
fn form(script: &Script) -> HashMap<String, String> {
    let [sent] = &script.signed_in()[..] else {
        panic!("{:?}", script.signed_in());
    };
    assert_eq!(
        (sent.method.as_str(), sent.path.as_str()),
        ("POST", &*format!("/{TENANT}/oauth2/v2.0/token"))
    );
    let pairs = url::form_urlencoded::parse(sent.body.as_str().unwrap().as_bytes());
    pairs.into_owned().collect()
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_sent_as_the_standard_says() {
    let script = Script::new(|_| empty(204));
    script.client().get(PATH).await.unwrap();
    let form = form(&script);
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["client_id"], options().client_id);
    assert_eq!(form["client_secret"], SECRET);
    assert_eq!(form["scope"], "https://graph.microsoft.com/.default");
}

#[tokio::test(start_paused = true)]
async fn a_certificate_signs_an_assertion_for_the_token_endpoint() {
    let script = Script::new(|_| empty(204));
    let bytes = include_bytes!("../samples/openssl.p12").to_vec();
    let password = Some(Secret::from("horse"));
    client(&script, SignIn::ClientCertificate { bytes, password })
        .get(PATH)
        .await
        .unwrap();
    let form = form(&script);
    assert_eq!(
        form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert_eq!(form["client_assertion"].split('.').count(), 3);
    assert!(!form.contains_key("client_secret"));
}

#[test]
fn a_certificate_that_cannot_be_used_is_reported_before_any_call() {
    let sign_in = SignIn::ClientCertificate {
        bytes: b"nonsense".to_vec(),
        password: None,
    };
    let options = Options {
        sign_in,
        ..options()
    };
    assert!(matches!(Client::new(options), Err(Error::Certificate(_))));
}

#[tokio::test(start_paused = true)]
async fn tokens_of_other_issuers_are_passed_on() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from a file\n").unwrap();
    let path = file.path().to_owned();
    for (sign_in, expected) in [
        (SignIn::Oidc(Oidc::Token(Secret::from("given"))), "given"),
        (SignIn::Oidc(Oidc::TokenFile(path.clone())), "from a file"),
        (
            SignIn::AksWorkloadIdentity {
                token_file: Some(path),
            },
            "from a file",
        ),
    ] {
        let script = Script::new(|_| empty(204));
        client(&script, sign_in).get(PATH).await.unwrap();
        assert_eq!(form(&script)["client_assertion"], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_of_workflows_are_requested() {
    let url = |text| Url::parse(text).unwrap();
    let token = Secret::from("workflow token");
    let github = Oidc::GitHub {
        url: url("https://actions.example/token?run=1"),
        token: token.clone(),
    };
    let devops = Oidc::AzureDevOps {
        url: url("https://devops.example/token"),
        token,
        service_connection_id: "c 1".to_owned(),
    };
    for (oidc, call) in [
        (
            github,
            "GET /token?run=1&audience=api%3A%2F%2FAzureADTokenExchange",
        ),
        (
            devops,
            "POST /token?api-version=7.1&serviceConnectionId=c+1",
        ),
    ] {
        let script = Script::of([
            refuse(503, "x"),
            reply(200, &json!({"value": "issued", "oidcToken": "issued"})),
            empty(204),
        ]);
        client(&script, SignIn::Oidc(oidc)).get(PATH).await.unwrap();
        assert_eq!(form(&script)["client_assertion"], "issued");
        assert_eq!(script.calls()[..2], [call, call]);
        assert_eq!(script.sent()[0].bearer, "Bearer workflow token");
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_gives_no_token_is_named() {
    for (answer, says) in [
        (refuse(401, "x"), "GitHub Actions returned 401"),
        (reply(200, &json!({})), "has no token in"),
        (raw(200, "text/html", "<html>"), "has no token in"),
    ] {
        let oidc = Oidc::GitHub {
            url: Url::parse("https://actions.example/token").unwrap(),
            token: Secret::from("workflow token"),
        };
        let script = Script::of([answer]);
        let error = client(&script, SignIn::Oidc(oidc))
            .get(PATH)
            .await
            .unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(!format!("{error} {error:?}").contains("workflow token"));
    }
    let oidc = Oidc::TokenFile("/nowhere/token".into());
    let error = client(&Script::of([]), SignIn::Oidc(oidc))
        .get(PATH)
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("the token file cannot be read"), "{text}");
    assert!(!text.contains("nowhere"), "it may be a secret: {text}");
}

#[tokio::test(start_paused = true)]
async fn the_token_of_a_managed_identity_is_requested() {
    let token = json!({"token_type": "Bearer", "access_token": "machine", "expires_on": "4102444800", "resource": "x"});
    let script = Script::of([refuse(404, "x"), lost(), reply(200, &token), empty(204)]);
    let client_id = Some("i-1".to_owned());
    client(&script, SignIn::ManagedIdentity { client_id })
        .get(PATH)
        .await
        .unwrap();
    let call = &script.calls()[0];
    assert!(
        call.starts_with("GET /metadata/identity/oauth2/token?"),
        "{call}"
    );
    assert!(
        call.contains("client_id=i-1")
            && call.contains("resource=https%3A%2F%2Fgraph.microsoft.com"),
        "{call}"
    );
    assert_eq!(script.sent()[3].bearer, "Bearer machine");

    let script = Script::new(|_| lost());
    let sign_in = SignIn::ManagedIdentity { client_id: None };
    let error = client(&script, sign_in).get(PATH).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the metadata service 169.254.169.254 after 3 attempt(s)"),
        "{error}"
    );
    let script = Script::of([refuse(400, "x")]);
    let sign_in = SignIn::ManagedIdentity { client_id: None };
    let error = client(&script, sign_in).get(PATH).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("check that an identity is assigned"),
        "{error}"
    );
}

#[cfg(unix)]
#[derive(Debug)]
struct Fake(&'static str, &'static str);

#[cfg(unix)]
#[async_trait::async_trait]
impl Executor for Fake {
    async fn run(&self, _: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let args: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
        let command = args.join(" ");
        assert!(
            command.contains("--scope https://graph.microsoft.com/.default"),
            "{command}"
        );
        assert!(command.contains(&format!("--tenant {TENANT}")), "{command}");
        let status = std::process::Command::new("sh")
            .args(["-c", self.0])
            .status()?;
        Ok(Output {
            status,
            stdout: self.1.into(),
            stderr: b"Please run az login".to_vec(),
        })
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_azure_cli_gets_the_tenant() {
    let script = Script::new(|_| empty(204));
    let ask = async |executor| {
        let client = client(&script, SignIn::AzureCli);
        let mut tokens = Tokens::new(&options(), Arc::clone(&script) as _, Arc::default()).unwrap();
        tokens.auth_method = AuthMethod::AzureCli(Arc::new(executor));
        tokens
            .get(&client.operation)
            .await
            .map(|token| token.bearer().to_str().unwrap().to_owned())
    };
    let good = r#"{"accessToken": "person", "expires_on": 4102444800, "tokenType": "Bearer"}"#;
    assert_eq!(ask(Fake("exit 0", good)).await.unwrap(), "Bearer person");
    let error = ask(Fake("exit 1", "")).await.unwrap_err();
    let text = error.to_string();
    assert!(text.ends_with("\nPlease run az login"), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn programs_are_run_without_input() {
    let args = ["-c", "read line || echo nothing"].map(OsStr::new);
    let output = Process.run(OsStr::new("/bin/sh"), &args).await.unwrap();
    assert_eq!(output.stdout, b"nothing\n");
}

#[tokio::test(start_paused = true)]
async fn secrets_quoted_by_the_sign_in_service_are_redacted() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "cluster+token/of=ours\n").unwrap();
    for (sign_in, planted) in [
        (
            SignIn::ClientSecret {
                secret: Secret::from("Ab8Q~planted secret+1"),
            },
            "planted",
        ),
        (
            SignIn::Oidc(Oidc::Token(Secret::from("given+token/of=theirs"))),
            "theirs",
        ),
        (
            SignIn::AksWorkloadIdentity {
                token_file: Some(file.path().to_owned()),
            },
            "cluster",
        ),
    ] {
        let script = Script::of([]);
        script.sign_in(|sent| {
            let what = format!("You sent {}", sent.body);
            reply(
                401,
                &json!({ "error": "invalid_client", "error_description": what }),
            )
        });
        let error = client(&script, sign_in).get(PATH).await.unwrap_err();
        let text = error.to_string();
        assert!(
            script.signed_in()[0].body.to_string().contains(planted),
            "it was sent"
        );
        assert!(
            text.contains("You sent") && text.contains("(hidden)"),
            "{text}"
        );
        assert!(!text.contains(planted), "{text}");
    }
}
