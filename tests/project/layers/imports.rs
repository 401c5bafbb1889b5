//! Imports between files, and their cycles. A name that a module re-exports counts as an import of the file that declares it.

use std::collections::{BTreeMap, BTreeSet};

use super::numbers::Source;

type Path = Vec<String>;

/// The modules and names in a file.
#[derive(Default)]
struct Module {
    file: String,
    /// Names that the file declares.
    items: BTreeSet<String>,
    /// Names that a `use` imports into the module, with their absolute paths.
    uses: BTreeMap<String, Path>,
    /// Modules that a `use` imports with a glob.
    globs: Vec<Path>,
    /// Paths in the code of the file, except re-exports.
    mentions: Vec<Path>,
}

/// The cycles among the imports of these files, the largest first.
pub fn cycles(sources: &[Source]) -> Vec<BTreeSet<String>> {
    let paths: BTreeSet<Path> = sources.iter().map(|it| module_path(&it.path)).collect();
    let modules: BTreeMap<Path, Module> = sources
        .iter()
        .map(|source| {
            let path = module_path(&source.path);
            (path.clone(), read(source, &path, &paths))
        })
        .collect();
    let edges: BTreeMap<&str, BTreeSet<&str>> = modules
        .values()
        .map(|module| {
            let targets = module.mentions.iter();
            let mut files: BTreeSet<&str> = targets
                .filter_map(|path| declared_in(&modules, path, 8))
                .collect();
            files.remove(module.file.as_str());
            (module.file.as_str(), files)
        })
        .collect();
    let mut cycles: Vec<BTreeSet<String>> = components(&edges)
        .into_iter()
        .filter(|files| files.len() > 1)
        .collect();
    cycles.sort_by_key(|files| std::cmp::Reverse(files.len()));
    cycles
}

/// `graph/page/part.rs` is the module `page::part` of the crate `graph`.
fn module_path(file: &str) -> Path {
    let path = file
        .strip_suffix("/mod.rs")
        .or(file.strip_suffix("/lib.rs"))
        .unwrap_or(file.trim_end_matches(".rs"));
    let path = if path == "lib" { "" } else { path };
    path.split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn read(source: &Source, own: &Path, modules: &BTreeSet<Path>) -> Module {
    let tokens: Vec<String> = super::tokens(&source.lines.join("\n"))
        .into_iter()
        .map(|(_, token)| token)
        .collect();
    let mut module = Module {
        file: source.path.clone(),
        ..Module::default()
    };
    let mut at = 0;
    while at < tokens.len() {
        let before = at
            .checked_sub(1)
            .map_or("", |before| tokens[before].as_str());
        let next = tokens.get(at + 1).map_or("", String::as_str);
        match tokens[at].as_str() {
            "use" => {
                let is_public = ["pub", "crate", "super"].contains(&before);
                let mut leaves = Vec::new();
                at = tree(&tokens, at + 1, &Vec::new(), &mut leaves);
                for (path, alias, is_glob) in leaves {
                    let Some(path) = absolute(&path, own, modules) else {
                        continue;
                    };
                    if is_glob {
                        module.globs.push(path.clone());
                    } else {
                        module.uses.insert(alias, path.clone());
                    }
                    if !is_public {
                        module.mentions.push(path);
                    }
                }
            }
            "crate" | "super" | "self" if next == "::" && before != "::" => {
                let mut leaves = Vec::new();
                let begin = at;
                let mut path = vec![tokens[at].clone()];
                while tokens.get(at + 1).is_some_and(|it| it == "::")
                    && tokens
                        .get(at + 2)
                        .is_some_and(|it| it.starts_with(super::is_word))
                {
                    path.push(tokens[at + 2].clone());
                    at += 2;
                }
                leaves.push(path);
                for path in leaves {
                    module.mentions.extend(absolute(&path, own, modules));
                }
                at = at.max(begin) + 1;
            }
            "struct" | "enum" | "trait" | "fn" | "const" | "static" | "type" | "macro_rules"
            | "mod" => {
                module.items.insert(next.to_owned());
                at += 1;
            }
            _ => at += 1,
        }
    }
    module
}

/// Reads a tree of `use` at `at`: each leaf with its local name, and whether it is a glob. Returns the end of the tree.
fn tree(
    tokens: &[String],
    mut at: usize,
    prefix: &Path,
    leaves: &mut Vec<(Path, String, bool)>,
) -> usize {
    let mut path = prefix.clone();
    let word = |at: usize| tokens.get(at).map_or(";", String::as_str);
    loop {
        match word(at) {
            "::" => at += 1,
            "{" => {
                at += 1;
                while word(at) != "}" && word(at) != ";" {
                    at = tree(tokens, at, &path, leaves);
                    if word(at) == "," {
                        at += 1;
                    }
                }
                return at + usize::from(word(at) == "}");
            }
            "as" => {
                leaves.push((path, word(at + 1).to_owned(), false));
                return at + 2;
            }
            "," | "}" | ";" => {
                let is_glob = word(at - 1) == "::";
                let name = path.last().cloned().unwrap_or_default();
                if name == "self" {
                    path.pop();
                    let name = path.last().cloned().unwrap_or_default();
                    leaves.push((path, name, false));
                } else if !path.is_empty() {
                    leaves.push((path, name, is_glob));
                }
                return at;
            }
            part => {
                path.push(part.to_owned());
                at += 1;
            }
        }
    }
}

/// The path with its crate; `None` for paths into other crates.
fn absolute(path: &Path, own: &Path, modules: &BTreeSet<Path>) -> Option<Path> {
    let mut from = own.clone();
    let mut rest = path.as_slice();
    match rest.first()?.as_str() {
        // Each folder of `src` is a crate.
        "crate" => {
            from.truncate(1);
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                from.pop();
                rest = &rest[1..];
            }
        }
        first => {
            let mut child = own.clone();
            child.push(first.to_owned());
            if !modules.contains(&child) {
                return None;
            }
        }
    }
    from.extend(rest.iter().cloned());
    Some(from)
}

