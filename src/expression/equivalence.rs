//! Equivalence of two texts, so that a different spelling is not a difference in Terraform.

use super::parser::parse;
use super::tree::{Expression, Node};

/// Whether `a` and `b` are the same expression. A text that does not parse is equivalent only to itself, apart from surrounding
/// blanks.
pub fn equivalent(a: &str, b: &str) -> bool {
    if a.trim() == b.trim() {
        return true;
    }
    match (parse(a), parse(b)) {
        (Ok(a), Ok(b)) => a.means_the_same_as(&b),
        _ => false,
    }
}

impl Expression {
    /// Whether both result in the same mapping. As arguments, `1` and `"1"` are the same constant in Graph, but they compare
    /// differently.
    pub fn means_the_same_as(&self, other: &Self) -> bool {
        match (&self.node, &other.node) {
            (Node::Literal(one), Node::Literal(two)) => one.bare() == two.bare(),
            (
                Node::Call {
                    function,
                    arguments,
                },
                Node::Call {
                    function: other_function,
                    arguments: others,
                },
            ) => {
                function == other_function
                    && arguments.len() == others.len()
                    && arguments.iter().zip(others).all(|pair| match pair {
                        (Some(one), Some(two)) => one.means_the_same_as(two),
                        (one, two) => one.is_none() && two.is_none(),
                    })
            }
            (
                Node::Comparison {
                    operator,
                    left,
                    right,
                },
                Node::Comparison {
                    operator: other_operator,
                    left: other_left,
                    right: other_right,
                },
            ) => {
                operator == other_operator
                    && same_operand(left, other_left)
                    && same_operand(right, other_right)
            }
            _ => self == other,
        }
    }
}

fn same_operand(one: &Expression, two: &Expression) -> bool {
    let literal = |operand: &Expression| matches!(operand.node, Node::Literal(_));
    if literal(one) || literal(two) {
        one == two
    } else {
        one.means_the_same_as(two)
    }
}

#[cfg(test)]
mod tests {
    use super::equivalent;

    #[test]
    fn spelling_is_not_a_difference() {
        for (a, b) in [
            ("Mid([mail],1,8)", " Mid( [mail] , 1,\n\t8 ) "),
            ("Mid([mail], 1, 8)", "Mid([mail], \"1\", \"8\")"),
            ("BitAnd(&HF, 247)", "BitAnd(15, &Hf7)"),
            (
                "IIF([a]=\"b\", TRUE, false)",
                "IIF([a] = \"b\", True, False)",
            ),
            ("ToLower([a], )", "ToLower([a])"),
            (
                "Replace([a],\"-\",,,\"_\",,)",
                "Replace([a], \"-\", , , \"_\", , )",
            ),
            (
                "Replace([mailNickname], \".\", , , \"\")",
                "Replace([mailNickname], \".\", , , \"\", , )",
            ),
            ("no expression", " no expression "),
        ] {
            assert!(equivalent(a, b), "{a} / {b}");
        }
    }

    #[test]
    fn a_different_meaning_is_a_difference() {
        for (a, b) in [
            ("[mail]", "[Mail]"),
            ("[mail]", "\"mail\""),
            ("\"a b\"", "\"a  b\""),
            ("Mid([mail], 1, 8)", "Mid([mail], 1, 9)"),
            (
                "IIF([a] < 10, \"x\", \"y\")",
                "IIF([a] < \"10\", \"x\", \"y\")",
            ),
            (
                "IIF([a] < 10, \"x\", \"y\")",
                "IIF([a] <= 10, \"x\", \"y\")",
            ),
            (
                "Switch([a], , \"b\", \"c\")",
                "Switch([a], \"\", \"b\", \"c\")",
            ),
            ("no expression", "no  expression"),
            ("Join(\"\", [a]", "Join(\"\", [a])"),
        ] {
            assert!(!equivalent(a, b), "{a} / {b}");
        }
    }
}
