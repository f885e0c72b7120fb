"""Small words that decide what a text says, in the planner's five languages, Arabic and Chinese; all are folded.

A word that is missing here is one of many to ``engine.similarity``; one too many costs calls that were not needed.
"""

from __future__ import annotations

_NEGATIONS = """
    no not never none nobody nothing nowhere neither nor without cannot hardly
    nunca jamás nada nadie ningún ninguno ninguna ni tampoco sin
    ne pas jamais rien aucun aucune personne ni sans
    nicht nichts kein keine keinen keiner keinem keines nie niemals niemand weder ohne
    não nao ninguém nenhum nenhuma nem sem
    لا ليس ليست لم لن غير بدون بلا ولا ولم
"""
_DIRECTIONS = """
    all every only some both more less fewer most least before after above below over under up down
    first second third last next previous today tomorrow yesterday increase decrease
    todo todos toda todas solo sólo algunos algunas más menos antes después sobre bajo
    primero primera segundo segunda último última hoy mañana ayer
    tout tous toute toutes seulement quelques plus moins avant après dessus dessous
    premier première deuxième dernier dernière aujourd'hui demain hier
    alle jeder jede jedes nur einige beide mehr weniger vor nach über unter
    erste ersten zweite letzte letzten heute morgen gestern
    tudo todo só alguns algumas mais menos antes depois acima abaixo
    primeiro primeira último última hoje amanhã ontem
    قبل بعد أكثر أقل كل فقط اليوم غدا أمس
"""
_CALENDAR = """
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    lunes martes miércoles jueves viernes sábado domingo
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    lundi mardi mercredi jeudi vendredi samedi dimanche
    januar februar märz juni juli oktober dezember
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
    segunda-feira terça-feira quarta-feira quinta-feira sexta-feira
    الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
    يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
"""
_UNITS = """
    second seconds minute minutes hour hours day days week weeks month months year years
    mm cm m km mile miles inch inches foot feet yard yards metre metres meter meters kilometre kilometres kilometers
    g kg gram grams kilogram kilograms ton tons pound pounds ounce ounces litre litres liter liters gallon gallons
    celsius fahrenheit kelvin percent euro euros dollar dollars yen franc francs kb mb gb tb
    segundos minuto minutos hora horas día días semana semanas mes meses año años milla millas metro metros kilómetros
    gramos kilos libras litros dólares pesos
    secondes heure heures jour jours semaine semaines mois ans année années mètres kilomètres grammes livres
    sekunde sekunden minuten stunde stunden tag tage woche wochen monat monate jahr jahre meilen kilometer gramm pfund
    mês ano anos dia dias milhas quilômetros gramas reais
"""
SAID_APART = frozenset((_NEGATIONS + _DIRECTIONS + _CALENDAR + _UNITS).split())
"""Words of which texts that share an answer must have the same, in the same order."""

_COUNTS = """
    zero cero zéro null
    two dos deux zwei dois duas
    three tres trois drei três
    four cuatro quatre vier quatro
    five cinco cinq fünf
    six seis sechs
    seven siete sept sieben sete
    eight ocho huit acht oito
    nine nueve neuf neun nove
    ten diez dix zehn dez
    eleven once onze elf
    twelve doce douze zwölf doze
"""
_TENS = {
    20: "twenty veinte vingt zwanzig vinte",
    30: "thirty treinta trente dreißig trinta",
    40: "forty cuarenta quarante vierzig quarenta",
    50: "fifty cincuenta cinquante fünfzig cinquenta",
    60: "sixty sesenta soixante sechzig sessenta",
    70: "seventy setenta siebzig",
    80: "eighty ochenta achtzig oitenta",
    90: "ninety noventa neunzig",
    100: "hundred cien ciento cent hundert cem cento",
    1000: "thousand mil mille tausend",
    1_000_000: "million millón millones millions millionen milhão milhões",
}
_ROWS = (line.split() for line in _COUNTS.strip().splitlines())
NUMBERS = {
    # One is left out: in most of these languages it is an article too.
    **{word: str(count) for count, row in zip((0, *range(2, 13)), _ROWS, strict=True) for word in row},
    **{word.casefold(): str(count) for count, row in _TENS.items() for word in row.split()},
}
"""Numbers in words -> in digits."""

_OPENERS = """
    a an the this that these those i you he she it we they my your his her its our their there here
    what which who whom whose when where why how is are was were am be do does did have has had can could will would
    shall should may might must if and or but so as at by for from in of on to with please hi hello hey dear thanks
    thank also then let's i'm i've i'd i'll it's that's there's what's where's how's who's you're we're they're
    el la los las un una unos unas lo este esta esto ese esa eso yo tú él ella nosotros ellos usted mi tu su nuestro
    qué cuál quién cuándo dónde cómo por para es son está están hay ha he puede puedo si y o pero en de a con hola
    gracias estimado estimada
    le la les l' un une des ce cet cette ces je tu il elle on nous vous ils elles mon ma mes votre notre son sa ses
    que quoi quel quelle qui quand où comment pourquoi est sont c'est j'ai est-ce y a-t-il peut puis si et ou mais en
    de du à avec bonjour salut merci
    der die das den dem des ein eine einen einem einer ich du er sie es wir ihr ihnen mein meine dein ihre unser unsere
    was welche welcher welches wer wann wo wie warum ist sind war waren hat haben kann können wird werden bitte wenn
    und oder aber in von zu mit für auf hallo danke
    o os as um uma uns umas eu ele ela nós eles você vocês meu minha seu sua nosso isto isso este esta qual quem quando
    onde como por para é são está estão há tem pode posso se e ou mas em de com olá oi obrigado obrigada
"""
OPENERS = frozenset(_OPENERS.split())
"""Words that begin sentences; with a capital they are no names."""

LETTERS = frozenset("不没沒無无非未别別勿莫零一二两兩三四五六七八九十百千万萬亿億半前后後上下多少年月日时時分秒")
"""Characters that do in Chinese, and mostly in Japanese, what the words above do."""
