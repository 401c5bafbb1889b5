use super::*;
use graph::{Options, Redactor, SignIn};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const CLIENT: &str = "66666666-2222-3333-4444-555555555555";

fn options(config: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Options, Diagnostic> {
    let config = Value::Map(
        config
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).into()))
            .collect(),
    );
    let look = |name: &str| {
        environment
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, text)| (*text).to_owned())
    };
    Settings::merge(&config, &look, &Redactor::default())
        .map_err(|mut found| found.remove(0))?
        .options("test")
}

fn refused(config: &[(&str, &str)], environment: &[(&str, &str)]) -> (String, String) {
    let problem = options(config, environment).unwrap_err();
    (
        problem.path.unwrap().to_string(),
        format!("{}: {}", problem.summary, problem.detail),
    )
}

#[test]
fn the_environment_fills_in_what_is_left_out() {
    let environment = [
        ("SOURCE_TENANT_ID", TENANT),
        ("SOURCE_CLIENT_ID", CLIENT),
        ("SOURCE_CLIENT_SECRET", "s"),
    ];
    let options = options(&[("environment_prefix", "SOURCE")], &environment).unwrap();
    assert_eq!(
        (options.tenant_id.as_str(), options.client_id.as_str()),
        (TENANT, CLIENT)
    );
    assert!(matches!(options.sign_in, SignIn::ClientSecret { .. }));
}

#[test]
fn each_prefix_sees_only_its_own() {
    let (path, text) = refused(
        &[("environment_prefix", "TARGET")],
        &[("ARM_TENANT_ID", TENANT)],
    );
    assert_eq!(path, "tenant_id");
    assert!(text.contains("TARGET_TENANT_ID"), "{text}");
}

#[test]
fn hcl_decides_how_to_sign_in() {
    let config = [
        ("tenant_id", TENANT),
        ("client_id", CLIENT),
        ("client_secret", "s"),
    ];
    let options = options(&config, &[("ARM_USE_OIDC", "true")]).unwrap();
    assert!(matches!(options.sign_in, SignIn::ClientSecret { .. }));
}

#[test]
fn two_ways_are_one_too_many() {
    let environment = [
        ("ARM_TENANT_ID", TENANT),
        ("ARM_CLIENT_SECRET", "hush"),
        ("ARM_USE_MSI", "1"),
    ];
    let (path, text) = refused(&[], &environment);
    assert_eq!(path, "use_msi");
    assert!(
        text.contains("client_secret") && !text.contains("hush"),
        "{text}"
    );
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    assert_eq!(refused(&[("tenant_id", "contoso")], &[]).0, "tenant_id");
    assert_eq!(
        refused(&[("tenant_id", TENANT)], &[("ARM_CLIENT_SECRET", "s")]).0,
        "client_id"
    );
    assert_eq!(
        refused(&[("tenant_id", TENANT)], &[("ARM_USE_CLI", "false")]).0,
        "client_secret"
    );
    let oidc = [("tenant_id", TENANT), ("client_id", CLIENT)];
    assert_eq!(refused(&oidc, &[("ARM_USE_OIDC", "true")]).0, "oidc_token");
    assert_eq!(refused(&oidc, &[]).0, "client_secret");
    assert_eq!(
        refused(
            &[
                ("tenant_id", TENANT),
                ("graph_endpoint", "http://graph.example")
            ],
            &[]
        )
        .0,
        "graph_endpoint"
    );
}

#[test]
fn a_secret_in_the_wrong_variable_is_not_quoted() {
    let secret = "Ab8Q~planted/se.cret";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, secret).unwrap();
    let file = file.to_str().unwrap();
    let address = "https://user:planted@host.example/?key=planted";
    let mixed_up = [
        ("tenant_id", "ARM_TENANT_ID", secret),
        ("environment", "ARM_ENVIRONMENT", secret),
        ("graph_endpoint", "ARM_GRAPH_ENDPOINT", secret),
        ("graph_endpoint", "ARM_GRAPH_ENDPOINT", address),
        ("login_endpoint", "ARM_LOGIN_ENDPOINT", secret),
        ("login_endpoint", "ARM_LOGIN_ENDPOINT", address),
        ("max_retries", "ARM_MAX_RETRIES", secret),
        ("request_timeout", "ARM_REQUEST_TIMEOUT", secret),
        ("client_id", "ARM_CLIENT_ID", secret),
        ("client_id_file_path", "ARM_CLIENT_ID_FILE_PATH", file),
        ("client_id_file_path", "ARM_CLIENT_ID_FILE_PATH", secret),
        ("use_oidc", "ARM_USE_OIDC", secret),
        ("use_cli", "ARM_USE_CLI", secret),
        ("oidc_request_url", "ARM_OIDC_REQUEST_URL", secret),
        (
            "client_secret_file_path",
            "ARM_CLIENT_SECRET_FILE_PATH",
            secret,
        ),
        ("client_certificate", "ARM_CLIENT_CERTIFICATE", secret),
        (
            "client_certificate_path",
            "ARM_CLIENT_CERTIFICATE_PATH",
            secret,
        ),
    ];
    for (argument, variable, value) in mixed_up {
        let mut environment = vec![(variable, value)];
        let needs_method = [
            "client_id",
            "client_id_file_path",
            "max_retries",
            "request_timeout",
        ]
        .contains(&argument);
        for usual in [
            ("ARM_TENANT_ID", TENANT),
            ("ARM_CLIENT_ID", CLIENT),
            ("ARM_OIDC_REQUEST_TOKEN", "token"),
        ] {
            let is_of_oidc = usual.0 == "ARM_OIDC_REQUEST_TOKEN";
            let is_wanted =
                is_of_oidc == (argument == "oidc_request_url") || usual.0 == "ARM_TENANT_ID";
            if usual.0 != variable && argument != "use_cli" && (is_wanted || !is_of_oidc) {
                environment.push(usual);
            }
        }
        if argument == "use_cli" {
            environment.push(("ARM_TENANT_ID", TENANT));
        }
        if argument == "oidc_request_url" {
            environment.push(("ARM_USE_OIDC", "true"));
        }
        if needs_method {
            environment.push(("ARM_CLIENT_SECRET", "s"));
        }
        environment.reverse();
        let (path, text) = refused(&[], &environment);
        assert_eq!(path, argument, "{text}");
        assert!(!text.contains("planted"), "{argument}: {text}");
        assert!(text.contains(variable), "{argument}: {text}");
    }
}

