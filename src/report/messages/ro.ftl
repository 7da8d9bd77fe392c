# The words of the report. Every language has the same keys; numbers come in by name and are shown in the reader's locale.

title = Clienți: valoare, contact, ce e de schimbat
subtitle = Situația la { $date }
skip = Salt la conținut
contents = Cuprins
table = Cifrele în tabel
keys = Graficele răspund la mouse și, odată selectate, la tastele săgeți; sub fiecare se află cifrele lui în tabel.
no-script = Graficele au nevoie de scripturi, iar acestea sunt oprite. Toate cifrele sunt în tabele.
licences = Licențele pentru ce conține pagina
charts-by = Grafice: Apache ECharts 6.1.0, Apache License 2.0.
made-by = Realizat cu clivia { $version } din fișierele run.json și figures.json ale rulării.
choose-cell = Clienții din celula
all-cells = toate celulele
none-listed = Nimeni din această celulă nu e în listă.
languages-note = Numele segmentelor, clusterelor și canalelor, avertismentele și setările sunt cele scrise de rulare, unele în limba: { $words }.
alt = { $title }. Cifrele sunt în tabelul de dedesubt.
merged = Toți ceilalți împreună
days = { $days ->
    [one] { $days } zi
    [few] { $days } zile
   *[other] { $days } de zile
}

span-days = { $count ->
    [one] { $count } zi
    [few] { $count } zile
   *[other] { $count } de zile
}
span-weeks = { $count ->
    [one] { $count } săptămână
    [few] { $count } săptămâni
   *[other] { $count } de săptămâni
}
span-months = { $count ->
    [one] { $count } lună
    [few] { $count } luni
   *[other] { $count } de luni
}
span-years = { $count ->
    [one] { $count } an
    [few] { $count } ani
   *[other] { $count } de ani
}

section-headline = Pe scurt
section-map = Harta: contact față de valoare
section-profit = Profit și valoare
section-rfm = Recență, frecvență, bani
section-clusters = Clustere
section-value = Ce va urma
section-timing = Contacte și cumpărări în timp
section-data = Datele

unit-days = zile
unit-weeks = săptămâni
unit-months = luni
unit-quarters = trimestre
unit-years = ani
unit-one-days = zi
unit-one-weeks = săptămână
unit-one-months = lună
unit-one-quarters = trimestru
unit-one-years = an

# In short

head-customers = { $customers ->
    [one] { $customers } client a cumpărat până la { $date }.
    [few] { $customers } clienți au cumpărat până la { $date }.
   *[other] { $customers } de clienți au cumpărat până la { $date }.
}
head-purchases = În { $horizon } se așteaptă de la ei { $purchases ->
    [one] { $purchases } cumpărare.
    [few] { $purchases } cumpărări.
   *[other] { $purchases } de cumpărări.
}
head-value-between = Aceasta valorează { $value }, iar cu o probabilitate de { $level } între { $low } și { $high }.
head-value-alone = Ce va veni de la ei valorează { $value }.
head-no-model = Datele nu permit un model de cumpărare, așa că despre viitor nu se spune nimic.
head-decile = Zecimea cea mai valoroasă a clienților deține { $share } din ce va urma.
head-profit = { $share } dintre clienți sunt profitabili și aduc { $peak } din profitul final; ceilalți pierd din el { $lost }.
head-profit-none-lost = { $share } dintre clienți sunt profitabili și niciunul nu aduce pierderi.
head-stake = { $under ->
    [one] { $under } client este contactat mai slab decât merită; valoare în joc: { $stake }.
    [few] { $under } clienți sunt contactați mai slab decât merită; valoare în joc: { $stake }.
   *[other] { $under } de clienți sunt contactați mai slab decât merită; valoare în joc: { $stake }.
} { $over ->
    [one] { $over } este contactat mai bine decât merită,
   *[other] { $over } sunt contactați mai bine decât merită,
} unde s-ar putea economisi { $saving } în { $days ->
    [one] { $days } zi.
    [few] { $days } zile.
   *[other] { $days } de zile.
}
idea-between = { $verdict } (corelația rangurilor { $correlation }, interval de 95 % de la { $low } la { $high }; 1 înseamnă mereu, 0 nicio legătură).
idea-alone = { $verdict } (corelația rangurilor { $correlation }).
idea-unknown = Nu se poate spune dacă contactul urmează valoarea: clienții nu diferă sau sunt prea puțini.
idea-not-kept = Contactul nu urmează valoarea
idea-untold = Nu se poate spune dacă contactul urmează valoarea: sunt prea puțini clienți
idea-upside-down = Contactul merge împotriva valorii: cu cât un client valorează mai mult, cu atât contactul e mai slab
idea-against = Contactul nu urmează valoarea: cine valorează mai mult are un contact puțin mai slab
idea-hardly-kept = Contactul urmează slab valoarea
idea-kept-in-part = Contactul urmează în parte valoarea, cu multe excepții
idea-kept = Contactul urmează îndeaproape valoarea

