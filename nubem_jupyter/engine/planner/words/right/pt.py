"""Portuguese."""

RIGHT = """
aba abaixa abaixar abe abr abram abrem abreu abri abria abrira abrupta acaso accoes ace acertou acha achei achem
acordou acores acrescenta acrescentado acrescentam acrescentando acrescentar acrescente acrescentou ada adentro aditivo
adivinhem afim afirma afirmado afirmam afirmando afirmar afirmaram afirmava afirmavam age agendada agendar aguarde
aguente air ajudam ajudar ajudei ajudem ala alega alegada alegado alegam alegando alegar alegaram alfa algo algum ali
alistamento alistar alo altar altera alterada alteradas alterado alterados alteram alterando alterar amo amostra
amostras ampliacao anais anao anda ando animacoes anjo anonimas anonimato anonimos anos anta ante anuais anual anuncia
anunciada anunciadas anunciado anunciados anunciam anunciando anunciar anuncie aonde aos apatia apela apelo aponta
apreco aprontar aprovar aptos aquando arabia arduamente are armamento armamentos arquivar arrebentar arte artes assina
assinado assinam assinando assinar assinaram assistencia assistencias astor atena atenas atenda ato atos atua aturar
audi audicao audio audios ava avai aval aversao baia baita barao barra barracao barrar barras barro barros based basta
bastam bastao basto bastoes bastos bastou bata bate bela belas ben berta besta bestas bia big bit bits bla boba boca
bola bon bonde boom bora bossa bota botar botas bote botes boto boy boys bra branqueamento brigada brusque bucal buque
bus busto but buy cabra caca cache cacula cala calcuta calhar calor cano cantando canticos cao caos capitolio car cara
caracter caras carater carga cargas caro carreta carter cartoes casa casco casou catar catraca cauda cave cds ceia cela
celas cento centrado centre centro cerca cerro certa certificados certo ces cesta cestas chamada chamadas chamando
chavez che chutando cia cima cimento cinta cinto cintos cita citada citadas citado citados citam citando citei clark
class classica classicas classico classicos classificadas classificados clinicas cluster cobrando cola colar colares
cole colecao colecoes colectiva colectivo colega colegas colera colina colinas colunista coma comarca combo come
comendo cometa comete cometem cometemos cometendo cometer cometi cometida cometidas cometido cometidos comeu comi
comite comites comitiva comment comments complicado complicados compoe compoem compor compos compra comprada compradas
comprado comprador compradores comprados compram compramos comprando comprar compraram comprarem compraria compras
compre comprei comprem comprida compridas comprido compridos compro comprou comprovar comuna comunica comunicacao
comunicacoes comunicam comunicando comunicar comunidade comunidades comunitario comunitarios con conceito concerto
concertos concessao concessoes concluido concorde concorre concreto concretos conde condena condenacao condenacoes
condenada condenadas condenado condenados condenando condenar condenou condessa condutas cone conectando conferem
conferida conferido conferiu confessa confessar confesso confia confiando confiante confiantes confiar confiem confiram
conformar conforto confusao confusoes congo conjunta conjuntas conotacao conseguir conselho conserva conservacao
conservado conservar consolacao consolar consoles consta constar constata constava constituir constroem construcao
construida construido construiram construiu construtor consul consulado consulados consumida consumidas consumido
consumidor consumidores consumidos contabil contacto contactos contada contadas contado contador contadores contados
contagio contam contamos contanto contara contas contato contatos contei contem contendo conter conteudo contexto
contextos conti continuo contorno contornos contrabando contracao contracoes contradicao contramao contraponto
contraria contrariando contrariar contrarias contrarios contrata contratacao contratacoes contratada contratado
contratados contratam contratando contratar contrataram contrate contratual controlo contudo contusao convencao
convenio convento converse conversei converso conversoes conversou converteu convulsao convulsoes copiando coracoes
coroacao correccao correcta correcto corredores corregos correios correlacao corremos correndo correntes correram
corretas corretores corretos corri corria corriam corrido corrosao corrupcao cortando cosmo cota cre creia criada
criadas criado criados criam criativas criei criem crime cripta cris crise cronicas crua cura curricular curriculum
curti cut dai damas danada dando dano danos dantas dao dara dardos dark datada days debaixo debut decio decisao
decisiva decisivo decisivos declara declaro dedos deem defendeu defense defensiva defensivo defensor defensores defina
define definem definida definidas definido definidos definindo definir definiu deita deitada deitado deitados deitar
deite deitei deitou deixa deixara delas delator dele deles dem demais demissoes demo demos denota dentre depara deparar
deparei deparou depor deputada deputado deputados der des descarga descargas desce descida descreveu descrita descritas
descrito descritos desenrola desenrolar desenvolveu dessas dessem desses destruicao desvantagem desviou detalhe
deteccao detem detento detentor detentores detentos deter detergente determinantes detesta detesto deu deus devendo
dever devida devidas devido devidos devolveu dezoito dialogo dias diaz dica diferencia diferenciacao diferenciada
diferenciadas diferenciado diferenciados diferenciais diferencial diferenciam diferenciar diferente diferentes digam
digna dira director directora diretora diretores diretoria diretriz disco discordo discos discricao discussao
discussoes dispersos disto dita ditado ditador ditadores ditar ditas dito ditos diva divertem diverti divertindo
divertir divirta divisa divisao divisas divisoes divisor doadas doado doados doar documenta documentada documentado
documentados documental documentar documentario doi dollar dom donas donde donos doris dose dotes dra dramatica duma
dunas duras duro duros duvide duvido eca edicao educacao educar efeito efeitos eis elementar elementares elias elo
embaixada embaixadas embaixador embaixadores embaixo emile emilia emitem empregar empregos empresa empresta emprestar
encontrasse ensaiando ensaiar enter entregasse entrei entrelinhas entrem entreter entrevista entro equidade era errou
esclareceu escola escolar escolares escolas escolheu escolta escrevesse escreveu espalhou espantoso especializacao
especializado espinhos est estada estadia estados estao estar estavamos estela ester estratos estrutura estruturada
estruturado estruturais estrutural estruturas estudantes estufa eternos eve ever excepcao exceto exclusao execucao
execucoes exige exigem exigia exigida exigidas exigido exigidos exigindo exigir exigiu exito exitos expansao expressa
expressam expressando expressar expressas expressivo expresso expressos expressou extensos exterior externas externo
extremos facada facadas facam faces facial factos fada fadas falada faladas falado falados falando falantes falar
falaram falas falem falhei falho falhou falida falido falsa faltar far farta fartura fas fase fases fast fato faturou
fax faze fera fere ferro ferros festa festas fez fezes fia fica ficara film filmando fio fiquei fiquem firma fixar fiz
fizer focar foda fode fomentar fomento fone fones fora foram formacao formada formadas formado formados formam formando
formar formaram formas forneceu fraca fratura fraturas frequenta frequentam frequentar frequentou fria fuma furto gala
gas gases gata gatas gates gato gatos gente gentes gerada geradas gerado gerados geral geram gerard gmail goa gostaram
gostariam got gra grace gramaticais grata gravidas greg grega gregas greve gritaria grupo grupos guard guardei guardem
has hasta haste hate have here historica historical historicas historico historicos home hot ida ideais identica
identicas identico identicos identificadas identificados ilha imortal impar impor importantes importasse impos
impotencia incentiva incentivo incentivos independent infeccao informa informada informado informador informados
informais informal informam informaram informou infracoes iniciando insercao inspecao inspector integrantes integridade
intensas inter interacao interacoes interior interiores internacao internas internos intestinal intestino intuicao
inumeros invencao invertida invertido investem investida investidas investido investidor investidores investidos
investindo investir investiu iraniano iranianos irem iso iss jarra jason javali jesse jin jon jules julho julia july
june juntam juntei juntem juramento kate labor laboral lados lamas lanca lancei lanche lane language lar lara laser
last lata late law lebre led lee legalmente lego lei leiam leila leio leis leito leitos lena lenco leoa les leste let
lia ligo lima limao liminar limited linguagens linhagem lisa liso lisos lobo logan lola longo lost lot lotacao lotada
lotado lotados lote lotes loucamente low luna mae maes mai maia maias main maio maiores maite major mal mala malas
males mali malta mamilo mamilos manchester manila mano manteiga mantendo mantenham mantenho manteria mantinha mantinham
mao maos maps marilia mars massagem massagens mata mate maus max maxilar mediano medica medico medida medido medina
meditacao meditar medo medos mei meia meio memorial memorias memories mencionando mencionar mencione mencionei
mencionou mentor menu mesa mesmas mestres metem metido metodista metragem metragens mil milao miles mim mina minas mind
mine ming mini minto misto mocao model moderacao moderado moderador moderados modular mola mon monde monge monstro
monstros monta montagem montagens montando montanha montanhas montante mordendo mos most mostrasse mota move mrs
multipla multiplas multiplayer multiplo multiplos mutantes nacoes nadal nadar nadia nasa nash nasser nata nato
negatividade nela nelas nele neles nem nessa nessas nesse nesses nestas nestes neta nigel nisso nisto nora not notada
notar note noutra noutro nov novela novelas now nsa nua nuca numa numeracao obito obrigacao obrigadas obrigados
obrigando obrigaram obtencao obtendo odeia odeiam oeste ofereceu olga olha olhe olimpia olimpo omar once one opa
orcamental ordem order organica organico organiza organizam organizar organizou orla ornamentos ortografico osmar osso
ossos ostras otimista otimistas ouro pai palavroes pam pano panos parada paradas parados paraguaio paraguaios paralela
paralelas param parana parar pardos pare pareco pares paridade park paro part parta partem parti parva pas pass passa
passagem passara passarela passaro passear passei passem passivel passo pastagens pastores pat pata patinacao pautar
pec pecados pecam peco peguei peguem pelada pelas pele peles pelotao pelotas penas pensei pensem per perca percentagem
perco perguntei perguntem pergunto perguntou perimetro pesca pessoa pessoais peste picada picadas pila pilot pilotar
piloto pilotos pinheiro pinto pior pista pistao pistas pitada plan plana planas planicie planicies planta plantas podem
poder podera poderiam podiam podre podres poe poem polemica polemicas policias political politico politicos politics
pomar ponta pontal pontas ponte pontes popularidade pormenor porno poros port pos poses positividade possiveis posta
postagens postaram postas poste posteres postes posto postos posturas potavel pote potes pour pra prazo preciosa
preciosas precioso precisa precisam precisamos precisando precisar precisara precisarao precisas precisava precisei
precisem precisos precisou prefere preferem present presente presentes presume presumir preve prevencao prevendo
prevenir prever previsao previsoes prevista previstas previsto previstos primariamente primario primeira primeiras
priori privar pro problem procissao proclamacao proclamado proclamar producao producoes produtor produtora produtoras
produtores projecao project projecto projectos prometa promete prometem prometemos prometendo prometer prometi prometia
prometida prometido prometo pronto prontos propoe propondo proporcao proposicao proposicoes proposito propositos
proposto propostos prosa prosseguir prost protecao protestam protestando protestar prova provei provem prover provisao
pulo punir puros puta quantia quantica quantico quao quarto queda quedas queira quer queriam querida quis raca race
raquete ratos reacao reator reatores reaver rebate rebater recebendo recinto reclama reclamam reclamando reclamar
reclamaram reclamava reclamou recolheu recomecar recomeco recompensa recompensado recompensar recompensas reconheceu
record recorda recordes recordou records recorre recorrendo recorrer red redaccao redator redimir reduzida reed refira
refiro reforcar reformada reformado reformados reformar reformas reformista rege regina regis registo registos regula
regulado regulador reina reinado reinar reino reinos reis relacao remo remocao remota remotas remoto remotos removeu
renal renata renato rende rene renova renovacao renovada renovado renovar renovavel renovou report reporta reportado
reporter reportou reports repousar requisito resgatado resgatados resolveu respeita respeitado respeitam respeitando
respeitar respondeu responsavel resta resultam resultando resultante resultantes resultar resultaram retardar retido
retina retomando retro reu reus reversao revoltado revolver ria rico ricos rigoroso rigorosos rim risca riso risos road
roca rod rodada rodadas rodado rodas roger rola rolar rom ronda rosa rose rota rotacao rotas roxa rua ruas run russa
russas russia sabre saco saem sai saia said saio saira sal salem salta saltando salto sam sapo saudita seabra seca
seccoes seco secos see segredos segui seguia seguidas seguidor seguidos seguimento seguimos seguindo seguira segundas
segurado segurando sei seios selos semelhante semelhantes semi sen sena senado senai senso sente sentimental sentimos
separa separacao separada separadas separamos separando separei sera servia services servico servidor servios set seul
sida siga simple simplista singles sintetica sintetico sinteticos sir sloan soa soar sobe sobrenome sobrenomes
sobretudo soja sola solar solares solicitada solicitado solicitando solicitaram solucionado solucionar solutions somada
somados somam son sos spa subir subiram suco sucos suditos sueca suecia suite suja sujas suma superado surgir surgiram
sus taca tanque tanques team tecto tela telas telefonar telefonemas telefonia telefonica telefonicas telefonico
telefonicos telefonou teles teme temem temendo temer temia temiam temido temo temor temores temos tempao templo ten
tens tentativa tera teremos teres termica terminasse termo tesao tese teses test testa teto tetos thorne tido tim tite
titulacao titular toda todo toma tomate tome tomo tornei tornem trade tradicao tradicoes tradutores trafico traga
tragam traicoes trance transborda transfer transfere transferida transferidas transferido transferidos transferindo
transferir transferiu transicao transporta transportada transportado transportador transportadores transportados
transportam transportando transportar transporte transportes transtorno transtornos trara tratada tratadas tratados
tratar trave trem trens trepar tributo tributos trote trust tuita tuitando tuitar turca turcas umas unha uni unitario
uns urna vaca vai valdir valem valha valia validade vantagem vapor vaso vasta vastas vasto vastos vaz veia vela velas
vem vencemos vencendo vencidos vendedor vendedora vendedores ventre vera verao versa verso versoes versos ves veste
vestes viam vice vida vila vim vira visa visto viva voa voar voice voltar volte vota votei votem wii zeus
"""
