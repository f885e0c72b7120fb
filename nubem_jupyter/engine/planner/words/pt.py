"""Portuguese."""

from __future__ import annotations

from nubem_jupyter.engine.planner.lexicon import lexicon
from nubem_jupyter.engine.planner.words.right.pt import RIGHT

_STRUCTURE = {
    "then": "depois, em seguida, então, por fim, finalmente, a seguir, posteriormente, depois disso, logo após, e "
    "depois",
    "and": "e, também, além disso, bem como, &",
    "or": "ou, e, versus, vs, /",
    "before": "antes de, antes que",
    "after": "depois de, após, uma vez que, assim que",
    "if": "se, caso",
    "unless": "a menos que, a não ser que",
    "else": "senão, caso contrário, do contrário",
    "until": "até que, até",
    "that": "que, quem, o qual, a qual",
    "question": "qual, quais, por quanto, durante quanto, quem, quando, onde, por que, como, quanto, quanta, quantos, "
    "quantas, o que, é, são, "
    "em que, de que",
    "filler": "por favor, pode, poderia, podes, podia, você, tu, eu, quero, queria, gostaria, preciso, de, me, "
    "ajude, ajuda, a, "
    "primeiro, primeiramente, que, e, também, nos, deve, o, os, as, se, pegue, favor, vamos, depois, então",
    "article": "um, uma, o, a, os, as, outro, outra, dois, duas, três, segundo, primeiro, seu, sua, seus, suas, "
    "todos, todas",
    "agent": "agente*, assistente*, bot, bots, chatbot*",
    "framing": "para, por, dado, dada, dados, dadas, com, de, do, da, dos, das, desde, a partir de, "
    "a partir da, a partir do, em, no, na, nos, nas, a, ao, usando, utilizando, sobre, segundo",
    "each": "cada, todas as, todos os, um por um, uma por uma, linha por linha, individualmente",
    "parallel": "em paralelo, simultaneamente, ao mesmo tempo",
    "separate": "separadamente, em separado, independentemente, de forma independente, de maneira independente, à "
    "parte",
    "times": "vezes, tentativas",
    "refer": "isso, isto, ele, ela, eles, elas, resultado*, resumo*, tradução*, tudo, todos, todas, ambos, "
    "anterior*, melhor, resposta*, rascunho*, lista, ideia, ideias, saída, código, script, versão*",
    "clitic": "o, a, os, as, lo, la, los, las",
    "deictic": "este, esta, estes, estas, esse, essa, esses, essas, deste, desta, destes, destas, desse, dessa, "
    "neste, nesta, "
    "seguinte, seguintes, meu, minha, meus, minhas, nosso, nossa, nossos, nossas, anexo, abaixo",
    "against": "contra, contras",
    "favour": "a favor, prós, favor",
    "argue": "argument*, defend*, debat*, especialista*, advog*",
    "as": "como, em, entre, se",
    "from": "de, do, da, dos, das, deste, desta, em, no, na, mencionad*, contid*, a partir",
    "of": "de, do, da, em, para, por",
    "negation": "não, nunca, nada, nenhum, nenhuma, sem",
    "table": "tabela, linhas, csv, dataframe, planilha",
    "list": "lista, listas",
    "tail": "json, csv, yaml, tabela, lista, dicionário, formato",
}
_LIMITS = {
    "at_most": "menos de, no máximo, máximo, um máximo de, máximo de, até, não mais de, não mais que, abaixo de, sem "
    "passar de, "
    "sem ultrapassar, não ultrapassar, limite de, orçamento de, orçamento :, menos que",
    "beyond": "mais de, mais que, ultrapass*, exced*, acima de, passar de",
    "or_less": "no máximo, máximo, ou menos",
    "at_least": "pelo menos, no mínimo, mínimo, ao menos, mais de",
    "spend": "gast*, cust*, orçamento, pag*, demor*, lev*, us*, utiliz*, respond*, termin*",
    "lead": "por, em, com, e, mas",
    "relative": "que, cujo, cujos",
    "cents": "centavo, centavos, cêntimo, cêntimos, cent, cents",
    "dollars": "dólar, dólares, usd, $, euro, euros, €",
    "milliseconds": "ms, milissegundo*, milésimo*",
    "seconds": "segundo, segundos, seg, s",
    "minutes": "minuto, minutos, min",
    "quality": "qualidade, precisão, exatidão, acerto, confiança",
    "local": "sem sair da minha máquina, sem sair desta máquina, sem sair do meu computador, sem sair deste "
    "computador, sem deixar a minha máquina, "
    "somente modelos locais, apenas modelos locais, só modelos locais, unicamente modelos locais, use "
    "modelos locais, "
    "usando modelos locais, com modelos locais, com um modelo local, localmente, em local, nesta máquina, na minha "
    "máquina, neste computador, no meu computador, offline, "
    "sem internet, sem a nuvem, sem usar a nuvem, sem nuvem, sem serviços externos",
    "region_eu": "os dados devem ficar na UE, dados devem ficar na UE, os dados ficam na UE, dados ficam na UE, sem "
    "sair da UE, os dados não devem sair da UE, dados não devem sair da UE",
    "region_us": "os dados devem ficar nos EUA, dados devem ficar nos EUA, os dados ficam nos EUA, dados ficam nos "
    "EUA, sem sair dos EUA, os dados não devem sair dos EUA, dados não devem sair dos EUA",
    "secure_high": "alta segurança, segurança alta, segurança máxima, máxima segurança, segurança elevada, "
    "nível de segurança alto, segurança rigorosa",
    "secure_medium": "segurança média, segurança moderada, nível de segurança médio",
    "prefer_quality": "o melhor modelo, melhor modelo possível, melhor qualidade, máxima qualidade, dinheiro não é "
    "problema, "
    "o dinheiro não importa, o preço não importa, não importa o custo",
    "prefer_cost": "mais barato possível, o mais barato possível, modelo mais barato, menor custo, custo mínimo",
    "prefer_latency": "mais rápido possível, o mais rápido possível, modelo mais rápido, menor latência, quanto antes",
}
_VERBS = {
    "tell": "conte me, conta me, me conte, me conta, conte nos, contar me, narr*, relat*",
    "ask": "pergunte me, pergunte, me pergunte, perguntar, pergunta me, esclareça, esclarecer, peça me",
    "remember": "lembr*, recorde, recordar, memoriz*, guarde na memória, lembre se",
    "vote": "vote, votar, votação, pegue a maioria, use a maioria",
    "debug": "depur*, debug*",
    "fix": "corrij*, corrig*, consert*, repar*, arrum*, solucione",
    "run": "execut*, rode, rodar, roda, rodando, lance, lançar, teste o, teste a",
    "print": "imprim*, exib*",
    "plot": "plot*, desenh*, visualiz*, faça um gráfico, fazer um gráfico, crie um gráfico, trace, grafique",
    "count": "conte, contar, conta, contabiliz*, contando, conte os",
    "filter": "mantenha apenas, mantenha só, fique com, fique só com, filtr*, remov*, elimin*, descart*, apag*, "
    "orden*, limp*, exclu*",
    "write": "escrev*, redij*, redig*, prepar*, compon*, elabor*",
    "make": "crie, criar, cria, criando, faça, fazer, faz, construa, construir, constrói, desenvolv*, projet*, "
    "produz*, "
    "implement*, program*, monte, montar",
    "generate": "gere, gerar, gera, gerando, invent*, sugir*, suger*, proponh*, propor, imagin*, pense, recomend*, "
    "ofereç*, argument*, defend*, faça um brainstorm, brainstorm*",
    "give": "dê, dar, dá, me dê, dê me, devolv*, retorn*, forneç*, fornec*, mostr*, entreg*, apresent*, quero, "
    "queria, gostaria, "
    "preciso",
    "find": "encontr*, ache, achar, procur*, busc*, busqu*, identifi*, localiz*, aponte, apontar, assinal*",
    "review": "revis*, reveja, rever, inspecion*, audit*, examin*",
    "analyse": "analis*, estud*",
    "check": "verifi*, chequ*, valid*, confirm*, certifi*, confira, conferir, assegur*, cheque, confront*",
    "read": "leia, ler, lê, leia o, lendo, carreg*, abra, abrir, abre, import*",
    "search": "pesquis*, busc*, busqu*, procur*, consult*, colet*, reún*, reun*, baix*, investig*, recolh*",
    "folder": "pasta, diretório, directório",
    "reflexive": "se",
    "within": "em, no, na, nos, nas, dentro de, dentro dos, entre",
    "opening": "a partir de, a partir dos, a partir das, a partir do, a partir da, segundo, de acordo com, conforme, "
    "usando, utilizando, use, com base em, com base nos, com base nas, com a ajuda de",
    "which": "qual, quais, que",
    "about": "fala de, falam de, fala sobre, falam sobre, trata de, tratam de, menciona, mencionam, se refere a, se "
    "referem a",
    "searched": "na internet, na web, na rede, online, no google, informações, sobre, acerca de, por",
    "extract": "extrai*, extra*, retir*, obtenh*, captur*, levant*",
    "list": "list*, enumer*, cite, citar, nomeie",
    "classify": "classifi*, categori*, rotul*, etiquet*, agrup*, atribu*, rote*, separe em, separe por",
    "detect": "detect*, detet*, determin*, reconheç*, reconhec*, prevej*, diga se, decida se, indique se, verifique se",
    "translate": "traduz*, traduç* para, verta, passe para",
    "summarize": "resum*, sintetiz*, condens*, encurt*, abrevi*, faça um resumo, fazer um resumo",
    "report": "relat*, reporte, reportar, informe, informar",
    "combine": "combin*, junte, juntar, junta, una, unir, reúna*, mescl*, integr*, consolid*",
    "rewrite": "reescrev*, parafrase*, reformul*, simplifi*, edit*, anonimiz*, transform*, convert*, adapt*, format*, "
    "corrija a, polir, expand*, mascar*, refator*, torne",
    "improve": "melhor*, aprimor*, aperfeiço*, otimiz*, refin*",
    "compare": "compar*, contrast*, confronte",
    "judge": "julg*, avali*, pontu*, decid*, escolh*, selecion*, ranque*, prioriz*, classifique por, dê nota, ordene",
    "critique": "critiqu*, critic*, coment*, question*",
    "plan": "planej*, plane*, planific*, esboc*, esboç*, estruture, estruturar, organize",
    "compute": "calcul*, comput*, resolv*, some, somar, multipli*, divid*",
    "explain": "expliqu*, explic*, descrev*, demonstr*, prove, provar, diga, dizer, diz, ensin*, interpret*, "
    "justifi*, esclareç*",
    "answer": "respond*, responda",
}
_NOUNS = {
    "drop": "remov*, elimin*, descart*, apag*, exclu*",
    "keep": "filtr*, mantenha apenas, mantenha só, fique com, fique só com",
    "greeting": "olá, oi, bom dia, boa tarde, boa noite, obrigado, obrigada",
    "tale": "piada*, história, conto, contos, fábula*, anedota*, lenda*, adivinha*",
    "by_code": "com python, usando python, em python, via python, utilizando python, com código, com um script, com "
    "um programa",
    "aggregate": "média, soma, total, quantos, quantas, mediana, máximo, máxima, mínimo, mínima, maior, menor, desvio",
    "quantity": "quantos, quantas, quanto, quanta, número, quantidade, só, somente, apenas",
    "possessive": "meu, minha, meus, minhas, nosso, nossa, nossos, nossas",
    "using": "com, usando, use, utilizando, via",
    "units": "palavra, palavras, caracteres",
    "details": "detalhes, informações, faltam, faltantes, falta, faltando, perguntas, esclarecimentos, requisitos, "
    "dúvidas",
    "majority": "maioria, majoritári*, mais frequente, mais comum, consenso",
    "error": "erro, erros, bug, bugs, falha*, problema*, vulnerabilidade*, defeito*",
    "trace": "rastreamento, traceback*, exceção, exceções, mensagem de erro, stack trace, pilha",
    "remedy": "correção, correções, solução, conserto",
    "code": "código, função, funções, script*, sql, programa, programas, pull request*, pr, diff, commit*, classe, "
    "classes, "
    "consulta, consultas, algoritmo*, expressão regular, regex, api, módulo*, método*, python, javascript, java, rust, "
    "typescript, html, css, notebook, repositório, aplicativo, site, app",
    "sql": "sql, sqlite, postgres*, mysql",
    "tests": "teste, testes, testes unitários",
    "improvements": "melhoria*, mudança*, otimizaç*, alteraç*",
    "data": "csv, xlsx, excel, planilha*, dataframe*, df, df.*, dados, tabela, tabelas, coluna*, linha, linhas, por "
    "mês, "
    "por região, por ano, por categoria, números",
    "notes": "notas, anotações, documento, documentos, documentação, base de conhecimento, wiki, arquivo, arquivos, "
    "manual, manuais, políticas, fonte, fontes, faq, biblioteca, intranet",
    "items": "data, datas, nome, nomes, valor, valores, risco*, afirmaç*, alegaç*, tarefa*, ações, palavras chave, "
    "entidade*, "
    "fatos, endereço*, telefone*, tema*, citaç*, pontos, pessoas, empresas, lugares, prazos, preço, preços, produto, "
    "produtos, números, requisitos, decisões, conclusões, quantias, montantes",
    "label": "idioma, língua, sentimento, tom, spam, tema, categoria*, emoção, urgência, intenção, polaridade, "
    "prioridade, "
    "toxicidade, dificuldade, positiv*, negativ*",
    "grammar": "gramática, ortografia, pontuação, estilo, redação",
    "audience": "a uma criança, para uma criança, para crianças, a crianças, para iniciantes, a um iniciante, para "
    "leigos, "
    "a um leigo, para um leigo, em termos simples, em linguagem simples, em palavras simples, a alguém, para alguém, "
    "linguagem clara",
    "more": "mais, formal, educad*, curto, claro, simples, divertid*",
    "difference": "diferença*, semelhança*, prós e contras, vantagens e desvantagens",
    "verdict": "veredito*, veredicto*, pontuação, nota, notas, vencedor*, ranking, julgamento",
    "critical": "crítica, críticas, comentários, feedback",
    "outline": "esboço, plano, planos, agenda, pauta, roteiro, sumário, itinerário, passos, cronograma",
    "summary": "resumo*, sinopse*, síntese*, versão curta, versão breve, versão resumida",
    "translation": "tradução, traduções",
    "piece": "email*, e mail*, relatório*, resposta*, carta*, artigo*, poema*, haicai*, história*, conto*, ensaio*, "
    "slogan*, tuíte*, tweet*, descrição, descrições, título*, manchete*, ideia*, discurso*, mensagem, mensagens, "
    "parágrafo*, "
    "texto, seção, seções, secção, piada*, canção, biografia, proposta*, rascunho*, anúncio*, capítulo*, introdução, "
    "conclusão, comunicado*, post, posts, nomes para, postagem*",
    "math": "matemátic*, aritmética, equação, porcentagem",
    "textual": "texto*, artigo*, resenha*, avaliação, avaliações, mensagem, mensagens, email*, e mail*, ticket*, "
    "chamado*, "
    "relatório*, transcrição, parágrafo*, contrato*, fatura*, documento*, carta*, comentário*, capítulo, conversa*, "
    "nota, "
    "história, ensaio, página*, discurso, frase*, política, currículo, recibo*, arquivo, ata, reclamaç*",
    "asked": "pergunta*, dúvida*, solicitação",
    "subject": "seção, seções, capítulo*, parte, partes, ideia*, ponto, elemento*, item, itens",
    "difficulty": "fácil, fáceis, difícil, difíceis",
    "sentiment": "sentimento*, polaridade, opinião, humor",
    "urgency": "urgência, urgente*, prioridade, gravidade, importância",
    "language": "idioma*, língua",
    "spam": "spam",
}
WORDS = lexicon(
    code="pt",
    letters="ãõ",
    common="o a os as um uma de do da dos das em no na nos nas e ou que por para com é são este esta estes estas "
    "esse essa "
    "não se lhe seu sua meu minha como mais cada mas sobre entre até qual quem onde depois ao à me te foi tem isto "
    "isso também então pelo pela deste desta você pergunta",
    endings="a ar ado e ou s o ando ada am ados adas acao em as ei os ido ida amos idos acoes idas er ador i ir ia iu "
    "adores es amento or ao ara r emos oes cao ca car cado cada cando ores que quem ue al do ndo m ivo iva "
    "ivos ivas ista avel te to ta tos tas ram indo endo",
    right=RIGHT,
    groups=_STRUCTURE | _LIMITS | _VERBS | _NOUNS,
    numbers="zero, um uma, dois duas par, três, quatro, cinco, seis, sete, oito, nove, dez",
    languages={
        "inglês": "en", "espanhol": "es", "francês": "fr", "alemão": "de", "português": "pt", "italiano": "it",
        "holandês": "nl", "chinês": "zh", "japonês": "ja", "russo": "ru", "árabe": "ar", "polonês": "pl",
        "catalão": "ca",
        "coreano": "ko", "turco": "tr", "sueco": "sv", "grego": "el",
    },
    labels={
        "sentiment": ("positivo", "negativo", "neutro"), "urgency": ("alta", "média", "baixa"),
        "difficulty": ("fácil", "difícil"), "spam": ("spam", "não spam"),
        "language": ("inglês", "espanhol", "francês", "alemão", "português", "italiano", "outro"),
        "yes_no": ("sim", "não"),
    },
    say={
        "system.answer": "Você é um assistente cuidadoso. Responda de forma breve e direta.",
        "system.summarize": "Você resume textos fielmente. Responda só com o resumo.",
        "system.translate": "Você traduz. Responda só com a tradução.",
        "system.classify": "Você classifica textos. Responda só com um rótulo.",
        "system.extract": "Você extrai dados de textos. Use só o que o texto diz.",
        "system.rewrite": "Você edita textos. Responda só com o novo texto.",
        "system.generate": "Você escreve bem. Responda só com o texto.",
        "system.code": "Você programa em Python. Responda com um único programa completo em um bloco de código.",
        "system.sql": "Você escreve consultas SQLite. Responda com uma só consulta em um bloco de código.",
        "system.review": "Você é especialista em programação. Aponte problemas concretos e melhorias.",
        "system.judge": "Você julga com justiça. Decida e dê uma razão breve.",
        "system.critique": "Você critica com cuidado. Aponte fraquezas concretas, com brevidade.",
        "system.compute": "Você resolve problemas passo a passo.",
        "translate": "Traduza este texto para {target}:\n\n{material}",
        "classify": "Classifique o texto com um destes rótulos: {labels}.\n\nTexto: {material}",
        "classify.free": "{instruction}\nResponda com um rótulo curto.\n\nTexto: {material}",
        "extract": "{instruction}\nCampos: {fields}.\n\nTexto: {material}",
        "answer": "Responda à pergunta com uma frase curta.\n\n{material}",
        "check": "Isto vale para o texto: {condition}? Responda sim ou não.\n\nTexto: {material}",
        "for": "Argumente a favor.", "against": "Argumente contra.",
        "only": "Olhe só para isto: {part}.",
        "program": "Deixe a resposta em uma variável chamada result e imprima-a.",
        "variables": "Estas variáveis já contêm a entrada: {names}.",
        "sql": "Escreva uma consulta SQLite sobre a tabela data. Responda só com a consulta. As primeiras linhas são:",
        "debug": "Este programa falha. Responda com o programa inteiro corrigido.",
        "questions": "Escreva no máximo três perguntas curtas que precisam de resposta antes de fazer "
        "isto:\n{instruction}",
        "memory": "Liste os dados desta conversa que importam mais tarde:\n\n{material}",
        "retrieve": "Copie as frases dos documentos que servem para isto: {instruction}",
        "count": "Dê exatamente {count}.",
        "ask.text": "Que texto deve ser usado? Informe-o com -i text.",
        "ask.items": "Que lista de itens deve ser usada? Informe-a com -i items.",
        "ask.code": "Que código deve ser usado? Informe-o com -i code.",
        "ask.table": "Que tabela deve ser usada? Informe-a com -i table.",
        "ask.documents": "Em que documentos se deve procurar? Informe-os com -i documents.",
        "ask.question": "Que pergunta deve ser respondida? Informe-a com -i question.",
        "ask.details": "O que mais é preciso saber antes de começar?",
        "ask.other": "Qual é o segundo texto? Informe-o com -i other.",
        "read.one": "Lido como um passo: {steps}.",
        "read.many": "Lido como {count} passos: {steps}.",
        "read.limits": "Limites achados nas palavras: {limits}.",
        "read.each": "É feito para cada item.",
        "join.then": ", depois ", "join.and": " e ao mesmo tempo ",
        "warn.long": "O pedido é longo: só o começo foi lido como instruções; o resto é tomado como o texto a tratar.",
        "warn.length": "Nada obriga a este tamanho; ele só é dito ao modelo: {parts}.",
        "warn.model": "Isto não foi lido como escolha de modelo; indique os modelos com --models: {parts}.",
        "warn.place": "Isto não foi lido como limite de para onde vão os dados; defina um com --region ou "
        "--local: {parts}.",
        "warn.unread": "Nenhuma tarefa conhecida foi achada; o pedido vai como está a um modelo.",
        "warn.search": "Não há buscador aqui: o modelo responde com o que sabe.",
        "warn.search.leave": "O modelo responde com o que sabe; {name} pode pesquisar com --allow {allow}.",
        "search.query": "Escreva uma consulta curta para a busca na web que isto pede. "
        "Responda só com a consulta.\n\n{request}",
        "files.answer": "Responda com uma frase apenas a partir destes trechos e termine com o arquivo entre "
        "parênteses. Se eles não o disserem, diga isso.",
        "files.use": "Use apenas estes trechos de arquivos e indique de que arquivo vem cada coisa.",
        "files.sample": "A sala de reuniões fica no segundo andar.",
        "files.sample.asked": "Onde fica a sala de reuniões?",
        "files.sample.answer": "A sala de reuniões fica no segundo andar (rooms.md).",
        "files.sample2": "O almoço é servido ao meio-dia.",
        "files.sample2.asked": "Quando é o almoço?",
        "files.sample2.answer": "O almoço é servido ao meio-dia (lunch.md).",
        "files.passages": "Trechos:",
        "warn.files": "O modelo não vê arquivos; {name} pode procurar neles com --allow {allow}.",
        "warn.words": "Os trechos são encontrados só pelas palavras; também pelo sentido, com: {how}.",
        "search.results": "Responda a partir destes resultados de busca e indique o endereço de onde vem a resposta:",
        "warn.partly": "Esta parte não foi entendida como um passo: {parts}.",
        "example.labels": "esporte, política, comida", "example.text": "O time venceu a final na prorrogação.",
        "example.label": "esporte", "example.text2": "Falta sal na sopa.", "example.label2": "comida",
        "example.question": "De que cor é o céu em um dia claro?",
        "example.reply": "O céu é azul em um dia claro.",
        "example.question2": "Quem inventou o telefone?",
        "example.reply2": "Alexander Graham Bell inventou o telefone.",
        "example.extract": "Extraia a pessoa e a cidade.",
        "example.extract.text": "Ana mudou-se para Oslo em maio.",
        "example.extract.json": '{"pessoa":"Ana","cidade":"Oslo"}',
        "example.extract2": "Extraia o artigo, o preço e a loja.",
        "example.extract2.text": "Na Casa Lopes vende-se a lâmpada azul por 20 euros.",
        "example.extract2.json": '{"artigo":"lâmpada azul","preco":"20 euros","loja":"Casa Lopes"}',
    },
    names="answer=responder, summarize=resumir, translate=traduzir, classify=classificar, extract=extrair, "
    "rewrite=reescrever, generate=redigir, compare=comparar, critique=criticar, judge=julgar, "
    "vote=tomar a maioria, plan=esboçar, compute=calcular, write_code=escrever código, run_code=executar código, "
    "debug_code=depurar, review_code=revisar código, search=pesquisar, retrieve=consultar os documentos, "
    "read_data=ler os dados, memory=lembrar, clarify=perguntar",
)  # fmt: skip
