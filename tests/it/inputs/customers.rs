//! The customers table.

use super::*;

#[test]
fn a_customers_table_is_carried_through() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write(
        "customers.csv",
        "customer_id,region,size,zip\na,North,3,01234\nc,\"=HYPERLINK(1)\",-2.5,02345\nx,South,1,1\n",
    );
    clivia.scored("orders.csv", &["--customers", "customers.csv"]);
    let table = clivia.customers();
    assert_eq!(table.header[20], "profit");
    assert_eq!(table.header[25..], ["region", "size", "zip"]);
    assert_eq!(table.row("a", &["region", "size", "zip"]), "North 3.0 01234");
    assert_eq!(table.row("b", &["region", "size", "zip"]), "  ");
    assert_eq!(table.row("c", &["region", "size", "zip"]), "'=HYPERLINK(1) -2.5 02345");
    assert_eq!(clivia.run_json()["attributes"]["used"], 3);
}

#[test]
fn a_customer_twice_in_the_customers_table_is_refused_once() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("customers.csv", "customer_id,region\na,North\na,South\n,West\n");
    clivia.scored("orders.csv", &["--customers", "customers.csv"]);
    assert_eq!(clivia.refusals(), ["3 duplicate", "4 missing_customer"]);
    assert_eq!(clivia.customers().of("a", "region"), "North");
}

#[test]
fn a_customers_column_that_clashes_is_prefixed() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("customers.csv", "customer_id,clv\na,1\n");
    clivia.scored("orders.csv", &["--customers", "customers.csv"]);
    assert_eq!(clivia.customers().of("a", "customers.clv"), "1");
    std::fs::remove_dir_all(clivia.path("out")).unwrap();
    clivia.write("twice.csv", "customer_id,region,region\na,North,South\n");
    says(&clivia.refused("orders.csv", &["--customers", "twice.csv"]), &["twice.csv", "'region'"]);
}

#[test]
fn no_file_of_several_customers_tables_is_passed_over() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("c/1.csv", "customer_id,region\na,North\n");
    clivia.write("c/2.csv", "customer_id,region\nb,South\n");
    let ran = clivia.score("orders.csv", &["--customers", "c"]);
    assert!(ran.code != Some(0) || clivia.customers().of("b", "region") == "South", "{ran:?}");
}
