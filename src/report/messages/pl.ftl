# The words of the report. Every language has the same keys; numbers come in by name and are shown in the reader's locale.

title = Klienci: wartość, kontakt, co zmienić
subtitle = Stan na { $date }
skip = Przejdź do treści
contents = Spis treści
table = Liczby w tabeli
keys = Wykresy reagują na mysz, a gdy są wybrane, także na klawisze strzałek; pod każdym są jego liczby w tabeli.
no-script = Wykresy wymagają skryptów, a te są wyłączone. Wszystkie liczby są w tabelach.
licences = Licencje tego, co jest na tej stronie
charts-by = Wykresy: Apache ECharts 6.1.0, Apache License 2.0.
made-by = Utworzono programem clivia { $version } z plików run.json i figures.json tego przebiegu.
choose-cell = Klienci z pola
all-cells = wszystkie pola
none-listed = Na liście nie ma nikogo z tego pola.
languages-note = Nazwy segmentów, klastrów i kanałów, ostrzeżenia i ustawienia są takie, jak je zapisał przebieg, część w języku: { $words }.
alt = { $title }. Liczby są w tabeli poniżej.
merged = Wszyscy pozostali razem
days = { $days ->
    [one] { $days } dzień
    [few] { $days } dni
    [many] { $days } dni
   *[other] { $days } dnia
}

span-days = { $count ->
    [one] { $count } dnia
   *[other] { $count } dni
}
span-weeks = { $count ->
    [one] { $count } tygodnia
   *[other] { $count } tygodni
}
span-months = { $count ->
    [one] { $count } miesiąca
   *[other] { $count } miesięcy
}
span-years = { $count ->
    [one] { $count } roku
   *[other] { $count } lat
}

section-headline = W skrócie
section-map = Mapa: kontakt a wartość
section-profit = Zysk i wartość
section-rfm = Świeżość, częstość, pieniądze
section-clusters = Klastry
section-value = Co przyniesie przyszłość
section-timing = Kontakty i zakupy w czasie
section-data = Dane

unit-days = dni
unit-weeks = tygodnie
unit-months = miesiące
unit-quarters = kwartały
unit-years = lata
unit-one-days = dzień
unit-one-weeks = tydzień
unit-one-months = miesiąc
unit-one-quarters = kwartał
unit-one-years = rok

# In short

head-customers = Do { $date } kupowało { $customers ->
    [one] { $customers } klient.
    [few] { $customers } klientów.
    [many] { $customers } klientów.
   *[other] { $customers } klienta.
}
head-purchases = W ciągu { $horizon } oczekuje się od nich { $purchases ->
    [one] { $purchases } zakupu.
   *[other] { $purchases } zakupów.
}
head-value-between = Jest to warte { $value }, a z prawdopodobieństwem { $level } od { $low } do { $high }.
head-value-alone = To, czego można od nich oczekiwać, jest warte { $value }.
head-no-model = Dane nie pozwalają na model zakupów, więc o przyszłości nic się tu nie mówi.
head-decile = Na najcenniejszą dziesiątą część klientów przypada { $share } przyszłej wartości.
head-profit = { $share } klientów jest rentownych i przynosi { $peak } końcowego zysku; pozostali tracą z tego { $lost }.
head-profit-none-lost = { $share } klientów jest rentownych i nikt nie przynosi straty.
head-stake = { $under ->
    [one] { $under } klient ma gorszy kontakt, niż jest wart; zagrożona wartość: { $stake }.
    [few] { $under } klientów ma gorszy kontakt, niż są warci; zagrożona wartość: { $stake }.
    [many] { $under } klientów ma gorszy kontakt, niż są warci; zagrożona wartość: { $stake }.
   *[other] { $under } klienta ma gorszy kontakt, niż jest wart; zagrożona wartość: { $stake }.
} { $over ->
    [one] { $over } ma lepszy kontakt, niż jest wart;
   *[other] { $over } ma lepszy kontakt, niż są warci;
} można by tu zaoszczędzić { $saving } w ciągu { $days ->
    [one] { $days } dnia.
   *[other] { $days } dni.
}
idea-between = { $verdict } (korelacja rang { $correlation }, przedział 95 % od { $low } do { $high }; 1 to zawsze, 0 to brak związku).
idea-alone = { $verdict } (korelacja rang { $correlation }).
idea-unknown = Nie da się powiedzieć, czy kontakt idzie za wartością: klienci się nie różnią albo jest ich za mało.
idea-not-kept = Kontakt nie idzie za wartością
idea-untold = Nie da się powiedzieć, czy kontakt idzie za wartością: klientów jest za mało
idea-upside-down = Kontakt idzie na przekór wartości: im więcej klient jest wart, tym gorszy kontakt
idea-against = Kontakt nie idzie za wartością: kto jest więcej wart, ma nieco gorszy kontakt
idea-hardly-kept = Kontakt słabo idzie za wartością
idea-kept-in-part = Kontakt częściowo idzie za wartością, z wieloma wyjątkami
idea-kept = Kontakt ściśle idzie za wartością

