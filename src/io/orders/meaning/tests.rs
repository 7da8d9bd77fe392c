//! What columns mean, by names and values.

use super::*;
use crate::orders::amount_column::Continuation;
use crate::orders::look::tests::look;
use crate::orders::status::Verdict;

fn meant_with(csv: &str, settings: &OrderSettings, profile: &str) -> Result<(Meaning, Vec<String>), TableError> {
    let asked = Asked { file: "f.csv", profile, settings, currency: "" };
    look(csv, |look| {
        let names = Names::find(asked, look)?;
        let (meaning, notes) = Meaning::decide(asked, &names, &names.evidence(look), look)?;
        Ok((meaning, notes.into_iter().map(|note| note.code).collect()))
    })
}

fn meant(csv: &str) -> (Meaning, Vec<String>) {
    meant_with(csv, &OrderSettings::default(), "").expect("a table of orders")
}

#[test]
fn a_plain_table_means_what_it_says() {
    let (meaning, said) = meant("customer_id,order_id,order_date,amount\na,1,2024-01-01,9\nb,2,2024-01-02,8\n");
    assert_eq!((meaning.customer.column.as_str(), meaning.date.as_str()), ("customer_id", "order_date"));
    assert_eq!(meaning.amount.map(|amount| amount.from), Some(AmountSource::Column("amount".into())));
    assert_eq!((meaning.order.as_deref(), meaning.status, said.len()), (Some("order_id"), None, 0));
    assert!(meaning.customer.ids.changes_nothing());
}

const SHOPIFY: &str = "\
    Name,Email,Financial Status,Total,Created at,Lineitem quantity,Lineitem price,Refunded Amount,Cancelled at,Id\n\
    #1,a@b.example,paid,10,2024-01-01 08:00:00 -0500,1,4,0.00,,71\n\
    #1,a@b.example,,,,1,6,,,\n\
    #2,c@b.example,voided,7,2024-01-02 08:00:00 -0500,1,7,0.00,2024-01-03,72\n\
    #3,A@b.example,refunded,5,2024-01-04 08:00:00 -0500,1,5,5.00,,73\n";

#[test]
fn a_shop_export_is_read_by_its_profile() {
    let (meaning, said) = meant(SHOPIFY);
    assert_eq!(meaning.profile.as_deref(), Some("shopify_orders"));
    assert_eq!((meaning.customer.column.as_str(), meaning.order.as_deref()), ("Email", Some("Name")));
    assert!(meaning.customer.ids.fold);
    let amount = meaning.amount.expect("amounts");
    assert_eq!(amount.from, AmountSource::Column("Total".into()));
    assert_eq!(amount.refunded.as_deref(), Some("Refunded Amount"));
    let empty = vec!["Total".to_string(), "Financial Status".to_string()];
    assert_eq!(amount.continuation, Some(Continuation { order: "Name".into(), empty }));
    let rule = meaning.status.expect("a status");
    assert_eq!(rule.of([Some("refunded"), None]), Verdict::Purchase);
    assert!(matches!(rule.of([Some("paid"), Some("2024-01-03")]), Verdict::NoPurchase(_)));
    for code in ["profile", "refunded_amounts", "status", "ids_folded"] {
        assert!(said.iter().any(|said| said == code), "{code}: {said:?}");
    }
}

#[test]
fn without_its_profile_it_is_understood_by_names_and_values() {
    let (meaning, said) = meant_with(SHOPIFY, &OrderSettings { order: "Name".into(), ..Default::default() }, "none")
        .expect("a table of orders");
    assert_eq!((meaning.profile, meaning.customer.column.as_str()), (None, "Email"));
    let amount = meaning.amount.expect("amounts");
    assert_eq!(amount.from, AmountSource::Column("Total".into()));
    assert!(amount.continuation.is_some() && amount.refunded.is_some());
    assert!(said.contains(&"order_continued".to_string()) && !said.contains(&"profile".to_string()), "{said:?}");
}

#[test]
fn settings_go_before_what_is_found() {
    let csv = "who,customer,when,date,value,amount,status\na,b,2024-01-01,2024-02-01,3,4,paid\nc,d,2024-01-01,2024-02-01,3,4,voided\n";
    let settings = OrderSettings {
        customer: "who".into(),
        date: "when".into(),
        amount: "2 * value".into(),
        status: "none".into(),
        ..OrderSettings::default()
    };
    let (meaning, said) = meant_with(csv, &settings, "").expect("a table of orders");
    assert_eq!((meaning.customer.column.as_str(), meaning.date.as_str()), ("who", "when"));
    assert_eq!(meaning.amount.map(|amount| amount.from), Some(AmountSource::Expression("2 * value".into())));
    assert_eq!((meaning.status, said.len()), (None, 0));
}

