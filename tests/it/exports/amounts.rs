//! Amounts as people write them, and which column holds them.

use super::{asks, reads};
use crate::support::{Clivia, says};

/// Orders of `a` and `b` in turn, one for each of these amounts.
fn with_amounts(cells: &[&str]) -> String {
    let row = |(i, cell): (usize, &&str)| {
        let customer = if i % 2 == 0 { "a" } else { "b" };
        format!("{customer}\t{i}\t2024-01-{:02}\t{cell}\n", i + 1)
    };
    format!("customer_id\torder_id\torder_date\tamount\n{}", cells.iter().enumerate().map(row).collect::<String>())
}

#[test]
fn amounts_as_people_write_them() {
    let comma = "'amount' is read with a decimal comma, as its values show";
    for (cells, right, said) in [
        // A Swiss till, with the apostrophe that a word processor makes of it, and with the plain one.
        (&["CHF 1’234.50", "CHF 80.00", "CHF 10.05"][..], ["a 2 1244.55", "b 1 80.0"], ""),
        (&["Fr. 1'234.50", "Fr. 80.00", "Fr. 10.05"], ["a 2 1244.55", "b 1 80.0"], ""),
        // French: narrow no-break spaces, and a minus that is no hyphen.
        (&["1\u{202f}299,90 €", "12,00 €", "\u{2212}99,90 €"], ["a 1 1200.0", "b 1 12.0"], comma),
        (&["1\u{a0}299,90 zł", "12,00 zł"], ["a 1 1299.9", "b 1 12.0"], comma),
        (&["Rs. 12,34,567.00", "Rs. 1,500.00"], ["a 1 1234567.0", "b 1 1500.0"], ""),
        (&["       1.234,50 ", "        80,00 ", "        34,50-"], ["a 1 1200.0", "b 1 80.0"], comma),
        (&["€ 1.250,-", "€ 80,-", "€ 50,-"], ["a 2 1300.0", "b 1 80.0"], comma),
        (&["R$ 1.234,50", "R$ 80,00"], ["a 1 1234.5", "b 1 80.0"], comma),
        (&["€ 1.234,50", "€ 80,00", "€ -34,50"], ["a 1 1200.0", "b 1 80.0"], comma),
        (&["(34,50 €)", "80,00 €", "1.234,50 €"], ["a 1 1200.0", "b 1 80.0"], comma),
        (&["1.234,50 EUR", "80,00 EUR"], ["a 1 1234.5", "b 1 80.0"], comma),
        (&["'12.50", "'80.00"], ["a 1 12.5", "b 1 80.0"], ""),
        (&["$5.50", "7.25 USD"], ["a 1 5.5", "b 1 7.25"], ""),
        // Yen have no cents, and two signs settle that they part thousands.
        (&["￥1,234,000", "￥980"], ["a 1 1234000.0", "b 1 980.0"], ""),
        (&["1.5e2", "7.25"], ["a 1 150.0", "b 1 7.25"], ""),
        // One cell with both signs tells of all others.
        (&["1,234", "80", "1,234.50"], ["a 2 2468.5", "b 1 80.0"], ""),
        // What must be left as it is: three decimals of a dinar, weights, plain thousands.
        (&["12.345", "0.750", "1234.500"], ["a 2 1246.845", "b 1 0.75"], ""),
        (&["12.345", "7.5"], ["a 1 12.345", "b 1 7.5"], ""),
        (&["2000", "2001", "5000000"], ["a 2 5002000.0", "b 1 2001.0"], ""),
    ] {
        reads("orders.csv", with_amounts(cells), &[], &right, &[said]);
    }
}

#[test]
fn amounts_that_the_values_do_not_settle_are_asked_for() {
    let [point, comma] = [["--decimal", "point"], ["--decimal", "comma"]];
    for (cells, by_point, by_comma) in [
        (["990", "3.000", "1.250"], ["a 2 991.25", "b 1 3.0"], ["a 2 2240.0", "b 1 3000.0"]),
        (["12,345", "10,750", "11,000"], ["a 2 23345.0", "b 1 10750.0"], ["a 2 23.345", "b 1 10.75"]),
    ] {
        let said = ["column 'amount'", "no value of the column tells"];
        asks("orders.csv", &with_amounts(&cells), &said, &[(&point, &by_point), (&comma, &by_comma)]);
    }
    // Half of the column one way, half the other: no reading is right.
    asks("orders.csv", &with_amounts(&["1.50", "2,50", "3.50", "4,50"]), &["some values have a decimal point"], &[]);
}

