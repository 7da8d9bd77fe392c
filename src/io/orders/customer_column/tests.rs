//! Customers by names and values: which column, and whose ids.

use super::*;
use crate::orders::look::RowAmount;
use crate::orders::look::tests::look;

const AMOUNT: CustomerStated = CustomerStated {
    column: None,
    fold_ids: FoldIds::Auto,
    placeholders: Placeholders::Ask,
    order: None,
    amount: Some(RowAmount::Column("amount")),
    date: None,
};

/// A table of so many rows, each made of its number.
fn table(header: &str, rows: usize, row: impl Fn(usize) -> String) -> String {
    let rows = (0..rows).map(|number| format!("{}\n", row(number)));
    format!("{header}\n{}", rows.collect::<String>())
}

fn found(csv: &str) -> (String, Vec<String>) {
    let (column, notes) = look(csv, |look| column("f.csv", look, AMOUNT)).expect("no question").expect("a column");
    (column, notes.into_iter().map(|note| note.code).collect())
}

fn decided_with(csv: &str, column: &str, stated: CustomerStated) -> Result<(CustomerChoice, Vec<Note>), Box<Question>> {
    look(csv, |look| CustomerChoice::decide("f.csv", column, look, &CustomerChoice::evidence(look, column), stated))
}

/// How ids are changed, and the codes of what is said.
fn decided(csv: &str, column: &str) -> (IdRule, Vec<String>) {
    let (choice, notes) = decided_with(csv, column, AMOUNT).expect("no question");
    (choice.ids, notes.into_iter().map(|note| note.code).collect())
}

#[test]
fn the_id_of_a_row_is_not_taken_for_the_customer() {
    let said = vec!["id_of_row".to_string()];
    let csv = table("id,buyer_full_name,amount", 40, |row| format!("{row},Name {},9", row % 7));
    assert_eq!(found(&csv), ("buyer_full_name".into(), said.clone()));
    let csv = table("id,shop_user,amount", 40, |row| format!("{row},u{},9", row % 7));
    assert_eq!(found(&csv), ("shop_user".into(), said.clone()));
    let csv = table("id,date,amount", 40, |row| format!("{row},2024-01-01,9"));
    assert_eq!(found(&csv), ("id".into(), said));
}

#[test]
fn an_id_that_is_the_customers_stays() {
    let csv = table("id,date,amount", 40, |row| format!("{},2024-01-01,9", row % 12));
    assert_eq!(found(&csv), ("id".into(), vec![]));
    let csv = table("id,user_agent,amount", 40, |row| format!("{},Browser {},9", row % 12, row % 3));
    assert_eq!(found(&csv), ("id".into(), vec![]));
    let csv = table("id,date,amount", 5, |row| format!("{row},2024-01-01,9"));
    assert_eq!(found(&csv), ("id".into(), vec![]));
    let csv = table("customer_id,email,amount", 40, |row| format!("{row},a{row}@b.example,9"));
    assert_eq!(found(&csv), ("customer_id".into(), vec![]));
}

#[test]
fn an_id_of_each_order_beside_one_of_the_customer_is_asked_about() {
    let csv = table("customer_id,email,amount", 40, |row| format!("k{row},a{}@b.example,9", row % 9));
    let question = look(&csv, |look| column("f.csv", look, AMOUNT)).expect_err("a question");
    assert_eq!(question.readings[0].setting, "orders.customer = \"email\"");
    assert!(question.readings[0].meaning.contains("9 customers"), "{question}");
    let csv = table("customer_id,customer_unique_id,amount", 40, |row| format!("k{row},u{},9", row % 9));
    assert_eq!(found(&csv), ("customer_unique_id".into(), vec!["customer_by_unique_id".into()]));
    let csv = table("customer_id,account,amount", 40, |row| format!("k{row},{},9", if row == 0 { "main" } else { "" }));
    assert_eq!(found(&csv), ("customer_id".into(), vec![]));
}

#[test]
fn names_of_people_give_way_to_addresses() {
    let csv = table("Customer,Customer Email,amount", 10, |row| format!("Ann B,a{row}@b.example,9"));
    assert_eq!(found(&csv), ("Customer Email".into(), vec!["customer_by_address".into()]));
    let csv = table("Customer,Email,amount", 10, |row| format!("{},a{row}@b.example,9", ["Ann Lee", "Bob"][row % 2]));
    assert_eq!(found(&csv), ("Email".into(), vec!["customer_by_address".into()]));
    let csv = table("Customer,Email,amount", 10, |row| format!("{},a{row}@b.example,9", ["ALFKI", "BONAP"][row % 2]));
    assert_eq!(found(&csv), ("Customer".into(), vec![]));
    let csv = table("Customer,amount", 10, |row| format!("Ann B{},9", ["x", "y"][row % 2]));
    assert_eq!(found(&csv), ("Customer".into(), vec!["customer_by_name".into()]));
    let csv = table("Customer,Customer Email,amount", 10, |row| format!("K{row},a{row}@b.example,9"));
    assert_eq!(found(&csv), ("Customer".into(), vec![]));
}