# The map

map-empty = Nie ma dziennika kontaktów, więc nie ma mapy: można go podać przez --contacts.
map-said = Zaniedbani: { $under }, obsługiwani stosownie: { $aligned }, nadmiernie: { $over }, przy tolerancji { $tolerance } punktów; bez żadnego kontaktu: { $without }.
map-clv-share = { $share } wartości klientów (CLV) przypada na zaniedbanych.
map-cost-share = { $share } kosztów kontaktu idzie na obsługiwanych nadmiernie.
map-title = Jakość kontaktu a atrakcyjność
map-reading = Wyżej znaczy więcej wart, w prawo znaczy lepszy kontakt; miejsce to pozycja w całej bazie. Na przekątnej kontakt odpowiada wartości, między liniami przerywanymi jest stosowny. Powyżej (trójkąty) firma zaniedbuje klientów, poniżej (romby) wydaje na nich za dużo.
map-density = W ciemniejszych polach jest więcej klientów; punkty to niektórzy z nich.
map-choosing = Wybór pola pokazuje jego klientów na liście.
axis-contact = Jakość kontaktu (0–100)
axis-attractiveness = Atrakcyjność (0–100)
cell-worth = { $customers ->
    [one] { $customers } klient
    [few] { $customers } klientów
    [many] { $customers } klientów
   *[other] { $customers } klienta
}
    { $value }
cell-customers = { $customers ->
    [one] { $customers } klient
    [few] { $customers } klientów
    [many] { $customers } klientów
   *[other] { $customers } klienta
}
cell-name = wartość { $value }, jakość kontaktu { $contact }
level-low = niska
level-medium = średnia
level-high = wysoka
listed-title = Najbardziej zaniedbani
listed-said = Najpierw ci, przy których pierwsza poprawka jest warta najwięcej; wszystkie poprawki są w tabeli corrections tego przebiegu.
listed-none = Nikt nie jest zaniedbany.

why-never = bez żadnego kontaktu
why-silence = bez kontaktu od { $days ->
    [one] { $days } dnia
   *[other] { $days } dni
}
why-silence-own = bez kontaktu od { $days ->
    [one] { $days } dnia
   *[other] { $days } dni
} przy własnym rytmie co { $rhythm ->
    [one] { $rhythm } dzień
   *[other] { $rhythm } dni
}
why-silence-usual = bez kontaktu od { $days ->
    [one] { $days } dnia
   *[other] { $days } dni
} przy zwykłym rytmie co { $rhythm ->
    [one] { $rhythm } dzień
   *[other] { $rhythm } dni
}
why-few = kontakty: { $contacts } w ciągu { $days ->
    [one] { $days } dnia
   *[other] { $days } dni
}, ostatni { $last ->
    [one] { $last } dzień
   *[other] { $last } dni
} temu
why-reach = { $channel }: skuteczne { $reached } z { $tried } kontaktów; tą drogą skutecznych jest { $rate }
why-reach-unknown = nie jest znany wynik żadnego kontaktu; tą drogą skutecznych jest { $rate }
why-dialogue = dwustronne { $both } z { $contacts } kontaktów; tą drogą odpowiedź dostaje { $rate }
why-richness = średnia waga kontaktu { $mean }; ta droga waży { $weight }
why-satisfaction = ocena { $rating }, a zwykle tą drogą { $usual }
why-slow = odpowiedź średnio po { $hours } godz., a zwykle po { $usual }
why-no-channel = żaden kanał nie jest otwarty; odmówione: { $refused }, wyczerpane: { $full }
why-no-gain = żaden pojedynczy kontakt nie podniósłby jakości
step-none = na razie nic
step-answer = odpowiadać szybciej
step-visit = odwiedzić
step-meeting = spotkać się
step-call = zadzwonić
step-video = zadzwonić z wideo
step-chat = napisać na czacie
step-letter = wysłać list
step-email = wysłać e-mail
step-sms = wysłać SMS
step-other = skontaktować się kanałem { $channel }

