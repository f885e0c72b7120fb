"""German."""

from __future__ import annotations

from nubem_jupyter.engine.planner.lexicon import lexicon
from nubem_jupyter.engine.planner.words.right.de import RIGHT

_STRUCTURE = {
    "then": "dann, danach, anschließend, schließlich, zuletzt, daraufhin, und dann, hinterher, im Anschluss",
    "and": "und, sowie, auch, außerdem, &",
    "or": "oder, und, bzw, versus, vs, /",
    "before": "bevor, ehe, vor dem",
    "after": "nachdem, sobald, nach dem",
    "if": "wenn, falls, sofern",
    "unless": "außer wenn, es sei denn",
    "else": "sonst, andernfalls, ansonsten, wenn nicht",
    "until": "bis",
    "that": "das, der, die, welcher, welche, welches",
    "question": "was, wer, wem, wen, wessen, wann, wo, warum, wieso, weshalb, wie, welche, welcher, welches, woher, "
    "wohin, "
    "wieviel, ist, sind",
    "filler": "bitte, kannst, könntest, können, könnten, du, sie, ich, möchte, will, hilf, mir, zuerst, zunächst, "
    "erst, "
    "und, dann, auch, uns, mich, soll, sollst, es, ihn, noch, mal, nimm",
    "article": "ein, eine, einen, einem, der, die, das, den, dem, andere, anderer, zwei, drei, zweite, zweiter, "
    "erste, erster, seine, ihre, alle",
    "agent": "agent*, assistent*, bot, bots, chatbot*",
    "framing": "für, gegeben, gegeben sei, mit, aus, von, vom, in, im, anhand, auf, bei, zu, zur, zum, an, "
    "basierend auf, ausgehend von, mithilfe",
    "each": "jede, jeden, jedes, jeder, jedem, alle, einzeln, zeilenweise, Zeile für Zeile, je",
    "parallel": "parallel, gleichzeitig, zur gleichen Zeit, zugleich",
    "separate": "getrennt, separat, unabhängig, unabhängig voneinander, voneinander getrennt",
    "times": "mal, versuche",
    "refer": "es, ihn, sie, dies, ergebnis*, zusammenfassung*, übersetzung*, alles, beide, vorherige, beste, "
    "besten, antwort*, entwurf*, liste, idee*, ausgabe, code, skript, version*, davon, daraus, dazu, darauf, sie alle",
    "deictic": "diese, dieser, dieses, diesen, diesem, folgende, folgenden, folgender, folgendes, mein, meine, meinen, "
    "unsere, unser, unseren, beigefügte, angehängte, gegebene",
    "against": "gegen, dagegen, contra",
    "favour": "für, dafür, pro, zugunsten",
    "argue": "argumentier*, debattier*, verteidig*, expert*, plädier*",
    "as": "als, in, nach, zwischen, entweder, ob",
    "from": "aus, von, vom, genannt*, erwähnt*, enthalten*, im, in",
    "of": "von, vom, der, des, in, für, aus, im",
    "negation": "nicht, kein, keine, keinen, keiner, nie, nichts, ohne",
    "table": "tabelle, zeilen, csv, dataframe, tabellenkalkulation",
    "list": "liste, listen",
    "tail": "json, csv, yaml, tabelle, liste, format",
}
_LIMITS = {
    "at_most": "weniger als, unter, höchstens, maximal, bis zu, nicht mehr als, innerhalb von, nicht länger als, "
    "binnen, "
    "limit von, budget von, budget :, nicht über, max",
    "beyond": "mehr als, länger als, über, überschreit*, übersteig*",
    "or_less": "oder weniger, maximal, höchstens, max",
    "at_least": "mindestens, wenigstens, minimum, über",
    "spend": "ausgeben, ausgib, gib, kost*, budget, bezahl*, dauer*, brauch*, verwend*, nutz*, benutz*",
    "lead": "für, in, mit, und, aber",
    "relative": "die, der, das, welche, deren",
    "cents": "cent, cents",
    "dollars": "dollar, dollars, usd, $, euro, euros, €",
    "milliseconds": "ms, millisekunde*",
    "seconds": "sekunde, sekunden, sek, s",
    "minutes": "minute, minuten, min",
    "quality": "qualität, genauigkeit, sicherheit, treffsicherheit",
    "local": "ohne meinen Rechner zu verlassen, ohne diesen Rechner zu verlassen, ohne meinen Computer zu verlassen, "
    "ohne diesen Computer zu verlassen, ohne meine Maschine zu verlassen, ohne diese Maschine zu verlassen, "
    "nur lokale Modelle, ausschließlich lokale Modelle, nur mit lokalen Modellen, mit lokalen Modellen, "
    "verwende lokale Modelle, benutze lokale Modelle, nutze lokale Modelle, nur lokal, lokal, auf diesem Rechner, "
    "auf meinem Rechner, "
    "auf diesem Computer, auf meinem Computer, auf dieser Maschine, offline, ohne Internet, ohne Cloud, ohne die "
    "Cloud, "
    "keine Cloud, ohne externe Dienste",
    "region_eu": "die Daten müssen in der EU bleiben, Daten müssen in der EU bleiben, die Daten bleiben in der EU, "
    "Daten bleiben in der EU, ohne die EU zu verlassen, die Daten dürfen die EU nicht verlassen, Daten dürfen die "
    "EU nicht verlassen",
    "region_us": "die Daten müssen in den USA bleiben, Daten müssen in den USA bleiben, die Daten bleiben in den "
    "USA, Daten bleiben in den USA, ohne die USA zu verlassen, die Daten dürfen die USA nicht verlassen, Daten "
    "dürfen die USA nicht verlassen",
    "secure_high": "hohe Sicherheit, höchste Sicherheit, hoher Sicherheit, maximale Sicherheit, höchster Sicherheit, "
    "Sicherheit hoch, strenge Sicherheit, Sicherheitsstufe hoch, maximaler Sicherheit",
    "secure_medium": "mittlere Sicherheit, mittlerer Sicherheit, Sicherheit mittel, Sicherheitsstufe mittel",
    "prefer_quality": "das beste Modell, bestes Modell, besten Modell, bestmögliche Qualität, beste Qualität, "
    "höchste Qualität, Geld spielt keine Rolle, Kosten spielen keine Rolle, egal was es kostet, bestmögliche Modell",
    "prefer_cost": "so billig wie möglich, so günstig wie möglich, möglichst billig, möglichst günstig, günstigste "
    "Modell, "
    "billigste Modell, geringste Kosten, möglichst geringen Kosten",
    "prefer_latency": "so schnell wie möglich, möglichst schnell, schnellstmöglich, schnellste Modell",
}
_VERBS = {
    "tell": "erzähl*",
    "ask": "frag mich, frage mich, fragen sie mich, frag, frage nach, frag nach, nachfragen, fragen, rückfragen, "
    "befrag*",
    "remember": "merk*, erinner*, behalt*, gedächtnis",
    "vote": "stimm*, abstimm*, nimm die Mehrheit, nimm die häufigste",
    "debug": "debugg*, entwanz*",
    "fix": "reparier*, beheb*, behob*, korrigier*",
    "run": "führ*, fuhre*, ausführ*, auszuführ*, laufen, starte, starten, startet, teste ihn, teste es",
    "print": "druck*, ausgeben, gib aus, zeig*",
    "plot": "zeichn*, visualisier*, plott*, diagramm, grafik erstellen, stelle grafisch",
    "count": "zähl*, auszähl*",
    "filter": "behalte nur, filter*, entfern*, lösch*, sortier*, bereinig*, streich*",
    "write": "schreib*, verfass*, formulier*, entwirf*, entwerf*, bereite vor, aufsetz*",
    "make": "erstell*, mach*, bau*, entwickl*, entwickel*, erzeug*, produzier*, implementier*, programmier*, "
    "gestalt*, leg an",
    "generate": "generier*, erfind*, schlag*, vorschlag*, vorzuschlag*, überleg*, denk*, brainstorm*, empfehl*, "
    "empfiehl*, "
    "nenn*, argumentier*, sammle Ideen",
    "give": "gib, gebe, geben, gibt, liefer*, zeig*, zurückgeb*, nenn*, stell bereit, will, möchte, brauche",
    "find": "find*, such*, identifizier*, ermittl*, ermittel*, entdeck*, markier*, spür*, aufspür*",
    "review": "prüf*, überprüf*, begutacht*, untersuch*, inspizier*, durchseh*, sieh durch, review*",
    "analyse": "analysier*, auswert*, werte aus, bewerte den Code",
    "check": "prüf*, überprüf*, kontrollier*, verifizier*, validier*, vergewisser*, checke, stelle sicher, "
    "abgleich*, gleiche",
    "read": "lies, lese, lesen, liest, lade, laden, öffne, öffnen, einlesen, importier*",
    "search": "such*, recherchier*, durchsuch*, nachschlag*, schlag nach, hol*, abruf*, ruf ab, sammel*, sammle*, "
    "herunterlad*, "
    "sammelt",
    "folder": "ordner, ordners, verzeichnis, verzeichnisses",
    "reflexive": "",
    "within": "in, im, innerhalb, unter",
    "opening": "aus, anhand, laut, gemäß, mit hilfe, mithilfe, auf grundlage, auf basis, mit",
    "which": "welche, welcher, welches, welchen",
    "about": "handelt von, handeln von, erwähnt, erwähnen, betrifft, betreffen, geht es um, dreht sich um, drehen "
    "sich um",
    "searched": "im internet, im web, im netz, im netz, online, bei google, informationen, nach, zu, über",
    "extract": "extrahier*, entnimm, entnehm*, zieh*, herauszieh*, herauslös*, hol heraus, les heraus, lies heraus, "
    "herauslesen",
    "list": "list, liste, liste auf, listet, auflist*, aufzulist*, aufzähl*, zähl auf, zähle auf, nenn*",
    "classify": "klassifizier*, kategorisier*, einordn*, ordne, einstuf*, stuf*, etikettier*, gruppier*, zuordn*, "
    "beschrift*, "
    "einteil*, teile in",
    "detect": "erkenn*, bestimm*, ermittl*, vorhersag*, stelle fest, feststell*, sag ob, entscheide ob",
    "translate": "übersetz*, übertrag*",
    "summarize": "fass*, zusammenfass*, zusammenzufass*, kürz*, verkürz*, komprimier*, resümier*, verdicht*, fasst",
    "report": "bericht, berichte, berichten, berichtet, melde, melden",
    "combine": "kombinier*, zusammenführ*, verbinde*, füg* zusammen, füge alles, vereinig*, zusammenfüg*, führe alles, "
    "führe zusammen, bündel*, bündle*, fasse alles, trag alles",
    "rewrite": "umschreib*, umzuschreib*, umformulier*, schreib um, schreibe um, paraphrasier*, vereinfach*, "
    "bearbeit*, "
    "redigier*, anonymisier*, pseudonymisier*, wandl*, wandel*, umwandl*, verwandl*, formatier*, konvertier*, "
    "anpass*, passe an, korrekturles*, überarbeit*, schwärz*, refaktorier*, neu schreiben",
    "improve": "verbesser*, verfeiner*, optimier*",
    "compare": "vergleich*, gegenüberstell*, stelle gegenüber",
    "judge": "beurteil*, urteil*, bewert*, rangier*, entscheid*, wähl*, auswähl*, benot*, priorisier*, ordne nach, "
    "kür*, richtet",
    "critique": "kritisier*, bemängel*, kommentier*, hinterfrag*, kritik",
    "plan": "plan*, gliedere, gliedern, gliedert, skizzier*, strukturier*",
    "compute": "berechn*, rechne*, ausrechn*, errechn*, lös*, summier*, addier*, multiplizier*, dividier*",
    "explain": "erklär*, erläuter*, beschreib*, beweis*, sag, sage, sagen, interpretier*, begründ*, verdeutlich*",
    "answer": "antwort*, beantwort*, beantworte*",
}
_NOUNS = {
    "drop": "entfern*, lösch*, streich*",
    "keep": "filter*, behalte nur",
    "greeting": "hallo, guten Tag, guten Morgen, guten Abend, servus, moin, grüß, danke",
    "tale": "witz*, geschichte, märchen, fabel*, anekdote*, legende*, rätsel",
    "by_code": "mit python, in python, mittels python, per python, mithilfe von python, mit code, mit einem skript, "
    "mit einem programm",
    "aggregate": "durchschnitt*, mittelwert*, summe*, gesamt*, wie viele, wieviele, median, maximum, minimum, "
    "maximal*, minimal*, höchste*, niedrigste*, größte*, kleinste*",
    "quantity": "wie, wie viele, wieviele, viele, anzahl, nur",
    "possessive": "mein, meine, meinen, meinem, meiner, unsere, unser, unseren, unserem",
    "using": "mit, per, mittels, verwende, nutze, benutze, via",
    "units": "wort, wörter, wörtern, worten, worte, zeichen",
    "details": "details, einzelheiten, angaben, fehlend*, informationen, rückfrage*, fragen, anforderungen, "
    "unklarheiten",
    "majority": "mehrheit*, häufigst*, konsens",
    "error": "fehler*, bug, bugs, problem*, schwachstelle*, sicherheitsl*, sicherheitsp*, mängel, defekt*, stilp*",
    "trace": "traceback*, stacktrace*, stack trace, ausnahme*, fehlermeldung*, exception*, absturz*, fehlerprotokoll*",
    "remedy": "lösung*, korrektur*, fix, behebung, patch",
    "code": "code, quellcode, pythoncode, funktion*, skript*, script*, sql, programm*, pull request*, pr, diff, "
    "commit*, "
    "klasse, klassen, abfrage*, algorithm*, regex*, regulären ausdruck, api, modul*, methode*, python, javascript, "
    "java, "
    "rust, typescript, html, css, notebook, repository, app, webseite, anwendung",
    "sql": "sql, sqlite, postgres*, mysql, sqlabfrage*",
    "tests": "test, tests, unit tests, unittests, komponententests, modultests",
    "improvements": "verbesserung*, änderung*, optimierung*",
    "data": "csv, xlsx, excel, dataframe*, df, df.*, daten, datensatz, tabelle, tabellen, spalte*, zeile, zeilen, "
    "pro monat, "
    "pro region, pro jahr, pro kategorie, zahlen",
    "notes": "notizen, dokument, dokumente, dokumenten, dokumentation, wissensdatenbank, wiki, archiv*, handbuch*, "
    "richtlinien, "
    "quelle, quellen, faq, dateien, unterlagen, intranet",
    "items": "datum, daten, namen, name, betrag, beträge, beträgen, risiko, risiken, behauptung*, aufgabe*, "
    "stichwort*, "
    "schlüsselwört*, schlagwört*, entität*, fakten, adresse*, telefonnummer*, thema, themen, zitat*, punkte, "
    "kernpunkte, "
    "personen, firmen, orte, fristen, preis, preise, produkt, produkte, zahlen, anforderungen, entscheidungen, "
    "termine, "
    "rechnungsnummer, kernaussagen",
    "label": "sprache, stimmung, sentiment, ton, tonfall, spam, thema, kategorie*, emotion*, dringlichkeit, absicht, "
    "polarität, priorität, schwierigkeit, positiv*, negativ*",
    "grammar": "grammatik*, rechtschreib*, zeichensetzung, stil, tippfehler*, ausdruck",
    "audience": "einem kind, für kinder, kindern, einem laien, für laien, laien, für anfänger, anfängern, einem "
    "anfänger, "
    "in einfachen worten, in einfacher sprache, einfach verständlich, für einen laien, einem nicht*, jemandem",
    "more": "höflicher, förmlicher, kürzer, länger, einfacher, klarer, lustiger, formeller, freundlicher",
    "comparative": "höflicher, förmlicher, kürzer, länger, einfacher, klarer, lustiger, formeller, freundlicher",
    "difference": "unterschied*, gemeinsamkeit*, vor und nachteile",
    "verdict": "urteil*, bewertung*, note, noten, rangliste*, sieger*, punktzahl, gesamturteil",
    "critical": "kritik, feedback, rückmeldung*, schwächen",
    "outline": "gliederung*, plan, pläne, agenda, tagesordnung, inhaltsverzeichnis, fahrplan, zeitplan, schritte, "
    "entwurfsplan, "
    "reiseplan",
    "summary": "zusammenfassung*, kurzfassung*, überblick, kurzversion, kurze version, abriss, inhaltsangabe",
    "translation": "übersetzung*",
    "piece": "email*, e mail*, mail*, bericht*, antwort*, brief, briefe, artikel*, gedicht*, haiku*, geschichte*, "
    "aufsatz*, "
    "slogan*, tweet*, beschreibung*, produktbeschreibung*, titel, überschrift*, idee*, rede, nachricht*, absatz, "
    "absätze, text, texte, abschnitt*, witz*, lied*, biografie, vorschlag, vorschläge, entwurf, anzeige*, kapitel, "
    "einleitung, "
    "namen für, blogbeitrag*, blogpost*, beitrag*, pressemitteilung*, anschreiben, rezept",
    "math": "mathe*, rechenaufgabe*, gleichung*, textaufgabe*, prozent*",
    "textual": "text, texte, textes, texten, artikel*, rezension*, bewertung*, nachricht*, email*, mail, mails, "
    "ticket*, bericht*, "
    "transkript*, protokoll*, absatz, absätze, vertrag*, verträge, rechnung*, dokument*, brief*, kommentar*, kapitel, "
    "gespräch*, notiz*, geschichte, aufsatz, seite*, rede, satz, sätze, richtlinie, lebenslauf, quittung*, datei, "
    "akte, "
    "patientenakte, beschwerde*, kundenbewertung*",
    "asked": "frage, fragen, anfrage*",
    "subject": "abschnitt*, kapitel, teil, teile, idee*, punkt*, element*, einträge, eintrag",
    "difficulty": "leicht*, schwer*, schwierig*",
    "sentiment": "stimmung*, sentiment*, polarität, meinung*",
    "urgency": "dringlichkeit, dringend, priorität, wichtigkeit",
    "language": "sprache*",
    "spam": "spam",
}
WORDS = lexicon(
    code="de",
    letters="äöüß",
    common="der die das den dem des ein eine einen einem einer und oder in im ins zu zum zur von vom mit für auf aus "
    "ist sind "
    "nicht dieser diese dieses diesen es sie ich du mir mich wie was wer wenn dann als bei jede jeden jedes nach nur "
    "hat haben wird welche welcher welches wer wo warum",
    verb_last=True,
    particles=frozenset({"ein", "zu", "auf", "an", "aus", "ab", "um", "heraus", "zusammen"}),
    plural="",
    endings="en t e ung te er ten ungen n s et st bar es ete lich eten ern em in ig ieren iere iert ierst ierung "
    "ierend ende end ender endes enden est nd ens",
    right=RIGHT,
    groups=_STRUCTURE | _LIMITS | _VERBS | _NOUNS,
    numbers="null, ein eine einen eins einer, zwei beide, drei, vier, fünf, sechs, sieben, acht, neun, zehn",
    languages={
        "Englisch": "en", "Spanisch": "es", "Französisch": "fr", "Deutsch": "de", "Portugiesisch": "pt",
        "Italienisch": "it", "Niederländisch": "nl", "Chinesisch": "zh", "Japanisch": "ja", "Russisch": "ru",
        "Arabisch": "ar", "Polnisch": "pl", "Katalanisch": "ca", "Koreanisch": "ko", "Türkisch": "tr",
        "Schwedisch": "sv", "Griechisch": "el",
    },
    labels={
        "sentiment": ("positiv", "negativ", "neutral"), "urgency": ("hoch", "mittel", "niedrig"),
        "difficulty": ("leicht", "schwer"), "spam": ("Spam", "kein Spam"),
        "language": ("Englisch", "Spanisch", "Französisch", "Deutsch", "Portugiesisch", "Italienisch", "andere"),
        "yes_no": ("ja", "nein"),
    },
    say={
        "system.answer": "Du bist ein sorgfältiger Assistent. Antworte kurz und direkt.",
        "system.summarize": "Du fasst Texte getreu zusammen. Antworte nur mit der Zusammenfassung.",
        "system.translate": "Du übersetzt. Antworte nur mit der Übersetzung.",
        "system.classify": "Du ordnest Texte ein. Antworte nur mit einem Etikett.",
        "system.extract": "Du entnimmst Texten Angaben. Nutze nur, was im Text steht.",
        "system.rewrite": "Du bearbeitest Texte. Antworte nur mit dem neuen Text.",
        "system.generate": "Du schreibst gut. Antworte nur mit dem Text.",
        "system.code": "Du programmierst in Python. Antworte mit einem vollständigen Programm in einem Codeblock.",
        "system.sql": "Du schreibst SQLite-Abfragen. Antworte mit einer Abfrage in einem Codeblock.",
        "system.review": "Du programmierst seit Jahren. Nenne konkrete Probleme und Verbesserungen.",
        "system.judge": "Du urteilst gerecht. Entscheide und nenne kurz einen Grund.",
        "system.critique": "Du kritisierst sorgfältig. Nenne kurz konkrete Schwächen.",
        "system.compute": "Du löst Aufgaben Schritt für Schritt.",
        "translate": "Übersetze diesen Text in die Sprache {target}:\n\n{material}",
        "classify": "Ordne den Text einem dieser Etiketten zu: {labels}.\n\nText: {material}",
        "classify.free": "{instruction}\nAntworte mit einem kurzen Etikett.\n\nText: {material}",
        "extract": "{instruction}\nFelder: {fields}.\n\nText: {material}",
        "answer": "Beantworte die Frage in einem kurzen Satz.\n\n{material}",
        "check": "Trifft das auf den Text zu: {condition}? Antworte ja oder nein.\n\nText: {material}",
        "for": "Argumentiere dafür.", "against": "Argumentiere dagegen.",
        "only": "Achte nur auf dies: {part}.",
        "program": "Lege die Antwort in einer Variablen namens result ab und gib sie aus.",
        "variables": "Diese Variablen enthalten schon die Eingabe: {names}.",
        "sql": "Schreibe eine SQLite-Abfrage auf die Tabelle data. Antworte nur mit der Abfrage. Ihre ersten Zeilen:",
        "debug": "Dieses Programm schlägt fehl. Antworte mit dem ganzen berichtigten Programm.",
        "questions": "Schreibe höchstens drei kurze Fragen, die vorher beantwortet sein müssen:\n{instruction}",
        "memory": "Liste die Angaben aus diesem Gespräch auf, die später wichtig sind:\n\n{material}",
        "retrieve": "Schreibe die Sätze der Dokumente ab, die hierfür nützlich sind: {instruction}",
        "count": "Nenne genau {count}.",
        "ask.text": "Welcher Text soll verwendet werden? Gib ihn mit -i text.",
        "ask.items": "Welche Liste soll verwendet werden? Gib sie mit -i items.",
        "ask.code": "Welcher Code soll verwendet werden? Gib ihn mit -i code.",
        "ask.table": "Welche Tabelle soll verwendet werden? Gib sie mit -i table.",
        "ask.documents": "In welchen Dokumenten soll gesucht werden? Gib sie mit -i documents.",
        "ask.question": "Welche Frage soll beantwortet werden? Gib sie mit -i question.",
        "ask.details": "Was muss vor Beginn noch bekannt sein?",
        "ask.other": "Was ist der zweite Text? Gib ihn mit -i other.",
        "read.one": "Gelesen als ein Schritt: {steps}.",
        "read.many": "Gelesen als {count} Schritte: {steps}.",
        "read.limits": "In den Worten gefundene Grenzen: {limits}.",
        "read.each": "Das geschieht für jedes Element.",
        "join.then": ", dann ", "join.and": " und zugleich ",
        "warn.long": "Die Anfrage ist lang: Nur ihr Anfang wurde als Anweisung gelesen, der Rest gilt als zu "
        "bearbeitender Text.",
        "warn.length": "Nichts erzwingt diese Länge, sie wird dem Modell nur gesagt: {parts}.",
        "warn.model": "Dies wurde nicht als Wahl eines Modells gelesen; nenne Modelle mit --models: {parts}.",
        "warn.place": "Dies wurde nicht als Grenze gelesen, wohin Daten dürfen; setze eine mit --region oder "
        "--local: {parts}.",
        "warn.unread": "Keine bekannte Aufgabe gefunden; die Anfrage geht unverändert an ein Modell.",
        "warn.search": "Hier gibt es keinen Suchdienst: Das Modell antwortet mit dem, was es weiß.",
        "warn.search.leave": "Das Modell antwortet mit dem, was es weiß; {name} kann mit --allow {allow} suchen.",
        "search.query": "Schreibe eine kurze Anfrage für die Websuche, die dafür nötig ist. "
        "Antworte nur mit der Anfrage.\n\n{request}",
        "files.answer": "Antworte in einem Satz nur anhand dieser Textstellen und nenne am Ende die Datei in "
        "Klammern. Wenn sie es nicht sagen, sage das.",
        "files.use": "Benutze nur diese Textstellen aus Dateien und nenne die Datei, aus der etwas stammt.",
        "files.sample": "Der Besprechungsraum ist im zweiten Stock.",
        "files.sample.asked": "Wo ist der Besprechungsraum?",
        "files.sample.answer": "Der Besprechungsraum ist im zweiten Stock (rooms.md).",
        "files.sample2": "Das Mittagessen gibt es um zwölf.",
        "files.sample2.asked": "Wann gibt es Mittagessen?",
        "files.sample2.answer": "Das Mittagessen gibt es um zwölf (lunch.md).",
        "files.passages": "Textstellen:",
        "warn.files": "Das Modell sieht keine Dateien; {name} kann mit --allow {allow} darin suchen.",
        "warn.words": "Textstellen werden nur nach ihren Wörtern gefunden; auch nach ihrem Sinn mit: {how}.",
        "search.results": "Antworte anhand dieser Suchergebnisse und nenne die Adresse, von der die Antwort stammt:",
        "warn.partly": "Dieser Teil wurde nicht als eigener Schritt verstanden: {parts}.",
        "example.labels": "Sport, Politik, Essen", "example.text": "Das Team gewann das Finale in der Verlängerung.",
        "example.label": "Sport", "example.text2": "Der Suppe fehlt Salz.", "example.label2": "Essen",
        "example.question": "Welche Farbe hat der Himmel an einem klaren Tag?",
        "example.reply": "Der Himmel ist an einem klaren Tag blau.",
        "example.question2": "Wer hat das Telefon erfunden?",
        "example.reply2": "Alexander Graham Bell hat das Telefon erfunden.",
        "example.extract": "Extrahiere die Person und die Stadt.",
        "example.extract.text": "Anna zog im Mai nach Oslo.",
        "example.extract.json": '{"person":"Anna","stadt":"Oslo"}',
        "example.extract2": "Extrahiere den Artikel, den Preis und den Laden.",
        "example.extract2.text": "Bei Brandt gibt es die blaue Lampe für 20 Euro.",
        "example.extract2.json": '{"artikel":"blaue Lampe","preis":"20 Euro","laden":"Brandt"}',
    },
    names="answer=antworten, summarize=zusammenfassen, translate=übersetzen, classify=einordnen, extract=extrahieren, "
    "rewrite=umschreiben, generate=schreiben, compare=vergleichen, critique=kritisieren, judge=urteilen, "
    "vote=die Mehrheit nehmen, plan=gliedern, compute=rechnen, write_code=Code schreiben, run_code=Code ausführen, "
    "debug_code=Fehler beheben, review_code=Code prüfen, search=suchen, retrieve=in den Dokumenten nachschlagen, "
    "read_data=Daten lesen, memory=merken, clarify=nachfragen",
)  # fmt: skip
