//! Names that SQL knows and a value of one row cannot use: refused by name, before any row is read.

use super::error::ExpressionError;

/// Functions over many rows.
const AGGREGATES: &[&str] = &[
    "ANY_VALUE",
    "APPROX_COUNT_DISTINCT",
    "APPROX_MEDIAN",
    "APPROX_QUANTILE",
    "ARBITRARY",
    "ARG_MAX",
    "ARG_MIN",
    "ARRAY_AGG",
    "AVERAGE",
    "AVG",
    "BIT_AND",
    "BIT_OR",
    "BIT_XOR",
    "BOOL_AND",
    "BOOL_OR",
    "CORR",
    "COUNT",
    "COUNTA",
    "COUNTIF",
    "COUNT_DISTINCT",
    "COUNT_IF",
    "COVAR_POP",
    "COVAR_SAMP",
    "ENTROPY",
    "EVERY",
    "FIRST",
    "FSUM",
    "GEOMEAN",
    "GROUPING",
    "GROUP_CONCAT",
    "HISTOGRAM",
    "KURTOSIS",
    "LAST",
    "LIST",
    "LISTAGG",
    "MAD",
    "MAX",
    "MAX_BY",
    "MEAN",
    "MEDIAN",
    "MIN",
    "MIN_BY",
    "MODE",
    "NUNIQUE",
    "N_UNIQUE",
    "PERCENTILE_CONT",
    "PERCENTILE_DISC",
    "PRODUCT",
    "QUANTILE",
    "QUANTILE_CONT",
    "QUANTILE_DISC",
    "REGR_SLOPE",
    "SKEWNESS",
    "STD",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "STDEV",
    "STDEVP",
    "STDEV_P",
    "STDEV_S",
    "STRING_AGG",
    "SUM",
    "SUMIF",
    "SUM_IF",
    "TOTAL",
    "VAR",
    "VARIANCE",
    "VARP",
    "VAR_POP",
    "VAR_SAMP",
];

/// Functions over the rows around a row.
const WINDOWS: &[&str] = &[
    "CUME_DIST",
    "CUMSUM",
    "CUM_COUNT",
    "CUM_MAX",
    "CUM_MIN",
    "CUM_SUM",
    "DENSE_RANK",
    "DIFF",
    "FIRST_VALUE",
    "LAG",
    "LAST_VALUE",
    "LEAD",
    "NTH_VALUE",
    "NTILE",
    "PCT_CHANGE",
    "PERCENT_RANK",
    "RANK",
    "RATIO_TO_REPORT",
    "ROW_NUMBER",
    "RUNNING_SUM",
    "SHIFT",
];

/// Functions of the clock or of chance.
const CHANGING: &[&str] = &[
    "AGE",
    "CLOCK_TIMESTAMP",
    "CURDATE",
    "CURTIME",
    "GEN_RANDOM_UUID",
    "GETDATE",
    "GETUTCDATE",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "NEWID",
    "NOW",
    "RAND",
    "RANDBETWEEN",
    "RANDN",
    "RANDOM",
    "RANDOM_UUID",
    "SETSEED",
    "STATEMENT_TIMESTAMP",
    "SYSDATE",
    "SYSDATETIME",
    "SYSTIMESTAMP",
    "TODAY",
    "TRANSACTION_TIMESTAMP",
    "UNIX_TIMESTAMP",
    "UTC_TIMESTAMP",
    "UUID",
];

/// Words of the clock that are written without brackets.
const CHANGING_WORDS: &[&str] = &["CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"];

/// Functions of other systems, and what they are called here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("ARRAY", "an expression has single values only"),
    ("CHARINDEX", "write CONTAINS(text, part)"),
    ("CHAR_LENGTH", "write LENGTH(text)"),
    ("CONVERT", "write CAST(value AS type)"),
    ("DATEDIFF", "write DATE_DIFF(later, earlier)"),
    ("DATE_PART", "write EXTRACT(YEAR FROM date)"),
    ("DIV", "write FLOOR(a / b)"),
    ("IF", "write CASE WHEN condition THEN value ELSE other END"),
    ("IFNULL", "write COALESCE(value, other)"),
    ("IIF", "write CASE WHEN condition THEN value ELSE other END"),
    ("INSTR", "write CONTAINS(text, part)"),
    ("INTERVAL", "write the difference of two dates in days, such as date1 - date2 > 30"),
    ("ISNULL", "write value IS NULL, or COALESCE(value, other)"),
    ("LEN", "write LENGTH(text)"),
    ("LOG", "it is the natural logarithm in some systems and that to base 10 in others: write LN(x) or LOG10(x)"),
    ("MAP", "an expression has single values only"),
    ("MATCH", "write text LIKE pattern"),
    ("NVL", "write COALESCE(value, other)"),
    ("OVERLAY", "write REPLACE, LEFT and RIGHT"),
    ("POSITION", "write CONTAINS(text, part)"),
    ("SAFE_CAST", "write CAST(value AS type): a cell that cannot be read is null and reported"),
    ("STRPOS", "write CONTAINS(text, part)"),
    ("STRUCT", "an expression has single values only"),
    ("TO_DATE", "write DATE(text), which reads 2024-12-31"),
    ("TRUNC", "write FLOOR(x), or CEIL(x) below zero"),
    ("TRY_CAST", "write CAST(value AS type): a cell that cannot be read is null and reported"),
    ("TRY_CONVERT", "write CAST(value AS type): a cell that cannot be read is null and reported"),
];

/// Refuses a function by its name, in capitals; a name that is in no list passes.
pub(super) fn check_function(position: usize, name: &str) -> Result<(), ExpressionError> {
    if AGGREGATES.contains(&name) || WINDOWS.contains(&name) {
        return Err(ExpressionError::OtherRows { position, name: name.to_owned(), remedy: own_row(name).to_owned() });
    }
    if CHANGING.contains(&name) || CHANGING_WORDS.contains(&name) {
        return Err(ExpressionError::NotRepeatable { position, name: name.to_owned() });
    }
    match ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == name) {
        Some((_, remedy)) => Err(ExpressionError::not_supported(position, name, *remedy)),
        None => Ok(()),
    }
}

/// Refuses a word that stands alone, in capitals, and means the clock.
pub(super) fn check_word(position: usize, word: &str) -> Result<(), ExpressionError> {
    if CHANGING_WORDS.contains(&word) {
        return Err(ExpressionError::NotRepeatable { position, name: word.to_owned() });
    }
    Ok(())
}

/// What to write for an aggregate that has a twin within the row.
fn own_row(name: &str) -> &'static str {
    match name {
        "MAX" => ": the largest of several values of a row is GREATEST(a, b)",
        "MIN" => ": the smallest of several values of a row is LEAST(a, b)",
        "SUM" | "SUM_IF" | "SUMIF" | "FSUM" | "TOTAL" => ": the sum of several values of a row is a + b",
        _ => "",
    }
}
