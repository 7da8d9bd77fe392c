//! Forms of text.

use super::*;

#[test]
fn delimiters_are_sniffed() {
    let expected = expected();
    for by in [",", ";", "\t", "|"] {
        assert_eq!(scored(delimited(by), &[]).read("out/customers.csv"), expected, "{by:?}");
        let stated = if by == "\t" { "tab" } else { by };
        assert_eq!(scored(delimited(by), &["--delimiter", stated]).read("out/customers.csv"), expected, "{by:?}");
    }
}

#[test]
fn compressed_files_are_read_whatever_they_are_called() {
    let expected = expected();
    let (gzip, zstd) = (gzip(ORDERS.as_bytes()), zstd::encode_all(ORDERS.as_bytes(), 3).unwrap());
    // Two gzip members in one file are one text.
    let (head, tail) = ORDERS.split_at(60);
    let members = [self::gzip(head.as_bytes()), self::gzip(tail.as_bytes())].concat();
    for (name, bytes) in
        [("a.csv.gz", &gzip), ("b.csv.zst", &zstd), ("c.csv", &gzip), ("d.dat", &zstd), ("e.gz", &members)]
    {
        let clivia = Clivia::with(name, bytes);
        clivia.scored(name, &[]);
        assert_eq!(clivia.read("out/customers.csv"), expected, "{name}");
    }
}

/// Lines 2, 5 and 6 hold what cannot be used; the row of line 3 has a line break in a cell.
const QUOTED: &str = "id,date,note,amount\n1,2024-01-01,a,x\n1,2024-01-01,\"two\nlines\",5\n,2024-01-01,x,1\n2,2024-01-01,\"a\"\"b\",x\n";

#[test]
fn row_numbers_are_line_numbers() {
    let expected = ["2 unreadable_amount", "5 missing_customer", "6 unreadable_amount"];
    assert_eq!(listed(QUOTED).refusals(), expected);
    assert_eq!(listed(QUOTED.trim_end()).refusals(), expected);
}

#[test]
fn row_numbers_are_line_numbers_where_lines_end_as_on_windows() {
    let text = QUOTED.replace('\n', "\r\n");
    let expected = ["2 unreadable_amount", "5 missing_customer", "6 unreadable_amount"];
    assert_eq!(listed(&text).refusals(), expected);
    assert_eq!(listed(text.trim_end()).refusals(), expected);
    assert_eq!(listed(&text).read("out/customers.csv"), listed(QUOTED).read("out/customers.csv"));
}

#[test]
fn row_numbers_are_line_numbers_after_blank_lines() {
    let text = QUOTED.replace("5\n,", "5\n\n\n,");
    assert_eq!(listed(text).refusals(), ["2 unreadable_amount", "7 missing_customer", "8 unreadable_amount"]);
}

#[test]
fn row_numbers_go_on_after_a_block() {
    // Blocks hold 65,536 rows.
    let mut text = String::from("id,date,amount\n");
    (2..=140_000).for_each(|line| text += if line % 65_537 == 0 { ",2024-01-01,1\n" } else { "1,2024-01-01,1\n" });
    let clivia = scored(text, &[]);
    assert_eq!(clivia.refusals(), ["65537 missing_customer", "131074 missing_customer"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_column() {
    let expected = expected();
    assert_eq!(scored(format!("\u{feff}{ORDERS}"), &[]).read("out/customers.csv"), expected);
    let wide: Vec<u8> = format!("\u{feff}{ORDERS}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(scored(wide, &[]).read("out/customers.csv"), expected);
}

#[test]
fn windows_1252_is_read_where_it_is_stated_and_found_out() {
    let text = b"id,date,amount\nJos\xe9 \x80,2024-01-01,1\nb,2024-01-01,1\n";
    for more in [&["--encoding", "windows-1252"][..], &[]] {
        let clivia = scored(text, more);
        assert_eq!(clivia.customers().column("customer_id"), ["José €", "b"], "{more:?}");
    }
    assert_eq!(scored(text, &[&GO_ON[..], &["--encoding", "utf-8"]].concat()).refusals(), ["2 not_text"]);
}

#[test]
fn a_report_with_lines_above_its_header_is_read() {
    let expected = expected();
    for text in [
        format!("Orders of the shop\nPeriod:,2023 to 2024\n\n{ORDERS}"),
        format!("sep=;\r\n{}", delimited(";").replace('\n', "\r\n")),
        ORDERS.replace('\n', ",\n"),
        ORDERS.replace('\n', "\r"),
    ] {
        assert_eq!(scored(&text, &[]).read("out/customers.csv"), expected, "{text}");
    }
    let text = format!("a,b,c\nd,e,f\n{ORDERS}");
    assert_eq!(scored(text, &["--header-line", "3"]).read("out/customers.csv"), expected);
}

#[test]
fn json_that_is_not_utf8_is_refused_like_csv() {
    let text = b"{\"id\":\"a\",\"date\":\"2024-01-01\"}\n{\"id\":\"Jos\xe9\",\"date\":\"2024-01-01\"}\n";
    let clivia = Clivia::with("orders.ndjson", text);
    clivia.scored("orders.ndjson", &GO_ON);
    assert_eq!(clivia.refusals(), ["2 not_text"]);
}

#[test]
fn a_decimal_comma_is_read_where_it_is_stated() {
    let text = "id;date;amount\n1;2024-01-01;12,50\n1;2024-01-02;1,5\n2;2024-01-02;3.5\n";
    let clivia = scored(text, &[&GO_ON[..], &["--decimal", "comma"]].concat());
    assert_eq!(clivia.refusals(), ["4 unreadable_amount"]);
    assert_eq!(clivia.customers().of("1", "revenue"), "14.0");
    let said = refused(text, &[]);
    says(&said, &["'3.5' in row 4", "'12,50' in row 2", "--decimal point", "--decimal comma"]);
}

#[test]
fn decimal_commas_in_an_expression_are_numbers() {
    let text = "id;date;quantity;price\n1;2024-01-01;2;12,50\n";
    let clivia = scored(text, &["--decimal", "comma", "--amount", "quantity * price"]);
    assert_eq!(clivia.customers().of("1", "revenue"), "25.0");
}
