//! Ids that are joined from several columns.

use arrow::array::ArrayRef;

use clivia_arrow::expression::Expression;

use crate::blocks::Block;
use crate::cells::Cells;
use crate::error::TableError;

/// Ids that are joined from several columns, such as `store || '-' || number`.
#[derive(Debug, Clone)]
pub struct Joined {
    text: String,
    expression: Expression,
    columns: Vec<String>,
}

impl Joined {
    /// The ids that a setting says, where it is an expression over columns and no column.
    ///
    /// # Errors
    /// [`TableError::Setting`] where the expression is wrong or a column of it is not there.
    pub fn of(header: &[String], setting: &str) -> Result<Option<Self>, TableError> {
        if header.iter().any(|name| name == setting) || !setting.contains(['|', '(', '\'', '+']) {
            return Ok(None);
        }
        let expression = Expression::parse(setting).map_err(|error| wrong(setting, error.to_string()))?;
        let own = |name: &String| {
            let exact = header.iter().find(|held| *held == name);
            let found = exact.or_else(|| header.iter().find(|held| held.eq_ignore_ascii_case(name)));
            found.cloned().ok_or_else(|| wrong(setting, format!("there is no column '{name}'")))
        };
        let columns = expression.columns().iter().map(own).collect::<Result<Vec<_>, _>>()?;
        if columns.is_empty() {
            return Err(wrong(setting, "it names no column of the file".into()));
        }
        Ok(Some(Joined { text: setting.into(), expression, columns }))
    }

    /// How it is written, which is the name of the column that it makes.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it is made of.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The ids of a block.
    ///
    /// # Errors
    /// [`TableError::Setting`] where they cannot be worked out of such columns.
    pub fn cells(&self, block: &Block) -> Result<Cells, TableError> {
        let columns = self.columns.iter().map(|name| block.column(name)).collect::<Result<Vec<ArrayRef>, _>>()?;
        let types: Vec<_> = columns.iter().map(|column| column.data_type().clone()).collect();
        let types: Vec<_> = self.columns.iter().cloned().zip(types).collect();
        let failed = |cause: String| wrong(&self.text, cause);
        let bound = self.expression.bind(&types).map_err(|error| failed(error.to_string()))?;
        let computed = bound.evaluate(&columns, &|cell| cell.trim().parse().ok());
        let computed = computed.map_err(|error| failed(error.to_string()))?;
        Cells::new(&computed.values).map_err(|error| failed(error.to_string()))
    }
}

fn wrong(setting: &str, cause: String) -> TableError {
    let hint = if setting.contains('+') { "; texts are joined by ||, such as store || '-' || number" } else { "" };
    TableError::Setting { setting: "orders.customer", cause: format!("{setting}: {cause}{hint}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::look::tests::{block, header};

    #[test]
    fn ids_are_joined_from_columns() -> Result<(), TableError> {
        let csv = "Store,no,date\nA,1,2024-01-01\nA,2,2024-01-01\nB,1,2024-01-02\n";
        let joined = Joined::of(&header(csv), "store || '-' || no")?.expect("an expression");
        assert_eq!(
            (joined.columns(), joined.text()),
            (["Store".to_string(), "no".into()].as_slice(), "store || '-' || no")
        );
        let cells = joined.cells(&block(csv))?;
        let ids: Vec<_> = (0..3).filter_map(|row| cells.name(row).map(|id| id.into_owned())).collect();
        assert_eq!(ids, ["A-1", "A-2", "B-1"]);
        Ok(())
    }

    #[test]
    fn a_column_is_no_expression() -> Result<(), TableError> {
        let held = ["customer id".to_string(), "Email (Billing)".into(), "no".into()];
        assert!(Joined::of(&held, "customer id")?.is_none());
        assert!(Joined::of(&held, "Email (Billing)")?.is_none());
        assert!(Joined::of(&held, "no")?.is_none());
        let said = Joined::of(&held, "store || no").expect_err("no such column").to_string();
        assert!(said.starts_with("orders.customer: store || no: there is no column 'store'"), "{said}");
        Ok(())
    }

    #[test]
    fn texts_that_are_added_are_refused_with_the_sign_that_joins() {
        let csv = "store,no\nA,1\n";
        let joined = Joined::of(&header(csv), "store + '-' + no");
        let said = joined.and_then(|joined| joined.expect("an expression").cells(&block(csv)).map(|_| ()));
        assert!(said.expect_err("no numbers").to_string().contains("||"));
    }
}