# Profit and value

profit-empty = Nie ma kwot, więc nie ma zysku.
profit-is-revenue = Koszty nie są znane, więc zyskiem jest tu przychód; --margin mówi, jaka jego część to zysk.
profit-said = { $share } klientów jest rentownych. Do nich krzywa rośnie do { $peak }; kończy się na { $profit }.
whale-title = Krzywa wieloryba
whale-reading = Klienci od najbardziej do najmniej rentownych, od lewej do prawej; krzywa to ich łączny zysk. Gdzie opada, klienci kosztują więcej, niż przynoszą.
mark-peak = rentowni
axis-customer-share = Udział klientów, najpierw najbardziej rentowni
axis-profit = Zysk narastająco
deciles-title = Wartość według dziesiątych części klientów
deciles-reading = Każdy słupek to dziesiąta część klientów, najpierw najcenniejsi. Im stromiej opada, tym więcej zależy od nielicznych.
axis-decile = Dziesiąta część klientów, najpierw najcenniejsi

# Recency, frequency, money

scores-title = Świeżość i częstość
scores-reading = W każdym polu są klienci o jednej ocenie świeżości (wyżej znaczy niedawno) i jednej ocenie częstości (w prawo znaczy częściej). Liczba mówi, ilu ich jest; im ciemniej, tym więcej wydali.
axis-frequency-score = Ocena częstości
axis-recency-score = Ocena świeżości
segments-title = Segmenty
segments-reading = Segmenty, które wynikają z ocen. Wąsy przy wartości klientów to jej przedział.

# Clusters

clusters-empty = Klienci nie dzielą się na klastry.
clusters-said = { $clusters ->
    [one] { $clusters } grupa
    [few] { $clusters } grupy
    [many] { $clusters } grup
   *[other] { $clusters } grupy
} podobnych klientów, znalezione w danych, a nie wyznaczone regułami.
profile-title = Co wyróżnia każdy klaster
profile-reading = Każdy wiersz to klaster. Liczba to jego typowa wartość; kolor mówi, jak daleko jej do przeciętnego klienta: fiolet powyżej, pomarańcz poniżej.
sizes-title = Wielkość klastrów
sizes-reading = Ilu klientów ma każdy klaster, ile wydali i czego można od nich oczekiwać.
silhouette-title = Jak dobrze klastry się rozdzielają
silhouette-reading = Współczynnik silhouette według liczby klastrów, z błędem próby jako wąsami: im wyżej, tym lepiej się rozdzielają.
axis-k = Liczba klastrów
feature-purchase-days = Dni zakupów
feature-days-since-last = Dni od ostatniego zakupu
feature-revenue-per-purchase-day = Przychód na dzień zakupów

# What is to come

