//! Exports as people have them: what each customer comes to, and what is said about how the file was read.

use std::fmt::Write;

use crate::support::{Clivia, ORDERS, says};

mod amounts;
mod customers;
mod dates;
mod rows;
mod status;
mod twice;

/// Sums the file up: what was said.
#[track_caller]
fn summed(clivia: &Clivia, files: &[&str], flags: &[&str]) -> String {
    let line = ["--out", "out", "--overwrite", "--format", "csv"];
    clivia.run(&[&["summary"], files, &line[..], flags].concat()).ok().stdout
}

/// `customer orders revenue` of each customer.
fn customers(clivia: &Clivia) -> Vec<String> {
    let table = clivia.table("out/summary.csv");
    let ids = table.column("customer_id");
    ids.iter().map(|id| format!("{id} {}", table.row(id, &["orders", "revenue"]))).collect()
}

/// The file is read as its maker meant it, which is said.
#[track_caller]
fn reads(name: &str, content: impl AsRef<[u8]>, flags: &[&str], right: &[&str], said: &[&str]) -> Clivia {
    let clivia = Clivia::with(name, content);
    says(&summed(&clivia, &[name], flags), said);
    assert_eq!(customers(&clivia), right, "{name}");
    clivia
}

/// The run stops with a question; each answer to it, typed as said, gives the numbers beside it.
#[track_caller]
fn asks(name: &str, content: &str, said: &[&str], answers: &[(&[&str], &[&str])]) {
    let clivia = Clivia::with(name, content);
    let ran = clivia.run(&["summary", name, "--out", "out"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, said);
    clivia.nothing_in("out");
    for (flags, right) in answers {
        says(&ran.stderr, &[&flags.join(" ")]);
        summed(&clivia, &[name], flags);
        assert_eq!(customers(&clivia), *right, "{flags:?}");
    }
}

/// First and last order of a customer.
fn days(clivia: &Clivia, customer: &str) -> String {
    clivia.table("out/summary.csv").row(customer, &["first_order", "last_order"])
}

const SHOPIFY: &str = "Name,Email,Financial Status,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,\
                       Lineitem quantity,Lineitem name,Lineitem price,Cancelled at,Refunded Amount\n";

#[test]
fn an_order_of_several_lines_in_a_shop_export_counts_once_with_its_total() {
    let rows = "\
#1001,ada@mail.test,paid,fulfilled,EUR,30.00,4.90,0.00,34.90,2024-03-01 23:40:12 +0100,2,Tea,10.00,,0.00
#1001,ada@mail.test,,,,,,,,2024-03-01 23:40:12 +0100,1,Cup,10.00,,
#1002,bo@mail.test,paid,fulfilled,EUR,12.50,0.00,0.00,12.50,2024-03-02 09:02:00 +0100,1,Jug,12.50,,0.00
#1003,ada@mail.test,paid,unfulfilled,EUR,15.10,4.90,0.00,20.00,2024-03-09 10:00:00 +0100,3,Tea,4.00,,0.00
#1003,ada@mail.test,,,,,,,,2024-03-09 10:00:00 +0100,1,Spoon,3.10,,
";
    let right = ["ada@mail.test 2 54.9", "bo@mail.test 1 12.5"];
    let said = ["5 rows read: 3 used, 0 refused, 2 left out", "2 continued", "Shopify order export"];
    let clivia = reads("orders_export.csv", format!("{SHOPIFY}{rows}"), &[], &right, &said);
    assert_eq!(days(&clivia, "ada@mail.test"), "2024-03-01 2024-03-09");
}

#[test]
fn voided_orders_of_a_shop_are_none_and_what_was_refunded_is_taken_off() {
    let rows = "\
#1001,ada@mail.test,paid,fulfilled,EUR,40.00,0.00,0.00,40.00,2024-03-01 12:00:00 +0100,2,Tea,20.00,,0.00
#1002,ada@mail.test,voided,,EUR,70.00,0.00,0.00,70.00,2024-03-02 12:00:00 +0100,1,Jug,70.00,,0.00
#1003,bo@mail.test,partially_refunded,fulfilled,EUR,25.00,0.00,0.00,25.00,2024-03-03 12:00:00 +0100,1,Cup,25.00,,5.50
#1004,bo@mail.test,refunded,fulfilled,EUR,11.00,0.00,0.00,11.00,2024-03-04 12:00:00 +0100,1,Cup,11.00,,11.00
#1005,cy@mail.test,paid,,EUR,9.00,0.00,0.00,9.00,2024-03-05 12:00:00 +0100,1,Cup,9.00,2024-03-06 08:00:00 +0100,0.00
#1006,ada@mail.test,paid,fulfilled,EUR,8.00,0.00,0.00,8.00,2024-03-07 12:00:00 +0100,1,Cup,8.00,,0.00
";
    let right = ["ada@mail.test 2 48.0", "bo@mail.test 1 19.5"];
    let said = ["'voided' (1 row) count not (cancelled)", "--status none", "'Cancelled at'", "--refunded none"];
    reads("orders_export.csv", format!("{SHOPIFY}{rows}"), &[], &right, &said);
}

#[test]
fn guests_of_a_woocommerce_shop_are_told_apart_by_their_address() {
    let orders = "\
order_id,date,status,order_total,customer_id,billing_email
701,2024-01-05 08:00:00,completed,10.00,0,ada@mail.test
702,2024-01-06 08:00:00,completed,20.00,0,bo@mail.test
703,2024-01-07 08:00:00,cancelled,99.00,0,bo@mail.test
704,2024-01-08 08:00:00,completed,5.25,31,cy@mail.test
705,2024-01-09 08:00:00,processing,7.00,0,ada@mail.test
";
    let right = ["ada@mail.test 2 17.0", "bo@mail.test 1 20.0", "cy@mail.test 1 5.25"];
    let said = ["customer = billing_email", "guests all carry the customer id 0", "'cancelled' (1 row) count not"];
    reads("orders.csv", orders, &[], &right, &said);
}

#[test]
fn an_order_total_beside_line_totals_that_add_up_to_it_is_not_summed_over_lines() {
    let orders = "\
order_id,order_date,customer_id,order_total,item_name,quantity,item_total
1,2024-01-05,a,30.00,tea,1,10.00
1,2024-01-05,a,30.00,cup,2,20.00
2,2024-01-06,b,12.50,tea,1,10.00
2,2024-01-06,b,12.50,spoon,1,2.50
3,2024-01-09,a,44.00,jug,1,44.00
";
    let said =
        ["'order_total' is the total of the order", "'item_total' is taken, which adds up to it", "--amount-per"];
    reads("orders.csv", orders, &[], &["a 2 74.0", "b 1 12.5"], &said);
}

const GERMAN: &str = "Kundennummer;Bestellnummer;Bestelldatum;Betrag\n";

#[test]
fn points_between_thousands_and_a_comma_before_cents_are_read_by_themselves() {
    let rows = "\
K7;81;03.01.2024;1.298,85 €
K8;82;17.01.2024;99,00 €
K7;83;25.01.2024;12.004,10 €
K9;84;01.02.2024;7,95 €
K9;85;02.02.2024;-1,95 €
";
    let right = ["K7 2 13302.95", "K8 1 99.0", "K9 1 6.0"];
    let said = ["'Betrag' is read with a decimal comma", "--decimal point"];
    reads("bestellungen.csv", format!("{GERMAN}{rows}"), &[], &right, &said);
}

#[test]
fn points_between_thousands_are_read_with_a_decimal_comma_that_was_told() {
    let rows =
        "K7;81;03.01.2024;1.298,85\nK8;82;17.01.2024;99,00\nK7;83;25.01.2024;12.004,10\nK8;84;01.02.2024;1.000\n";
    let right = ["K7 2 13302.95", "K8 2 1099.0"];
    reads("export.csv", format!("{GERMAN}{rows}"), &["--decimal", "comma"], &right, &["4 used, 0 refused"]);
}

#[test]
fn a_minus_behind_the_number_lowers_revenue() {
    let orders = "\
KUNNR;VBELN;FKDAT;NETWR
0000100017;9000001;10.01.2024;1.729,78
0000100018;9000002;22.01.2024;424,17
0000100017;9000003;14.02.2024;40,00-
0000100018;9000004;15.02.2024;1.000,00
";
    let columns = ["--customer", "KUNNR", "--order", "VBELN", "--date", "FKDAT", "--amount", "NETWR"];
    let flags = [&columns[..], &["--decimal", "comma"]].concat();
    reads("vbrk.csv", orders, &flags, &["0000100017 1 1689.78", "0000100018 2 1424.17"], &["4 used, 0 refused"]);
}

#[test]
fn amounts_in_brackets_are_negative_and_signs_of_money_are_read() {
    let orders = "\
Customer ID,Order ID,Order Date,Amount
C1,1,01/10/2024,\"$1,234.50\"
C2,2,01/22/2024,$182.77
C1,3,02/01/2024,($34.50)
C2,4,02/14/2024,\"$2,000.00\"
C2,5,02/15/2024,\"($1,082.77)\"
";
    let said = ["the month comes first", "'01/22/2024' tells", "--date-format dmy"];
    reads("Orders.csv", orders, &[], &["C1 1 1200.0", "C2 2 1100.0"], &said);
}

#[test]
fn dates_that_a_workbook_left_as_numbers_are_days_since_1899() {
    let orders =
        "Customer ID,Order ID,Order Date,Amount\nC1,1,45292,10\nC2,2,45299,20.5\nC1,3,45351,30\nC2,4,45657.75,1\n";
    let said = ["'45292' are numbers of a spreadsheet, read as days since 1899-12-30"];
    let clivia = reads("orders.csv", orders, &[], &["C1 2 40.0", "C2 2 21.5"], &said);
    assert_eq!(days(&clivia, "C1"), "2024-01-01 2024-02-29");
    assert_eq!(days(&clivia, "C2"), "2024-01-08 2024-12-31");
}

#[test]
fn years_of_two_digits_are_those_of_this_age() {
    let orders = "customer_id,order_id,order_date,amount\nC1,1,4/23/20,10\nC2,2,12/3/20,20.5\nC1,3,1/8/21,30\n";
    let said = ["'4/23/20' tells: --date-format dmy", "a year of two digits, which is read as one of 1969 to 2068"];
    let clivia = reads("orders.csv", orders, &[], &["C1 2 40.0", "C2 1 20.5"], &said);
    assert_eq!(days(&clivia, "C1"), "2020-04-23 2021-01-08");
    assert_eq!(days(&clivia, "C2"), "2020-12-03 2020-12-03");
}

#[test]
fn lines_above_the_header_and_totals_below_are_no_orders() {
    let orders = "\
Sales by transaction
Period:,2024-01-01 to 2024-03-31
Currency:,EUR

Customer ID,Transaction ID,Date,Amount
C1,1,2024-01-04,10.50
C2,2,2024-01-09,20.00
C1,3,2024-02-11,4.50
Totals:,,,35.00
";
    reads("report.csv", orders, &[], &["C1 2 15.0", "C2 1 20.0"], &["3 used"]);
}

#[test]
fn a_line_that_names_the_separator_is_no_header() {
    let rows = "customer_id;order_id;order_date;amount\r\nC1;1;2024-01-04;10,50\r\nC2;2;2024-01-09;20,00\r\n";
    reads("orders.csv", format!("\u{feff}sep=;\r\n{rows}"), &[], &["C1 1 10.5", "C2 1 20.0"], &["decimal comma"]);
}

#[test]
fn a_zone_decides_the_day_of_times_in_utc_with_fractions_of_a_second_or_without() {
    for fraction in ["", ".000", ".123456"] {
        let orders = format!(
            "customer_id,order_id,created_at,amount\nC1,1,2024-01-04T22:30:00{fraction}Z,10\n\
             C1,2,2024-01-04T23:30:00{fraction}Z,5\nC2,3,2024-07-01T22:30:00{fraction}Z,7\n"
        );
        let zone = ["--timezone", "Europe/Amsterdam"];
        let clivia = reads("orders.csv", &orders, &zone, &["C1 2 15.0", "C2 1 7.0"], &["3 used"]);
        assert_eq!(days(&clivia, "C1"), "2024-01-04 2024-01-05", "{fraction}");
        assert_eq!(days(&clivia, "C2"), "2024-07-02 2024-07-02", "{fraction}");
        let clivia = reads("orders.csv", &orders, &[], &["C1 2 15.0", "C2 1 7.0"], &["are in UTC", "--timezone"]);
        assert_eq!(days(&clivia, "C2"), "2024-07-01 2024-07-01", "{fraction}");
    }
}

#[test]
fn an_address_in_capitals_or_with_blanks_is_the_same_address() {
    let orders = "\
email,order_id,order_date,amount
ada@mail.test,1,2024-01-04,10
ADA@MAIL.TEST,2,2024-01-05,5
 ada@mail.test ,3,2024-01-06,2.5
bo@mail.test,4,2024-01-07,7
Bo@mail.test,5,2024-01-08,1
";
    let said = ["ids that differ only in case and blanks are one customer", "--fold-ids never"];
    reads("orders.csv", orders, &[], &["ada@mail.test 3 17.5", "bo@mail.test 2 8.0"], &said);
    reads(
        "orders.csv",
        orders,
        &["--fold-ids", "never"],
        &["ADA@MAIL.TEST 1 5.0", "Bo@mail.test 1 1.0", "ada@mail.test 2 12.5", "bo@mail.test 1 7.0"],
        &[],
    );
}

#[test]
fn ids_that_a_spreadsheet_rounded_are_said() {
    let orders = "customer_id,order_id,order_date,amount\n7.31E+15,1,2024-01-04,10\n7.31E+15,2,2024-01-05,5\n\
                  7.32E+15,3,2024-01-06,2\n";
    let said =
        ["'7.31E+15': a spreadsheet has rounded them, so that different customers have become one", "--customer"];
    reads("orders.csv", orders, &[], &["7.31E+15 2 15.0", "7.32E+15 1 2.0"], &said);
}

#[test]
fn purchases_among_the_nested_events_of_an_analytics_export_count_with_their_revenue() {
    let event = |day: u32, name: &str, user: &str, order: &str, revenue: &str| {
        format!(
            "{{\"event_date\": \"202401{day:02}\", \"event_name\": \"{name}\", \"user_pseudo_id\": \"{user}\", \
             \"ecommerce\": {{\"transaction_id\": \"{order}\", \"purchase_revenue\": {revenue}}}}}\n"
        )
    };
    let events = [
        event(4, "purchase", "11.22", "T1", "10.5"),
        event(5, "page_view", "11.22", "", "null"),
        event(6, "purchase", "33.44", "T2", "7"),
        event(9, "purchase", "11.22", "T3", "4.25"),
    ];
    let said = ["Google Analytics 4", "amount = ", "purchase_revenue"];
    reads("ga4.ndjson", events.concat(), &[], &["11.22 2 14.75", "33.44 1 7.0"], &said);
}

#[test]
fn a_price_beside_a_quantity_in_the_online_retail_table_is_the_price_of_one_piece() {
    let orders = "\
Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country
900101,70001A,\"SET OF \"\"TEA\"\" CUPS\",6,2024-01-08 08:00:00,2.50,15001.0,France
900101,70002,SPOON,12,2024-01-08 08:00:00,0.25,15001.0,France
900102,70001A,CUPS,4,2024-01-09 10:00:00,2.50,15002.0,Spain
C900103,70002,SPOON,-2,2024-01-15 10:00:00,0.25,15001.0,France
900104,70002,SPOON,1,2024-01-16 10:00:00,0.25,,Spain
A900105,B,Adjust bad debt,1,2024-01-17 10:00:00,-900.00,,France
900106,70003,JUG,3,2024-01-20 10:00:00,9.95,15002.0,Spain
";
    let said = ["7 rows read: 5 used, 2 refused", "Online Retail"];
    reads("online_retail_II.csv", orders, &[], &["15001 1 17.5", "15002 2 39.85"], &said);
}

#[test]
fn letters_of_latin_1_in_columns_that_nobody_needs_cost_no_row() {
    let orders = "\
Row ID,Order ID,Order Date,Ship Date,Customer ID,Customer Name,Product Name,Sales,Quantity,Discount,Profit
1,CA-1,1/8/2024,1/12/2024,AB-1,Zoé Mayer,Café table,36.77,1,0.2,7.35
2,CA-2,1/20/2024,1/24/2024,CD-2,René Ott,Café chair,27.99,2,0.2,5.59
3,CA-2,1/20/2024,1/24/2024,CD-2,René Ott,Lamp,28.01,2,0.2,5.60
4,CA-3,2/3/2024,2/9/2024,AB-1,Zoé Mayer,Lamp,3.23,1,0,1.00
";
    let latin: Vec<u8> = orders.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let said = ["date = Order Date, amount = Sales", "4 used, 0 refused"];
    let clivia = reads("Sample - Superstore.csv", latin, &[], &["AB-1 2 40.0", "CD-2 1 56.0"], &said);
    assert_eq!(days(&clivia, "AB-1"), "2024-01-08 2024-02-03");
}

#[test]
fn failed_payments_are_none_and_refunds_are_taken_off() {
    let orders = "\
id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Fee,Status,Customer ID,Customer Email
ch_1,2024-01-08 10:00,36.00,0.00,eur,true,36.00,1.00,Paid,cus_A,ada@mail.test
ch_2,2024-01-09 10:00,99.00,0.00,eur,false,99.00,0.00,Failed,cus_A,ada@mail.test
ch_3,2024-01-10 10:00,20.00,5.00,eur,true,20.00,1.00,Paid,cus_B,bo@mail.test
ch_4,2024-01-11 10:00,12.00,12.00,eur,true,12.00,1.00,Refunded,cus_B,bo@mail.test
ch_5,2024-01-12 10:00,4.00,0.00,eur,true,4.00,1.00,Paid,cus_A,ada@mail.test
";
    let said = ["payments export of Stripe", "'Failed' (1 row) count not (failed)", "--refunded none"];
    reads("unified_payments.csv", orders, &[], &["cus_A 2 40.0", "cus_B 1 15.0"], &said);
}

#[test]
fn withdrawals_and_payments_that_never_came_are_no_purchases() {
    let orders = "\u{feff}\
\"Date\",\" Time\",\" TimeZone\",\" Name\",\" Type\",\" Status\",\" Currency\",\" Gross\",\" Fee\",\" Net\",\" From Email Address\",\" Transaction ID\"
\"01/14/2024\",\"00:22:17\",\"EST\",\"Ada\",\"Website Payment\",\"Completed\",\"USD\",\"1,735.40\",\"-24.51\",\"1,710.89\",\"ada@mail.test\",\"T1\"
\"01/15/2024\",\"10:00:00\",\"EST\",\"\",\"General Withdrawal\",\"Completed\",\"USD\",\"-1,500.00\",\"0.00\",\"-1,500.00\",\"shop@mail.test\",\"W1\"
\"01/16/2024\",\"10:00:00\",\"EST\",\"Bo\",\"Website Payment\",\"Denied\",\"USD\",\"80.00\",\"0.00\",\"80.00\",\"bo@mail.test\",\"T2\"
\"01/17/2024\",\"10:00:00\",\"EST\",\"Bo\",\"Website Payment\",\"Pending\",\"USD\",\"70.00\",\"0.00\",\"70.00\",\"bo@mail.test\",\"T3\"
\"01/18/2024\",\"10:00:00\",\"EST\",\"Bo\",\"Website Payment\",\"Completed\",\"USD\",\"60.00\",\"-2.00\",\"58.00\",\"bo@mail.test\",\"T4\"
";
    let said = [
        "activity download of PayPal",
        "'General Withdrawal' (1 row) count not",
        "'Denied' (1 row) count not (failed)",
        "'Pending' (1 row) count not (not paid)",
    ];
    reads("Download.csv", orders, &[], &["ada@mail.test 1 1735.4", "bo@mail.test 1 60.0"], &said);
}

#[test]
fn rows_of_the_type_refund_lower_revenue_though_their_amounts_are_positive() {
    let orders = "\
customer_id,order_id,date,type,amount
a,1,2024-01-04,Order,36.00
b,2,2024-01-05,Order,20.00
a,3,2024-01-09,Refund,6.00
a,4,2024-01-12,Order,10.00
b,5,2024-01-13,Refund,20.00
b,6,2024-01-20,Order,8.00
";
    let said = ["'Order' (4 rows) count; 'Refund' (2 rows) lower revenue", "--status none"];
    reads("transactions.csv", orders, &[], &["a 2 40.0", "b 1 8.0"], &said);
}

#[test]
fn the_mails_of_a_newsletter_are_contacts_but_for_those_that_failed() {
    let orders = "\
email,order_id,order_date,amount
ada@mail.test,1,2024-01-04,10
bo@mail.test,2,2024-01-09,20
ada@mail.test,3,2024-02-02,30
cy@mail.test,4,2024-02-04,5
";
    let clivia = Clivia::with("orders.csv", orders);
    let mails = "\
id,email_address,date_sent,date_read,subject,is_failed,is_read
1,ada@mail.test,2024-01-10 08:00:00,,News,1,0
2,ada@mail.test,2024-01-11 08:00:00,2024-01-11 09:10:00,News,0,1
3,bo@mail.test,2024-01-12 08:00:00,,News,0,0
";
    clivia.write("email_stats.csv", mails);
    let line = ["--contacts", "email_stats.csv", "--not-converged", "empty"];
    says(&clivia.scored("orders.csv", &line).stdout, &["failed", "channel = email"]);
    let table = clivia.customers();
    assert_eq!(table.row("ada@mail.test", &["orders", "revenue"]), "2 40.0");
    let contacts = clivia.table("out/criteria.csv");
    assert_eq!([contacts.of("ada@mail.test", "contacts"), contacts.of("bo@mail.test", "contacts")], ["1", "1"]);
}

#[test]
fn hundreds_of_purchases_give_finite_numbers() {
    let mut orders = "customer_id,order_date,amount\n".to_string();
    let day = |n: usize| format!("2024-{:02}-{:02}", 1 + n / 28, 1 + n % 28);
    for n in 0..330 {
        writeln!(orders, "daily,{},15.00", day(n)).unwrap();
    }
    for n in 0..150 {
        writeln!(orders, "gone,{},9.00", day(n)).unwrap();
    }
    for n in 0..60 {
        writeln!(orders, "c{n},{},{}.50", day(n * 5), 20 + n).unwrap();
        if n % 3 == 0 {
            writeln!(orders, "c{n},{},{}.50", day(n * 5 + 20), 25 + n).unwrap();
        }
    }
    let clivia = Clivia::with("orders.csv", orders);
    clivia.scored("orders.csv", &["--horizon", "20w"]);
    let table = clivia.customers();
    assert_eq!(table.row("daily", &["orders", "revenue"]), "330 4950.0");
    assert_eq!(table.row("gone", &["orders", "revenue"]), "150 1350.0");
    for column in ["p_alive", "expected_purchases", "clv"] {
        assert!(table.numbers(column).iter().all(|value| value.is_finite()), "{column}");
    }
    let number = |customer: &str, column: &str| table.of(customer, column).parse::<f64>().unwrap();
    // At most a purchase day a day of the 20 weeks, and not far from it.
    assert!(
        (120.0..=140.0).contains(&number("daily", "expected_purchases")),
        "{}",
        number("daily", "expected_purchases")
    );
    assert!(number("daily", "p_alive") > 0.9 && number("gone", "p_alive") < 0.01);
}

#[test]
fn ten_days_of_orders_in_months_give_scores_and_words_about_the_horizon() {
    let mut orders = "customer_id,order_date,amount\n".to_string();
    for n in 0..60 {
        writeln!(orders, "c{},2024-03-{:02},{}.25", n % 41, 1 + n * 7 % 10, 10 + n).unwrap();
    }
    let clivia = Clivia::with("orders.csv", orders);
    let said = clivia.scored("orders.csv", &["--time-unit", "months", "--not-converged", "empty"]).stdout;
    says(&said, &["times the 10 days that were observed", "--horizon 10d"]);
    let table = clivia.customers();
    assert_eq!(table.row("c0", &["orders", "revenue"]), "2 61.5"); // 10.25 and 51.25
    assert_eq!(table.numbers("r_score").len(), 41);
}

#[test]
fn one_customer_of_another_size_does_not_bend_the_others() {
    let mut orders = "customer_id,order_date,amount\nwhale,2024-01-15,9000000\n".to_string();
    for n in 0..40 {
        writeln!(orders, "rare{n},2024-01-{:02},{}.50", 1 + n * 3 % 28, 8 + n % 5).unwrap();
    }
    for n in 0..240 {
        writeln!(orders, "loyal{},2024-{:02}-{:02},{}", n % 30, 1 + n / 40, 1 + n * 3 % 28, 60 + n * 7 % 50).unwrap();
    }
    let clivia = Clivia::with("orders.csv", orders);
    clivia.scored("orders.csv", &["--horizon", "10w", "--not-converged", "empty"]);
    let table = clivia.customers();
    assert_eq!(table.row("whale", &["orders", "revenue"]), "1 9000000.0");
    let mut clusters: Vec<&str> =
        table.column("customer_id").into_iter().filter(|id| *id != "whale").map(|id| table.of(id, "cluster")).collect();
    clusters.sort_unstable();
    clusters.dedup();
    assert!(clusters.len() > 1, "all others are one cluster");
}

#[test]
fn a_discount_rate_in_percent_is_told_from_a_share() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let line = ["--not-converged", "empty", "--overwrite", "--discount-rate"];
    let ran = clivia.score("orders.csv", &[&line[..], &["10"]].concat());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    says(&ran.stderr, &["a discount rate of 10 is 1000% a year", "write 10% or 0.1"]);
    for typed in ["10%", "0.1"] {
        clivia.scored("orders.csv", &[&line[..], &[typed]].concat());
        assert_eq!(clivia.run_json()["settings"]["value"]["discount_rate"], 0.1, "{typed}");
    }
}

