//! Currencies as they stand beside amounts: codes of ISO 4217, signs and short names.

use std::fmt;

/// A currency by its code, or by its sign where several currencies share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Currency(&'static str);

impl Currency {
    /// The code, such as `EUR`; `$`, `kr` and the like where the sign does not tell it.
    pub(crate) fn name(self) -> &'static str {
        self.0
    }

    /// The currency that goes by this name, in whatever case.
    pub(crate) fn find(name: &str) -> Option<Currency> {
        if let Some(code) = code(name) {
            return Some(Currency(code));
        }
        let by_sign = |name: &str| SIGNS.iter().find(|(signs, _)| signs.contains(&name));
        let (signs, codes) = by_sign(name).or_else(|| by_sign(&name.to_lowercase()))?;
        Some(Currency(match codes {
            [code] => code,
            _ => signs.first()?,
        }))
    }

    /// Whether a name ends with a point of its own where it stands before an amount.
    pub(super) fn is_abbreviated(name: &str) -> bool {
        ["kr.", "rs.", "fr.", "sfr.", "rp.", "s/."].contains(&name.to_lowercase().as_str())
    }

    /// The one currency that both names may mean.
    pub(crate) fn with(self, other: Currency) -> Option<Currency> {
        match () {
            () if self == other || other.may_be(self) => Some(self),
            () if self.may_be(other) => Some(other),
            () => None,
        }
    }

    /// Whether a sign that several currencies share may stand for this one.
    fn may_be(self, code: Currency) -> bool {
        SIGNS.iter().any(|(signs, codes)| codes.len() > 1 && signs.first() == Some(&self.0) && codes.contains(&code.0))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The code that is written here, in whatever case.
fn code(name: &str) -> Option<&'static str> {
    let letters: [u8; 3] = name.as_bytes().try_into().ok().filter(|_| name.is_ascii())?;
    let upper = letters.map(|letter| letter.to_ascii_uppercase());
    CODES.binary_search_by(|code| code.as_bytes().cmp(&upper[..])).ok().map(|at| CODES[at])
}

/// Signs and short names, and the codes that they may stand for. The first name is the one that is shown; one that is
/// meant in any case stands in lower case, too, which leaves out what would be a unit, as in 5 km. What is frequent stands
/// first.
const SIGNS: &[(&[&str], &[&str])] = &[
    (&["€", "euro", "euros", "eur."], &["EUR"]),
    (
        &["$"],
        &[
            "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "ARS", "CLP", "COP", "UYU", "BBD", "BMD", "BND",
            "BSD", "BZD", "DOP", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "XCD",
        ],
    ),
    (&["£", "£stg"], &["GBP"]),
    (&["zł", "zl", "zł.", "zl."], &["PLN"]),
    (&["kr", "kr."], &["SEK", "NOK", "DKK", "ISK"]),
    (&["Kč", "kč", "kc", "kč.", "kc."], &["CZK"]),
    (&["Ft", "ft", "ft."], &["HUF"]),
    (&["lei", "leu"], &["RON", "MDL"]),
    (&["лв", "лв.", "lv", "lv."], &["BGN"]),
    (&["₹"], &["INR"]),
    (&["Rs", "rs", "rs.", "₨"], &["INR", "PKR", "LKR", "NPR", "MUR", "SCR"]),
    (&["¥", "￥"], &["JPY", "CNY"]),
    (&["₽"], &["RUB"]),
    (&["руб", "руб.", "р.", "rub."], &["RUB", "BYN"]),
    (&["R$", "r$"], &["BRL"]),
    (&["US$", "us$", "$us", "u$s", "usd$"], &["USD"]),
    (&["A$", "a$", "au$", "aud$"], &["AUD"]),
    (&["C$", "c$", "ca$", "cad$"], &["CAD"]),
    (&["HK$", "hk$"], &["HKD"]),
    (&["NZ$", "nz$"], &["NZD"]),
    (&["S$", "s$", "sg$"], &["SGD"]),
    (&["NT$", "nt$"], &["TWD"]),
    (&["MX$", "mx$", "mex$"], &["MXN"]),
    (&["AR$", "ar$"], &["ARS"]),
    (&["CLP$", "clp$"], &["CLP"]),
    (&["COL$", "col$", "cop$"], &["COP"]),
    (&["RD$", "rd$"], &["DOP"]),
    (&["J$", "j$"], &["JMD"]),
    (&["TT$", "tt$"], &["TTD"]),
    (&["Fr", "fr", "fr.", "₣"], &["CHF", "XAF", "XOF", "XPF", "FRF", "BEF"]),
    (&["SFr", "sfr", "sfr."], &["CHF"]),
    (&["₺", "tl"], &["TRY"]),
    (&["₴", "грн", "грн."], &["UAH"]),
    (&["₪"], &["ILS"]),
    (&["₩"], &["KRW", "KPW"]),
    (&["CN¥", "cn¥", "rmb", "元"], &["CNY"]),
    (&["JP¥", "jp¥", "円"], &["JPY"]),
    (&["฿"], &["THB"]),
    (&["₫", "đ"], &["VND"]),
    (&["₱"], &["PHP"]),
    (&["Rp", "rp", "rp."], &["IDR"]),
    (&["RM"], &["MYR"]),
    (&["R"], &["ZAR"]),
    (&["S/", "s/", "s/."], &["PEN"]),
    (&["₦"], &["NGN"]),
    (&["GH₵", "gh₵", "₵"], &["GHS"]),
    (&["KSh", "ksh", "kshs"], &["KES"]),
    (&["₸"], &["KZT"]),
    (&["₼"], &["AZN"]),
    (&["₾"], &["GEL"]),
    (&["֏"], &["AMD"]),
    (&["₡"], &["CRC"]),
    (&["₲"], &["PYG"]),
    (&["₮"], &["MNT"]),
    (&["₭"], &["LAK"]),
    (&["៛"], &["KHR"]),
    (&["৳"], &["BDT"]),
    (&["DH", "dhs"], &["AED", "MAD"]),
    (&["SR"], &["SAR", "SCR"]),
    (&["kn", "kn."], &["HRK"]),
    (&["KM"], &["BAM"]),
    (&["din", "din.", "дин", "дин."], &["RSD"]),
    (&["ден", "ден."], &["MKD"]),
    (&["DM"], &["DEM"]),
    (&["Skr", "skr"], &["SEK"]),
    (&["NKr", "nkr"], &["NOK"]),
    (&["DKr", "dkr"], &["DKK"]),
];