#[test]
fn rows_without_an_id_are_said_where_they_have_an_address() {
    let csv = table("customer_id,email,amount", 20, |row| {
        format!("{},a{}@b.example,9", if row < 8 { "" } else { "7" }, row % 5)
    });
    assert_eq!(found(&csv), ("customer_id".into(), vec!["customer_gaps".into()]));
    let csv =
        table("customer_id,email,amount", 20, |row| format!("{},a@b.example,9", if row < 12 { "8" } else { "7" }));
    assert_eq!(found(&csv), ("customer_id".into(), vec![]));
    let csv = table("customer_id,amount", 20, |row| format!("{},9", if row < 8 { "" } else { "7" }));
    assert_eq!(found(&csv), ("customer_id".into(), vec![]));
}

#[test]
fn ids_that_stand_for_nobody_are_asked_about() {
    for nobody in ["0", "-1", "guest", "n/a", "unknown", "00000000-0000-0000-0000-000000000000", "999999"] {
        let csv = table("customer_id,amount,email", 60, |row| {
            let id = if row % 3 == 0 { nobody.to_string() } else { format!("{}", 100 + row % 17) };
            format!("{id},2.50,a{row}@b.example")
        });
        let question = decided_with(&csv, "customer_id", AMOUNT).expect_err(nobody);
        let settings: Vec<_> = question.readings.iter().map(|reading| reading.setting.as_str()).collect();
        let answers =
            ["orders.customer = \"email\"", "orders.placeholders = \"refuse\"", "orders.placeholders = \"keep\""];
        assert_eq!(settings, answers, "{nobody}");
        assert_eq!(question.readings[1].total, Some(Money(1_000_000)), "{nobody}");
    }
}

#[test]
fn answers_of_that_question_are_obeyed() {
    let csv = table("customer_id,amount", 40, |row| {
        format!("{},9", if row % 2 == 0 { "Guest".into() } else { format!("k{row}") })
    });
    let with = |placeholders| decided_with(&csv, "customer_id", CustomerStated { placeholders, ..AMOUNT });
    let (choice, notes) = with(Placeholders::Refuse).expect("no question");
    assert_eq!((choice.ids.refuse, notes.len()), (vec!["Guest".to_string()], 0));
    let (choice, notes) = with(Placeholders::Keep).expect("no question");
    assert!(choice.ids.changes_nothing());
    assert_eq!(
        (notes[0].code.as_str(), notes[0].rows, notes[0].money),
        ("placeholder_ids", Some(20), Some(Money(1_800_000)))
    );
    assert_eq!(with(Placeholders::Ask).expect_err("a question").readings.len(), 2);
}

#[test]
fn an_id_with_many_addresses_is_nobodys_and_a_wholesaler_is_somebody() {
    let shop = |addresses: usize| {
        table("customer_id,amount,email", 300, move |row| match row % 3 {
            0 => format!("17,9,a{}@b.example", row % addresses),
            _ => format!("{},9,c{row}@b.example", 1_000 + row),
        })
    };
    assert!(decided_with(&shop(290), "customer_id", AMOUNT).is_err());
    assert_eq!(decided(&shop(1), "customer_id"), (IdRule::default(), vec![]));
    let alone = table("customer_id,amount", 300, |row| format!("{},9", if row % 2 == 0 { 17 } else { 1_000 + row }));
    assert_eq!(decided(&alone, "customer_id"), (IdRule::default(), vec![]));
}