#[test]
fn settings_that_name_no_column_are_refused_with_those_that_there_are() {
    let csv = "customer,date,amount,state\na,2024-01-01,9,paid\n";
    for (status, refunded, wanted) in [("nosuch", "", "no status column 'nosuch'"), ("", "gone", "'gone'")] {
        let settings = OrderSettings { status: status.into(), refunded: refunded.into(), ..Default::default() };
        let said = meant_with(csv, &settings, "").expect_err("no such column").to_string();
        assert!(said.contains(wanted) && said.contains("customer, date, amount, state"), "{said}");
    }
    let none = OrderSettings { status: "none".into(), refunded: "none".into(), ..Default::default() };
    assert!(meant_with(csv, &none, "").is_ok());
}

#[test]
fn what_holds_an_operator_is_an_expression_but_for_the_name_of_a_column() {
    let csv = "customer,date,Total,item-price\na,2024-01-01,9,8\nb,2024-01-02,7,6\n";
    let amount = |text: &str| {
        let settings = OrderSettings { amount: text.into(), ..OrderSettings::default() };
        meant_with(csv, &settings, "").expect("an amount").0.amount.map(|amount| amount.from)
    };
    for text in ["-Total", "(Total", "Total +"] {
        assert_eq!(amount(text), Some(AmountSource::Expression(text.into())), "{text}");
    }
    assert_eq!(amount("item-price"), Some(AmountSource::Column("item-price".into())));
    assert_eq!(amount("total"), Some(AmountSource::Column("Total".into())));
    assert_eq!(amount("item price"), Some(AmountSource::Column("item-price".into())));
}

#[test]
fn rows_that_are_equal_in_every_column_may_stand_there_twice() {
    let rows = "a,1,2024-01-01,9\nb,2,2024-01-02,8\nc,3,2024-01-03,7\n";
    let csv = format!("customer_id,order_id,order_date,amount\n{rows}{rows}");
    let with = |duplicates| meant_with(&csv, &OrderSettings { duplicates, ..OrderSettings::default() }, "");
    let said = with(Duplicates::Auto).expect_err("a question").to_string();
    assert!(said.contains("they stand in the file twice, 24.00 in all with orders.duplicates = \"drop\""), "{said}");
    for duplicates in [Duplicates::Drop, Duplicates::Keep] {
        let amount = with(duplicates).expect("no question").0.amount.map(|amount| amount.from);
        assert_eq!(amount, Some(AmountSource::Column("amount".into())));
    }
    let lines = "customer_id,order_id,order_date,amount,item\na,1,2024-01-01,9,x\na,1,2024-01-01,9,y\nb,2,2024-01-02,8,x\n\
                 b,2,2024-01-02,8,y\nc,3,2024-01-03,7,x\nc,3,2024-01-03,7,y\n";
    let said = meant_with(lines, &OrderSettings::default(), "").expect_err("a question").to_string();
    assert!(!said.contains("orders.duplicates"), "{said}");
}

#[test]
fn a_named_profile_must_find_its_columns() {
    let csv = "who,day,value\na,2024-01-01,9\n";
    let said = meant_with(csv, &OrderSettings::default(), "shopify_orders").expect_err("another table").to_string();
    for missing in ["customer (Email", "date (Created at", "amount (Total)", "status (Financial Status"] {
        assert!(said.contains(missing), "{missing}: {said}");
    }
    assert!(meant_with(SHOPIFY, &OrderSettings::default(), "shopify_orders").is_ok());
}

#[test]
fn a_stated_customer_answers_a_profile_that_has_none() {
    let csv = "Website,Order ID,Order Date,Total Owed,ASIN,Order Status\nw,1,2024-01-01,9,B1,Closed\n";
    assert!(meant_with(csv, &OrderSettings::default(), "").is_err());
    let settings = OrderSettings { customer: "Website".into(), ..OrderSettings::default() };
    assert_eq!(meant_with(csv, &settings, "").expect("orders").0.customer.column, "Website");
}

#[test]
fn tables_that_are_none_of_orders_are_refused_with_the_remedy() {
    let refused = |csv: &str| {
        let said = meant_with(csv, &OrderSettings::default(), "");
        said.map(|_| ()).expect_err("an error").to_string()
    };
    let customers =
        "customer_id,orders_count,total_spent,created_at\n1,3,27,2024-01-01\n2,1,9,2024-01-01\n3,2,8,2024-01-02\n";
    assert!(refused(customers).contains("one row a customer"), "{}", refused(customers));
    let instacart = "order_id,user_id,order_number,days_since_prior_order\n1,7,1,\n2,7,2,8\n";
    assert!(refused(instacart).contains("holds no dates"), "{}", refused(instacart));
    assert!(refused("a,date\n1,2024-01-01\n").contains("no customer column"));
}

#[test]
fn a_meaning_is_kept_word_for_word() {
    let (meaning, _) = meant(SHOPIFY);
    let text = toml::to_string(&meaning).expect("TOML");
    assert_eq!(toml::from_str::<Meaning>(&text).as_ref(), Ok(&meaning));
    let json = serde_json::to_string(&meaning).expect("JSON");
    assert_eq!(serde_json::from_str::<Meaning>(&json).ok(), Some(meaning));
}
