//! Tokens: who gets one, what it gives access to, and Entra's error numbers.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::client::{CONTOSO, CONTOSO_APP, CONTOSO_SECRET, Desk, NOBODY, code, seed};

#[tokio::test]
async fn a_secret_signs_in_by_tenant_id_and_by_domain() {
    let desk = Desk::open().await;
    for tenant in [CONTOSO, "contoso.example", "CONTOSO.example"] {
        let (status, body) = desk.sign_in(tenant, CONTOSO_APP, CONTOSO_SECRET).await;
        assert_eq!(
            (status, &body["token_type"], &body["expires_in"]),
            (200, &json!("Bearer"), &json!(3600)),
            "{tenant}"
        );
    }
    let (status, body) = desk.contoso().await.get("/v1.0/organization").await;
    assert_eq!((status, &body["value"][0]["id"]), (200, &json!(CONTOSO)));
}

#[tokio::test]
async fn refusals_carry_entras_numbers() {
    let desk = Desk::open().await;
    for (tenant, client, secret, number) in [
        (CONTOSO, CONTOSO_APP, "wrong", 7_000_215),
        (NOBODY, CONTOSO_APP, CONTOSO_SECRET, 90_002),
        (CONTOSO, NOBODY, CONTOSO_SECRET, 700_016),
        (CONTOSO, CONTOSO_APP, "", 7_000_218),
    ] {
        let (status, body) = desk.sign_in(tenant, client, secret).await;
        assert!(status >= 400, "{number}");
        assert_eq!(body["error_codes"], json!([number]));
        let text = body["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("AADSTS{number}: ")), "{text}");
        assert!(
            !text.contains(secret) || secret.is_empty(),
            "the secret is repeated: {text}"
        );
        for name in ["error", "timestamp", "trace_id", "correlation_id"] {
            assert!(body[name].is_string(), "{name}");
        }
    }
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", CONTOSO_APP),
        ("client_secret", CONTOSO_SECRET),
        ("scope", "https://example.org/.default"),
    ];
    assert_eq!(desk.form(CONTOSO, &form).await.1["error"], "invalid_scope");
}

#[tokio::test]
async fn tokens_expire_and_strangers_are_refused() {
    let desk = Desk::open().await;
    let mut caller = desk.contoso().await;
    assert_eq!(
        desk.control("POST", "advance", json!({ "by": "59m" }))
            .await
            .0,
        204
    );
    assert_eq!(caller.get("/v1.0/organization").await.0, 200);
    desk.control("POST", "advance", json!({ "by": "2m" })).await;
    let answer = caller
        .request("GET", "/v1.0/organization")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    assert!(
        answer.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Bearer")
    );
    caller.token = "abc".to_owned();
    assert_eq!(
        code(&caller.get("/v1.0/organization").await),
        (401, "InvalidAuthenticationToken")
    );
}

struct Signer {
    pem: String,
    thumbprint: String,
    key: RsaKeyPair,
}

fn signer() -> Signer {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let certificate = CertificateParams::new(vec!["contoso.example".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    Signer {
        pem: certificate.pem(),
        thumbprint: URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, certificate.der())),
        key: RsaKeyPair::from_pkcs8(key.serialized_der()).unwrap(),
    }
}

impl Signer {
    fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let signed = [&header, claims]
            .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
            .join(".");
        let mut tag = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut tag,
            )
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    }
}

async fn assert_assertion(desk: &Desk, assertion: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", CONTOSO_APP),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    desk.form(CONTOSO, &form).await
}

fn claims(desk: &Desk) -> Value {
    let audience = desk.url(&format!("/{CONTOSO}/oauth2/v2.0/token"));
    json!({ "aud": audience, "iss": CONTOSO_APP, "sub": CONTOSO_APP, "exp": 9_999_999_999_i64, "jti": "1" })
}

