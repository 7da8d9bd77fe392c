//! The result of a row does not depend on the rows beside it.

use proptest::prelude::*;

use super::*;

const EXPRESSIONS: &[&str] = &[
    "x * n",
    "t + x",
    "x / n",
    "CASE WHEN b THEN t * 2 ELSE n END",
    "b AND t > 1 OR n IN (1, 2, NULL)",
    "COALESCE(x, t, 0)",
    "GREATEST(x, n, t)",
    "LPAD(t, n, 'ab') || UPPER(t)",
    "NULLIF(t, '1')",
    "t LIKE '1%' AND NOT b",
    "CASE t WHEN '1' THEN 'one' WHEN '2' THEN 'two' END",
    "REPLACE(t, '1', '22') BETWEEN 1 AND 100",
    "YEAR(DATE '2024-01-01') + n",
    "'constant'",
    "1 + 1",
    "NULL",
    "d - '2024-01-01'",
    "MONTH(d) = n",
    "n = 2 OR SUBSTR(t, n, 1) = 'a'",
];

type Row = (Option<f64>, Option<i64>, Option<String>, Option<bool>, Option<i32>);

fn row() -> impl Strategy<Value = Row> {
    let text = prop::sample::select(vec!["1", "2", "12.5", "", " ", "abc", "1a"]).prop_map(str::to_owned);
    (
        prop::option::of(-5.0..5.0),
        prop::option::of(-3_i64..4),
        prop::option::of(text),
        prop::option::of(any::<bool>()),
        prop::option::of(19_000..20_000),
    )
}

fn columns(rows: &[Row]) -> Vec<ArrayRef> {
    vec![
        Arc::new(rows.iter().map(|row| row.0).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.2.clone()).collect::<StringArray>()),
        Arc::new(rows.iter().map(|row| row.3).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(|row| row.4).collect::<Date32Array>()),
    ]
}

fn bound(text: &str) -> Bound {
    let fields = ["x", "n", "t", "b", "d"].iter().zip(columns(&[]));
    let fields: Vec<_> = fields.map(|(name, array)| ((*name).to_owned(), array.data_type().clone())).collect();
    Expression::parse(text).unwrap().bind(&fields).unwrap()
}

proptest! {
    #[test]
    fn rows_in_blocks_give_what_they_give_together(rows in prop::collection::vec(row(), 0..20), at in 0_usize..20) {
        let at = at.min(rows.len());
        for text in EXPRESSIONS {
            let bound = bound(text);
            let together = bound.evaluate(&columns(&rows), &read_number).unwrap();
            let first = bound.evaluate(&columns(&rows[..at]), &read_number).unwrap();
            let second = bound.evaluate(&columns(&rows[at..]), &read_number).unwrap();
            // A slice of the same arrays has an offset that kernels must heed.
            let sliced: Vec<ArrayRef> = columns(&rows).iter().map(|array| array.slice(at, rows.len() - at)).collect();
            let sliced = bound.evaluate(&sliced, &read_number).unwrap();
            prop_assert_eq!(together.values.len(), rows.len());
            prop_assert_eq!(shown(&together.values), [shown(&first.values), shown(&second.values)].concat(), "{}", text);
            prop_assert_eq!(shown(&sliced.values), shown(&second.values), "{}", text);
            prop_assert_eq!(&sliced.unreadable, &second.unreadable);
            let shifted = second.unreadable.into_iter().map(|cell| Unreadable { row: cell.row + at, ..cell });
            prop_assert_eq!(together.unreadable, first.unreadable.into_iter().chain(shifted).collect::<Vec<_>>());
        }
    }
}