#[test]
fn whole_amounts_with_commas_are_thousands_or_a_question_and_never_thousandths() {
    let orders = "customer_id,order_id,order_date,amount\na,1,2024-01-04,\"2,590\"\nb,2,2024-01-05,766\na,3,2024-01-09,\"1,410\"\n";
    let point: (&[&str], &[&str]) = (&["--decimal", "point"], &["a 2 4000.0", "b 1 766.0"]);
    let comma: (&[&str], &[&str]) = (&["--decimal", "comma"], &["a 2 4.0", "b 1 766.0"]);
    asks("orders.csv", orders, &["column 'amount': '2,590' in row 2", "4766.00", "770.00"], &[point, comma]);
    let settled = format!("{orders}b,4,2024-01-10,\"1,000,000\"\n");
    reads("orders.csv", settled, &[], &["a 2 4000.0", "b 2 1000766.0"], &[]);
}

#[test]
fn a_decimal_comma_that_nobody_told_of_is_found() {
    let rows = "K7;81;2024-01-03;36,77\nK8;82;2024-01-17;990\nK7;83;2024-01-25;-2,40\nK7;84;2024-02-01;5,63\n";
    let said = ["'Betrag' is read with a decimal comma, as its values show", "--decimal point"];
    reads("orders.csv", format!("{GERMAN}{rows}"), &[], &["K7 2 40.0", "K8 1 990.0"], &said);
}

#[test]
fn the_digits_of_a_till_are_a_date_and_no_count_of_milliseconds() {
    let orders =
        "customer_id,order_id,order_date,amount\na,1,202401051011,10\nb,2,202401312359,5\na,3,202402290000,2\n";
    let said = ["'202401051011' are read as the digits of year, month, day and time"];
    let clivia = reads("orders.csv", orders, &[], &["a 2 12.0", "b 1 5.0"], &said);
    assert_eq!(days(&clivia, "a"), "2024-01-05 2024-02-29");
    assert_eq!(days(&clivia, "b"), "2024-01-31 2024-01-31");
}
