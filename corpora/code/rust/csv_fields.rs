//! Splits one CSV record into fields, borrowing wherever it can.
//!
//! A field is only copied when it contains a doubled quote that has to be
//! collapsed; everything else is a slice of the input line.

use std::borrow::Cow;
use std::fmt;

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum FieldError {
    /// A quoted field ran off the end of the record.
    Unterminated { opened_at: usize },
    /// Something other than a separator followed a closing quote.
    TrailingText { at: usize },
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unterminated { opened_at } => write!(f, "quote at byte {opened_at} never closes"),
            Self::TrailingText { at } => write!(f, "text after closing quote at byte {at}"),
        }
    }
}

impl std::error::Error for FieldError {}

pub fn split_record(record: &str) -> Result<Vec<Cow<'_, str>>, FieldError> {
    let mut fields = Vec::new();
    let mut pos = 0;
    loop {
        let (field, end) = if record[pos..].starts_with('"') {
            quoted(record, pos)?
        } else {
            let end = record[pos..].find(',').map_or(record.len(), |n| pos + n);
            (Cow::Borrowed(&record[pos..end]), end)
        };
        fields.push(field);
        match record.as_bytes().get(end) {
            None => return Ok(fields),
            Some(b',') => pos = end + 1,
            Some(_) => return Err(FieldError::TrailingText { at: end }),
        }
    }
}

/// Reads the quoted field that opens at `start`; returns it and the index
/// just past its closing quote.
fn quoted(record: &str, start: usize) -> Result<(Cow<'_, str>, usize), FieldError> {
    let body = start + 1;
    let mut scan = body;
    let mut doubled = false;
    while let Some(n) = record[scan..].find('"') {
        let close = scan + n;
        if record[close + 1..].starts_with('"') {
            doubled = true;
            scan = close + 2;
            continue;
        }
        let raw = &record[body..close];
        let field = if doubled { raw.replace("\"\"", "\"").into() } else { raw.into() };
        return Ok((field, close + 1));
    }
    Err(FieldError::Unterminated { opened_at: start })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_record_is_one_empty_field() {
        assert_eq!(split_record("").unwrap(), [""]);
    }

    #[test]
    fn quotes_protect_commas() {
        assert_eq!(split_record(r#"a,"b,""c""",d"#).unwrap(), ["a", r#"b,"c""#, "d"]);
    }
}