/// Codes of ISO 4217, with some that are found in older files.
const CODES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "ATS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BEF", "BGN",
    "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BYR", "BZD", "CAD", "CDF", "CHF", "CLF",
    "CLP", "CNH", "CNY", "COP", "CRC", "CUC", "CUP", "CVE", "CZK", "DEM", "DJF", "DKK", "DOP", "DZD", "EEK", "EGP",
    "ERN", "ESP", "ETB", "EUR", "FIM", "FJD", "FKP", "FRF", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GRD", "GTQ",
    "GYD", "HKD", "HNL", "HRK", "HTG", "HUF", "IDR", "IEP", "ILS", "INR", "IQD", "IRR", "ISK", "ITL", "JMD", "JOD",
    "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LTL",
    "LVL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRO", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR",
    "MZN", "NAD", "NGN", "NIO", "NLG", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PTE",
    "PYG", "QAR", "RON", "RSD", "RUB", "RUR", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SIT", "SKK",
    "SLE", "SLL", "SOS", "SRD", "SSP", "STD", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRL",
    "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VEF", "VES", "VND", "VUV", "WST", "XAF", "XCD",
    "XOF", "XPF", "YER", "ZAR", "ZMK", "ZMW", "ZWL",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::numbers::currencies::*;

    #[test]
    fn codes_are_in_order_and_signs_stand_for_codes() {
        assert!(CODES.is_sorted_by(|a, b| a < b));
        let unknown: Vec<_> = SIGNS.iter().flat_map(|(_, codes)| *codes).filter(|of| code(of).is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn a_name_stands_for_one_currency_or_one_sign() {
        let mut names = BTreeSet::new();
        for (signs, codes) in SIGNS {
            for name in *signs {
                assert!(names.insert(name), "{name} twice");
                assert!(code(name).is_none(), "{name} is a code");
                let expected = if let [code] = codes { code } else { signs[0] };
                assert_eq!(Currency::find(name).map(Currency::name), Some(expected), "{name}");
                assert_eq!(Currency::find(&name.to_uppercase()).map(Currency::name), Some(expected), "{name}");
            }
        }
    }

    #[test]
    fn a_shared_sign_goes_with_the_codes_that_it_may_stand_for() {
        let both = |a: &str, b: &str| Currency::find(a)?.with(Currency::find(b)?).map(Currency::name);
        assert_eq!(both("$", "USD"), Some("USD"));
        assert_eq!(both("CAD", "$"), Some("CAD"));
        assert_eq!(both("kr", "NOK"), Some("NOK"));
        assert_eq!(both("€", "eur"), Some("EUR"));
        assert_eq!(both("$", "$"), Some("$"));
        assert_eq!(both("$", "EUR"), None);
        assert_eq!(both("€", "£"), None);
        assert_eq!(both("kr", "$"), None);
    }
}