#[tokio::test]
async fn a_certificate_signs_in_and_its_assertion_is_really_checked() {
    let (ours, other) = (signer(), signer());
    let mut seed = seed();
    seed["tenants"][0]["apps"][0]["certificates"] = json!([ours.pem]);
    let desk = Desk::seeded(&seed).await;
    let good = claims(&desk);
    let answer = assert_assertion(&desk, &ours.sign(&good)).await;
    assert_eq!(answer.0, 200, "{}", answer.1);
    let mut https = good.clone();
    https["aud"] = json!(good["aud"].as_str().unwrap().replacen("http:", "https:", 1));
    assert_eq!(assert_assertion(&desk, &ours.sign(&https)).await.0, 200);
    for (name, value, number) in [
        ("exp", json!(1), 700_024),
        ("aud", json!("https://example.org"), 700_023),
        ("sub", json!("someone"), 700_021),
    ] {
        let mut wrong = good.clone();
        wrong[name] = value;
        assert_eq!(
            assert_assertion(&desk, &ours.sign(&wrong)).await.1["error_codes"],
            json!([number]),
            "{name}"
        );
    }
    assert_eq!(
        assert_assertion(&desk, &other.sign(&good)).await.1["error_codes"],
        json!([700_027])
    );
    let mut forged = other;
    forged.thumbprint = ours.thumbprint;
    assert_eq!(
        assert_assertion(&desk, &forged.sign(&good)).await.1["error_codes"],
        json!([700_027])
    );
}

#[tokio::test]
async fn federated_tokens_need_a_record_and_a_signature() {
    let issuer = signer();
    let record = |subject: &str, more: Value| {
        let mut record = json!({ "issuer": "https://token.example", "subject": subject, "audience": "api://AzureADTokenExchange" });
        record
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        record
    };
    let mut seed = seed();
    seed["tenants"][0]["apps"][0]["federatedCredentials"] = json!([
        record("unchecked", json!({ "signature": "unchecked" })),
        record("checked", json!({ "certificate": issuer.pem })),
        record("nothing", json!({})),
    ]);
    let desk = Desk::seeded(&seed).await;
    let outside = |subject: &str| json!({ "iss": "https://token.example", "sub": subject, "aud": "api://AzureADTokenExchange", "exp": 9_999_999_999_i64 });
    let unsigned = |subject: &str| {
        format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}"),
            URL_SAFE_NO_PAD.encode(outside(subject).to_string())
        )
    };
    assert_eq!(assert_assertion(&desk, &unsigned("unchecked")).await.0, 200);
    assert_eq!(
        assert_assertion(&desk, &issuer.sign(&outside("checked")))
            .await
            .0,
        200
    );
    for subject in ["checked", "nothing"] {
        assert_eq!(
            assert_assertion(&desk, &unsigned(subject)).await.1["error_codes"],
            json!([700_027]),
            "{subject}"
        );
    }
    assert_eq!(
        assert_assertion(&desk, &unsigned("stranger")).await.1["error_codes"],
        json!([700_213])
    );
}

#[tokio::test]
async fn permissions_open_exactly_what_they_are_published_for() {
    let mut seed = seed();
    seed["tenants"][0]["apps"][0]["permissions"] =
        json!(["Policy.Read.All", "AppRoleAssignment.ReadWrite.All"]);
    let desk = Desk::seeded(&seed).await;
    let caller = desk.contoso().await;
    let root = "/v1.0/policies/crossTenantAccessPolicy";
    assert_eq!(caller.get(root).await.0, 200);
    assert_eq!(caller.get("/v1.0/applicationTemplates").await.0, 200);
    let denied = (403, "Authorization_RequestDenied");
    assert_eq!(
        code(
            &caller
                .patch(root, json!({ "allowedCloudEndpoints": [] }))
                .await
        ),
        denied
    );
    assert_eq!(code(&caller.get("/v1.0/users").await), denied);
    // An assignment needs two permissions, and only one is granted.
    let path = format!("/v1.0/servicePrincipals/{NOBODY}/appRoleAssignedTo");
    assert_eq!(code(&caller.post(&path, json!({})).await), denied);
}

#[tokio::test]
async fn discovery_documents_point_to_the_emulator() {
    let desk = Desk::open().await;
    let url = desk.url("/contoso.example/v2.0/.well-known/openid-configuration");
    let body: Value = desk
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        body["token_endpoint"],
        json!(desk.url("/contoso.example/oauth2/v2.0/token"))
    );
    assert_eq!(
        body["issuer"],
        json!(format!("https://login.microsoftonline.com/{CONTOSO}/v2.0"))
    );
}
