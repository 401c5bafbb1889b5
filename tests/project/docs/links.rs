//! Links of the pages, resolved as in each of the places that show the pages: two registries and the repository.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{files, read, root};

const TERRAFORM: &str =
    "https://registry.terraform.io/providers/crosstenant/crosstenant/latest/docs";
const OPENTOFU: &str = "https://search.opentofu.org/provider/crosstenant/crosstenant/latest";
const REPOSITORY: &str = "https://github.com/crosstenant/terraform-provider-crosstenant/";
const RAW: &str =
    "https://raw.githubusercontent.com/crosstenant/terraform-provider-crosstenant/main/";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Site {
    Terraform,
    OpenTofu,
}

impl Site {
    /// The URL of the page `docs/<page>.md`.
    fn address(self, page: &str) -> String {
        match (self, page) {
            (Self::Terraform, "index") => TERRAFORM.to_owned(),
            (Self::OpenTofu, "index") => OPENTOFU.to_owned(),
            (Self::Terraform, page) => format!("{TERRAFORM}/{page}"),
            (Self::OpenTofu, page) => {
                let page = page
                    .replace("data-sources/", "datasources/")
                    .replace("list-resources/", "listresources/");
                format!("{OPENTOFU}/docs/{page}")
            }
        }
    }

    /// The link in the HTML of the site. Terraform's registry changes nothing. OpenTofu's site prefixes anchors and removes extensions of
    /// links without a slash.
    fn rewritten(self, link: &str) -> String {
        if self == Self::Terraform || link.contains('/') {
            return link.to_owned();
        }
        let (page, anchor) = link.split_once('#').unwrap_or((link, ""));
        let page = page.strip_suffix(".md").unwrap_or(page);
        if anchor.is_empty() {
            page.to_owned()
        } else {
            format!("{page}#user-content-{anchor}")
        }
    }

    /// The fragments of a page. OpenTofu's site prefixes the IDs that a page sets, not those of its headings.
    fn anchors(self, text: &str) -> BTreeSet<String> {
        let own = prose(text).filter_map(|line| line.strip_prefix("<a id=\""));
        let own = own.map(|line| line.split('"').next().unwrap());
        let own = own.map(|id| match self {
            Self::Terraform => id.to_owned(),
            Self::OpenTofu => format!("user-content-{id}"),
        });
        let headings = prose(text).filter(|line| line.starts_with('#')).map(slug);
        own.chain(headings).collect()
    }
}

/// The lines of a page outside of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// The ID that sites assign to a heading.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn links(text: &str) -> impl Iterator<Item = &str> {
    prose(text).flat_map(|line| {
        let rest = line.split("](").skip(1);
        rest.map(|rest| rest.split(')').next().unwrap())
    })
}

/// The text of each page in the registries, by its path below `docs/` without the extension.
fn pages() -> BTreeMap<String, String> {
    let docs = root().join("docs");
    let shown = files(&docs, "md").into_iter().filter_map(|file| {
        let name = file.strip_prefix(&docs).unwrap().with_extension("");
        let name = name.to_str().unwrap().replace('\\', "/");
        (!name.starts_with("internals/")).then(|| (name, std::fs::read_to_string(file).unwrap()))
    });
    shown.collect()
}

/// The reason why a link on `page` does not work on this site.
fn dead(site: Site, page: &str, link: &str, pages: &BTreeMap<String, String>) -> Option<String> {
    let from = Url::parse(&site.address(page)).unwrap();
    let Ok(mut target) = from.join(&site.rewritten(link)) else {
        return Some("is no address".to_owned());
    };
    let fragment = target.fragment().map(str::to_owned);
    target.set_fragment(None);
    let address = target.as_str();
    for (other, path) in [(REPOSITORY, "blob/main/"), (RAW, "")] {
        if let Some(path) = address
            .strip_prefix(other)
            .and_then(|rest| rest.strip_prefix(path))
        {
            let exists = root().join(path).exists();
            return (!exists).then(|| format!("{path} is not in the repository"));
        }
    }
    let is_ours = [TERRAFORM, OPENTOFU].iter().any(|base| {
        let provider = base.split("latest").next().unwrap();
        address.starts_with(provider)
    });
    if link.contains("://") && !is_ours {
        return None; // Pages of other sites are not checked.
    }
    let found = [Site::Terraform, Site::OpenTofu]
        .into_iter()
        .find_map(|shown_on| {
            let page = pages
                .iter()
                .find(|(name, _)| shown_on.address(name) == address);
            page.map(|(_, text)| (shown_on, text))
        });
    let Some((shown_on, text)) = found else {
        return Some(format!("leads to {address}, which is no page"));
    };
    let fragment = fragment?;
    let is_there = shown_on.anchors(text).contains(&fragment);
    (!is_there).then(|| format!("{address} has no #{fragment}"))
}

