//! The one list of output columns, and the page that shows it.

use clivia::COLUMNS;
use clivia_core::score::columns::When;

const PAGE: &str = include_str!("../../docs/columns.md");

#[test]
fn the_page_shows_every_column_of_the_customer_table_as_the_list_has_it() {
    let section = PAGE.split_once("### customers").unwrap().1.split("\n### ").next().unwrap();
    let shown: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    let listed: Vec<String> = COLUMNS
        .iter()
        .map(|column| {
            let star = if column.when == When::Contacts { " *" } else { "" };
            format!("| `{}`{star} | {} | {} |", column.name, column.unit, column.meaning)
        })
        .collect();
    assert_eq!(shown, listed);
}
