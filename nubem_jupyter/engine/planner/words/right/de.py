"""German."""

RIGHT = """
abe abel abende abends abfangen abgaben abgehangt abgeschnitten abgrund abschliessen abschliessend abschliessende
abschluss abschlusse abschreiben abschuss ach achte achten achtzehn act age akt akten aktie akute ali alien all alledem
allee allem allemal allen aller also alte amen analysen analysis analysten anbetung anbindung andauern andauernd
andenken ander anderem anderen anderes anders anderte andeutungen andre anerkennen anerkennt anerkennung anfange
anfangen anfangst anfassen anforderung anfuhren anfuhrer angabe angeben angegeben angegebene angehangt angeht angel
angelangt angewandte angibt angleichung anhaben anhangen anhanger anhangern anhebung anhohe anhorung anlass anlasse
anlassen anlasslich anmachen anmelden anmeldung anmerken anmerkung anmerkungen ann annie anrede anregung anregungen
anruf anrufe anrufen anrufer anruft ansage ansagen ansatz ansatze anschlag anschlage anschlagen anschliessen
anschliessende anschliessenden anschliessender anschlusse anschlussstelle ansicht ansprache anstelle anteil anteile
antrag antrage antragen anweisung anwenden anwendungen anzahlung anzeichen anzeiger anzeigt anziehen anziehend anzieht
apps argumente argumenten ass assen asset assistenz athen aua aue auer aufdruck auffassung auffassungen auffinden
auffuhren auffuhrung auffuhrungen aufgeben aufgegeben aufgehen aufgeht aufgelistet aufgibt aufgrund aufheben aufl
aufladen auflaufen aufleben auflost auflosung aufm aufmachen aufmacht aufmachung aufnahme aufnahmen aufnehmen aufpreis
aufrecht aufruf aufs aufschlag aufschlagen aufschluss aufschreiben aufsuchen auftrag aufzeichnen aufzeichnung
aufzeichnungen aufzeigen aufzeigt aufziehen aufzulosen aug ausbezahlt ausbleiben ausbrechen ausbruch ausdauer ausdenken
ausdrucke ausdrucken ausdrucklich ausdruckt ausfindig ausgaben ausgefuhrt ausgefuhrten ausgegeben ausgehen ausgehenden
ausgeht ausgerechnet ausgestaltung ausgibt ausgleich ausgleichen aushilfe auslaufen ausleben auslegen ausliefern
auslieferung ausloschen auslosung ausm ausmachen ausmacht ausnutzen ausnutzung ausrede ausreden ausreichen ausreichend
ausreichende ausreichenden ausreichender ausreicht ausrichten ausrichtung aussage aussagen ausschlag ausschluss
ausschnitt ausschnitte ausschreibung ausschreibungen aussehen aussehende aussere ausseren ausseres aussern aussert
ausserte ausserten aussortiert ausspielen aussprache aussuchen austoben auszeichnen auszeichnet auszeichnung
auszeichnungen auszeit ausziehen auszufullen auszugeben bach background balle basics basieren basierten bass bat
beachten beachtet beantragen beate beben bedeutung bedeutungen befreit befreite begabung begangen begeben begehung
begraben begreifen begriffe begriffen begriffs behandeln behandelt behandelte behandelten behaupten beibehalten
beibehaltung beichte beidem beiden beider beides beihilfe beilagen beim bein beine beinen beiseite beispielen beklagen
belangen belebung belegung beleidigen beleidigend beleidigt beleidigung beleidigungen bemerkung bemerkungen benannt
benannte benannten ber bereiche bereichen bereiten bereitet bereits bereut berief beschafft bescheid bescheiden
bescheren beschneiden beschneidung beschnitten beschrieb beschrieben beschweren beschwert beschwerte beschworen
beseitigen beseitigt beseitigung besen best bestem bestenfalls bestens bester bestrafen besuchte besuchten beteiligen
beteiligt beteiligte beteiligten beteiligung beteiligungen beten betrachte betrachten betrachtet betraf betragt betrat
betreffend betreffende betreffenden betreiben betreten betreuen betreuten betroffen betroffene betrogen betrugen
betruger bewegung bewegungen bewerbung bewerbungen bewies bewiesen bier big billige biografien biographie biss bist bit
bitten bitter bittet blade blei bleibe bleibenden blieben bon boot boots bote boten boy boys brach brachen brachte
brachten breit breite bricht brot bruch bruche brust bub budgets bull bund bunde bundes bunter burg burgund bus but buy
cds chat check checken cia cod codes codex com computern computers con core dacht dad daher dan danen dank danken
dankte danny darauffolgenden darum dasein dass date datensatze dauernden dax days ddr dean debatten dein deine deinem
deinen deiner deins demgegenuber demnach demo denen denis denkmal dennoch dergleichen derzeit detail dez diaten dich
dieb dienst diensten dienstes diente diesel diesmal din dir diss doll dortmund drauf draus dreh drehe drehte drehten
dreimal dreizehn dringen dringende dringenden dringender duck duden dumme dummen dummes dur durchaus durchbruch
durchdacht durchgehen durchgehend durchgehende durchlesen durchmachen durchs durchsage durchsetzen durchsetzt
durchsetzte durchsetzung durchsichtig durchweg durchziehen durchzieht duren durfe durften dutch eben ehem ehen eher
ehre eichen eier eig eigen eigens eignen eile eilen eimer eindruck eindrucke eindrucken eines einfache einfachere
einfaches einfachsten einfahren einfallen einfangen einfuhr einfuhren einfuhrung eingeben eingegeben eingehen eingeht
eingliederung einhalten einher einladen einlagen einlassen einlegen einleiten einlosen einmal einpacken einplanen
einreden einreisen einsammeln einsatz einsatze einschlag einschlagen einschliesslich einschreiben einsehen einst
einstellen einstimmig eintauchen eintraf eintragen eintrat einweihung einweisung einzahlen einzel einzelne einziehen
einzuleiten einzuordnen eis else emil emile energieverbrauch english entfallen entfalten entfaltet enthielten enthullen
entlasten entschied entschieden entwendet entworfen erahnen erbauten erde erfahren erfassen erfasst erfasste erfassten
erfassung erfunden ergattern erhalten erhaltene erhaltenen erlassen erlauben erlaubte erlaubten erlebnis erlebnisse
erlebnissen erlitten ernahren erneuter ernst ernste ernster erstem ersten erstere erstes erstmal erteilen ertrag
ertrage ertragen ertraglich erwachen erwachsen erwahne erwahnung erwarmen erwarten essen est euch eur extern externen
externer eye faber fachrichtung fall falle falles falten faser fasern fast fasten feat fehle fehlen fein feind feinde
feinden feindes feindlich feine feinen feiner feld feste festgestellt feststeht festzustellen fiese fin finn fluge flur
folgend folgendem folter foltern fonds for formate formaten formation formationen formelle formen formlich formt
formular formulare forte fox fra fragt fragte fragten fraktion fraktionen frass frei freundlich freundliche
freundlichen freundliches frohlicher frust fsv fuer fun function fund funde fundiert fundig funfmal funfzehn
funktionierenden furn furs furst gabel gaben garmisch gasse gassen geantwortet gearbeitet geb gebannt gebet gebrannt
gebrauch gebt gefangen gefragt gegangen gegebenen gegend gegenden gegenuberstehen gegliedert gegrundet gegrundete
gegrundeten geh gehalt gehalten gehalter gehalts gehe gehen gehoben gehst gehts geil geile gelangen gelbe gelben
gelegene geliefert geliehen gelingen gelungen gene genutzt genutzte genutzten gerechnet gereinigt gericht gerichte
gerichten gerichtet gerichtete gerichteten gerichtlich gerichts gerieten geringe geringem geringer geringere geringeren
geringes geringsten gerissen geritten geschichts geschickt geschieht geschlachtet gesicht gesichter gesichtern
gesichtet gesichts gesprochen gest gestatten geste gesten gestimmt gestrichen gesungen get getragen getrennte
getrennten gewertet gewinnen gezahlt gibst gibts gier gin gleich gleichem gleicher gleiches gleicht gleichwertig
gleichzeitige gleichzeitiger glied glieder got grace grafische griechen grosse grossen grosses grundlagen grundzuge
grusse grusst gunstige gunstigere gunstigsten gunter gute gutem gutern habe habt haft hagen halben hall halle hals halt
handel handelnden handelns handelte handen handtuch handtucher hart hast hate hats hatt hattest hauch haufigen haufiger
hauptgrund haus haut heben hecke hegen hehe heide heine heiner held henne herausgegeben herausholen herstellen
hersteller herstellern herstellt herstellung heruntergeladen hieraus hilde hilfen hilft hin hinteren hintergrund
hinterhof hintertur his hochst hohem hohen hohere hohes hohl hohle holden hop horte hot huber hund hunter huten ichs
ihm ihr ihrem ihren ihrer ihres indem inder indes indie indiziert infizieren infiziert infizierte infizierten
information informations infrage inn innen insgesamt insofern inspirieren inspiriert inspirierte inter internat interne
internen internets interpreten inzwischen isst ists its jahre jason jauch jedenfalls jederzeit jedesmal jemanden jetz
jon kalle kanns kannste kapiteln kasse kassen kate kathe kauf kaufen keime keinem keines keins ken kerker kevin kid
kiefer kiefern kies kindesmissbrauch kiste kisten kit kittel klare klaut klein kleine kleinen kleiner kleinere
kleineren kleineres kleinstadt kloster knie knoblauch knoten koder koennen kommentator kommentatoren kompensieren
kompensiert kompliziert komplizierte komplizierten komponiert konne konnte konntet konten kontrolle kontrollen korrekte
korrekten korrekter kot kritiker kritikern kritischer kussen lacht lager lan lande landen lane lange langere las lasse
lassen lat lauch lauf laufe laufend laufenden laufender lauft lauren laute lauten lea leb lebende lebenden lebenslang
lebensraum led leder ledig lee legal lege legend legends lego legt leiche leichen leid leide leiden leider leidet leine
leinen leise leisen leiste leistet lesben leser lesern lest let lets leuchte leuchten leuchtend leuchtende leuchtenden
leuchtet lex licht lichte lichten lichter lichts lie liebst lief liefen liegende liegenden liegst liess likes limits
lindern lines listen liszt lit loch locher lochern logan lohne lokaler lokales lotte lounge lust lustige lustigen
lustiges mac mad madchen madchens mai maier main mais makler male malen maler mali malt malte manch manche manchem
manchen mancher manches mangeln mangels mangelt mantel map march marker marx mas masche maschen maschinen match matches
mate mathilde maul maus maxi maxim mbit media meh mehrkosten mehrwert mehrzahl mei meier meines meiningen meins meint
meinte meinten meintest meldet men mer merck merkmal merle merlin metz micha miene migrationshintergrund milch miles
mind minden minder mindern mindeste mine minen mini mint missbrauch missen mist mitbegrunder mitbestimmung mitgliedern
mithelfen mitmachen mitmacht mitspielen mitspielt mittag mitte mitteln mittler mittleren mitunter mocht mochten mochtet
model modells modernen modus mogen mogliche moglichen moglicher mogliches mon mona monate monats moon morgens most
motion much mull mund munter museen musse mussten mut mutze mutzen nachbar nachdenke nachdenken nachdenklich nachdenkt
nachdruck nachdrucklich nachfolgende nachfolgenden nachfrage nachgeben nachhilfe nachlesen nachmachen nachname
nachnamen nachruf nachschauen nacht nachte nachteil nachteilig nachten nachtrag nachweise nachwort nah nahmen namens
nat nein nen net netze neue neuen nice nich nichtmal nichtmehr nichtwahler nieder niederen niedrige niedrigen
niedrigere niedrigeren nike nimmt nit nochmal nolte not notebooks notes notre nsu nuchtern nun nurnoch nutte nutten
oberst oberste oberster obgleich och offen offene offenen offnet one oper orden order ordnen ordnet ort orten ortes
orts ost osten ostens oster ostern ostlich ots owen pan panisch parallele parallelen partikel pass passen passte peer
peine pensionen personal peru piste plot poetisch poetische pokal politisch politische politischem politischen
politischer politisches popularitat pott potter pre preisen preises prioritaten prise produkten produktes produktiv
produkts produzent produzenten prof program projekte projiziert prosieben provozieren provoziert pulli punk pur pure
purer qualitaten qualitativ quantitat race ragen raimund ranger rangers rasse rassen raten ratseln rauch rauche rauchen
raucher raucht rauf raus recherche recherchen red reden redet reduzieren reduziert reduzierte reduzierten reduzierung
regal rege regen regio regulare regulieren reguliert regulierung rein reine reinem reinen reiner reis reise reporter
reporterin rest reste resultieren resultierende resultierenden resultiert revidiert rezepte rezeption rezession rich
richte richter richtete richtigkeit richtung richtungen rief riefen riese riesen rind rinde rinder roll rollen roller
rolls rollte ron rote ruber ruck rucken rucklagen ruckt ruckte ruckten rufe rufen ruft ruhr ruhren ruhrt rund runter
russ sachlage sack safe saga sagt sagte sagten sah sahe sahen sam sammlung sammlungen sang sangen sarg sat satzen
satzes sauer saugen save say sch scheibe scheiben scheiden scheinen scherben schere scheren scherer schert schieben
schlachten schlaf schlafe schlafen schlafenden schlafst schlaft schlagzeile schlange schlangen schlauch schleife
schleifen schlesischen schlich schlitten schnarchen schneide schneiden schnelle schnellere schnellsten schnitte
schnitten schraube schrauben schrecken schrei schreie schreien schreiend schrein schreiner schreit schreiten schreitet
schrieb schrieben schriften schritt schritten schwaben schwabisch schwabische schwabischen schwache schwacher
schwachere schwacheren schwaches schwachsten schwacht schwachung schwanken schwanzen schwarmen schwartz schweben
schwede schweden schwedens schweigen schwein schweine schweinehund schweinen schwesig sechsmal seh sehe sehn seid seien
seife seil seile seilen sein seinem seinen seiner seines seins seit seitdem seitlich sekt sekte sen senken senkt
senkung seo separate seuche she sic sichere sicherheits sicherheitsrat sichern sicherste sichert sicht sichten sid side
siebten sieg siege siegen sieges siehe siehst sieht sigmund sin sir sitz sitze sitzen sitzend sitzende sitzenden sitzt
sitzung sitzungen slam slawischen soder soeben sohne sol solle solls sollt solltest solo son sorte sorten sortiment spa
spalt spaltung spate spaten spiel spiele spielenden spielern spielst spielte spielten sprach sprachgebrauch sprachlich
sprichwort sprung stadte stadten stage starre starren starrte start starter startete starts state statisch statische
statischen statte statten steil steile steine stella stellen stellt stellte stich stiel stift stifte stiften stiftung
stiftungen stile still stille stillen stiller stils stoll stolpern stralsund streng strengen strenger strich stromung
stromungen stromverbrauch strukturen studiere studieren studiert stumm stur stute sud sur sure surfen susser tab tage
tags tasse tassen tat teilen teilhaben teils teilt teilte tel tell termin terminen testen tester testet that themas
theme ticken ticker tickt til tinder titeln titels tolle tom tone toni tony torte town trade traf trage tragen tragt
trance trat trolle trust tsg tur tust tuten uberaus uberbewertet uberdenken uberdies uberdurchschnittlich uberein
uberfuhren uberfuhrt uberfuhrung ubergeben ubergeht ubergibt uberlaufen uberleben uberlebende uberlebenden uberlebt
uberlebte uberlebten uberliefert uberlieferten uberlieferung uberlieferungen ubermacht ubermorgen uberragend
uberragende uberragenden ubers uberschlagen uberschrieben uberschritten ubersehen uberstehen ubertraf ubertrug uberzahl
uberziehen ueber uhr uhren ums umwandeln unabhangige unabhangigen unabhangiger unabhangiges under underground
unertraglich unger ungesund uni unity unserer unseres unsre unterdrucken unterdruckt unterdruckten unterdruckung untere
unterfangen untergeht untergrund unterlag unterlage unterlassen unterlaufen unterlegen unterliegen unterm unterricht
unterrichten unterrichtet unters unterscheiden unterscheidet unterscheidung unterschreiben unterschreibt unterschrieb
unterschrieben unterschrift unterschriften unterseite unterstreichen unterstreicht untertanen untertitel unterzahl
unterzeichnen unterzeichnet unterzeichnete unterzeichneten unterzeichnung unterziehen unterzogen use used user usw ver
veranlassen veraussert verausserung verbande verbanden verbandes verbands verbannen verbieten verbietet verbindlich
verbindung verbindungen verbrauch verbringe verbringen verbuchen verbund verbunden verbundene verbundenen verbundet
verbundete verbundeten verbundeter verdacht verdachtig verdachts verdeckt verdeckte verdeckten verdient verdiente
verdienten verdienter verdreht vereinen vereinte vereinten verfechter verfickte verfickten vergass vergesse vergessen
vergessene vergessenen verglich verglichen verhandeln verhandelt verhandlung verhandlungen verhindern verhindert
verhinderte verhinderten verhinderung verkleinern verkleinert verkunden verkundet verkundete verlagen verlangen
verlasse verlassenen verlasst verlaufen verlesen verliessen verlinken verlusten vermessen vermieden vermindert
vermischt vermissen vermitteln vermittelt vermittelte vermittelten vermittler vermittlung vermochte vermutlich
vernichten vernichtet vernichtung verpasse verpassen verrechnet verrichten verschlafen verschlagen versenden versendet
versinken verstandliche verstandlicher verstehe verstellen verstellt versuch versuchen versuchs versuchst versucht
versuchte versuchten versuchter vertagt verteiler vertrat vertraue vertrauen vertraut vertraute vertrete verwandeln
verwandelt verwandelte verwandt verwandte verwandten verwandter verweigern verweigert verweigerte verweigerung verweise
verwundet verwundete verwundeten verzeichnen verzeichnet verzicht verzichte verzichten verzichtet verzichtete vie viel
vielem vielen vieler vieles vierbeiner viermal vierzehn visa vita viva volksmund vorabend voran voraus vorbehalt
vorbehalte vorbehalten vorbei vorder vorderen vordergrund voreilig vorenthalten vorerst vorfinden vorfuhren vorfuhrung
vorgeben vorgegeben vorgegebene vorgeht vorgenannten vorgeschichte vorgeschlagen vorgibt vorhaben vorhergesagt
vorherigen vorheriger vorhersehbar vorjahr vorlesen vorm vormund vorn vorname vornamen vorprogrammiert vorrichtung
vorsatz vorschau vorschreiben vorschreibt vorsicht vorsichtig vorstelle vortag vorteil vorteile vortrag vortrage
vortragen vortrags voruber vorurteil vorurteile vorurteilen vorwort vorzeichen vorziehen wacht wage wagen wahn wales
walt walten wan wand wande wanden wander wanderer wandern wanderung wanderungen wandte wandten wanne warm wars wdr
webseiten website websites weg weh wehe wehr wehrte wei weib weihrauch wein weine weinen weissen weite weiten weiter
weites weitet welch welchem wenden wenige wenigsten wenns werd werden werder were werfe werk wert werten wertes wertet
wesen westseite wette what when wieder wien wies wii wille willi willy win wind wir wirds wirt wischen witte witten
wobei wodurch wofur wogegen wohingegen wohler wohn wohne womit womoglich wonach word wortes wovon wovor wuchs wucht
wurd yacht zahn zeh zehen zehnmal zeiten zeitig zeitlang zeitlich zeitung zeitungen zen zeug zeuge zeugen zeugin zeugs
zeugt ziege ziegen ziele zielen zig zittern zoll zucht zuchten zudem zugeben zugegeben zugegen zugeht zukommen
zulieferer zumachen zumal zunichte zurich zuruckgegeben zuruckgehen zuruckgeht zuruckgetreten zurucklegen zuruckzugeben
zurzeit zusage zusagen zusammengefasst zusammengefuhrt zusammenlegung zusatz zuschlag zuschlagen zustimmen zustimmt
zustimmung zutaten zuteil zuvor zuzuordnen zweier zweig zweige zweigen zweimal zweit zweiten zweites zwischendurch
zwischenzeit
"""