#[test]
fn the_odd_cell_is_refused_and_shown() {
    let mut cells = vec!["1.250,00"; 20];
    cells[11] = "12.50 pcs";
    let said = ["1 of 20 rows of orders were refused", "'12.50 pcs'", "row 13, column 'amount'", "is unknown"];
    reads("orders.csv", with_amounts(&cells), &[], &["a 10 12500.0", "b 9 11250.0"], &said);
}

#[test]
fn the_amount_of_a_row_is_found_beside_prices_quantities_and_totals() {
    for (header, rows, right, said) in [
        (
            "customer_id,order_id,order_date,sku,qty,unit_price",
            "a,1,2024-01-04,s,2,2.50\na,1,2024-01-04,t,1,5.00\nb,2,2024-01-05,s,10,2.50\n",
            ["a 1 10.0", "b 1 25.0"],
            "'unit_price' is the price of one piece",
        ),
        (
            "Kundennummer;Bestellnummer;Bestelldatum;Artikel;Menge;Einzelpreis",
            "a;1;04.01.2024;s;0,5;2,50\na;1;04.01.2024;t;1;5,00\nb;2;05.01.2024;s;10;2,50\n",
            ["a 1 6.25", "b 1 25.0"],
            "'Einzelpreis' is the price of one piece",
        ),
        (
            "customer_id,order_id,order_date,sku,quantity,price,line_total",
            "a,1,2024-01-04,s,2,2.50,5.00\na,1,2024-01-04,t,1,5.00,5.00\nb,2,2024-01-05,s,10,2.50,25.00\n",
            ["a 1 10.0", "b 1 25.0"],
            "amount = line_total",
        ),
        // Nothing to multiply with: a price stands for itself.
        (
            "customer_id,order_id,order_date,sku,price",
            "a,1,2024-01-04,s,2.50\na,1,2024-01-04,t,5.00\nb,2,2024-01-05,s,2.50\n",
            ["a 1 7.5", "b 1 2.5"],
            "amount = price",
        ),
        // A total is a total, however many pieces stand beside it.
        (
            "customer_id,order_id,order_date,quantity,total",
            "a,1,2024-01-04,3,10.00\na,3,2024-01-09,4,5.00\nb,2,2024-01-05,10,25.00\n",
            ["a 2 15.0", "b 1 25.0"],
            "amount = total",
        ),
        (
            "customer_id,order_id,order_date,subtotal,tax,shipping,discount,total",
            "a,1,2024-01-04,10.00,2.00,4.90,1.00,15.90\nb,2,2024-01-05,25.00,5.00,0.00,0.00,30.00\n",
            ["a 1 15.9", "b 1 30.0"],
            "amount = total",
        ),
        (
            "customer_id,order_id,order_date,list_price,amount",
            "a,1,2024-01-04,20.00,15.00\nb,2,2024-01-05,30.00,30.00\n",
            ["a 1 15.0", "b 1 30.0"],
            "amount = amount",
        ),
        (
            "customer_id,order_id,order_date,amount,refund_amount",
            "a,1,2024-01-04,20.00,5.00\nb,2,2024-01-05,30.00,0.00\n",
            ["a 1 15.0", "b 1 30.0"],
            "'refund_amount' lowers the amount",
        ),
    ] {
        reads("orders.csv", format!("{header}\n{rows}"), &[], &right, &[said]);
    }
}

#[test]
fn equal_prices_on_all_lines_of_an_order_are_no_order_total() {
    // Boxes at one price: the values cannot tell that each is paid for.
    let orders = "\
customer_id,order_id,order_date,box,amount
a,1,2024-01-04,red,9.99
a,1,2024-01-04,blue,9.99
b,2,2024-01-05,red,9.99
b,2,2024-01-05,green,9.99
a,3,2024-01-19,red,9.99
a,3,2024-01-19,blue,9.99
b,4,2024-01-23,red,9.99
";
    let line: (&[&str], &[&str]) = (&["--amount-per", "line"], &["a 2 39.96", "b 2 29.97"]);
    let order: (&[&str], &[&str]) = (&["--amount-per", "order"], &["a 2 19.98", "b 2 19.98"]);
    let said = ["column 'amount': its value is the same on all lines of an order", "69.93", "39.96"];
    asks("orders.csv", orders, &said, &[line, order]);
}