value-empty = Nie ma modelu zakupów, więc o przyszłości nic się tu nie mówi.
value-said = Oczekiwania modelu { $model } w ciągu { $horizon } od daty stanu.
holdout-said = Aby zobaczyć, jak dalece można ufać modelowi { $model }, dopasowano go tylko do czasu do { $end } i porównano z tym, co zrobili potem do { $last } klienci w liczbie { $customers }: oczekiwane zakupy { $expected }, faktyczne { $actual }.
holdout-empty = Nie ma tu okresu kontrolnego, który pokazałby, jak dalece można ufać modelowi: tworzy go clivia validate.
clv-title = Klienci według wartości (CLV)
clv-reading = Ilu klientów ma wartość w każdym przedziale. Przedziały rosną, aby nieliczne duże nie zasłoniły wielu małych.
alive-title = Klienci według szansy, że zostaną
alive-reading = Ilu klientów z jakim prawdopodobieństwem nadal jest klientami. Ci z lewej najpewniej odeszli na dobre.
axis-alive = Prawdopodobieństwo, że nadal jest klientem
matrix-purchases-title = Oczekiwane zakupy według częstości i świeżości
matrix-purchases-reading = Czego model oczekuje od klienta tak dawnego jak najdawniejszy: jak często wracał (w górę) i jak późno ostatnio kupił (w prawo). Na dole z prawej są ci, którzy kupują rzadko i nadal są, na górze z lewej ci, którzy kupowali często i przestali.
matrix-alive-title = Szansa pozostania według częstości i świeżości
matrix-alive-reading = Prawdopodobieństwo, że nadal jest klientem; czyta się jak poprzedni wykres. Kto kupował często i przestał, najpewniej odszedł.
axis-last-purchase-age = Wiek przy ostatnim zakupie ({ $unit })
tracking-cumulative-title = Ponowne zakupy narastająco: faktyczne i oczekiwane
tracking-cumulative-reading = Wszystkie ponowne zakupy do każdej daty. Za linią kropkowaną model niczego nie widział: im bliżej tam krzywe, tym lepiej przewiduje.
tracking-periods-title = Ponowne zakupy w okresach: faktyczne i oczekiwane
tracking-periods-reading = To samo dla każdego okresu z osobna. Taki model nie zna sezonów, więc szczyty zostają nad jego krzywą.
mark-holdout = niewidziane
axis-repeat-purchases = Ponowne zakupy
by-frequency-title = Zakupy w okresie kontrolnym według wcześniejszej częstości
by-frequency-reading = Ile kupił w okresie kontrolnym każdy z klientów o tylu ponownych zakupach i ile się po nim spodziewano.
repeat-counts-title = Klienci według ponownych zakupów
repeat-counts-reading = Ilu klientów ile razy wróciło do okresu kontrolnego, a ilu według modelu: czy pasuje do tego, co widział.
axis-repeats-before = Ponowne zakupy przed okresem kontrolnym
axis-purchases-each = Zakupy każdego w okresie kontrolnym
or-more = { $count } lub więcej
purchase-rate-title = Jak klienci różnią się w kupowaniu
purchase-rate-reading = Udział klientów o każdej częstości zakupów, póki są klientami, według modelu. Ostatni słupek to wszystko powyżej.
axis-purchase-rate = Zakupy na { $unit }
dropout-probability-title = Jak klienci różnią się w odchodzeniu
dropout-probability-reading = Udział klientów o każdym prawdopodobieństwie odejścia po zakupie, według modelu.
axis-dropout-probability = Prawdopodobieństwo odejścia
dropout-rate-title = Jak klienci różnią się w odchodzeniu
dropout-rate-reading = Udział klientów o każdym tempie odchodzenia, według modelu. Ostatni słupek to wszystko powyżej.
axis-dropout-rate = Tempo odchodzenia na { $unit }
purchase-probability-title = Jak klienci różnią się w kupowaniu
purchase-probability-reading = Udział klientów o każdym prawdopodobieństwie zakupu, póki są klientami, według modelu.
axis-purchase-probability = Prawdopodobieństwo zakupu na { $unit }
range-between = { $from } do { $to }
range-below = do { $to }
range-above = ponad { $from }
range-all = wszystkie

# Contacts and purchases in time

timing-empty = Nie ma dziennika kontaktów, więc o kontaktach i zakupach nic się tu nie mówi.
timing-said = Zakupy wzięte pod uwagę: { $purchases }, klienci: { $customers }; każdy między pierwszym a ostatnim zakupem klienta.
timing-caveat = To współwystępowanie, a nie skutek: sezon, promocja lub własny plan klienta może przynieść i kontakt, i zakup. Co daje kontakt, pokaże tylko wyłączenie z kampanii losowej części klientów.
timing-title = Zakupy po kontaktach
timing-reading = Ile razy częściej klienci kupują w dniach po kontakcie niż w innym czasie: 1 to brak różnicy. Wąsy to przedziały; przedział, w którym jest 1, niczego nie pokazuje. Legenda dodaje rodzaje kontaktu.
axis-lag = Dni po kontakcie
after-purchases-title = Kontakty po zakupach
kind-any = wszystkie od firmy
lag-days = { $from } do { $to } dni
claim-more-follow = potem więcej zakupów
claim-not-shown = niczego nie pokazano
claim-too-few = za mało, by powiedzieć
claim-follows-purchases = sam następuje po zakupach
claim-order-unknown = nieznana kolejność w ciągu dnia

# The data behind it

data-said = Policzono programem clivia { $version }. Te same zamówienia, ustawienia i wersja dają te same liczby.
data-returns = Wiersze zwrotów ({ $rows }) cofnęły zamówienia ({ $orders }) i zostawiły bez zakupu klientów ({ $customers }); zwroty na { $unmatched } nie znalazły zamówienia w danych.
data-no-returns = W danych nie ma zwrotów.
data-zero = Zachowano wiersze z kwotą zero: { $rows }.
data-chosen = Wybrano model { $model }, który najlepiej przewidział czas od { $from } do { $to }.
rows-title = Wiersze użyte i odrzucone
refused-title = Dlaczego wiersze odrzucono
fits-title = Dopasowania
warnings-title = Uwagi
mapping-title = Użyte kolumny
settings-title = Ustawienia
table-orders = zamówienia
table-contacts = kontakty
table-customers = klienci
verdict-converged = zbieżne
verdict-boundary = zbieżne na krańcu zakresu
verdict-not-converged = niezbieżne

