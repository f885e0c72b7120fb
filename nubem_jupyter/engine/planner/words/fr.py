"""French."""

from __future__ import annotations

from nubem_jupyter.engine.planner.lexicon import lexicon
from nubem_jupyter.engine.planner.words.right.fr import RIGHT

_STRUCTURE = {
    "then": "puis, ensuite, après cela, après quoi, enfin, finalement, par la suite, et puis, plus tard",
    "and": "et, aussi, également, ainsi que, &",
    "or": "ou, et, versus, vs, /",
    "before": "avant de, avant d', avant que, avant",
    "after": "après avoir, une fois que, après, après que",
    "if": "si, s', au cas où",
    "unless": "sauf si, à moins que",
    "else": "sinon, autrement, dans le cas contraire",
    "until": "jusqu'à ce que, jusqu' à ce que, jusqu' à ce qu', jusqu', jusqu'à",
    "that": "qui, que, qu', lequel, laquelle",
    "question": "quel, quelle, quels, quelles, laquelle, lequel, lesquelles, lesquels, qui, quand, où, pourquoi, "
    "comment, combien, est ce, qu' est ce, "
    "que signifie",
    "filler": "s' il te plaît, s' il vous plaît, peux, tu, pouvez, vous, pourrais, pourriez, je, j', veux, voudrais, "
    "aimerais, "
    "que, qu', aide, moi, à, me, m', d' abord, premièrement, il, faut, merci de, veuillez, de, d', et, puis, te, "
    "nous, doit, "
    "dois, le, la, les, l', ensuite, prends, il te plaît",
    "article": "un, une, le, la, les, l', autre, deux, trois, des, second, premier, son, sa, ses, leurs, tous, toutes",
    "agent": "agent*, assistant*, bot, bots, chatbot*",
    "framing": "pour, étant donné, étant donnée, étant donnés, étant données, avec, de, du, des, d', depuis, "
    "à partir de, à partir du, à partir, dans, en, sur, selon, à, au, aux",
    "each": "chaque, chacun, chacune, tous les, toutes les, un par un, une par une, ligne par ligne, individuellement",
    "parallel": "en parallèle, simultanément, en même temps, à la fois",
    "separate": "séparément, indépendamment, de façon indépendante, de manière indépendante, à part",
    "times": "fois, essais",
    "refer": "cela, ça, résultat*, résumé*, traduction*, tout, tous, toutes, précédent*, meilleur*, "
    "réponse*, brouillon*, liste, idée, idées, sortie, code, script, version*, celui, celle, lui",
    "clitic": "le, la, les, l', en, y, lui",
    "deictic": "ce, cet, cette, ces, suivant, suivante, suivants, suivantes, ci, mon, ma, mes, notre, nos, joint, "
    "jointe",
    "against": "contre, contres",
    "favour": "pour, en faveur",
    "argue": "argument*, défend*, débat*, expert*, plaid*",
    "as": "comme, en, entre, parmi, selon, si",
    "from": "de, du, dans, mentionné*, contenu*, figurant, depuis, à partir",
    "of": "de, du, d', des, dans, en, pour, par",
    "negation": "ne, n', pas, jamais, rien, aucun, aucune, sans",
    "table": "tableau, lignes, csv, dataframe, tableur",
    "list": "liste, listes",
    "tail": "json, csv, yaml, tableau, liste, dictionnaire, format",
}
_LIMITS = {
    "at_most": "moins de, moins d', au plus, au maximum, maximum, un maximum de, pas plus de, jusqu' à, en dessous de, "
    "maximum de, tout au plus, sans dépasser, ne pas dépasser, ne dépassez pas, ne dépasse pas, limite de, budget "
    "de, budget :",
    "beyond": "plus de, plus d', dépass*, excéd*, au delà de, supérieur*",
    "or_less": "au maximum, maximum, au plus, ou moins, max",
    "at_least": "au moins, minimum, au minimum, plus de",
    "spend": "dépens*, coût*, budget, pay*, prend*, utilis*, termin*, répond*",
    "lead": "pour, en, avec, et, mais",
    "relative": "qui, que, dont, coûtant",
    "cents": "cent, cents, centime, centimes",
    "dollars": "dollar, dollars, usd, $, euro, euros, €",
    "milliseconds": "ms, milliseconde*",
    "seconds": "seconde, secondes, sec, s",
    "minutes": "minute, minutes, min",
    "quality": "qualité, précision, exactitude, fiabilité",
    "local": "sans quitter ma machine, sans quitter cette machine, sans quitter mon ordinateur, sans quitter cet "
    "ordinateur, sans sortir de ma machine, sans sortir de cette machine, sans sortir de mon ordinateur, "
    "uniquement des modèles locaux, seulement des modèles locaux, uniquement les modèles locaux, "
    "que des modèles locaux, modèles locaux uniquement, modèles locaux seulement, avec des modèles locaux, "
    "utilise des modèles locaux, utilisez des modèles locaux, avec un modèle local, en local, localement, sur cette "
    "machine, sur ma machine, sur mon ordinateur, sur cet ordinateur, "
    "hors ligne, sans internet, sans connexion, sans le cloud, pas de cloud, sans services externes",
    "region_eu": "les données doivent rester dans l' UE, données doivent rester dans l' UE, les données restent "
    "dans l' UE, données restent dans l' UE, sans quitter l' UE, sans sortir de l' UE, les données ne doivent pas "
    "quitter l' UE, données ne doivent pas quitter l' UE",
    "region_us": "les données doivent rester aux États Unis, données doivent rester aux États Unis, les données "
    "restent aux États Unis, données restent aux États Unis, sans quitter les États Unis, sans sortir des États "
    "Unis, les données ne doivent pas quitter les États Unis, données ne doivent pas quitter les États Unis",
    "secure_high": "haute sécurité, sécurité élevée, sécurité maximale, sécurité haute, sécurité stricte, "
    "niveau de sécurité élevé, sécurité renforcée",
    "secure_medium": "sécurité moyenne, sécurité modérée, niveau de sécurité moyen",
    "prefer_quality": "le meilleur modèle, meilleur modèle possible, meilleure qualité, qualité maximale, "
    "peu importe le prix, peu importe le coût, le prix n' a pas d' importance, l' argent n' est pas un problème",
    "prefer_cost": "le moins cher possible, moins cher possible, modèle le moins cher, coût minimal, au moindre coût, "
    "à moindre coût",
    "prefer_latency": "le plus vite possible, le plus rapidement possible, plus rapide possible, modèle le plus "
    "rapide, "
    "au plus vite, dès que possible",
}
_VERBS = {
    "tell": "raconte*, raconte moi, conte moi, contez moi, narr*",
    "ask": "demande moi, demandez moi, demander, demande, demandez, pose moi, posez moi, interroge*, clarifi*",
    "remember": "souvien*, se souvien*, rappell*, retien*, retenir, mémoris*",
    "vote": "vote, voter, votez, prends la majorité, prends la réponse majoritaire, prenez la majorité",
    "debug": "débog*, débugu*, débug*, debug*",
    "fix": "corrige*, corriger, corrigez, répar*",
    "run": "exécut*, lanc*, fais tourner, faites tourner, teste le, teste la, essaie le",
    "print": "affich*, imprim*",
    "plot": "trac*, dessin*, visualis*, graphe, fais un graphique, faites un graphique, crée un graphique",
    "count": "compt*, dénombr*, décompt*",
    "filter": "ne garde que, ne gardez que, garde seulement, garde uniquement, filtr*, supprim*, enlèv*, enlev*, "
    "retir*, élimin*, tri, trie, trier, triez, nettoi*, nettoy*",
    "write": "écri*, rédig*, prépar*, compos*, ébauch*",
    "make": "crée, créer, créez, crées, fais, faire, faites, fabriqu*, construi*, développ*, conço*, concev*, produi*, "
    "implément*, programm*, code, coder",
    "generate": "génèr*, génér*, invent*, suggèr*, suggér*, propos*, imagin*, trouve des idées, recommand*, argument*, "
    "défend*, offre, remue méninges, brainstorm*",
    "give": "donn*, renvoi*, renvoy*, retourn*, fourni*, montr*, rends, rendre, rendez, sors, obtien*, veux, voudrais, "
    "aimerais",
    "find": "trouv*, cherch*, recherch*, identifi*, repèr*, repér*, localis*, signal*, relèv*, relev*",
    "review": "révis*, relis, relire, relisez, examin*, inspect*, audit*, passe en revue, passez en revue, revois",
    "analyse": "analys*, étudi*",
    "check": "vérifi*, contrôl*, valid*, assure*, confirm*, confront*",
    "read": "lis, lire, lisez, lit, charge, charger, chargez, ouvre, ouvrir, ouvrez, import*",
    "search": "cherch*, recherch*, consult*, collect*, rassemble des, récupèr*, récupér*, télécharg*, recueill*, "
    "fouill*, "
    "renseigne*",
    "folder": "dossier, répertoire",
    "reflexive": "",
    "within": "dans, en, parmi",
    "opening": "à partir de, à partir des, à partir du, d' après, selon, en utilisant, utilise, utilisez, à l' aide "
    "de, à l' aide des, en t' appuyant sur, en vous appuyant sur, sur la base de, sur la base des",
    "which": "quel, quelle, quels, quelles, laquelle, lequel, lesquelles, lesquels",
    "about": "parle de, parle d', parle du, parlent de, parlent d', parlent du, traite de, traitent de, mentionne, "
    "mentionnent, concerne, concernent",
    "searched": "sur internet, sur le web, sur la toile, en ligne, sur google, des informations, sur, au sujet de",
    "extract": "extrai*, extray*, extraire, relèv*, relev*, ressor*, sors les, dégag*",
    "list": "list*, énumèr*, énumér*, nomme, nommez, cite, citez, dresse la liste, dressez la liste",
    "classify": "class*, catégoris*, étiquet*, étiquèt*, regroup*, attribu*, rout*, ventil*",
    "detect": "détect*, détermin*, reconnai*, prédi*, dis si, dis moi si, dites si, dites moi si, décide si, indique "
    "si",
    "translate": "tradui*, mets en anglais, mets le en, passe en",
    "summarize": "résum*, synthétis*, condens*, raccourci*, abrèg*, abrég*, récapitul*, fais un résumé, faites un "
    "résumé, "
    "fais la synthèse",
    "report": "rends compte, rendre compte, rapporte, rapporter",
    "combine": "combin*, rassembl*, fusionn*, réuni*, join*, regroupe tout, assembl*, intègr*, consolid*, réunis",
    "rewrite": "réécri*, reformul*, paraphras*, simplifi*, édit*, anonymis*, pseudonymis*, transform*, converti*, "
    "adapt*, "
    "mets en forme, reformat*, développe ce, enrichi*, masqu*, remanie*, retouch*, récri*",
    "improve": "amélior*, peaufin*, optimis*, affin*, perfectionn*",
    "compare": "compar*, oppos*, confronte",
    "judge": "jug*, not*, évalu*, décid*, choisi*, sélectionn*, classe les par, classez les par, hiérarchis*, "
    "prioris*, "
    "tranch*, départag*",
    "critique": "critiqu*, comment*, donne ton avis, remets en question",
    "plan": "planifi*, esquiss*, structure, établis un plan, fais un plan, faites un plan, organise",
    "compute": "calcul*, résou*, résolv*, résoud*, additionn*, multipli*, divise, somme",
    "explain": "expliqu*, décri*, démontr*, prouv*, dis, dites, dis moi, dites moi, interprèt*, interprét*, "
    "justifi*, éclair*",
    "answer": "répond*",
}
_NOUNS = {
    "drop": "supprim*, enlèv*, enlev*, retir*, élimin*",
    "keep": "filtr*, ne garde que, ne gardez que, garde seulement, garde uniquement",
    "greeting": "bonjour, bonsoir, salut, coucou, merci",
    "tale": "blague*, histoire, conte, contes, fable*, anecdote*, légende*, devinette*",
    "by_code": "avec python, en python, en utilisant python, via python, à l' aide de python, au moyen de python, "
    "avec du code, avec un script, avec un programme",
    "aggregate": "moyenne, somme, total, combien, médiane, maximum, minimum, max, min, écart type, plus grand, plus "
    "petit",
    "quantity": "sont, est, combien, nombre, seulement, uniquement",
    "possessive": "mon, ma, mes, notre, nos",
    "using": "avec, utilisant, utilise, utilisez, via",
    "units": "mot, mots, caractères",
    "details": "détails, informations, précisions, manquant*, manque*, questions, exigences, besoins",
    "majority": "majorité, majoritaire*, plus fréquent*, consensus",
    "error": "erreur*, bug*, bogue*, problème*, vulnérabilité*, défaut*, faille*, anomalie*",
    "trace": "trace d' erreur, trace d' exécution, traceback*, exception*, message d' erreur, messages d' erreur, "
    "stack trace, pile",
    "remedy": "correctif*, correction*, solution*, remède*",
    "code": "code, fonction*, script*, sql, programme*, pull request*, pr, diff, commit*, classe, classes, requête*, "
    "algorithme*, expression régulière, regex, api, module*, méthode*, python, javascript, java, rust, typescript, "
    "html, "
    "css, notebook, dépôt, application, site",
    "sql": "sql, sqlite, postgres*, mysql",
    "tests": "test, tests, tests unitaires",
    "improvements": "amélioration*, changement*, optimisation*, modification*",
    "data": "csv, xlsx, excel, tableur, dataframe*, df, df.*, données, tableau, tableaux, colonne*, ligne, lignes, "
    "par mois, "
    "par région, par an, par catégorie, chiffres",
    "notes": "notes, document, documents, documentation, base de connaissances, wiki, archives, manuel*, politiques, "
    "source, sources, faq, fichiers, bibliothèque, intranet",
    "items": "date*, nom, noms, montant*, risque*, affirmation*, tâche*, actions, mots clés, entité*, chiffres, fait, "
    "faits, adresse*, téléphone*, sujet*, citation*, points, personnes, entreprises, lieux, délais, échéances, prix, "
    "produit, produits, nombres, exigences, décisions, conclusions",
    "label": "langue, sentiment, ton, spam, thème, sujet, catégorie*, émotion*, urgence, intention, polarité, "
    "priorité, "
    "toxicité, difficulté, positif*, négatif*",
    "grammar": "grammaire, orthographe, ponctuation, style, fautes, coquilles",
    "audience": "à un enfant, pour un enfant, aux enfants, pour enfants, pour les enfants, à un débutant, "
    "pour un débutant, pour débutants, aux débutants, en termes simples, en langage simple, à quelqu'un, "
    "avec des mots simples, à un non, pour un non, à une personne, grand public",
    "more": "plus, formel, poli, court, clair, simple, drôle",
    "difference": "différence*, ressemblance*, similitude*, avantages et inconvénients",
    "verdict": "verdict*, note, notes, score*, classement, gagnant*, jugement",
    "critical": "critique, critiques, avis, commentaires, retours",
    "outline": "plan, plans, ordre du jour, sommaire, itinéraire, étapes, calendrier, programme de, esquisse",
    "summary": "résumé*, synopsis, synthèse*, version courte, version brève, condensé, aperçu",
    "translation": "traduction*",
    "piece": "courriel*, email*, e mail*, mail*, rapport*, réponse*, lettre*, article*, poème*, haïku*, histoire*, "
    "essai*, "
    "slogan*, tweet*, description*, titre*, idée*, discours, message*, paragraphe*, texte, section*, blague*, "
    "chanson*, "
    "biographie, proposition*, brouillon*, annonce*, chapitre*, introduction, conclusion, communiqué*, post, "
    "billet*, conte*, "
    "noms pour, nom pour",
    "math": "math*, arithmétique, équation*, pourcentage",
    "textual": "texte*, article*, avis, message*, courriel*, mail*, ticket*, rapport*, transcription*, paragraphe*, "
    "contrat*, facture*, document*, lettre*, commentaire*, chapitre, conversation*, note, notes, histoire, essai, "
    "page*, "
    "discours, phrase*, politique, cv, reçu*, fichier, dossier, procès verbal, compte rendu, critiques",
    "asked": "question*, demande*",
    "subject": "section*, chapitre*, partie*, idée*, point, élément*",
    "difficulty": "facile*, difficile*",
    "sentiment": "sentiment*, polarité, opinion*, humeur",
    "urgency": "urgence, urgent*, priorité, gravité, importance",
    "language": "langue*",
    "spam": "spam",
}
WORDS = lexicon(
    code="fr",
    letters="èêëàùœîûô",
    common="sans ma mon mes "
    "le la les un une des de du d' l' au aux et ou en que qui pour dans par avec sur est sont ce cet cette ces "
    "ne pas se sa son ses mon ma mes il elle je tu vous nous puis chaque quel quelle comment moi à",
    endings="e s er ee ent ant ees ait ation ez r t eur era ons eurs ement ations ateur ra nt re te tes ts ements ion "
    "ions ants cation age ante ment z ais able sant ser sez ssez ssant ses se if ive ifs ives aire ir is it "
    "its",
    right=RIGHT,
    groups=_STRUCTURE | _LIMITS | _VERBS | _NOUNS,
    numbers="zéro, un une, deux, trois, quatre, cinq, six, sept, huit, neuf, dix",
    languages={
        "anglais": "en", "espagnol": "es", "français": "fr", "allemand": "de", "portugais": "pt", "italien": "it",
        "néerlandais": "nl", "chinois": "zh", "japonais": "ja", "russe": "ru", "arabe": "ar", "polonais": "pl",
        "catalan": "ca", "coréen": "ko", "turc": "tr", "suédois": "sv", "grec": "el",
    },
    labels={
        "sentiment": ("positif", "négatif", "neutre"), "urgency": ("haute", "moyenne", "basse"),
        "difficulty": ("facile", "difficile"), "spam": ("spam", "non spam"),
        "language": ("anglais", "espagnol", "français", "allemand", "portugais", "italien", "autre"),
        "yes_no": ("oui", "non"),
    },
    say={
        "system.answer": "Tu es un assistant soigneux. Réponds brièvement et directement.",
        "system.summarize": "Tu résumes fidèlement des textes. Réponds seulement par le résumé.",
        "system.translate": "Tu es traducteur. Réponds seulement par la traduction.",
        "system.classify": "Tu classes des textes. Réponds par une seule étiquette.",
        "system.extract": "Tu extrais des faits de textes. N'utilise que ce que dit le texte.",
        "system.rewrite": "Tu édites des textes. Réponds seulement par le nouveau texte.",
        "system.generate": "Tu écris bien. Réponds seulement par le texte.",
        "system.code": "Tu programmes en Python. Réponds par un seul programme complet dans un bloc de code.",
        "system.sql": "Tu écris des requêtes SQLite. Réponds par une seule requête dans un bloc de code.",
        "system.review": "Tu es expert en programmation. Nomme des problèmes concrets et des améliorations.",
        "system.judge": "Tu juges équitablement. Décide et donne une raison brève.",
        "system.critique": "Tu critiques avec soin. Nomme brièvement des faiblesses concrètes.",
        "system.compute": "Tu résous des problèmes pas à pas.",
        "translate": "Traduis ce texte en {target} :\n\n{material}",
        "classify": "Classe le texte sous une de ces étiquettes : {labels}.\n\nTexte : {material}",
        "classify.free": "{instruction}\nRéponds par une étiquette courte.\n\nTexte : {material}",
        "extract": "{instruction}\nChamps : {fields}.\n\nTexte : {material}",
        "answer": "Réponds à la question en une phrase courte.\n\n{material}",
        "check": "Est-ce vrai du texte : {condition} ? Réponds oui ou non.\n\nTexte : {material}",
        "for": "Argumente pour.", "against": "Argumente contre.",
        "only": "Regarde seulement ceci : {part}.",
        "program": "Laisse la réponse dans une variable nommée result et affiche-la.",
        "variables": "Ces variables contiennent déjà l'entrée : {names}.",
        "sql": "Écris une requête SQLite sur la table data. Réponds seulement par la requête. Ses premières lignes :",
        "debug": "Ce programme échoue. Réponds par le programme entier corrigé.",
        "questions": "Écris au plus trois questions courtes auxquelles il faut répondre avant de faire ceci "
        ":\n{instruction}",
        "memory": "Énumère les faits de cette conversation qui comptent pour la suite :\n\n{material}",
        "retrieve": "Copie les phrases des documents utiles pour ceci : {instruction}",
        "count": "Donnes-en exactement {count}.",
        "ask.text": "Quel texte faut-il utiliser ? Donnez-le avec -i text.",
        "ask.items": "Quelle liste d'éléments faut-il utiliser ? Donnez-la avec -i items.",
        "ask.code": "Quel code faut-il utiliser ? Donnez-le avec -i code.",
        "ask.table": "Quel tableau faut-il utiliser ? Donnez-le avec -i table.",
        "ask.documents": "Dans quels documents faut-il chercher ? Donnez-les avec -i documents.",
        "ask.question": "À quelle question faut-il répondre ? Donnez-la avec -i question.",
        "ask.details": "Que faut-il savoir de plus avant de commencer ?",
        "ask.other": "Quel est le second texte ? Donnez-le avec -i other.",
        "read.one": "Lu comme une étape : {steps}.",
        "read.many": "Lu comme {count} étapes : {steps}.",
        "read.limits": "Limites trouvées dans les mots : {limits}.",
        "read.each": "C'est fait pour chaque élément.",
        "join.then": ", puis ", "join.and": " et en même temps ",
        "warn.long": "La demande est longue : seul son début a été lu comme des instructions, le reste sert de texte à "
        "traiter.",
        "warn.length": "Rien n'impose cette longueur, elle est seulement dite au modèle : {parts}.",
        "warn.model": "Ceci n'a pas été lu comme un choix de modèle ; nommez les modèles avec --models : {parts}.",
        "warn.place": "Ceci n'a pas été lu comme une limite des lieux où vont les données ; posez-la avec "
        "--region ou --local : {parts}.",
        "warn.unread": "Aucune tâche connue n'a été trouvée ; la demande va telle quelle à un modèle.",
        "warn.search": "Il n'y a pas de moteur de recherche ici : le modèle répond avec ce qu'il sait.",
        "warn.search.leave": "Le modèle répond avec ce qu'il sait ; {name} peut chercher avec --allow {allow}.",
        "search.query": "Écris une courte requête pour la recherche web que cela demande. "
        "Réponds par la requête seule.\n\n{request}",
        "files.answer": "Réponds en une phrase à partir de ces passages seulement et termine par le fichier entre "
        "parenthèses. S'ils ne le disent pas, dis-le.",
        "files.use": "Sers-toi seulement de ces passages de fichiers et nomme le fichier d'où vient chaque chose.",
        "files.sample": "La salle de réunion est au deuxième étage.",
        "files.sample.asked": "Où est la salle de réunion ?",
        "files.sample.answer": "La salle de réunion est au deuxième étage (rooms.md).",
        "files.sample2": "Le déjeuner est servi à midi.",
        "files.sample2.asked": "Quand est le déjeuner ?",
        "files.sample2.answer": "Le déjeuner est servi à midi (lunch.md).",
        "files.passages": "Passages :",
        "warn.files": "Le modèle ne voit pas de fichiers ; {name} peut y chercher avec --allow {allow}.",
        "warn.words": "Les passages sont trouvés par leurs mots seulement ; par leur sens aussi, avec : {how}.",
        "search.results": "Réponds à partir de ces résultats de recherche et indique l'adresse d'où vient la réponse :",
        "warn.partly": "Cette partie n'a pas été comprise comme une étape : {parts}.",
        "example.labels": "sport, politique, cuisine", "example.text": "L'équipe a gagné la finale en prolongation.",
        "example.label": "sport", "example.text2": "La soupe manque de sel.", "example.label2": "cuisine",
        "example.question": "De quelle couleur est le ciel par beau temps ?",
        "example.reply": "Le ciel est bleu par beau temps.",
        "example.question2": "Qui a inventé le téléphone ?",
        "example.reply2": "Alexander Graham Bell a inventé le téléphone.",
        "example.extract": "Extrais la personne et la ville.",
        "example.extract.text": "Anne a déménagé à Oslo en mai.",
        "example.extract.json": '{"personne":"Anne","ville":"Oslo"}',
        "example.extract2": "Extrais l'article, le prix et le magasin.",
        "example.extract2.text": "Chez Martin on trouve la lampe bleue à 20 euros.",
        "example.extract2.json": '{"article":"lampe bleue","prix":"20 euros","magasin":"Chez Martin"}',
    },
    names="answer=répondre, summarize=résumer, translate=traduire, classify=classer, extract=extraire, "
    "rewrite=réécrire, generate=rédiger, compare=comparer, critique=critiquer, judge=juger, "
    "vote=prendre la majorité, plan=esquisser, compute=calculer, write_code=écrire du code, "
    "run_code=exécuter le code, debug_code=déboguer, review_code=relire le code, search=chercher, "
    "retrieve=consulter les documents, read_data=lire les données, memory=se souvenir, clarify=demander",
)  # fmt: skip