/// The file that declares the item that `path` refers to, through re-exports.
fn declared_in<'a>(
    modules: &'a BTreeMap<Path, Module>,
    path: &[String],
    depth: usize,
) -> Option<&'a str> {
    let length = (0..=path.len())
        .rev()
        .find(|length| modules.contains_key(&path[..*length]))?;
    let module = &modules[&path[..length]];
    let Some(name) = path.get(length).filter(|_| depth > 0) else {
        return Some(&module.file);
    };
    if module.items.contains(name) {
        return Some(&module.file);
    }
    if let Some(target) = module.uses.get(name) {
        let mut target = target.clone();
        target.extend(path[length + 1..].iter().cloned());
        return declared_in(modules, &target, depth - 1);
    }
    for glob in &module.globs {
        let mut target = glob.clone();
        target.extend(path[length..].iter().cloned());
        let found = modules
            .get(glob)
            .is_some_and(|of| of.items.contains(name) || of.uses.contains_key(name));
        if found {
            return declared_in(modules, &target, depth - 1);
        }
    }
    Some(&module.file)
}

/// Files that reach each other (strongly connected components).
fn components(edges: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = edges
        .keys()
        .map(|file| {
            let mut seen = BTreeSet::new();
            let mut open = vec![*file];
            while let Some(next) = open.pop() {
                for target in edges.get(next).into_iter().flatten() {
                    if seen.insert(*target) {
                        open.push(target);
                    }
                }
            }
            (*file, seen)
        })
        .collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    let mut placed = BTreeSet::new();
    for (file, reached) in &reach {
        if placed.contains(file) {
            continue;
        }
        let mut component = BTreeSet::from([(*file).to_owned()]);
        for other in reached {
            if reach.get(other).is_some_and(|back| back.contains(file)) {
                component.insert((*other).to_owned());
                placed.insert(*other);
            }
        }
        placed.insert(*file);
        found.push(component);
    }
    found
}

#[test]
fn a_cycle_through_a_re_export_is_found() {
    let source = |path: &str, code: &str| Source {
        path: path.to_owned(),
        lines: code.lines().map(str::to_owned).collect(),
    };
    let sources = [
        source(
            "a/lib.rs",
            "mod b;\nmod c;\nmod d;\npub use b::{B, Other as Renamed};\npub use c::C;",
        ),
        source(
            "a/b.rs",
            "use super::C;\npub struct B(C);\npub struct Other;",
        ),
        source("a/c.rs", "pub struct C;\nfn f() { crate::Renamed; }"),
        source("a/d.rs", "use super::{B, c::{self}};\nuse std::fmt;"),
    ];
    let cycles = cycles(&sources);
    assert_eq!(cycles.len(), 1, "{cycles:?}");
    let files: Vec<&str> = cycles[0].iter().map(String::as_str).collect();
    assert_eq!(files, ["a/b.rs", "a/c.rs"]);
}