#[test]
fn a_number_is_nobodys_where_no_other_id_is_one() {
    let csv = |nobody: &str| {
        let nobody = nobody.to_string();
        table("customer_id,amount", 40, move |row| match row % 8 {
            0 => format!("{nobody},9"),
            1 => "guest,9".into(),
            _ => format!("C{},9", row % 8),
        })
    };
    let refusing = CustomerStated { placeholders: Placeholders::Refuse, ..AMOUNT };
    for nobody in ["0", "-1", "99999"] {
        let (choice, _) = decided_with(&csv(nobody), "customer_id", refusing).expect("no question");
        assert_eq!(choice.ids.refuse, [nobody.to_string(), "guest".into()], "{nobody}");
        assert!(decided_with(&csv(nobody), "customer_id", AMOUNT).is_err(), "{nobody}");
    }
    let numbers = table("customer_id,amount", 40, |row| format!("{},9", row as i64 % 8 - 1));
    assert!(decided_with(&numbers, "customer_id", AMOUNT).is_err(), "-1 is nobody's");
    let negative = table("customer_id,amount", 40, |row| format!("{},9", row as i64 % 8 - 4));
    assert_eq!(decided(&negative, "customer_id"), (IdRule::default(), vec![]));
}

#[test]
fn ids_that_only_look_alike_stay() {
    let counted = table("customer_id,amount", 60, |row| format!("{},9", row % 10));
    assert_eq!(decided(&counted, "customer_id"), (IdRule::default(), vec![]));
    let names = table("customer_id,amount", 60, |row| format!("{},9", ["guesthouse", "testa", "nonesuch"][row % 3]));
    assert_eq!(decided(&names, "customer_id"), (IdRule::default(), vec![]));
    let hexadecimal = table("customer_id,amount", 60, |row| format!("4E1{row},9"));
    assert_eq!(decided(&hexadecimal, "customer_id"), (IdRule::default(), vec![]));
}

#[test]
fn a_rare_placeholder_is_a_warning() {
    let csv = table("customer_id,amount", 3_000, |row| {
        format!("{},9", if row == 5 { "test".into() } else { format!("k{}", row % 900) })
    });
    let (choice, notes) = decided_with(&csv, "customer_id", AMOUNT).expect("no question");
    assert!(choice.ids.changes_nothing());
    assert_eq!((notes[0].code.as_str(), notes[0].rows), ("placeholder_ids", Some(1)));
}

#[test]
fn addresses_are_folded_and_other_ids_are_not() {
    let fold = IdRule { fold: true, refuse: vec![] };
    let csv = "email,amount\na@b.example,9\nA@B.example,9\nc@b.example,9\n";
    assert_eq!(decided(csv, "email"), (fold.clone(), vec!["ids_folded".into()]));
    assert_eq!(decided("email,amount\na@b.example,9\nc@b.example,9\n", "email"), (fold.clone(), vec![]));
    let csv = "customer_id,amount\nk1,9\nK1,9\nk2,9\n";
    assert_eq!(decided(csv, "customer_id"), (IdRule::default(), vec!["ids_differ_in_case".into()]));
    assert_eq!(decided("customer_id,amount\nk1,9\nK2,9\nk3,9\n", "customer_id"), (IdRule::default(), vec![]));
    let with = |fold_ids| decided_with(csv, "customer_id", CustomerStated { fold_ids, ..AMOUNT }).expect("no question");
    assert_eq!(with(FoldIds::Always).0.ids, fold);
    assert_eq!((with(FoldIds::Never).0.ids, with(FoldIds::Never).1.len()), (IdRule::default(), 0));
}

#[test]
fn digits_that_are_lost_are_said_loudly() {
    let csv = table("customer_id,amount", 20, |row| format!("4.9{}E+11,9", row % 3));
    assert_eq!(decided(&csv, "customer_id").1, ["ids_lost_digits"]);
    let csv = table("customer_id,amount", 20, |row| format!("49312345678{row},9"));
    assert!(decided(&csv, "customer_id").1.is_empty());
}

#[test]
fn a_table_of_customers_is_no_table_of_orders() {
    let is_one = |csv: &str, order: Option<&str>| {
        let stated = CustomerStated { order, ..AMOUNT };
        look(csv, |look| one_row_a_customer("f.csv", look, "customer_id", stated)).map(|error| error.to_string())
    };
    let customers = table("customer_id,Total Orders,Total Spent,date", 10, |row| format!("{row},3,27.50,2024-01-01"));
    let said = is_one(&customers, None).expect("an error");
    assert!(said.contains("'Total Orders', 'Total Spent'"), "{said}");
    assert_eq!(is_one(&customers, Some("order_id")), None);
    for csv in [
        table("customer_id,total_spent,amount,date", 10, |row| format!("{row},3,27.50,2024-01-01")),
        table("customer_id,orders_count,total_spent,date", 10, |row| format!("{},3,27.50,2024-01-01", row % 4)),
        table("customer_id,amount,date", 10, |row| format!("{row},27.50,2024-01-01")),
    ] {
        assert_eq!(is_one(&csv, None), None, "{csv}");
    }
}