# The map

map-empty = Nu există un jurnal de contacte, deci nici hartă: dați unul prin --contacts.
map-said = Neglijați: { $under }, tratați pe măsură: { $aligned }, tratați în exces: { $over }, cu o toleranță de { $tolerance } puncte; fără niciun contact: { $without }.
map-clv-share = { $share } din valoarea clienților (CLV) este la cei neglijați.
map-cost-share = { $share } din costul contactelor merge la cei tratați în exces.
map-title = Calitatea contactului față de atractivitate
map-reading = Mai sus înseamnă mai valoros, mai la dreapta mai bine contactat; locul este rangul în toată baza. Pe diagonală contactul e pe măsura valorii, între liniile întrerupte este potrivit. Deasupra (triunghiuri) firma neglijează clienți, dedesubt (romburi) cheltuiește prea mult cu ei.
map-density = Câmpurile mai închise au mai mulți clienți; punctele sunt câțiva dintre ei.
map-choosing = Alegeți o celulă ca să-i vedeți clienții în listă.
axis-contact = Calitatea contactului (0–100)
axis-attractiveness = Atractivitate (0–100)
cell-worth = { $customers ->
    [one] { $customers } client
    [few] { $customers } clienți
   *[other] { $customers } de clienți
}
    { $value }
cell-customers = { $customers ->
    [one] { $customers } client
    [few] { $customers } clienți
   *[other] { $customers } de clienți
}
cell-name = valoare { $value }, calitate a contactului { $contact }
level-low = mică
level-medium = medie
level-high = mare
listed-title = Cei mai neglijați
listed-said = Întâi cei la care prima corecție valorează cel mai mult; toate corecțiile sunt în tabelul corrections al rulării.
listed-none = Nimeni nu este neglijat.

why-never = niciodată contactat
why-silence = niciun contact de { $days ->
    [one] { $days } zi
    [few] { $days } zile
   *[other] { $days } de zile
}
why-silence-own = niciun contact de { $days ->
    [one] { $days } zi
    [few] { $days } zile
   *[other] { $days } de zile
}, față de un ritm propriu de { $rhythm ->
    [one] { $rhythm } zi
    [few] { $rhythm } zile
   *[other] { $rhythm } de zile
}
why-silence-usual = niciun contact de { $days ->
    [one] { $days } zi
    [few] { $days } zile
   *[other] { $days } de zile
}, față de un ritm obișnuit de { $rhythm ->
    [one] { $rhythm } zi
    [few] { $rhythm } zile
   *[other] { $rhythm } de zile
}
why-few = { $contacts ->
    [one] { $contacts } contact
    [few] { $contacts } contacte
   *[other] { $contacts } de contacte
} în { $days ->
    [one] { $days } zi
    [few] { $days } zile
   *[other] { $days } de zile
}, ultimul acum { $last ->
    [one] { $last } zi
    [few] { $last } zile
   *[other] { $last } de zile
}
why-reach = { $channel }: reușite { $reached } din { $tried }; pe această cale reușesc { $rate }
why-reach-unknown = nu se știe rezultatul niciunui contact; pe această cale reușesc { $rate }
why-dialogue = în ambele sensuri { $both } din { $contacts }; pe această cale primesc răspuns { $rate }
why-richness = greutatea medie a contactelor { $mean }; această cale are { $weight }
why-satisfaction = o notă de { $rating }, față de { $usual } pe această cale
why-slow = răspuns în medie după { $hours } ore, față de { $usual } de obicei
why-no-channel = niciun canal deschis; refuzate: { $refused }, la limită: { $full }
why-no-gain = niciun contact singur nu ar ridica calitatea
step-none = nimic deocamdată
step-answer = răspuns mai rapid
step-visit = vizită
step-meeting = întâlnire
step-call = telefon
step-video = apel video
step-chat = chat
step-letter = scrisoare
step-email = e-mail
step-sms = SMS
step-other = contact prin { $channel }

