//! The parser: builds an expression from tokens, and checks names, number of arguments, nesting and kinds of values.

use super::advice::{check, missing, unknown};
use super::error::{ParseError, shortened};
use super::functions::{Function, Kind as Takes, Parameter};
use super::lexer::{Kind, Lexer, Token};
use super::limits::{DEPTH, LENGTH};
use super::table::function;
use super::tree::{Expression, Literal, Node, WORDS};

/// Parses an expression. A single attribute or value is one too, as in Graph's tree.
pub fn parse(text: &str) -> Result<Expression, ParseError> {
    if let Some((offset, _)) = text.char_indices().nth(LENGTH) {
        return Err(ParseError {
            column: LENGTH + 1,
            piece: shortened(&text[offset..]),
            cause: format!(
                "an expression has at most {LENGTH} characters; this one has {}",
                text.chars().count()
            ),
        });
    }
    let mut lexer = Lexer::new(text);
    let ahead = lexer.next()?;
    let mut parser = Parser {
        lexer,
        ahead,
        depth: 0,
    };
    let expression = parser.term()?;
    parser.end()?;
    let canonical = expression.to_string().chars().count();
    if canonical > LENGTH {
        return Err(ParseError {
            column: 1,
            piece: shortened(text.trim()),
            cause: format!(
                "an expression has at most {LENGTH} characters; in its canonical spelling this one has {canonical}"
            ),
        });
    }
    Ok(expression)
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    ahead: Token<'t>,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn advance(&mut self) -> Result<Token<'t>, ParseError> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    /// Requires the end of the text.
    fn end(&self) -> Result<(), ParseError> {
        match &self.ahead.kind {
            Kind::End => Ok(()),
            Kind::Operator(_) => Err(fault(
                &self.ahead,
                "comparisons are only allowed in the condition of IIF; write IIF(… , True, False)",
            )),
            _ => Err(stray(
                &self.ahead,
                "unexpected text after the end of the expression",
            )),
        }
    }

    /// Parses an attribute, a value or a call.
    fn term(&mut self) -> Result<Expression, ParseError> {
        let column = self.ahead.column;
        let node = match &self.ahead.kind {
            Kind::Attribute(name) => Node::Attribute(name.clone()),
            Kind::Text(text) => Node::Literal(Literal::Text(text.clone())),
            Kind::Integer(number) => Node::Literal(Literal::Integer(*number)),
            Kind::Name(_) => return self.named(),
            Kind::End => return Err(fault(&self.ahead, "the expression ends too early")),
            Kind::Open => {
                return Err(fault(
                    &self.ahead,
                    "a parenthesis must follow the name of a function",
                ));
            }
            _ => {
                return Err(fault(
                    &self.ahead,
                    "an attribute, a text, a number or a function is expected here",
                ));
            }
        };
        self.advance()?;
        Ok(Expression { node, column })
    }

    /// Parses a keyword or a call.
    fn named(&mut self) -> Result<Expression, ParseError> {
        let name = self.ahead.piece;
        let column = self.ahead.column;
        let literal = match name {
            _ if name.eq_ignore_ascii_case("true") => Some(Literal::Boolean(true)),
            _ if name.eq_ignore_ascii_case("false") => Some(Literal::Boolean(false)),
            _ => WORDS
                .into_iter()
                .find(|word| *word == name)
                .map(Literal::Word),
        };
        if let Some(literal) = literal {
            self.advance()?;
            let node = Node::Literal(literal);
            return Ok(Expression { node, column });
        }
        let Some(function) = function(name) else {
            let token = self.advance()?;
            return Err(fault(&token, unknown(name, self.ahead.kind == Kind::Open)));
        };
        self.call(function)
    }

    fn call(&mut self, function: &'static Function) -> Result<Expression, ParseError> {
        let name = self.advance()?;
        if self.ahead.kind != Kind::Open {
            let cause = format!(
                "{0} is a function; add its arguments in parentheses: {0}(…)",
                function.name
            );
            return Err(fault(&name, cause));
        }
        if self.depth == DEPTH {
            return Err(fault(
                &name,
                format!("functions can be nested at most {DEPTH} deep"),
            ));
        }
        if function.name == "SelectUniqueValue" && self.depth > 0 {
            return Err(fault(
                &name,
                "SelectUniqueValue must be the outermost function",
            ));
        }
        self.depth += 1;
        let open = self.advance()?;
        let arguments = self.arguments(function, &open)?;
        self.depth -= 1;
        function
            .check_count(arguments.len())
            .map_err(|cause| fault(&name, cause))?;
        let node = Node::Call {
            function,
            arguments,
        };
        Ok(Expression {
            node,
            column: name.column,
        })
    }

    /// Parses the arguments between the parentheses, by position.
    fn arguments(
        &mut self,
        function: &'static Function,
        open: &Token<'t>,
    ) -> Result<Vec<Option<Expression>>, ParseError> {
        let mut found = Vec::new();
        if self.ahead.kind == Kind::Close {
            self.advance()?;
            return Ok(found);
        }
        loop {
            let parameter = function.parameter(found.len());
            let omitted = matches!(self.ahead.kind, Kind::Comma | Kind::Close);
            if omitted {
                if let Some(parameter) = parameter.filter(|parameter| parameter.required) {
                    return Err(fault(&self.ahead, missing(function, parameter)));
                }
                found.push(None);
            } else {
                found.push(Some(self.argument(parameter)?));
            }
            match self.advance()? {
                Token {
                    kind: Kind::Comma, ..
                } => {}
                Token {
                    kind: Kind::Close, ..
                } => return Ok(function.trimmed(found)),
                Token {
                    kind: Kind::End,
                    column,
                    piece,
                } => {
                    return Err(ParseError {
                        column,
                        piece: piece.to_owned(),
                        cause: format!("the parenthesis at column {} is not closed", open.column),
                    });
                }
                token => {
                    let otherwise = "a comma or a closing parenthesis is expected before this";
                    return Err(stray(&token, otherwise));
                }
            }
        }
    }

    /// Parses an argument: a term, or a comparison if the parameter is a condition.
    fn argument(&mut self, parameter: Option<&Parameter>) -> Result<Expression, ParseError> {
        let first = self.ahead.clone();
        let left = self.term()?;
        let Kind::Operator(operator) = self.ahead.kind else {
            if let Some(parameter) = parameter {
                check(&left, parameter).map_err(|cause| fault(&first, cause))?;
            }
            return Ok(left);
        };
        if parameter.is_some_and(|parameter| parameter.kind != Takes::Condition) {
            return Err(fault(
                &self.ahead,
                "comparisons are only allowed in the condition of IIF, in CBool and in Not",
            ));
        }
        self.advance()?;
        let right = self.term()?;
        Ok(Expression {
            column: left.column,
            node: Node::Comparison {
                operator,
                left: Box::new(left),
                right: Box::new(right),
            },
        })
    }
}

/// Returns the error for a token in place of a comma, a parenthesis or the end: often an operator that the language lacks.
fn stray(token: &Token<'_>, otherwise: &str) -> ParseError {
    let cause = match &token.kind {
        Kind::Name(name) if name.eq_ignore_ascii_case("and") => {
            "there is no AND; use a nested IIF as the second argument"
        }
        Kind::Name(name) if name.eq_ignore_ascii_case("or") => {
            "there is no OR; use a nested IIF as the third argument"
        }
        Kind::Integer(_) if token.piece.starts_with('-') => {
            "there is no subtraction; a minus sign can only precede a number"
        }
        Kind::Operator(_) => {
            "only one comparison is allowed here; use a nested IIF for a second one"
        }
        _ => otherwise,
    };
    fault(token, cause)
}

fn fault(token: &Token<'_>, cause: impl Into<String>) -> ParseError {
    ParseError {
        column: token.column,
        piece: shortened(token.piece),
        cause: cause.into(),
    }
}