rule-wrong-number-of-cells = zła liczba komórek
rule-row-too-long = za długi wiersz
rule-not-json = to nie JSON
rule-not-text = to nie tekst
rule-missing-customer = brak klienta
rule-missing-date = brak daty
rule-unreadable-date = nieczytelna data
rule-date-out-of-range = data poza zakresem
rule-after-as-of = po dacie stanu
rule-missing-amount = brak kwoty
rule-unreadable-amount = nieczytelna kwota
rule-non-finite-amount = kwota nieskończona
rule-amount-too-large = za duża kwota
rule-zero-amount = kwota zero
rule-return = zwrot
rule-duplicate = powtórzenie
rule-missing-currency = brak waluty
rule-other-currency = inna waluta
rule-not-sent = nie wysłano
rule-missing-channel = brak kanału
rule-unknown-direction = nieznany kierunek
rule-unreadable-cost = nieczytelny koszt
rule-negative-cost = ujemny koszt
rule-unreadable-satisfaction = nieczytelna ocena
rule-satisfaction-off-scale = ocena poza skalą
rule-unreadable-response-time = nieczytelny czas odpowiedzi
rule-negative-response-time = odpowiedź przed pytaniem
rule-unreadable-control = grupa kontrolna ani tak, ani nie
rule-control-without-campaign = wyłączenie bez kampanii
rule-unknown-customer = nieznany klient
rule-customer-without-purchase = klient bez zakupu
rule-missing-end = zakończona bez daty końca

# Columns

column-actual = Faktyczne
column-aligned = Stosownie
column-at-stake = Zagrożone
column-cell = Pole
column-cells = Pola
column-claim = Co można powiedzieć
column-cluster = Klaster
column-clv = Wartość (CLV)
column-clv-high = Wartość, górny kraniec
column-clv-low = Wartość, dolny kraniec
column-column = Kolumna
column-contact-cost = Koszt kontaktu
column-contacts = Kontakty
column-cost = Koszt
column-customer = Klient
column-customer-share = Udział klientów
column-customers = Klienci
column-decile = Dziesiąta część
column-density = Ilu
column-deviations = Odchylenia standardowe od średniej
column-diagnosis = Diagnoza
column-end = Do
column-estimate = Oszacowanie
column-events = Zakupy
column-expected = Oczekiwane
column-expected-events = Przy zwykłym tempie
column-expected-purchases = Oczekiwane zakupy
column-feature = Cecha
column-frequency = Częstość
column-high = Górny kraniec
column-k = Klastry
column-kind = Rodzaj kontaktu
column-lag = Odstęp
column-last-purchase-age = Wiek przy ostatnim zakupie
column-low = Dolny kraniec
column-mean-days-since-last = Dni od ostatniego zakupu
column-mean-m = Średnia ocena pieniędzy
column-mean-purchase-days = Dni zakupów
column-model = Model
column-money-read = Kwota wczytana
column-money-refused = Kwota odrzucona
column-money-used = Kwota użyta
column-orders = Zamówienia
column-over-served = Nadmiernie
column-p-adjusted = p, poprawione
column-p-alive = Szansa pozostania
column-parameter = Parametr
column-part = Część
column-profit = Zysk
column-profit-so-far = Zysk narastająco
column-range = Przedział
column-rate-ratio = Iloraz częstości
column-recency = Świeżość
column-repeats = Ponowne zakupy
column-revenue = Przychód
column-revenue-per-day = Przychód na dzień zakupów
column-rows-read = Wiersze wczytane
column-rows-refused = Wiersze odrzucone
column-rows-used = Wiersze użyte
column-rule = Powód
column-segment = Segment
column-set-to = Wartość
column-setting = Ustawienie
column-silhouette = Silhouette
column-standard-error = Błąd standardowy
column-step = Co zrobić
column-table = Tabela
column-typical = Typowa wartość
column-under-served = Zaniedbani
column-value-share = Udział w wartości
column-verdict = Werdykt
column-warning = Ostrzeżenie
column-why = Dlaczego