# Profit and value

profit-empty = Nu există sume, deci nici profit.
profit-is-revenue = Costurile nu sunt cunoscute, așa că profitul este aici venitul; --margin spune cât din el este profit.
profit-said = { $share } dintre clienți sunt profitabili. Până la ei curba urcă la { $peak }; se termină la { $profit }.
whale-title = Curba balenei
whale-reading = Clienții de la cel mai profitabil la cel mai puțin, de la stânga la dreapta; curba este ce aduc împreună. Unde coboară, clienții costă mai mult decât aduc.
mark-peak = profitabili
axis-customer-share = Ponderea clienților, întâi cei mai profitabili
axis-profit = Profit cumulat
deciles-title = Valoarea pe zecimi de clienți
deciles-reading = Fiecare bară este o zecime de clienți, întâi cei mai valoroși. Cu cât coboară mai abrupt, cu atât mai mult depinde de puțini.
axis-decile = Zecime de clienți, întâi cei mai valoroși

# Recency, frequency, money

scores-title = Recență și frecvență
scores-reading = Fiecare câmp are clienții cu un scor de recență (mai sus e mai recent) și unul de frecvență (mai la dreapta e mai des). Numărul arată câți sunt; cu cât e mai închis, cu atât au cheltuit mai mult.
axis-frequency-score = Scor de frecvență
axis-recency-score = Scor de recență
segments-title = Segmente
segments-reading = Segmentele date de scoruri. Mustățile la valoarea clienților sunt intervalul ei.

# Clusters

clusters-empty = Clienții nu se împart în clustere.
clusters-said = { $clusters ->
    [one] { $clusters } grup
    [few] { $clusters } grupuri
   *[other] { $clusters } de grupuri
} de clienți asemănători, găsite în date și nu fixate prin reguli.
profile-title = Ce deosebește fiecare cluster
profile-reading = Fiecare rând este un cluster. Numărul este valoarea lui tipică; culoarea arată cât de departe e de clientul mediu: violet deasupra, portocaliu dedesubt.
sizes-title = Mărimea clusterelor
sizes-reading = Câți clienți are fiecare cluster, cât au cheltuit și ce va veni de la ei.
silhouette-title = Cât de bine se despart clusterele
silhouette-reading = Silueta după numărul de clustere, cu eroarea de eșantionare ca mustăți: cu cât e mai sus, cu atât se despart mai bine.
axis-k = Număr de clustere
feature-purchase-days = Zile cu cumpărări
feature-days-since-last = Zile de la ultima cumpărare
feature-revenue-per-purchase-day = Venit pe zi cu cumpărări

# What is to come

