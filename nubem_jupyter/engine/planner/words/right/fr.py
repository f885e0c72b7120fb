"""French."""

RIGHT = """
aborde achete achetes acide action addiction addition additionnelle adressait adressant affiliation afin age agee agen
ages agregation agrege agrement aidee aider aiderait aidez aie ail aile aille aillent ailles aimerai aimerait aire ais
aise ait aix ali aligne alignes allemagne ames amis amplement ancre animalier annoncait annoncant anonymat anonymement
anonymes anormale anormalement ans antidote apercue appelant appellation appellations appelle appellent appeller
appellera apport apportait apportant apporte apportee apportees apportent apporter apportera apportez apports appuient
aptes arabie archipel archive argente armement armements arrive arrives art articuler assez assistance assistent
assistons assument assurait assurant athee athees atout aucuns aude audi aupres auquel autrefois auxquelles auxquels
ava avais avantage avantageuse avantageux aveux avide avise bague bagues baise barrage barre barree barrer bas basee
basse belle besoin best bille billes biographe biographique bit bite bits blanc blancs blogue bof boit bon boots bord
boue bouee boues bouge bougeait bougent bouger bouges bougez bouillant bouillante bouillon bout bouts boy boys brevet
brouille brouiller bts cable cables caille caire cantines captation caq caractere caracterise caracterises casa case
cash casque cass cassant cassation casse cassee cassees cassent casser casses casseurs cassez cassis categorique
categoriquement cecite celtique centaines centieme centre cepage cepages cerise cerises cessa cest ceux chabot
champetre changeant changent chargee chargement chargera charges chargeur charte che chef chere cheri chier chiffre
chimique chimiques cia cie cire citee citer cites civiques claire clairement clairs cle clefs clinique cliniques clou
cloue clous coco cocos coffre collectionne collet collusion combi come comite comm commencaient commet commis commise
commises commotion communiquant communisme communiste communistes compas compatis compense competent compostelle
compote compris comprit comte comtes conceptions concernait concernant concernee concernees concerner concernes
concertation concerto concerts concession concessions concierge concorde concrete concretise concretiser concurrent
conde condo condos cone cones confection confere conferent confesse confiant confiante confient conforme conformement
conformer conforte confusion conge conges congres connais connaissance connait conne connection connerie consenti
consentir consentis conservation conserve conservent consolation consoler consoles constructeur constructeurs
constructif construction constructions constructive consul consulaire consulat consuls contient contracte contractee
contracter contraction contractions contraindre contraint contrainte contrario contraste contredire contree contrees
contrer convenait conventions convergent conversion conversions convictions convocation convois convulsions coquillages
coquille coquines corde core coreenne correcte correctement correctes correcteur corrects correlation corridor
corruption corte cotation cote cotee cotees cotes cou coude couette couille couilles cour courage courait courant
courante courants courent coureur coureurs courez courir courrier courriers courroie cours course courses courtage
courtes courtier courtiers courts couteau couteaux couverte couvertes couverts couverture couvre couvrez couvrir
creation creations creee creees creek creent creme cremes crepe crepes crete cretes creve crever cri criait criant crie
crient crier cris crise crises croute crs csa csg cuite cut dan danse dante das datait datant datation davis dea deal
debattu debauche debut debute debutent debuter debutera debuts dec decent deces decharge decharger decisif decisifs
decision decisive decisives declassement decompose decu decue decus dedans deesse defaire defait defaite defaites
defection defense defenses defenseur defenseurs defensif defensive defensives deformation deformations deforme degat
degats degenere degenerer degoutant dehors del delai delaisser delire della delocalisation delta demandais demandait
demandant demandons demarrage demarrer demasque demon demonstration demonstrations demonte demonter denomme denote dent
dents depannage depart departement departs depend dependait dependant dependante dependants dependent dependra dependre
depends depistage depit deplait deportation depose deposez deranger derision deroutant deroute descriptif descriptive
desintegration desordre desquelles desquels dessein desseins dessus detache detachee detachement detacher detaches
detail detend detendre detenir determinisme deteste detient detourne detournee detournement detournements detourner
detours dette devaluation development devis devise devriez devrions die dieux differemment differenciation differencie
differencier differend differends different differente differentes differents difficultes dires discount dise disque
disques dit dite dits divisee diviser divisions doigt don donateur donation donations dons doris dors dos dot dotes
doucement douille doutais doutait doute doutent douter doutez dresde dressee dressent dresser dresses droit dues dupuis
duquel dur dus east eaux ecarte echanges echeance ecoutais ecoutait ecoutant ecoute ecoutee ecoutent ecouter ecouteurs
ecoutez ecurie education election elevage elevait elevant elevation elevees elevent elever eleves eleveur eleveurs
elire ellen embauche embaucher eme emile emue emulation encontre ends engagement engin enjoint enseigne enseignee
enseignement enseignent enseigner enseignes ensuit ent enterprise enterres entier entiere entraide entraine entree
entreprend entreprendre entrepris entreprise entrer entrez envoi envoie envoient envois envoyait envoyant envoye
envoyee envoyees envoyer envoyez eprouvant eprouve eprouvee eprouvent eprouver epuration equestre equitation erection
erudit erudits eruption eruptions essor estelle estuaire etabli etablie etablies etang etape etat eternels etire etirer
etoile etre etude eur eux evite excelle exces exemption exigence externe extra extremes fache fachee facher faciale
facies facilite faconne factions facturation fai faible faiblement faibles faillit fair faisabilite faite falcon
famille familles fans faucon faure faute faux fermes feux fiable fiables fiat figuraient figurait figurent figurine
fille filles financement finement finition fire firme fit flacon flanc flancs fleurs foi foie fonctionne fondation
fondations font fonte forma formait formant formee formelle formelles former fourier fourmi fourmis fous fout foutage
foutais foutait foutent foutez foutre fraction fracture fractures fragilite frais franche franchement franchir
franchise franchises franchissement franchit francis francois francoise free frequemment frequence frequences
frequentes fusion fusions fussent fut gache gacher gand gard gardee garden garder gardes gare gender gendre gene genee
genent generaux genes genese genre genres gente gentil gentils gentiment geste gillet gmail got gout grace grade grande
grandi graphie graphisme graphiste gre grecque gres greve grevistes harris hate haut hauts hierarchie hierarchique
historien historiens hit homme hot hote hotes hui identique identitaire identite identites ile iles illimite ils imite
impot impots impunement inconvenient independance independant independants indiquee indiquer infection information
ingestion injection insecte insertion integrisme inter interdit interet interets internat interne internes
interrogation interrogations interrompre interrompt intestin intuition isolement italienne itinerance jarre jason
jesuite jetant jets jeune jin joie joignant joignent jon jonction joue jouer jouir justement justicier kit lac lacet
lacher lacs lagarde laid laide laideur lait lames lan land lane language laque las lasse lasser lea lecher led ledit
lee legalement legend legendaire legendre legends legrand lens lepage leur leve levee libre lie liee lier lies lieu
life lignee limitee limiter line linge lisa lisais lisait lisant lise lisee lisent lisse lisser lisses litre lits livre
locale localite localites logan loire lois los lost lot louvre luis lune lus lustre mac macher machin mad mai maille
mailles main mains maire mal male males mali maligne malte mangeant manier manquaient manquait manuelle maquis maris
marquait marquant marquante marquantes marquants marquent marrant marrante marre marrer marrons marthe marx mas mason
massages mat match matchs mate mater matinale matt matte mature maturite maudit maudite maudits maux maxi maximal meaux
mecontent mecs median medine meditation mediter mefaits melanges meles memes mene mens mensonges mentionnant mentions
mers mesdames messi met metis metrages metz meuf mien mil mile mina minces mind mine mini minima minimale minoritaire
minoritaires minorite mis mit mme model modere moderer moderes modulation moine moines moise moisson monde mondes monet
mons monstre mont montage montait monte montee montees montent monter montes monteur montez monts monture moon mordre
mort morts motion motions moto motos mou moule moules mrs multiple multiples munis nef negative negativement nes nets
neuro neveux niveaux nommee nommer nommes now noye noyes nue nuit numeraire nus obtenait obtenant obtenez obtenir
obtienne obtint ocde oeuvre offrez ombre ombres oms optimisme ordure organique organisee organisees organisent
organiser organisme organismes ose osez ost oter ouest oui our out outre ouvres ouvrier ouvrira ouvrit pair paisible
pale pam pan pans papi para parc parce parcelle parcourt pardonne pardonner pardonnez pare parent parfaire parfait
parfaites parfaits parfois pari parie parier parite park parla parlee parler parles parleurs parlez parme parole pars
partaient parte partent partez parti partira partis partit partout party paru pass passa passee passer passes passible
pat pate pates patient patrie pave paves peage peau peaux pelle pendant pendre percu perdit perfection personnage
personnages personnel personnels petite peur peurs peut phase phases pie pieux pille pipe pire pis piste pistons plage
plages plaie plaies plain plaindre plains plaint plaira plairait plaire plais plaisait plaisant plaisante plaise
plaisent plaisir plane planet planque plants plat pleurs pli plie plu pneu poetique poetiques poil poing poings pointe
pointes pointu pol pole polemique polemiques police polices polie polo pont ponts popularite portique portuaire
portugal posee poser poses positions positive positivement postales postaux poste postures pot pots pourrai pourrait
pourras pourrez pourrie pourries pourris pourrons poursuite poursuivant pouvais pouvait pouvant pouviez pouvions
pouvons precedant precedee precedemment precis precisant precise precisent preciser precises precisons predateur
preferent preleve prelevement prelevements prelever premiere prenais prenait prenant prenante preneur prenons prepa
pres president presidente presidents pression pressions presume presumee presumer presumes pretendent prevision
previsions prevois prevue priori priorites pris probablement procedent proches proclame proclamee proclamer program
proportion proportions proprement prose proue provision provisions prusse pseudonyme pue puisque puits punis pur quai
queen quelque questionne quitte quittera quo quoique race rachete racontait racontant raffinage raffine raffinee
raffinement raide ranch rappel rappelait rappelant rappele rappelee rappeler rappelez rappelons rappels rassure
rassuree rassurer rassures rassurez rate ratee rater rates ravis realisez recent rechute recidive recifs recit recite
recits reclus recois recommence recommencer reconduire reconduit reconnue reconnues reconnus recre recrue recrute
recrutes recueil recule redire redis redoute reduit reduits refectoire reformee reformer reformes reformiste refus
refusant refuse refuser refuses refusez refute regionaux regis regissant regulier reguliers rein rejets relais
relegation relie reliee relier relies reliure remedier remet remontait rempart remparts remporte remporter remuer rend
rendait rendant rende rendement rendements rendent rendit rendons rendra rendue rendus renes renforce renforcent
renforcer renforces renie renier renoir rentre repaire reparle repas repasse repasser repense repenser repetait
repetant repete repetee repetees repetent repeter repetes reporter repose reposent reposer repris reprit res
resiliation resolu resolue resolument resolus resort resources ressemblaient ressemblait ressemblant ressemble
ressemblent ressembler ressemblera ressembles ressemblez reste restee restera resultant retenez reticent retine retour
retrait retrouve return revais reve revient revint revoir revoit revu revus ris risquait rites rois role ron rotation
rotations roue rouge rougir rouille rousse rousset rouvre rouvrir ruse russie sabots sacree sacrees sains sal sales sam
san sas saut savant savantes savoir scelle scout scouts sea secher seconds secs secu securise securisee securiser
security sediments see sejour selection selections selle sens separent sequelles sers servante service set severement
sex sic side signant signifient signifier simon simplement simplicite simpliste sir sire sites situe soin soirs sois
soit soixante some sommeil sommet sonde sondes song sonnait sonne sonnent sonner sony sorte sorti sortira sortis sortit
sorts sos soucient sourde souvenais souvenez souvenir souvent souvienne spa stats ste strict stricts structurel sud sue
suit surcharge surcout sure surement surf surnom surnomme surnoms surpasse surplus surprend surprendre surtout
survivants synthetique sœur table tables tac taille taillee tailler tailles taire tais tant tapes tarde taureaux taux
telephonie teles telle temoins tendre tends tendu terme terminaux terreur tes tess testee tester testes testez tete
tetes them thrace tien tigre tigres tir tire tiree tirent tirer tirera tires tirez toit tole tom tony tordre tot totale
tour tourne tournee tours toussa toute toutou trad trade trader tradition traditions trainent trait traitait traitant
traitants traitee traitees traitement traiter traiteur traitre traits transfere transferee transferees transferer
transferes transfert transferts transport transportait transportant transporte transportee transportees transportent
transporter transportes transporteur transporteurs transports travees travis tre trio trip troie trou trous truc trucs
true trust tunis turner und uni unie unies unisson unitaire uns use utilite vaille vais valise valises valu value valut
vas vase vaudrait vaut vaux veillez venerable venere vent ventre vents verbale veuille veuillent veuilles viabilite vie
vieux villette vire vis visa vit vita vitre voeux vogue voir vois vos votee votera votes votre voudrai voudrait voudras
voute voyez vus west wii
"""