#[test]
fn a_currency_behind_a_name_is_no_part_of_it() {
    for amount in ["Total [EUR]", "Total (€)", "Betrag CHF", "Betrag in CHF", "amount_usd", "Invoice Value (₹)"] {
        let rows = format!("Customer;Date;{amount};Weight (kg)\na;2024-01-04;5.25;1.5\nb;2024-01-05;6.75;2.5\n");
        reads("orders.csv", rows, &[], &["a 1 5.25", "b 1 6.75"], &[]);
    }
    // Two of them are two amounts.
    let clivia = Clivia::with("orders.csv", "Customer,Date,Total EUR,Total USD\na,2024-01-04,5,6\nb,2024-01-05,7,8\n");
    says(&clivia.run(&["summary", "orders.csv", "--out", "out"]).stderr, &["'Total EUR'", "'Total USD'"]);
}

#[test]
fn numbers_that_may_be_the_amount_are_named() {
    let rows = "customer_id,order_date,worth,pieces\na,2024-01-04,5.25,1\nb,2024-01-05,6.75,2\n";
    let clivia = Clivia::with("orders.csv", rows);
    let said = clivia.run(&["summary", "orders.csv", "--out", "out"]).ok().stdout;
    says(&said, &["no column has the name of an amount, and the numbers in 'worth' may be one", "--amount worth"]);
}

#[test]
fn what_a_product_leaves_in_is_said_and_can_be_taken_off() {
    let rows = "customer_id,order_id,order_date,quantity,price,returned_quantity\n\
                a,1,2024-01-04,2,5,0\nb,2,2024-01-05,3,10,1\n";
    let said =
        ["'returned_quantity' is not taken off 'quantity'", "(\"quantity\" - \"returned_quantity\") * \"price\""];
    reads("orders.csv", rows, &[], &["a 1 10.0", "b 1 30.0"], &said);
    let less = ["--amount", "(\"quantity\" - \"returned_quantity\") * \"price\""];
    reads("orders.csv", rows, &less, &["a 1 10.0", "b 1 20.0"], &[]);
    let rows = "customer_id,order_id,order_date,quantity,unit_price,discount_pct\n\
                a,1,2024-01-04,2,5,0\nb,2,2024-01-05,3,10,50\n";
    let said = ["it may be a percentage", "\"quantity\" * \"unit_price\" * (1 - \"discount_pct\" / 100)"];
    reads("orders.csv", rows, &[], &["a 1 10.0", "b 1 30.0"], &said);
    reads("orders.csv", rows, &["--amount", said[1]], &["a 1 10.0", "b 1 15.0"], &[]);
}

#[test]
fn totals_amounts_in_cents_and_of_the_other_sign_are_said() {
    let rows = "customer_id,order_date,order_total,item\n\
                a,2024-01-04 10:00:00,5,x\na,2024-01-04 10:00:00,5,y\nb,2024-01-05 10:00:00,6,x\n\
                b,2024-01-05 10:00:00,6,y\n";
    reads("orders.csv", rows, &[], &["a 1 10.0", "b 1 12.0"], &["'order_total' is the same in rows of one customer"]);
    let per_order = ["counts on every row, since no column tells orders apart", "--order"];
    reads("orders.csv", rows, &["--amount-per", "order"], &["a 1 10.0", "b 1 12.0"], &per_order);
    let rows = "customer_id,order_date,amount_cents\na,2024-01-04,525\nb,2024-01-05,675\n";
    let said = ["are in hundredths of the currency unit, by its name", "--amount '\"amount_cents\" / 100'"];
    reads("orders.csv", rows, &["--amount", "amount_cents"], &["a 1 525.0", "b 1 675.0"], &said);
    reads("orders.csv", rows, &["--amount", "\"amount_cents\" / 100"], &["a 1 5.25", "b 1 6.75"], &[]);
    let rows = "customer_id,order_date,amount\na,2024-01-04,-5\nb,2024-01-05,-6\na,2024-01-06,-7\nb,2024-01-06,1\n";
    reads("orders.csv", rows, &["--amount", "0 - amount"], &["a 2 12.0", "b 1 5.0"], &[]);
}

#[test]
fn a_column_of_currencies_is_known_by_its_values_and_one_of_words_is_not() {
    let rows = |codes: [&str; 2]| {
        format!("customer_id,order_date,amount,code\na,2024-01-04,5,{}\nb,2024-01-05,6,{}\n", codes[0], codes[1])
    };
    let ran = Clivia::with("orders.csv", rows(["EUR", "USD"])).run(&["summary", "orders.csv", "--out", "out"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["column 'code': currency 'USD' after 'EUR'"]);
    reads("orders.csv", rows(["ALL", "TOP"]), &[], &["a 1 5.0", "b 1 6.0"], &[]);
}
