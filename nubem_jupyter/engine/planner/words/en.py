"""English."""

from __future__ import annotations

from nubem_jupyter.engine.planner.lexicon import lexicon
from nubem_jupyter.engine.planner.words.right.en import RIGHT

_STRUCTURE = {
    "then": "then, next, after that, afterwards, finally, lastly, subsequently, and then, later, followed by",
    "and": "and, also, plus, &, as well as",
    "or": "or, and, versus, vs, /",
    "before": "before, prior to",
    "after": "after, once you have, once you've, when you have",
    "if": "if, whenever, in case, provided",
    "unless": "unless",
    "else": "otherwise, else, if not, or else",
    "until": "until, till, as long as needed",
    "that": "that, which, who",
    "question": "what, what's, who, whom, whose, when, where, why, which, how, is, are, does, do, did, was, were, "
    "should, will, has",
    "filler": "please, can, could, would, you, i, i'd, want, wants, need, like, to, help, me, us, just, first, "
    "firstly, "
    "second, third, let, let's, have, must, should, will, that, and, then, so, now, it, ,, also, it should, kindly, "
    "automatically, carefully, quickly, take, we, by, always, briefly, make sure to",
    "article": "a, an, the, one, another, some, two, three, other, second, first, its, their, all, any",
    "causing": "have, let, has",
    "agent": "agent*, assistant*, bot, bots, chatbot*, workflow*, pipeline*, copilot*, helper*",
    "framing": "for, given, with, from, in, using, based on, out of, on, taking, considering, looking at, "
    "starting from, across, over, about, regarding, to",
    "each": "each, every, for all, one by one, per row, per item, all of the, row by row, individually",
    "parallel": "in parallel, simultaneously, at the same time, concurrently, at once, side by side",
    "separate": "separately, independently, individually, on their own, in isolation, independent",
    "times": "times, independent attempts, attempts, tries, runs",
    "refer": "it, them, that, those, they, result*, output*, outcome*, everything, all, both, previous, best, ones, "
    "findings, summary, summaries, translation*, draft*, answer, answers, reply, replies, list, idea, ideas, section*, "
    "code, script, version*, one, each, that one",
    "deictic": "this, these, following, attached, given, below, provided, my, our, here",
    "against": "against, con, cons, contra, opposing",
    "favour": "for, in favor of, in favour of, pro, pros",
    "argue": "argu*, debat*, defend*, expert*, advocate*, make the case",
    "as": "as, into, between, either, whether, among, in",
    "from": "from, out of, mentioned, found, contained, appearing",
    "of": "of, in, for, within",
    "negation": "not, no, isn't, aren't, don't, doesn't, never, nothing, without, mustn't, shouldn't, can't, cannot, "
    "none",
    "table": "table, spreadsheet, rows, csv, dataframe, data frame, tabular",
    "list": "list, lists, bullet*, array",
    "tail": "json, csv, yaml, table, list, dictionary, dict",
}
_LIMITS = {
    "at_most": "less than, under, below, at most, up to, a maximum of, maximum, max, no more than, within, not over, "
    "not exceed, cheaper than, faster than, fewer than, not more than, limit of, budget of, budget is, budget :, no "
    "longer than",
    "beyond": "over, more than, longer than, above, exceed*, greater than, beyond",
    "or_less": "or less, max, maximum, at most, tops, or under, limit, budget, or faster, or cheaper",
    "at_least": "at least, minimum, above, over, no less than, not below, not less than",
    "spend": "spend*, cost*, budget, pay*, take*, takes, finish*, keep, don't spend, use, using, respond*, stay",
    "lead": "for, in, with, and, at, but, within",
    "relative": "that, which, costing, priced, who, worth",
    "cents": "cent, cents, ¢, penny, pennies",
    "dollars": "dollar, dollars, usd, $, bucks, euro, euros, €, eur",
    "milliseconds": "ms, millisecond*",
    "seconds": "second, seconds, sec, secs, s",
    "minutes": "minute, minutes, min, mins",
    "quality": "quality, accuracy, accurate, correct, precision, confidence",
    "local": "without leaving my machine, without leaving this machine, without leaving my computer, without leaving "
    "this computer, without leaving the machine, without sending anything out, "
    "only local models, local models only, only use local models, local model only, only local, locally, "
    "on this machine only, on this machine, on my machine, on my computer, on this computer, on device, offline, "
    "without internet, no cloud, not in the cloud, without the cloud, no external services, "
    "nothing may leave this machine, data must not leave this machine, keep the data here, keep everything local, "
    "keep it local, with local models, using local models, use local models, use a local model",
    "region_eu": "keep the data in the eu, keep data in the eu, keep my data in the eu, keep everything in the eu, "
    "the data must stay in the eu, data must stay in the eu, my data must stay in the eu, the data has to stay in "
    "the eu, data has to stay in the eu, the data stays in the eu, data stays in the eu, without leaving the eu, "
    "the data must not leave the eu, data must not leave the eu",
    "region_us": "keep the data in the us, keep data in the us, keep my data in the us, keep everything in the us, "
    "the data must stay in the us, data must stay in the us, my data must stay in the us, the data has to stay in "
    "the us, data has to stay in the us, the data stays in the us, data stays in the us, without leaving the us, "
    "the data must not leave the us, data must not leave the us",
    "secure_high": "high security, maximum security, security high, strict security, highest security, "
    "strictest security, very secure, security level high, with strong isolation",
    "secure_medium": "medium security, security medium, moderate security, security level medium",
    "prefer_quality": "best model you can, best model available, best available model, best possible model, "
    "the best model, best quality, highest quality, best possible quality, money is no object, "
    "quality matters most, cost is no object, cost does not matter",
    "prefer_cost": "as cheap as possible, as cheaply as possible, cheapest model, cheapest way, lowest cost, "
    "minimal cost, minimise cost, minimize cost, keep costs down, keep it cheap",
    "prefer_latency": "as fast as possible, as quickly as possible, fastest model, lowest latency, minimal latency, "
    "asap",
}
_VERBS = {
    "tell": "tell me, tells me, tell us, tell him, tell her, narrat*, recount*",
    "ask": "ask me, asks me, ask the user, ask for, asks for, ask back, clarify, clarifies, clarifying, check with, "
    "interview*",
    "remember": "remember*, recall*, memoriz*, memoris*, keep track, keeps track, keep in mind",
    "vote": "vote, votes, voting, majority vote, take the majority, take a vote, take the most",
    "debug": "debug*, troubleshoot*",
    "fix": "fix, fixes, fixing, repair*, correct, corrects, correcting, patch*",
    "run": "run, runs, running, execute, executes, executing, launch*, try it out, test it, evaluate it",
    "print": "print, prints, printing, display*, output the",
    "plot": "plot*, chart*, visuali*, graph, draw a chart",
    "count": "count, counts, counting, tally*, add up",
    "filter": "keep only, keep just, filter*, drop, drops, remove*, removing, dedup*, discard*, delete*, sort, sorts, "
    "sorting, clean, "
    "cleans, "
    "cleaning",
    "write": "write, writes, writing, draft*, compos*, author*, prepare*, preparing, redact a",
    "make": "make, makes, making, create, creates, creating, build*, develop*, design*, produc*, set up, implement*, "
    "coding, adds, add",
    "generate": "generat*, brainstorm*, invent*, suggest*, propos*, come up with, comes up with, imagine*, "
    "think of, recommend*, offer*, argu*, debat*, make the case",
    "give": "give, gives, giving, return*, provid*, deliver*, show, shows, hand, send me, get, gets, want, need, like",
    "find": "find, finds, finding, identif*, spot*, locat*, look for, looks for, looking for, point out, points out, "
    "search for, pick out, flag*, highlight*",
    "review": "review, reviews, reviewing, audit*, inspect*, examin*, look over, go over, proof*",
    "analyse": "analys*, analyz*, assess*, study, studies",
    "check": "check*, verif*, validat*, fact check*, double check*, make sure, ensure*, confirm*, test whether",
    "read": "read, reads, reading, load*, open, opens, import, imports, parse, parses, ingest*",
    "search": "search*, research*, look up, looks up, looking up, fetch*, collect*, gather*, google*, browse*, "
    "download*, consult*, query, queries, retriev*, dig through, look in, looks in, look into, look through, looks "
    "through",
    "folder": "folder, directory",
    "reflexive": "",
    "within": "in, inside, within, through, among, across",
    "opening": "from, using, use, according to, based on, based upon, with the help of, on the basis of, out of, "
    "drawing on, going by",
    "which": "which, what",
    "about": "about, concern, concerns, mention, mentions, deal with, deals with, talk about, talks about, speak of, "
    "speaks of, regarding, refer to, refers to",
    "searched": "the web, the internet, the net, online, google, out, up, on, in, for, about, information, some",
    "extract": "extract*, pull out, pulls out, pulling out, pull the, pulls the, captur*, scrape*, get the",
    "list": "list, lists, listing, enumerat*, name the, name three, name five, name some",
    "classify": "classif*, categor*, label, labels, labelling, labeling, tag, tags, tagging, rout*, triag*, group*, "
    "cluster*, assign*, sort into, sort them",
    "detect": "detect*, determin*, recogni*, predict*, decide whether, tell whether, tell me whether, tell me if, "
    "decide if, check if, check whether, say whether, say if, figure out, work out whether",
    "translate": "translat*, locali*, render*, put it into, put this into",
    "summarize": "summar*, condens*, shorten*, abridg*, sum up, sums up, boil down, recap*, digest, tldr, synthesi*",
    "report": "report, reports, reporting",
    "combine": "combin*, merg*, consolidat*, join, joins, put together, bring together, compile, compiles, integrat*",
    "rewrite": "rewrit*, rephras*, paraphras*, reword*, simplif*, edit*, anonymi*, redact*, polish*, proofread*, "
    "reformat*, format*, convert*, transform*, turn, turns, turning, adapt*, tidy up, formali*, expand*, restyl*, "
    "mask*, pseudonymi*, refactor*, modernis*, modernize*",
    "improve": "improv*, refin*, enhanc*, optimi*, revis*, strengthen*",
    "compare": "compar*, contrast*, differentiat*",
    "judge": "judg*, rank*, rate, rates, rating, scor*, evaluat*, grade*, grading, decid*, choos*, pick*, select*, "
    "prioriti*, crown*, vote on",
    "critique": "critici*, critiqu*, give feedback, gives feedback, comment on, challenge*, find flaws, poke holes",
    "plan": "plan, plans, planning, outlin*, schedul*, break down, breaks down, structure, map out",
    "compute": "comput*, calculat*, solv*, work out, works out, averag*, sum, aggregat*, multiply, divide, subtract",
    "explain": "explain*, describ*, prov*, tell, tells, clarify, discuss*, teach*, elaborat*, justif*, interpret*",
    "answer": "answer*, respond*, repl*, ask, asks, asking",
}
_NOUNS = {
    "drop": "remove*, removing, drop, drops, discard*, delete*, filter out",
    "keep": "keep only, keep just, filter*",
    "greeting": "hello, hi, hey, good morning, good afternoon, good evening, thanks, thank you, greetings",
    "tale": "joke*, story, tale, tales, fable*, anecdote*, legend*, riddle*",
    "by_code": "with python, using python, in python, via python, with code, using code, with a script, using a "
    "script, with a program, with a python script, with a python program",
    "aggregate": "average, mean, sum, total, how many, count, median, maximum, minimum, max, min, highest, lowest, "
    "largest, smallest, standard deviation",
    "quantity": "how many, how, much, many, number, only, just",
    "possessive": "my, our",
    "using": "using, with, via, use, uses",
    "units": "word, words, character, characters",
    "details": "details, missing, question, questions, information, clarif*, requirement*, need, needs, preferences",
    "majority": "majority, vote, most common, most frequent, consensus",
    "error": "bug*, error*, problem*, vulnerabilit*, defect*, issue*, flaw*, mistake*, smell*, weakness*",
    "trace": "stack trace, stacktrace, traceback*, exception*, error message*, crash*, core dump, error log*",
    "remedy": "fix, fixes, solution*, patch*, correction*, workaround*",
    "code": "code, codebase, function*, script*, sql, program, programs, pull request*, pr, prs, diff, diffs, commit*, "
    "class, classes, query, queries, algorithm*, regex*, regular expression*, api, module, method*, python, "
    "javascript, "
    "java, rust, typescript, html, css, notebook, repository, repo, cli, macro, parser, app, website, snippet*",
    "sql": "sql, sqlite, postgres*, mysql",
    "tests": "unit test*, test, tests, test suite, test cases",
    "improvements": "improvement*, change*, refactoring*, optimization*, optimisation*, better",
    "data": "csv, xlsx, excel, spreadsheet*, dataframe*, data frame*, df, df.*, data, dataset*, table, tables, "
    "column*, "
    "parquet, row, rows, per month, per region, per year, per category, sales figures, numbers",
    "notes": "notes, document, documents, docs, documentation, knowledge base, wiki, archive, archives, handbook, "
    "manual, manuals, policies, source, sources, corpus, faq, files, papers, library, intranet",
    "items": "date, dates, names, name, amount*, risk*, claim, claims, action item*, keyword*, entit*, figures, fact, "
    "facts, task*, todo*, email address*, address*, phone*, topic*, quote*, key points, main points, points, "
    "people, companies, places, deadlines, terms, prices, product, products, numbers, takeaway*, requirements, "
    "decisions",
    "label": "language, sentiment, tone, spam, topic, category, categories, emotion*, urgency, intent, mood, polarity, "
    "priority, toxicity, difficulty, positive, negative",
    "grammar": "grammar, spelling, typo*, punctuation, style, wording",
    "audience": "to a child, to a five, to a non, to a lay*, for a lay*, for a child, for children, for beginner*, "
    "to beginners, to a beginner, in simple terms, in plain language, in plain english, in simple words, for a non, "
    "for non, to non, to someone, to my, for kids, to kids, to customers, to a customer, to a general audience",
    "more": "more, shorter, longer, simpler, clearer, friendlier, formal, polite, politer, funnier, sound",
    "comparative": "shorter, longer, simpler, clearer, friendlier, politer, funnier, warmer, stronger, more formal, "
    "more polite, more friendly, more concise, less formal, easier to read",
    "difference": "difference*, similarit*, pros and cons, distinctions",
    "verdict": "verdict*, score, scores, rating*, ranking*, grade, winner*, judgement*, judgment*",
    "critical": "feedback, critique*, criticism*, review, weaknesses",
    "outline": "outline*, plan, plans, agenda*, table of contents, roadmap*, itinerary, schedule, timetable, steps",
    "summary": "summary, summaries, abstract, synopsis, tldr, recap, overview, digest, short version, shorter version, "
    "brief version, gist, executive summary, one liner",
    "translation": "translation*",
    "piece": "email*, e mail*, mail, report*, repl*, letter*, post, posts, poem*, haiku*, story, stories, article*, "
    "essay*, "
    "slogan*, tweet*, description*, title*, headline*, idea, ideas, speech*, caption*, press release*, memo*, "
    "message*, "
    "paragraph*, piece, text, blog*, section*, response*, newsletter*, joke*, song*, biography, proposal*, script for, "
    "names for, draft*, announcement*, advertisement*, ad, chapter*, introduction, conclusion, note",
    "math": "math*, arithmetic, equation*, word problem*, sum, percent*",
    "textual": "text, texts, article*, review, reviews, message*, email*, mail, mails, ticket*, report, reports, "
    "transcript*, paragraph*, contract*, invoice*, document, documents, letter*, comment*, post, posts, chapter, "
    "record, records, conversation*, note, notes, feedback, story, essay, memo, passage*, page, abstract, paper, "
    "speech, sentence*, policy, resume, cv, receipt*, file, log, logs, minutes",
    "asked": "question*, quer*, enquir*, inquir*, request",
    "subject": "section*, chapter*, part, parts, idea*, item*, point, points",
    "difficulty": "easy, hard, simple, difficult, complex",
    "sentiment": "sentiment*, polarity, mood, opinion*, attitude*",
    "urgency": "urgency, urgent, priority, importance, severity",
    "language": "language*",
    "spam": "spam",
}
WORDS = lexicon(
    code="en",
    letters="",
    third_person="s",
    head_last=True,
    common="the a an of to in and is are it this that these those for with on from by be as at or each what which "
    "into then if not you me my our please your their its was how who them",
    endings="s ing ed e es er ers ion d y ions or ies ation al ive ors ations r able ied rs ication ications ying ment "
    "ments ings ting ted ement ements ant ants ize ized izes izing ise ised ises ising ization isation ze zed "
    "zes zing se sed ses sing zation sation ate ated ates ating ative ally ional n t",
    right=RIGHT,
    groups=_STRUCTURE | _LIMITS | _VERBS | _NOUNS,
    numbers="zero, one a an, two couple both, three, four, five, six, seven, eight, nine, ten",
    languages={
        "English": "en", "Spanish": "es", "French": "fr", "German": "de", "Portuguese": "pt", "Italian": "it",
        "Dutch": "nl", "Chinese": "zh", "Japanese": "ja", "Russian": "ru", "Arabic": "ar", "Polish": "pl",
        "Catalan": "ca", "Korean": "ko", "Turkish": "tr", "Swedish": "sv", "Greek": "el", "Hindi": "hi",
    },
    labels={
        "sentiment": ("positive", "negative", "neutral"), "urgency": ("high", "medium", "low"),
        "difficulty": ("easy", "hard"), "spam": ("spam", "not spam"),
        "language": ("English", "Spanish", "French", "German", "Portuguese", "Italian", "other"),
        "yes_no": ("yes", "no"),
    },
    say={
        "system.answer": "You are a careful assistant. Answer briefly and directly.",
        "system.summarize": "You summarise texts faithfully. Reply with the summary only.",
        "system.translate": "You are a translator. Reply with the translation only.",
        "system.classify": "You classify texts. Reply with one label only.",
        "system.extract": "You extract facts from texts. Use only what the text says.",
        "system.rewrite": "You edit texts. Reply with the new text only.",
        "system.generate": "You are a skilled writer. Reply with the text only.",
        "system.code": "You are a Python programmer. Reply with one complete program in a code block.",
        "system.sql": "You write SQLite queries. Reply with one query in a code block.",
        "system.review": "You are a senior programmer. Name concrete problems and improvements.",
        "system.judge": "You are a fair judge. Decide, and give one short reason.",
        "system.critique": "You are a careful critic. Name concrete weaknesses, briefly.",
        "system.compute": "You solve problems step by step.",
        "translate": "Translate this text into {target}:\n\n{material}",
        "classify": "Classify the text as one of: {labels}.\n\nText: {material}",
        "classify.free": "{instruction}\nReply with one short label.\n\nText: {material}",
        "extract": "{instruction}\nFields: {fields}.\n\nText: {material}",
        "answer": "Answer the question in one short sentence.\n\n{material}",
        "check": "Is this true of the text: {condition}? Reply yes or no.\n\nText: {material}",
        "for": "Argue in favour.", "against": "Argue against.",
        "only": "Look only at this: {part}.",
        "program": "Leave the answer in a variable named result and print it.",
        "variables": "These variables already hold the input: {names}.",
        "sql": "Write one SQLite query on the table named data. Reply with the query only. Its first rows are:",
        "debug": "This program fails. Reply with the whole corrected program.",
        "questions": "List up to three short questions that must be answered before this can be done:\n{instruction}",
        "memory": "List the facts in this conversation that matter later on:\n\n{material}",
        "retrieve": "Copy the sentences of the documents that are useful here: {instruction}",
        "count": "Give exactly {count}.",
        "ask.text": "Which text should be used? Give it with -i text.",
        "ask.items": "Which list of items should be used? Give it with -i items.",
        "ask.code": "Which code should be used? Give it with -i code.",
        "ask.table": "Which table should be used? Give it with -i table.",
        "ask.documents": "Which documents should be searched? Give them with -i documents.",
        "ask.question": "Which question should be answered? Give it with -i question.",
        "ask.details": "What else should be known before the work begins?",
        "ask.other": "What is the second text? Give it with -i other.",
        "read.one": "Read as one step: {steps}.",
        "read.many": "Read as {count} steps: {steps}.",
        "read.limits": "Limits found in the words: {limits}.",
        "read.each": "It is done for each item.",
        "join.then": ", then ", "join.and": " and at the same time ",
        "warn.long": "The request is long: only its first part was read as instructions, the rest is taken as the text "
        "to work on.",
        "warn.length": "Nothing holds the answer to this length; it is only told to the model: {parts}.",
        "warn.model": "This was not read as a choice of model; name models with --models: {parts}.",
        "warn.place": "This was not read as a limit of where data may go; set one with --region or --local: {parts}.",
        "warn.unread": "No known task was found in the request; it goes to one model as it stands.",
        "warn.search": "There is no search service here: the model answers from what it knows.",
        "warn.search.leave": "The model answers from what it knows; {name} can search if you add --allow {allow}.",
        "search.query": "Write one short query for a web search that this needs. "
        "Answer with the query alone.\n\n{request}",
        "files.answer": "Answer in a sentence from these passages alone, and end with the file in brackets. If they "
        "do not tell, say so.",
        "files.use": "Use these passages of files alone, and name the file that each thing comes from.",
        "files.sample": "The meeting room is on the second floor.",
        "files.sample.asked": "Where is the meeting room?",
        "files.sample.answer": "The meeting room is on the second floor (rooms.md).",
        "files.sample2": "Lunch is served at noon.",
        "files.sample2.asked": "When is lunch?",
        "files.sample2.answer": "Lunch is served at noon (lunch.md).",
        "files.passages": "Passages:",
        "warn.files": "The model does not see files; {name} can look in them if you add --allow {allow}.",
        "warn.words": "Passages are found by their words alone; by what they mean too, once you {how}.",
        "search.results": "Answer from these search results, and name the address that it comes from:",
        "warn.partly": "This part was not understood as a step of its own: {parts}.",
        "example.labels": "sport, politics, food", "example.text": "The team won the final in extra time.",
        "example.label": "sport", "example.text2": "The soup needs more salt.", "example.label2": "food",
        "example.question": "What colour is the sky on a clear day?",
        "example.reply": "The sky is blue on a clear day.",
        "example.question2": "Who invented the telephone?",
        "example.reply2": "Alexander Graham Bell invented the telephone.",
        "example.extract": "Extract the person and the town.",
        "example.extract.text": "Anna moved to Oslo in May.",
        "example.extract.json": '{"person":"Anna","town":"Oslo"}',
        "example.extract2": "Extract the item, price and shop.",
        "example.extract2.text": "You can buy the blue lamp at Hanson's for 20 euros.",
        "example.extract2.json": '{"item":"blue lamp","price":"20 euros","shop":"Hanson\'s"}',
    },
    names="answer=answer, summarize=summarise, translate=translate, classify=classify, extract=extract, "
    "rewrite=rewrite, generate=write, compare=compare, critique=criticise, judge=judge, vote=take the majority, "
    "plan=outline, compute=calculate, write_code=write code, run_code=run code, debug_code=debug, "
    "review_code=review code, search=search, retrieve=look up in the documents, read_data=read the data, "
    "memory=remember, clarify=ask back",
)  # fmt: skip
