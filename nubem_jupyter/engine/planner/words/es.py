"""Spanish."""

from __future__ import annotations

from nubem_jupyter.engine.planner.lexicon import lexicon
from nubem_jupyter.engine.planner.words.right.es import RIGHT

_STRUCTURE = {
    "then": "luego, después, despues, a continuación, entonces, finalmente, por último, por fin, más tarde, "
    "posteriormente, seguidamente, tras eso, después de eso, acto seguido",
    "and": "y, e, además, también, así como, &",
    "or": "o, u, y, e, versus, vs, /",
    "before": "antes de, antes de que, previo a",
    "after": "después de, tras, una vez que, cuando hayas, después de que",
    "if": "si, en caso de que, siempre que",
    "unless": "a menos que, salvo que, a no ser que",
    "else": "si no, de lo contrario, en caso contrario, sino",
    "until": "hasta que, hasta",
    "that": "que, quien, el cual, la cual",
    "question": "qué, cuál, cuáles, quién, quiénes, cuándo, dónde, por qué, cómo, cuánto, cuánta, cuántos, cuántas, "
    "es, "
    "son, hay, está, tiene, de qué, en qué, a qué",
    "filler": "por favor, puedes, podrías, puede, podría, quiero, quisiera, necesito, me gustaría, ayúdame, a, me, "
    "que, "
    "primero, primeramente, segundo, tercero, y, luego, también, además, haz el favor de, hazme el favor de, debes, "
    "debe, tiene, tienes, vamos, se, lo, la, los, las, favor, de, toma, nos, deberías, automáticamente",
    "article": "un, una, el, la, los, las, otro, otra, dos, tres, unos, unas, segundo, primer, su, sus, todos, todas",
    "agent": "agente*, asistente*, bot, bots, chatbot*, flujo*",
    "framing": "para, por, dado, dada, dados, dadas, con, de, del, desde, a partir de, en, a, usando, utilizando, "
    "sobre, según, teniendo",
    "each": "cada, todas las, todos los, uno por uno, una por una, fila por fila, individualmente, cada uno, cada una",
    "parallel": "en paralelo, simultáneamente, al mismo tiempo, a la vez",
    "separate": "por separado, separadamente, independientemente, de forma independiente, de manera independiente, "
    "de forma separada, aparte",
    "times": "veces, intentos",
    "refer": "ello, esto, eso, resultado*, resumen*, traducci*, todo, todas, todos, ambos, ambas, "
    "anterior*, mejor, respuesta*, borrador*, lista, idea, ideas, salida, código, script, versión*, ellas, ellos, "
    "conjunto",
    "clitic": "lo, la, los, las",
    "deictic": "este, esta, estos, estas, siguiente, siguientes, adjunto, adjunta, mi, mis, nuestro, nuestra, "
    "nuestros, "
    "nuestras, dado, dada",
    "against": "en contra, contra, contras",
    "favour": "a favor, pros, favor",
    "argue": "argument*, defiend*, defend*, debat*, expert*, abog*",
    "as": "como, en, entre, si, por ser",
    "from": "de, del, en, mencionad*, contenid*, que aparec*, a partir de, desde, dentro",
    "of": "de, del, en, para, por",
    "negation": "no, nunca, nada, ningún, ninguna, ninguno, sin, tampoco",
    "table": "tabla, filas, csv, dataframe, hoja de cálculo",
    "list": "lista, listas, listado",
    "tail": "json, csv, yaml, tabla, lista, diccionario, formato",
}
_LIMITS = {
    "at_most": "menos de, como máximo, máximo, un máximo de, máximo de, a lo sumo, no más de, hasta, por debajo de, "
    "como mucho, sin pasar de, sin superar, no superar, límite de, presupuesto de, presupuesto :, sin exceder, en "
    "menos de, "
    "por menos de",
    "beyond": "más de, supere*, superar, exced*, pase de, por encima de, más que",
    "or_less": "como máximo, máximo, o menos, como mucho, a lo sumo",
    "at_least": "al menos, mínimo, por lo menos, un mínimo de, como mínimo, más de",
    "spend": "gast*, cuest*, costar, coste, presupuesto, pag*, tard*, demor*, us*, utiliz*, termin*, respond*, invert*",
    "lead": "por, en, con, y, pero, que, sin",
    "relative": "que, cuyo, cuyos, con precio",
    "cents": "centavo, centavos, céntimo, céntimos, cent, cents, centimo, centimos",
    "dollars": "dólar, dólares, usd, $, euro, euros, €",
    "milliseconds": "ms, milisegundo*",
    "seconds": "segundo, segundos, seg, s",
    "minutes": "minuto, minutos, min",
    "quality": "calidad, precisión, exactitud, acierto, confianza",
    "local": "sin salir de mi máquina, sin salir de mi computadora, sin salir de mi equipo, sin salir de la máquina, "
    "sin salir de este equipo, "
    "solo modelos locales, sólo modelos locales, únicamente modelos locales, solamente modelos locales, "
    "usa modelos locales, usando modelos locales, con modelos locales, utiliza modelos locales, "
    "con un modelo local, en local, localmente, en esta máquina, en mi máquina, en mi ordenador, "
    "en mi computadora, en este equipo, sin conexión, sin internet, sin la nube, sin usar la nube, "
    "sin salir de esta máquina, sin salir de mi ordenador, nada en la nube, sin servicios externos",
    "region_eu": "los datos deben quedarse en la UE, datos deben quedarse en la UE, los datos se quedan en la UE, "
    "datos se quedan en la UE, sin salir de la UE, los datos no deben salir de la UE, datos no deben salir de la UE",
    "region_us": "los datos deben quedarse en EEUU, datos deben quedarse en EEUU, los datos se quedan en EEUU, "
    "datos se quedan en EEUU, sin salir de EEUU, los datos no deben salir de EEUU, datos no deben salir de EEUU",
    "secure_high": "alta seguridad, seguridad alta, máxima seguridad, seguridad máxima, nivel de seguridad alto, "
    "seguridad estricta",
    "secure_medium": "seguridad media, seguridad moderada, nivel de seguridad medio",
    "prefer_quality": "el mejor modelo, mejor modelo posible, mejor calidad, máxima calidad, mejor calidad posible, "
    "el dinero no importa, el dinero no es problema, sin importar el coste, sin importar el costo, "
    "el precio no importa",
    "prefer_cost": "lo más barato posible, más barato posible, modelo más barato, menor coste, menor costo, "
    "mínimo coste, mínimo costo, coste mínimo, costo mínimo",
    "prefer_latency": "lo más rápido posible, más rápido posible, cuanto antes, modelo más rápido, menor latencia, "
    "lo antes posible",
}
_VERBS = {
    "tell": "cuéntame, cuéntanos, cuéntale, cuénteme, cuéntenos, contarme, contarnos, me cuentas, me cuentes, "
    "nárra*, narr*, relat*",
    "ask": "pregúntame, preguntame, pregunta, pregunte, preguntar, pregúntale, aclara, aclarar, consúltame, pídeme",
    "remember": "recuerd*, recordar, record*, memori*, acuérd*, no olvides",
    "vote": "vota, votar, vote, votación, toma la mayoría, toma la mayoritaria",
    "debug": "depur*, debug*",
    "fix": "arregl*, repar*, corrig*, correg*, soluciona*, subsan*",
    "run": "ejecut*, ejecút*, corre, córre*, correr, corrl*, lanz*, pruébal*, pruebal*, correl*",
    "print": "imprim*, muestra por pantalla",
    "plot": "grafic*, grafiqu*, dibuj*, visuali*, haz un gráfico, hacer un gráfico, traza, crea un gráfico",
    "count": "cuenta, cuente, cuenten, cuentas, cuentan, cuéntal*, cuéntel*, contar, contarl*, contabili*, contando",
    "filter": "quédate con, quédate solo con, conserva solo, deja solo, filtr*, elimin*, quit*, descart*, borr*, "
    "orden*, limpi*",
    "write": "escrib*, redact*, prepar*, compón, compon*, elabor*",
    "make": "crea, crear, cree, créa*, creando, haz, hacer, haga, hazme, construy*, desarroll*, diseñ*, produc*, "
    "implement*, program*, arm*",
    "generate": "gener*, invent*, sugier*, sugerir, sugiér*, propón*, propon*, imagin*, piensa, lluvia de ideas, "
    "recomiend*, recomend*, ofrec*, argument*, defiend*, ocúrr*, aporta",
    "give": "da, dame, dar, danos, dé, deme, devuelv*, devolver, entreg*, proporcion*, muestra, muéstra*, mostrar, "
    "ofréc*, saca, obtén*, obten*, obtien*, quiero, necesito, quisiera",
    "find": "encuentr*, encontr*, busc*, búsc*, identific*, identifiqu*, localiz*, señal*, detecta errores, marca",
    "review": "revis*, inspeccion*, audit*, examin*, repas*",
    "analyse": "analiz*, analic*, analiza, evalúa el código, estudia*",
    "check": "comprueb*, comprob*, verific*, verifiqu*, valid*, asegúr*, asegur*, contrast*, confirm*, chequ*",
    "read": "lee, leer, lea, léel*, leel*, leyendo, carga, cargar, cargue, abre, abrir, importa, importar",
    "search": "busc*, búsc*, investig*, consult*, recopil*, descarg*, recoge, recoger, recopila, averigu*, reún*, "
    "reun*",
    "folder": "carpeta, directorio",
    "reflexive": "",
    "within": "en, dentro de, entre",
    "opening": "a partir de, según, usando, utilizando, usa, utiliza, con ayuda de, basándote en, basado en, con base "
    "en, de acuerdo con, desde",
    "which": "cuál, cuáles, qué",
    "about": "habla de, hablan de, trata de, tratan de, menciona, mencionan, se refiere a, se refieren a, tiene que "
    "ver con",
    "searched": "en internet, en la web, en la red, en línea, en google, internet, información, sobre, acerca de, por",
    "extract": "extrae*, extrai*, extraig*, extraí*, extráe*, saca los, saca las, saca el, saca la, captur*, recoge "
    "los",
    "list": "list*, enumer*, lístame, listame, nombra, cita",
    "classify": "clasific*, clasifiqu*, clasifíc*, categori*, etiquet*, agrup*, enrut*, asign*, organiz* por",
    "detect": "detect*, determin*, reconoc*, predic*, di si, dime si, decide si, indica si, comprueba si, averigua si",
    "translate": "traduc*, traduzc*, tradúc*, pasa al inglés, pásalo al, pasa al, vierte",
    "summarize": "resum*, resúm*, sintetiz*, sintetic*, condens*, acort*, abrevi*, haz un resumen, hacer un resumen",
    "report": "informa, informar, informe de, reporta, reportar",
    "combine": "junta, juntar, junte, júnta*, combin*, une, unir, únel*, reúne*, fusion*, integr*, consolid*, agrupa "
    "todo",
    "rewrite": "reescrib*, parafras*, reformul*, simplific*, simplifiqu*, edit*, anonimi*, anonimic*, pul*, "
    "convierte*, "
    "convert*, conviért*, transform*, adapt*, corrig* la, pasa a, formatea, formatear, censur*, enmascar*, expand*, "
    "amplía, ampliar, refactoriz*, suaviza, reelabor*",
    "improve": "mejor*, mejór*, refin*, optimi*, perfeccion*",
    "compare": "compar*, compár*, contrapon*",
    "judge": "juzg*, puntú*, puntu*, califi*, evalú*, evalu*, decid*, elig*, elíg*, elegir, escog*, escoj*, "
    "selecciona*, "
    "prioriz*, valora*, clasifícalos por, clasifícalas por, ordénal*, ordenal*",
    "critique": "critic*, critiqu*, crític*, comenta, comentar, cuestion*, objet*",
    "plan": "planific*, planifiqu*, planea*, esquemati*, esboz*, estructura, haz un esquema, haz un plan, bosquej*",
    "compute": "calcul*, cálcul*, resuelv*, resolver, comput*, suma, sumar, promedi*, multiplic*, divide",
    "explain": "explic*, explíc*, expliqu*, describ*, descríb*, demuestr*, demostr*, dime, di, enseñ*, "
    "interpret*, justific*, aclara",
    "answer": "respond*, respónd*, contest*, contést*",
}
_NOUNS = {
    "drop": "elimin*, quit*, descart*, borr*",
    "keep": "filtr*, quédate con, quédate solo con, conserva solo, deja solo",
    "greeting": "hola, buenos días, buenas tardes, buenas noches, buenas, gracias, saludos, adiós",
    "tale": "chiste*, cuento, cuentos, historia, anécdota*, fábula*, leyenda*, adivinanza*",
    "by_code": "con python, usando python, en python, mediante python, utilizando python, con código, con un script, "
    "usando un script, con un programa, con un programa en python",
    "aggregate": "media, promedio, suma, total, cuántos, cuántas, mediana, máximo, máxima, mínimo, mínima, mayor, "
    "menor, desviación",
    "quantity": "cuántos, cuántas, cuánto, cuánta, número, cantidad, solo, sólo, solamente",
    "possessive": "mi, mis, nuestro, nuestra, nuestros, nuestras",
    "using": "con, usando, usa, utilizando, utiliza, mediante, vía",
    "units": "palabra, palabras, caracteres",
    "details": "detalles, datos que falt*, falt*, preguntas, información, aclaraciones, requisitos, dudas",
    "majority": "mayoría, mayoritari*, más frecuente, más común, consenso",
    "error": "error*, bug*, fallo*, problema*, vulnerabilidad*, defecto*, fallas",
    "trace": "traza*, traceback*, excepción, excepciones, mensaje de error, stack trace, volcado",
    "remedy": "solución, arreglo, corrección, parche",
    "code": "código, función, funciones, script*, sql, programa, programas, pull request*, pr, diff, commit*, clase, "
    "clases, consulta, consultas, algoritmo*, expresión regular, regex, api, módulo*, método*, python, javascript, "
    "java, "
    "rust, typescript, html, css, cuaderno, repositorio, página web, aplicación, app",
    "sql": "sql, sqlite, postgres*, mysql",
    "tests": "prueba*, test*, pruebas unitarias, tests unitarios",
    "improvements": "mejora, mejoras, cambio*, refactoriza*, optimizacion*",
    "data": "csv, xlsx, excel, hoja de cálculo, dataframe*, df, df.*, datos, tabla, tablas, columna*, fila, filas, "
    "por mes, "
    "por región, por año, por categoría, cifras",
    "notes": "notas, documento, documentos, documentación, base de conocimiento, wiki, archivo, archivos, manual, "
    "manuales, políticas, fuentes, fuente, faq, biblioteca, intranet, apuntes",
    "items": "fecha*, nombre*, importe*, riesgo*, afirmacion*, tarea*, acciones, entidad*, palabras clave, cifras, "
    "hechos, correos, direccion*, teléfono*, tema*, cita*, puntos, puntos clave, personas, empresas, lugares, plazos, "
    "precios, precio, producto, productos, números, datos clave, requisitos, decisiones, conclusiones, cantidades",
    "label": "idioma, sentimiento, tono, spam, tema, categoría*, emoción, urgencia, intención, polaridad, prioridad, "
    "toxicidad, dificultad, lengua, positiv*, negativ*",
    "grammar": "gramática, ortografía, puntuación, estilo, redacción, erratas, faltas",
    "audience": "a un niño, a una niña, para niños, a niños, para principiantes, a un principiante, en términos "
    "sencillos, "
    "en lenguaje sencillo, en palabras sencillas, a alguien, a quien, para alguien, a una persona, a mi, para un no, "
    "a un no, lenguaje claro, para el público",
    "more": "más, formal, cortés, amable, claro, sencillo, breve, divertid*",
    "difference": "diferencia*, similitud*, ventajas y desventajas, semejanza*",
    "verdict": "veredicto*, puntuacion, puntuación, calificación, nota, ganador*, fallo, dictamen, ranking",
    "critical": "crítica, críticas, comentarios, opinión crítica, retroalimentación",
    "outline": "esquema, plan, planes, agenda, índice, itinerario, guion, pasos, cronograma, esbozo",
    "summary": "resumen, resúmenes, sinopsis, síntesis, versión corta, versión breve, versión abreviada, extracto",
    "translation": "traducción, traducciones",
    "piece": "correo*, email*, informe*, respuesta*, carta*, publicación, post, poema*, haiku*, historia*, cuento*, "
    "artículo*, ensayo*, eslogan*, tuit*, tweet*, descripción*, título*, titular*, idea*, discurso*, mensaje*, "
    "párrafo*, "
    "texto, sección*, secciones, boletín, chiste*, canción, biografía, propuesta*, borrador*, anuncio*, capítulo*, "
    "introducción, conclusión, comunicado*, nombres para, entrada",
    "math": "matemátic*, aritmética, ecuación, problema de, porcentaje",
    "textual": "texto*, artículo*, reseña*, opinion*, mensaje*, correo*, ticket*, informe*, transcripción, párrafo*, "
    "contrato*, factura*, documento*, carta*, comentario*, publicaci*, capítulo, registro*, conversación*, nota, "
    "notas, "
    "historia, ensayo, página*, resumen, discurso, frase*, oración*, política, currículum, recibo*, archivo, acta, "
    "queja*",
    "asked": "pregunta*, consulta, solicitud",
    "subject": "sección, secciones, capítulo*, parte, partes, idea, ideas, punto, apartado*, elemento*",
    "difficulty": "fácil*, difícil*, sencill*",
    "sentiment": "sentimiento*, polaridad, opinión, ánimo",
    "urgency": "urgencia, urgente, prioridad, gravedad, importancia",
    "language": "idioma*, lengua",
    "spam": "spam",
}
WORDS = lexicon(
    code="es",
    letters="ñ¿¡",
    common="el la los las un una de del al en y o que por para con es son está este esta estos estas no si lo le se "
    "su sus mi me como más cada pero sobre entre desde hasta cuál cómo quién dónde luego",
    enclitics=("lo", "la", "los", "las"),
    endings="a o ar ado an e s ando ada en ados es as acion aciones adas os amos n iendo ador ara arlo arla arlos "
    "arlas r ido ida io ir do adores cion er da idos ndo emos idas al or i das ciones adora ores able elo ela "
    "elos elas alo ala alos alas lo la los las enlo enla melo mela selo ame eme me nos arme arnos irlo irla "
    "erlo erla ion amiento iento ivo iva ivas ivos ales idad ue uen ices",
    right=RIGHT,
    groups=_STRUCTURE | _LIMITS | _VERBS | _NOUNS,
    numbers="cero, un una uno, dos par, tres, cuatro, cinco, seis, siete, ocho, nueve, diez",
    languages={
        "inglés": "en", "español": "es", "castellano": "es", "francés": "fr", "alemán": "de", "portugués": "pt",
        "italiano": "it", "neerlandés": "nl", "chino": "zh", "japonés": "ja", "ruso": "ru", "árabe": "ar",
        "polaco": "pl", "catalán": "ca", "coreano": "ko", "turco": "tr", "sueco": "sv", "griego": "el",
    },
    labels={
        "sentiment": ("positivo", "negativo", "neutro"), "urgency": ("alta", "media", "baja"),
        "difficulty": ("fácil", "difícil"), "spam": ("spam", "no spam"),
        "language": ("inglés", "español", "francés", "alemán", "portugués", "italiano", "otro"),
        "yes_no": ("sí", "no"),
    },
    say={
        "system.answer": "Eres un asistente cuidadoso. Responde de forma breve y directa.",
        "system.summarize": "Resumes textos con fidelidad. Responde solo con el resumen.",
        "system.translate": "Eres traductor. Responde solo con la traducción.",
        "system.classify": "Clasificas textos. Responde solo con una etiqueta.",
        "system.extract": "Extraes datos de textos. Usa solo lo que dice el texto.",
        "system.rewrite": "Editas textos. Responde solo con el texto nuevo.",
        "system.generate": "Escribes bien. Responde solo con el texto.",
        "system.code": "Programas en Python. Responde con un solo programa completo en un bloque de código.",
        "system.sql": "Escribes consultas SQLite. Responde con una sola consulta en un bloque de código.",
        "system.review": "Eres una persona experta en programación. Señala problemas concretos y mejoras.",
        "system.judge": "Juzgas con justicia. Decide y da una razón breve.",
        "system.critique": "Criticas con cuidado. Señala debilidades concretas, con brevedad.",
        "system.compute": "Resuelves problemas paso a paso.",
        "translate": "Traduce este texto al {target}:\n\n{material}",
        "classify": "Clasifica el texto con una de estas etiquetas: {labels}.\n\nTexto: {material}",
        "classify.free": "{instruction}\nResponde con una etiqueta corta.\n\nTexto: {material}",
        "extract": "{instruction}\nCampos: {fields}.\n\nTexto: {material}",
        "answer": "Responde a la pregunta con una frase corta.\n\n{material}",
        "check": "¿Se cumple esto en el texto: {condition}? Responde sí o no.\n\nTexto: {material}",
        "for": "Argumenta a favor.", "against": "Argumenta en contra.",
        "only": "Fíjate solo en esto: {part}.",
        "program": "Deja la respuesta en una variable llamada result e imprímela.",
        "variables": "Estas variables ya contienen la entrada: {names}.",
        "sql": "Escribe una consulta SQLite sobre la tabla data. Responde solo con la consulta. Sus primeras filas "
        "son:",
        "debug": "Este programa falla. Responde con el programa completo corregido.",
        "questions": "Escribe como máximo tres preguntas breves que hay que responder antes de hacer "
        "esto:\n{instruction}",
        "memory": "Enumera los datos de esta conversación que importan más adelante:\n\n{material}",
        "retrieve": "Copia las frases de los documentos que sirven para esto: {instruction}",
        "count": "Da exactamente {count}.",
        "ask.text": "¿Qué texto se debe usar? Dalo con -i text.",
        "ask.items": "¿Qué lista de elementos se debe usar? Dala con -i items.",
        "ask.code": "¿Qué código se debe usar? Dalo con -i code.",
        "ask.table": "¿Qué tabla se debe usar? Dala con -i table.",
        "ask.documents": "¿En qué documentos se debe buscar? Dalos con -i documents.",
        "ask.question": "¿Qué pregunta se debe responder? Dala con -i question.",
        "ask.details": "¿Qué más hay que saber antes de empezar?",
        "ask.other": "¿Cuál es el segundo texto? Dalo con -i other.",
        "read.one": "Leído como un paso: {steps}.",
        "read.many": "Leído como {count} pasos: {steps}.",
        "read.limits": "Límites hallados en las palabras: {limits}.",
        "read.each": "Se hace para cada elemento.",
        "join.then": ", luego ", "join.and": " y a la vez ",
        "warn.long": "La petición es larga: solo se leyó su primera parte como instrucciones; el resto se toma como el "
        "texto de trabajo.",
        "warn.length": "Nada obliga a esta longitud; solo se le dice al modelo: {parts}.",
        "warn.model": "Esto no se leyó como elección de modelo; nombra los modelos con --models: {parts}.",
        "warn.place": "Esto no se leyó como límite de adónde pueden ir los datos; fija uno con --region o "
        "--local: {parts}.",
        "warn.unread": "No se halló ninguna tarea conocida; la petición va tal cual a un modelo.",
        "warn.search": "Aquí no hay buscador: el modelo responde con lo que sabe.",
        "warn.search.leave": "El modelo responde con lo que sabe; {name} puede buscar si añades --allow {allow}.",
        "search.query": "Escribe una consulta breve para el buscador web que esto necesita. "
        "Responde solo con la consulta.\n\n{request}",
        "files.answer": "Responde con una frase solo a partir de estos pasajes y termina con el archivo entre "
        "paréntesis. Si no lo dicen, dilo.",
        "files.use": "Usa solo estos pasajes de archivos e indica de qué archivo sale cada cosa.",
        "files.sample": "La sala de reuniones está en el segundo piso.",
        "files.sample.asked": "¿Dónde está la sala de reuniones?",
        "files.sample.answer": "La sala de reuniones está en el segundo piso (rooms.md).",
        "files.sample2": "La comida se sirve a mediodía.",
        "files.sample2.asked": "¿Cuándo es la comida?",
        "files.sample2.answer": "La comida se sirve a mediodía (lunch.md).",
        "files.passages": "Pasajes:",
        "warn.files": "El modelo no ve archivos; {name} puede buscar en ellos si añades --allow {allow}.",
        "warn.words": "Los pasajes se buscan solo por sus palabras; también por lo que significan, con: {how}.",
        "search.results": "Responde a partir de estos resultados de búsqueda e indica la dirección de la que sale:",
        "warn.partly": "Esta parte no se entendió como un paso propio: {parts}.",
        "example.labels": "deporte, política, comida", "example.text": "El equipo ganó la final en la prórroga.",
        "example.label": "deporte", "example.text2": "A la sopa le falta sal.", "example.label2": "comida",
        "example.question": "¿De qué color es el cielo en un día despejado?",
        "example.reply": "El cielo es azul en un día despejado.",
        "example.question2": "¿Quién inventó el teléfono?",
        "example.reply2": "Alexander Graham Bell inventó el teléfono.",
        "example.extract": "Extrae la persona y la ciudad.",
        "example.extract.text": "Ana se mudó a Oslo en mayo.",
        "example.extract.json": '{"persona":"Ana","ciudad":"Oslo"}',
        "example.extract2": "Extrae el artículo, el precio y la tienda.",
        "example.extract2.text": "En Casa Robles se vende la lámpara azul por 20 euros.",
        "example.extract2.json": '{"articulo":"lámpara azul","precio":"20 euros","tienda":"Casa Robles"}',
    },
    names="answer=responder, summarize=resumir, translate=traducir, classify=clasificar, extract=extraer, "
    "rewrite=reescribir, generate=redactar, compare=comparar, critique=criticar, judge=juzgar, "
    "vote=tomar la mayoría, plan=esbozar, compute=calcular, write_code=escribir código, run_code=ejecutar código, "
    "debug_code=depurar, review_code=revisar código, search=buscar, retrieve=consultar los documentos, "
    "read_data=leer los datos, memory=recordar, clarify=preguntar",
)  # fmt: skip