#[test]
fn a_missing_file_is_described_by_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nowhere");
    let environment = [
        ("ARM_TENANT_ID", TENANT),
        ("ARM_CLIENT_ID", CLIENT),
        ("ARM_CLIENT_SECRET_FILE_PATH", file.to_str().unwrap()),
    ];
    let (_, text) = refused(&[], &environment);
    assert!(text.contains(folder.path().to_str().unwrap()), "{text}");
}

#[test]
fn half_of_a_method_is_not_the_azure_cli() {
    for (variable, value, missing) in [
        ("ARM_CLIENT_ID", CLIENT, "client_secret"),
        ("ARM_OIDC_TOKEN", "token", "use_oidc"),
        ("ARM_OIDC_TOKEN_FILE_PATH", "/token", "use_oidc"),
        (
            "ARM_CLIENT_CERTIFICATE_PASSWORD",
            "word",
            "client_certificate_path",
        ),
    ] {
        let (path, text) = refused(&[], &[("ARM_TENANT_ID", TENANT), (variable, value)]);
        assert_eq!(path, missing, "{variable}");
        let wanted = format!("ARM_{}", missing.to_uppercase());
        assert!(
            text.contains(&wanted) && !text.contains("az login"),
            "{text}"
        );
    }
    let environment = [
        ("ARM_TENANT_ID", TENANT),
        ("ARM_CLIENT_ID", CLIENT),
        ("ARM_USE_CLI", "true"),
    ];
    assert!(matches!(
        options(&[], &environment).unwrap().sign_in,
        SignIn::AzureCli
    ));
}

#[test]
fn a_variable_of_another_configuration_is_pointed_out() {
    let config = [("environment_prefix", "SOURCE"), ("tenant_id", TENANT)];
    let environment = [
        ("SOURCE_CLIENT_ID", CLIENT),
        ("ARM_CLIENT_SECRET", "planted"),
    ];
    let (path, text) = refused(&config, &environment);
    assert_eq!(path, "client_secret");
    for part in [
        "SOURCE_CLIENT_SECRET",
        "ARM_CLIENT_SECRET is set",
        "SOURCE_",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn messages_about_oidc_name_the_issuer_that_was_meant() {
    let usual = [
        ("ARM_TENANT_ID", TENANT),
        ("ARM_CLIENT_ID", CLIENT),
        ("ARM_USE_OIDC", "true"),
    ];
    let with = |more: &[(&'static str, &'static str)]| refused(&[], &[&usual[..], more].concat());
    let (path, text) = with(&[]);
    assert_eq!(path, "oidc_token");
    let order = [
        "`oidc_token`",
        "`oidc_token_file_path`",
        "`oidc_request_url`",
        "id-token: write",
    ];
    let places = order.map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}")));
    assert!(places.is_sorted(), "{text}");
    let (path, _) = with(&[("ACTIONS_ID_TOKEN_REQUEST_URL", "https://a.example")]);
    assert_eq!(path, "oidc_request_token");
    let (path, text) = with(&[
        ("SYSTEM_OIDCREQUESTURI", "https://a.example"),
        ("SYSTEM_ACCESSTOKEN", "token"),
    ]);
    assert_eq!(path, "ado_pipeline_service_connection_id");
    assert!(text.contains("Azure DevOps"), "{text}");
}

#[test]
fn without_anything_else_it_is_the_azure_cli() {
    let options = options(&[("tenant_id", TENANT)], &[]).unwrap();
    assert!(matches!(options.sign_in, SignIn::AzureCli));
}

#[test]
fn what_is_not_known_yet_is_refused_where_it_stands() {
    let config = Value::Map([("tenant_id".to_owned(), Value::Unknown)].into());
    let problems = Settings::merge(&config, &|_| None, &Redactor::default()).unwrap_err();
    assert_eq!(problems[0].path, Some(Path::root("tenant_id")));
}