value-empty = Nu există un model de cumpărare, așa că despre viitor nu se spune nimic.
value-said = Așteptările modelului { $model } pe { $horizon } de la data situației.
holdout-said = Ca să se vadă cât de mult se poate avea încredere în { $model }, a fost ajustat doar pe timpul până la { $end } și comparat cu ce au făcut apoi până la { $last } clienții, în număr de { $customers }: cumpărări așteptate { $expected }, făcute { $actual }.
holdout-empty = Nu există aici o perioadă de control care să arate cât de mult se poate avea încredere în model: clivia validate face una.
clv-title = Clienți după valoare (CLV)
clv-reading = Câți clienți au o valoare în fiecare interval. Intervalele cresc, ca puținele mari să nu le ascundă pe multele mici.
alive-title = Clienți după șansa de a rămâne
alive-reading = Câți clienți mai sunt clienți și cu ce probabilitate. Cei din stânga au plecat cel mai probabil pentru totdeauna.
axis-alive = Probabilitatea de a mai fi client
matrix-purchases-title = Cumpărări așteptate după frecvență și recență
matrix-purchases-reading = Ce așteaptă modelul de la un client la fel de vechi ca cel mai vechi: cât de des a revenit (în sus) și cât de târziu a cumpărat ultima dată (la dreapta). Jos în dreapta sunt cei care cumpără rar și mai sunt, sus în stânga cei care au cumpărat des și s-au oprit.
matrix-alive-title = Șansa de a rămâne după frecvență și recență
matrix-alive-reading = Probabilitatea de a mai fi client; se citește ca graficul dinainte. Cine a cumpărat des și s-a oprit a plecat cel mai probabil.
axis-last-purchase-age = Vârsta la ultima cumpărare ({ $unit })
tracking-cumulative-title = Cumpărări repetate cumulate: făcute și așteptate
tracking-cumulative-reading = Toate cumpărările repetate până la fiecare dată. Dincolo de linia punctată modelul nu văzuse nimic: cu cât curbele sunt mai apropiate acolo, cu atât prevede mai bine.
tracking-periods-title = Cumpărări repetate pe perioade: făcute și așteptate
tracking-periods-reading = Același lucru pentru fiecare perioadă. Un astfel de model nu cunoaște sezoane, așa că vârfurile rămân deasupra curbei lui.
mark-holdout = nevăzut
axis-repeat-purchases = Cumpărări repetate
by-frequency-title = Cumpărări în perioada de control după frecvența anterioară
by-frequency-reading = Cât a cumpărat în perioada de control fiecare client cu atâtea cumpărări repetate și cât se aștepta de la el.
repeat-counts-title = Clienți după cumpărări repetate
repeat-counts-reading = Câți clienți au revenit de câte ori până la perioada de control și câți spune modelul: dacă se potrivește cu ce a văzut.
axis-repeats-before = Cumpărări repetate înainte de perioada de control
axis-purchases-each = Cumpărările fiecăruia în perioada de control
or-more = { $count } sau mai multe
purchase-rate-title = Cum diferă clienții la cumpărat
purchase-rate-reading = Ponderea clienților cu fiecare rată de cumpărare, cât timp sunt clienți, după model. Ultima bară este tot ce e deasupra.
axis-purchase-rate = Cumpărări pe { $unit }
dropout-probability-title = Cum diferă clienții la plecare
dropout-probability-reading = Ponderea clienților cu fiecare probabilitate de a pleca după o cumpărare, după model.
axis-dropout-probability = Probabilitatea de a pleca
dropout-rate-title = Cum diferă clienții la plecare
dropout-rate-reading = Ponderea clienților cu fiecare rată de plecare, după model. Ultima bară este tot ce e deasupra.
axis-dropout-rate = Rata de plecare pe { $unit }
purchase-probability-title = Cum diferă clienții la cumpărat
purchase-probability-reading = Ponderea clienților cu fiecare probabilitate de a cumpăra, cât timp sunt clienți, după model.
axis-purchase-probability = Probabilitatea de a cumpăra pe { $unit }
range-between = { $from } – { $to }
range-below = până la { $to }
range-above = peste { $from }
range-all = toate

# Contacts and purchases in time

timing-empty = Nu există un jurnal de contacte, așa că despre contacte și cumpărări nu se spune nimic.
timing-said = Cumpărări luate în seamă: { $purchases }, clienți: { $customers }; fiecare între prima și ultima cumpărare a clientului.
timing-caveat = Este asociere, nu efect: un sezon, o promoție sau planul propriu al clientului poate aduce și contactul, și cumpărarea. Ce fac contactele arată doar lăsarea la întâmplare a unei părți dintre clienți în afara campaniei.
timing-title = Cumpărări după contacte
timing-reading = De câte ori mai des cumpără clienții în zilele de după un contact decât în alt timp: 1 înseamnă nicio diferență. Mustățile sunt intervale; unul care îl cuprinde pe 1 nu arată nimic. Legenda adaugă feluri de contact.
axis-lag = Zile după contact
after-purchases-title = Contacte după cumpărări
kind-any = toate ale firmei
lag-days = { $from } – { $to } zile
claim-more-follow = urmează mai multe cumpărări
claim-not-shown = nu s-a arătat nimic
claim-too-few = prea puține ca să se spună
claim-follows-purchases = urmează el însuși cumpărărilor
claim-order-unknown = ordinea în cursul zilei necunoscută

# The data behind it

