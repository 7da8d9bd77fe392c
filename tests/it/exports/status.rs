//! Rows that are no purchases, and refunds.

use super::reads;

/// An order a day of `a` and `b` in turn, with these values in a column.
fn with_column(column: &str, values: &str) -> String {
    let row = |(i, value): (usize, &str)| format!("{},{i},2024-01-{:02},{value},10\n", ["a", "b"][i % 2], i + 1);
    format!(
        "customer_id,order_id,order_date,{column},amount\n{}",
        values.split('|').enumerate().map(row).collect::<String>()
    )
}

#[test]
fn rows_that_are_no_purchases_by_a_status_are_left_out_and_said() {
    for (column, values, right, said) in [
        (
            "status",
            "completed|completed|cancelled|failed|completed|processing",
            ["a 2 20.0", "b 2 20.0"],
            "'cancelled' (1 row) count not",
        ),
        (
            "Status",
            "Bezahlt|Bezahlt|Storniert|Bezahlt|Versandt|Bezahlt",
            ["a 2 20.0", "b 3 30.0"],
            "'Storniert' (1 row) count not",
        ),
        ("statut", "payée|payée|annulée|payée|expédiée|payée", ["a 2 20.0", "b 3 30.0"], "'annulée' (1 row) count not"),
        (
            "Estado",
            "Entregado|Enviado|Cancelado|Entregado|Enviado|Enviado",
            ["a 2 20.0", "b 3 30.0"],
            "'Cancelado' (1 row) count not",
        ),
        ("status", "PAID| Paid |CANCELLED|paid|paid|paid", ["a 2 20.0", "b 3 30.0"], "'CANCELLED' (1 row) count not"),
        ("status", "paid||cancelled|paid||paid", ["a 2 20.0", "b 3 30.0"], "'cancelled' (1 row) count not"),
        ("event", "purchase|purchase|view|view|add_to_cart|purchase", ["a 1 10.0", "b 2 20.0"], "(another event)"),
        ("is_test", "false|false|true|false|false|false", ["a 2 20.0", "b 3 30.0"], "(a test)"),
        ("cancelled", "0|0|1|0|0|0", ["a 2 20.0", "b 3 30.0"], "(cancelled)"),
        ("cancelled_at", "||2024-01-09|||", ["a 2 20.0", "b 3 30.0"], "a date in 'cancelled_at'"),
        ("voided", "N|N|Y|N|N|N", ["a 2 20.0", "b 3 30.0"], "'Y' (1 row) count not"),
        ("is_paid", "TRUE|TRUE|FALSE|TRUE|TRUE|TRUE", ["a 2 20.0", "b 3 30.0"], "(not paid)"),
        ("transaction_type", "SALE|SALE|VOID|SALE|SALE|SALE", ["a 2 20.0", "b 3 30.0"], "'VOID' (1 row) count not"),
    ] {
        let orders = with_column(column, values);
        reads("orders.csv", &orders, &[], &right, &[said, "--status none"]);
        reads("orders.csv", &orders, &["--status", "none"], &["a 3 30.0", "b 3 30.0"], &["6 used, 0 refused"]);
    }
}

#[test]
fn columns_that_only_look_like_a_status_leave_nothing_out() {
    for (column, values) in [
        ("status", "Gold|Silver|Basic|Gold|Basic|Silver"),
        ("status", "married|single|divorced|single|married|single"),
        ("customer_status", "active|inactive|cancelled|active|active|inactive"),
        ("membership status", "active|active|cancelled|active|active|active"),
        ("type", "Return ticket|Single ticket|Return ticket|Single ticket|Single ticket|Single ticket"),
        ("type", "Pregnancy test|Vitamin|Refund insurance|Vitamin|Vitamin|Pregnancy test"),
        ("type", "credit card|paypal|invoice|paypal|credit card|invoice"),
        ("shipping_status", "shipped|pending|delivered|shipped|delivered|delivered"),
        ("fulfillment_status", "fulfilled|unfulfilled|fulfilled|fulfilled|fulfilled|unfulfilled"),
        ("state", "CA|NY|CA|TX|NY|CA"),
        ("cancelled_newsletter", "yes|no|yes|yes|no|yes"),
    ] {
        reads("orders.csv", with_column(column, values), &[], &["a 3 30.0", "b 3 30.0"], &["6 used, 0 refused\n"]);
    }
}

#[test]
fn refunds_lower_revenue_once_whatever_their_sign_and_language() {
    for (column, sale, back) in [
        ("type", "Sale", "Refund"),
        ("Belegart", "Rechnung", "Gutschrift"),
        ("document_type", "Invoice", "Credit Note"),
        ("type", "Facture", "Avoir"),
    ] {
        for sign in ["", "-"] {
            let orders = format!(
                "customer_id,order_id,order_date,{column},amount\na,1,2024-01-04,{sale},30\nb,2,2024-01-05,{sale},20\n\
                 a,3,2024-01-06,{back},{sign}12\nb,4,2024-01-09,{sale},5\n"
            );
            let said = [format!("'{sale}' (3 rows) count; '{back}' (1 row) lower"), "--status none".into()];
            reads("orders.csv", orders, &[], &["a 1 18.0", "b 2 25.0"], &said.each_ref().map(String::as_str));
        }
    }
}