#[test]
fn links_lead_somewhere_on_both_registries() {
    let pages = pages();
    let (mut dead_ones, mut followed) = (Vec::new(), 0);
    for (page, text) in &pages {
        for link in links(text) {
            for site in [Site::Terraform, Site::OpenTofu] {
                if let Some(why) = dead(site, page, link, &pages) {
                    dead_ones.push(format!("docs/{page}.md: {link} on {site:?}: {why}"));
                }
                followed += 1;
            }
        }
    }
    assert!(
        dead_ones.is_empty(),
        "Link to other pages with {TERRAFORM}/…, to other files with {REPOSITORY}blob/main/…, and put <a id=\"…\"></a> before \
         headings that are linked to.\n{}",
        dead_ones.join("\n")
    );
    assert!(followed > 500, "only {followed} links were followed");
}

#[test]
fn relative_links_and_headings_count_as_dead_where_a_registry_does_not_find_them() {
    let page = |text: &str| text.to_owned();
    let pages = BTreeMap::from([
        ("index".to_owned(), page("# Provider\n")),
        (
            "guides/one".to_owned(),
            page("## A step\n\n<a id=\"named\"></a>\n\n## Named\n\n```\n# no heading\n```\n"),
        ),
        ("data-sources/two".to_owned(), page("# Two\n")),
    ]);
    let is_dead = |site, from, link: &str| dead(site, from, link, &pages).is_some();
    // (page, link, dead on Terraform's registry, dead on OpenTofu's)
    for (from, link, terraform, opentofu) in [
        ("index", "guides/one.md", true, true),
        ("index", "guides/one", true, true),
        ("guides/one", "../data-sources/two", false, true),
        ("guides/one", "../data-sources/two.md", true, true),
        ("guides/one", "#a-step", false, true),
        ("guides/one", "#named", false, false),
        ("guides/one", "#no-heading", true, true),
        ("guides/one", "https://example.com/x", false, false),
    ] {
        assert_eq!(
            is_dead(Site::Terraform, from, link),
            terraform,
            "{from}: {link}"
        );
        assert_eq!(
            is_dead(Site::OpenTofu, from, link),
            opentofu,
            "{from}: {link}"
        );
    }
    for site in [Site::Terraform, Site::OpenTofu] {
        assert!(!is_dead(
            site,
            "index",
            &format!("{TERRAFORM}/guides/one#named")
        ));
        assert!(is_dead(site, "index", &format!("{TERRAFORM}/guides/three")));
        assert!(is_dead(
            site,
            "index",
            &format!("{REPOSITORY}blob/main/docs/three.md")
        ));
        assert!(!is_dead(
            site,
            "index",
            &format!("{REPOSITORY}blob/main/README.md")
        ));
    }
}

/// Pages that only the repository shows use relative links.
#[test]
fn links_between_files_of_the_repository_lead_somewhere() {
    let mut documents = files(&root().join("docs/internals"), "md");
    let names = [
        "README.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
        "RELEASING.md",
    ];
    documents.extend(names.map(|name| root().join(name)));
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for target in links(&text) {
            let file = target.split('#').next().unwrap();
            if file.is_empty() || target.contains("://") {
                continue;
            }
            let exists = document.parent().unwrap().join(file).exists();
            assert!(exists, "{}: {target}", document.display());
        }
    }
}

#[test]
fn pages_have_the_front_matter_and_size_that_registries_want() {
    let mut groups = BTreeMap::<String, usize>::new();
    let pages = pages();
    assert!(pages.len() < 2000, "Terraform's registry shows 2000 pages");
    for (page, text) in &pages {
        assert!(
            text.len() < 500_000,
            "docs/{page}.md: Terraform's registry cuts pages of 500 KB"
        );
        let (front, _) = text
            .strip_prefix("---\n")
            .unwrap()
            .split_once("\n---\n")
            .unwrap();
        let keys: Vec<&str> = front
            .lines()
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        let is_reference = page != "index" && !page.starts_with("guides/");
        let wanted: &[&str] = if is_reference {
            &["page_title", "subcategory", "description"]
        } else {
            &["page_title", "description"]
        };
        assert_eq!(keys, wanted, "docs/{page}.md");
        if is_reference {
            let group = front
                .lines()
                .find_map(|line| line.strip_prefix("subcategory: "));
            let group = group.unwrap().trim_matches('"');
            assert!(!group.is_empty(), "docs/{page}.md: say its `TASK`");
            *groups.entry(group.to_owned()).or_default() += 1;
        }
    }
    assert!(
        groups.len() > 3 && groups.values().all(|pages| *pages < 25),
        "{groups:?}"
    );
}

/// Users can copy the first configuration of the README; the tests of the CLI apply the same text.
#[test]
fn the_readme_has_one_whole_configuration() {
    let readme = read("README.md");
    let (_, block) = readme.split_once("```terraform\n").unwrap();
    for part in [
        "required_providers",
        "alias              = \"source\"",
        "alias              = \"target\"",
        "crosstenant_provisioning_job",
    ] {
        assert!(block.contains(part), "README.md lacks {part}");
    }
    assert_eq!(readme.matches("```terraform\n").count(), 1);
}