data-said = Calculat cu clivia { $version }. Aceleași comenzi, setări și versiune dau aceleași cifre.
data-returns = Rândurile de retururi ({ $rows }) au anulat comenzi ({ $orders }) și au lăsat clienți fără cumpărare ({ $customers }); retururile de { $unmatched } nu au găsit comanda în date.
data-no-returns = În date nu sunt retururi.
data-zero = Rânduri păstrate cu suma zero: { $rows }.
data-chosen = A fost ales modelul { $model }, care a prevăzut cel mai bine timpul de la { $from } la { $to }.
rows-title = Rânduri folosite și respinse
refused-title = De ce au fost respinse rânduri
fits-title = Ajustări
warnings-title = De reținut
mapping-title = Coloane folosite
settings-title = Setări
table-orders = comenzi
table-contacts = contacte
table-customers = clienți
verdict-converged = convergent
verdict-boundary = convergent la marginea unui domeniu
verdict-not-converged = neconvergent

rule-wrong-number-of-cells = număr greșit de celule
rule-row-too-long = rând prea lung
rule-not-json = nu este JSON
rule-not-text = nu este text
rule-missing-customer = fără client
rule-missing-date = fără dată
rule-unreadable-date = dată de necitit
rule-date-out-of-range = dată în afara domeniului
rule-after-as-of = după data situației
rule-missing-amount = fără sumă
rule-unreadable-amount = sumă de necitit
rule-non-finite-amount = sumă infinită
rule-amount-too-large = sumă prea mare
rule-zero-amount = sumă zero
rule-return = retur
rule-duplicate = repetat
rule-missing-currency = fără monedă
rule-other-currency = altă monedă
rule-not-sent = netrimis
rule-missing-channel = fără canal
rule-unknown-direction = sens necunoscut
rule-unreadable-cost = cost de necitit
rule-negative-cost = cost negativ
rule-unreadable-satisfaction = notă de necitit
rule-satisfaction-off-scale = notă în afara scalei
rule-unreadable-response-time = timp de răspuns de necitit
rule-negative-response-time = răspuns înaintea întrebării
rule-unreadable-control = grup de control nici da, nici nu
rule-control-without-campaign = ținut în afara niciunei campanii
rule-unknown-customer = client necunoscut
rule-customer-without-purchase = client fără cumpărare
rule-missing-end = încheiat fără dată de sfârșit

# Columns

column-actual = Făcute
column-aligned = Pe măsură
column-at-stake = În joc
column-cell = Celulă
column-cells = Celule
column-claim = Ce se poate spune
column-cluster = Cluster
column-clv = Valoare (CLV)
column-clv-high = Valoare, limita de sus
column-clv-low = Valoare, limita de jos
column-column = Coloană
column-contact-cost = Costul contactelor
column-contacts = Contacte
column-cost = Cost
column-customer = Client
column-customer-share = Ponderea clienților
column-customers = Clienți
column-decile = Zecime
column-density = Câți
column-deviations = Abateri standard față de medie
column-diagnosis = Diagnostic
column-end = Până la
column-estimate = Estimare
column-events = Cumpărări
column-expected = Așteptate
column-expected-events = La rata obișnuită
column-expected-purchases = Cumpărări așteptate
column-feature = Caracteristică
column-frequency = Frecvență
column-high = Limita de sus
column-k = Clustere
column-kind = Felul contactului
column-lag = Interval
column-last-purchase-age = Vârsta la ultima cumpărare
column-low = Limita de jos
column-mean-days-since-last = Zile de la ultima cumpărare
column-mean-m = Scor mediu al banilor
column-mean-purchase-days = Zile cu cumpărări
column-model = Model
column-money-read = Sumă citită
column-money-refused = Sumă respinsă
column-money-used = Sumă folosită
column-orders = Comenzi
column-over-served = În exces
column-p-adjusted = p, ajustat
column-p-alive = Șansa de a rămâne
column-parameter = Parametru
column-part = Parte
column-profit = Profit
column-profit-so-far = Profit cumulat
column-range = Interval
column-rate-ratio = Raportul ratelor
column-recency = Recență
column-repeats = Cumpărări repetate
column-revenue = Venit
column-revenue-per-day = Venit pe zi cu cumpărări
column-rows-read = Rânduri citite
column-rows-refused = Rânduri respinse
column-rows-used = Rânduri folosite
column-rule = Motiv
column-segment = Segment
column-set-to = Valoare
column-setting = Setare
column-silhouette = Siluetă
column-standard-error = Eroare standard
column-step = Ce e de făcut
column-table = Tabel
column-typical = Valoare tipică
column-under-served = Neglijați
column-value-share = Ponderea valorii
column-verdict = Verdict
column-warning = Avertisment
column-why = De ce
