//! Explains the errors of the sign-in service, with the fix.

use serde_json::Value as Json;

use crate::error::SignInFailure;

/// Common error codes, with the fix for each.
const MEANINGS: &[(u32, &str)] = &[
    (
        7_000_215,
        "the client secret is wrong (use its value, not its ID)",
    ),
    (7_000_222, "the client secret has expired: create a new one"),
    (
        700_016,
        "the application does not exist in this tenant: check client ID and tenant ID, or consent to it there",
    ),
    (
        700_021,
        "the assertion names another application than the client ID",
    ),
    (
        700_024,
        "the assertion is not valid at this time: check this machine's clock, or get a fresh token",
    ),
    (
        700_027,
        "the certificate is not the one registered with the application, or it has expired",
    ),
    (
        700_211,
        "no federated credential of the application names this issuer",
    ),
    (
        700_212,
        "no federated credential of the application names this audience",
    ),
    (
        700_213,
        "no federated credential of the application names this subject",
    ),
    (
        70_021,
        "no federated credential of the application matches the token's issuer, subject and audience",
    ),
    (
        70_001,
        "the application does not exist in this tenant or is disabled",
    ),
    (
        70_011,
        "the scope asked for is not valid: check the environment",
    ),
    (
        90_002,
        "the tenant does not exist: check the tenant ID and the environment (cloud)",
    ),
    (900_023, "the tenant ID is neither a GUID nor a domain name"),
    (90_013, "the sign-in service could not read the request"),
    (
        900_382,
        "the tenant is in another cloud: check the environment",
    ),
    (
        900_439,
        "the tenant is in another cloud: check the environment",
    ),
    (50_034, "the account does not exist in this tenant"),
    (50_049, "the sign-in service does not know this cloud"),
    (50_053, "the account is locked"),
    (50_057, "the account is disabled"),
    (
        50_076,
        "multi-factor authentication is required: sign in again with the Azure CLI",
    ),
    (
        50_173,
        "the Azure CLI's sign-in has been revoked: run az login again",
    ),
    (53_003, "a conditional access policy blocks the sign-in"),
    (
        53_000,
        "a conditional access policy requires a compliant device",
    ),
    (
        500_011,
        "Microsoft Graph is not known in this tenant: check the environment (cloud)",
    ),
    (500_341, "the account has been deleted"),
    (7_000_112, "the application is disabled in this tenant"),
    (
        7_000_216,
        "the application needs a client secret or an assertion",
    ),
    (
        65_001,
        "the application has not been consented to in this tenant",
    ),
    (1_000_502, "the certificate has expired"),
];

/// Returns the explanation of a code.
pub(super) fn meaning(code: u32) -> Option<&'static str> {
    MEANINGS
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, meaning)| *meaning)
}

/// Returns the error for a token request that the sign-in service rejected.
pub(super) fn refused(
    tenant_id: &str,
    with: &'static str,
    status: u16,
    body: &[u8],
) -> SignInFailure {
    let body: Json = serde_json::from_slice(body).unwrap_or_default();
    let description = body["error_description"].as_str().unwrap_or_default();
    let number = body["error_codes"][0]
        .as_u64()
        .and_then(|code| u32::try_from(code).ok())
        .or_else(|| number_in(description));
    let message = match (description, body["error"].as_str()) {
        ("", Some(error)) => format!("status {status}: {error}"),
        ("", None) => {
            format!("the response has status {status} and is not from a sign-in service")
        }
        // Trace ID, correlation ID and time follow on separate lines; support asks for them.
        (description, _) => description.replace("\r\n", " "),
    };
    SignInFailure {
        tenant_id: tenant_id.to_owned(),
        with,
        code: number.map(|number| format!("AADSTS{number}")),
        meaning: number.and_then(meaning),
        message,
        status: Some(status),
        definite: (200..500).contains(&status) && !matches!(status, 408 | 429),
        repeated: false,
    }
}

fn number_in(text: &str) -> Option<u32> {
    let rest = text.split("AADSTS").nth(1)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_errors_are_explained() {
        let body = br#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1",
                        "error_codes":[7000215]}"#;
        let failure = refused("t-1", "a client secret", 401, body);
        assert_eq!(failure.code.as_deref(), Some("AADSTS7000215"));
        assert!(failure.definite);
        let text = failure.to_string();
        assert!(
            text.contains("tenant t-1 with a client secret failed: the client secret is wrong"),
            "{text}"
        );
        assert_eq!(text.matches("AADSTS7000215").count(), 1, "{text}");
    }

    #[test]
    fn a_sign_in_error_without_codes_is_reported() {
        let failure = refused(
            "t",
            "",
            400,
            br#"{"error_description":"AADSTS90002: Tenant 'x' not found."}"#,
        );
        assert_eq!(failure.code.as_deref(), Some("AADSTS90002"));
        assert!(failure.meaning.unwrap().contains("does not exist"));
        assert!(!refused("t", "", 429, b"").definite, "it will pass");
        let failure = refused("t", "", 502, b"<html>");
        assert_eq!(
            (failure.code, failure.meaning, failure.definite),
            (None, None, false)
        );
        assert_eq!(
            failure.message,
            "the response has status 502 and is not from a sign-in service"
        );
    }

    #[test]
    fn no_code_is_listed_twice() {
        let mut codes: Vec<_> = MEANINGS.iter().map(|(code, _)| code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), MEANINGS.len());
    }
}
