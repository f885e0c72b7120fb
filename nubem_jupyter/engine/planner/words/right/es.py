"""Spanish."""

RIGHT = """
abe abonos abr abren abreu abri abrira abrirle abrirse aca acaso accionar acera acercan acercar acero acertado
aclaracion aclaro acordo acostar act actor actua actuo acuesta ada adaptarse adentro adonde afiliacion afirmaron
agarrado aguda ahoga ahogado ahogando ahogar ahogo ajo ala alas alejan alejando aleta alfa algo ali almas altar altas
alter altos amargado amarrado amas ame amo amos ampliacion anda ando animacion animaciones anonima anonimas anonimato
anonimo anonimos anos anota ante anual anuales anuncia anunciada anunciado anunciados anuncian anunciando anunciar
aparcamiento aparecia aparecian aparezca aparezcan aplastado aplicaciones aportado aportados aportan aportando aportar
aportaron apostado apreciada aprecio apretado apretados aprueba aprueban apto apuntado apunte apunto ara arca arde
arden arder ardiendo ardor are area areas arriendo arte artes articula articulacion articulaciones articulado articular
asado asaltado asegurarse asegurese asia asimismo asique asistencia asistencial asistencias asuma asumo atras atrevida
audi audicion audiciones audio audios aveces ayudan ayudar ayudarme bano barra barras barrer barrido barrio barro
barros basandose basta bastan bastara bastion basto bay bayas bellas bello bellos beso birra bits blas bola bolt borda
bordado bordados borde border bordes bordo bosque bosques bota botar botas bote botes boxeador boy boys brusco bucal
buena bueno bus buscarle buscarse buses caca cadaver caga cagar cague caida cal calentar calida calidades calidas
calido calidos calificada callas callo cambia cambiada cambiado cambiamos cambian cambiando cambiar cambiara cambiarla
cambiarlo cambiarme cambias cambie cambiemos cambien cambies camion canalizar cano canos cansando canso canta cantamos
cantando cantas canticos canto cantos caos capitales capitolio car cara caracter caramelo caras careta caretas cargada
cargadas cargado cargados cargan cargando cargas carita caritas caro carter casa casco case casi castellon causo
cavidades cds cedro cel cementerio cementerios centrada centrado centrados centre centro ceo cera cerca cerco cerdo
cerro cesta cetro chester chin china chinas chingo cho cia ciento cientos cierto cifra cinico cinta cintas citados cito
clara clark clasificarse class clero clinicas cobrando codificacion cofre cohesion cojo coleccion colgando colmo com
combo comentaba comentado comentan comentando comentarista comentaristas comentaron comentas comenzar comenzara
comenzaron cometa comi comino comio comite comites comitiva comodos compa compadre compas compensar compite compiten
compitiendo complicado complicados compra compraba comprada compradas comprado comprador compradores comprados
compramos compran comprando comprar comprara comprarla comprarlo comprarlos comprarme compras compraste compre compren
compres compro compu comuna comunica comunicacion comunicaciones comunican comunicando comunicar comunicarme
comunicarnos comunicarse comunicarte comunico comunidad comunidades comunitario comunitarios concebida concebido
concedida concedido concertacion concesion concesiones conciente concierne concierto conciertos concreto concretos
condado condados conde condena condenada condenadas condenado condenados condenan condenando condenar condenas condeno
condes condesa conducta conductas conducto conectando conectar conexiones confeccion confesion confiaba confiando
confiere conforma conformacion conformada conformado conforman conformar conforme conformes conformidad conformo
confusion confusiones congestion conjunta conjuntas conmovido cono conocerte conque conseguido consejos consentimiento
conserje conservacion conservado conservados conservan conservar conservo consiente consiguiente consolas conste
constituye constituyen constituyo construccion construcciones constructiva constructivas constructivo constructor
constructores construida construidas construido construidos construimos construir construira consuela consul consulado
consulados consular consuma consumida consumido consumidor consumidores consumo contable contables contacto contactos
contado contador contados contagio contamos contara contaran contare contaria contaron contarte contencion contenedor
contenedores contener contenga contengan contenia contenian conteniendo contenta contento contentos contexto contextos
contienda contiene continuaron continuo contorno contrabando contraccion contractual contractuales contrae contraer
contrajo contralor contrapeso contraposicion contrapunto contraria contrarias contrarios contrasena contrasenas
contrata contratacion contrataciones contratada contratado contratados contratan contratando contratar contrataron
contratista contratistas convencida convencido convencidos convenia convenio convenios convento convergen conversa
conversion convertirse conviene convirtiendo convirtio convulsiones copiando cora core corea corra corral corrales
corran corri corria corrian corrida corridas corrido corridos corriendo corrio corro corrupcion cortada cortadas
cortado cortados cortamos cortan cortando cortar cortarle cortarse cortas corte corten cortez corto cortos costa
costando costara costear cota cotas coto creados crearse crece credo creeme creemos creen creer creerlo crees crei
creia creian creias creido crema cremas creo cripta cronicas cualidad cualificados cuantia cuarta cuarto cuerda cuerdas
cuero cuna cunado curricular curriculo curro dallas damos dando dano dans dara daras dardos dare dark darme darnos
daros das dato dean deba deban debas deber deberas deberia deberiamos deberian debut debuta debutar debuto decada decia
deciamos decian decias decidirse decime decir decirlo decirme decirnos deciros decirselo decis decision decisiva
decisivo declaro dedos defenderse defensa defensas defensiva defensivo defensor defensores defina define definen
definida definidas definido definidos definiendo definio definir defuncion degeneracion degenerado dejad dejados dejan
dejar deje delfin demas demo demos demostrarle denme denota depara depuesto der derivacion desarrollandose
desarrollarse descarada descarado descaro descriptiva descriptivo desee desolacion desventaja detalle deteccion
deteniendo determinantes detesto detiene detras deudas devaluacion devolvera devolverle devolvio dia diaz dibujantes
die dif diferenciados dificulta dificultades dificultan digas dije dios diras director directora directores discusion
discutio disolver dispersos diversion divertir divertirse dividen divisiones doblar documenta documentada documentado
documentados documental documentales documentar don dotacion dra dramatica duda dunas duras duro duros echa echado
echan echando echar echas ecuaciones edicion ediciones edicto edo educacion efecto efectos ejecucion ejecuciones elegi
elemental elementales eli elias elite elites ella ellis elogio emilio emociona emocionantes empiezas empresa encarga
encargar encargue enclave encontrandose encontrarle encontrarse encontraste encuesta encuestados encuestas enero
enmarca enmarcado ensayar ensenarle ensueno ente entendes entere entornos entrara entras entregarle entregarse entren
entreno entres entretiene entrever entro erupcion esa esas escaso escoba escobar escote escribano escribirle ese esos
esp espero esque esquemas est estable estacion estaciones estado estados estais estamos estan estando estano estar
estara estarlo estela estemos esten ester estes estoy estrecha estrenos estres estricto estrictos estructurado
estructural estudiados estudie estudien estudio estudios eta eternos evacuacion excepcional excepcionales excesiva
excesivas excesivo excesivos exceso excesos exencion exito exitos expandirse expansion explicarle explicarse explosion
expresan expresar expresaron expresiones expulsion extensos exterior externas externo extra extradicion extraidos
extranos extras extremos facciones facial faciales facto falda faldas falla fallado fallan fallando fallar falle
fallida fallido fallidos falls fase fases faso fast fatal fatales fermin festivo festivos fielmente fijamente fina
finde fino firma flecha flechas fomenta fomentar foral formados formales forman formar formatos fractura fracturas fred
free funciona funcional funcionales funcionan funcionar funcione funcionen funciono fundaciones gallo gallos ganado
ganados gano garden gas gases gata gates gato gatos gay gene genes gente gentes gesta gestacion gestion gesto gestor
gestores gestos goma gorra gorras gorro got gota grace gracia gramatical grata grupal grupales grupo grupos guino guita
guitarra gustara gustaron hablar habre hace hacerle hacerse hacker hagan hagas hagase haha has haya hazle hecho hello
hija histeria historica historicas historico historicos historieta historietas hombre hombres horror horrores hot ida
identificarse imaginarse imaginense impactar impartir impida importaba importacion importaciones importada importadas
importado importador importadores importados importan importara importaria importarle importas importo impotencia
impresas impresentable impunemente incentivo incentivos india indicados indican indicar indie induce ine inerte
infeccion infecciones inflamacion informaba informaciones informada informado informados informal informales informamos
informan informando informarle informaron informarse informarte informate information informo ingenuos insectos
insercion instintos intactos integrantes integrarse intencional intenciones intensas intensos intentamos intentan
intentar intentas intenten intentes intento inter interes interior interiores internas internos interpretarse
interpuesto intestinal intestino intestinos intuicion invencion invierte invierten inyeccion inyecciones iquitos isa
iva jarabe jarra jason jay jensen jin jon jugada jugadas jugado jugador jugadora jugadores jugamos jugando jugar jugara
jugo jugos jugue june juntarse junto juntos justicia justifique labor laboral laborales labores lactancia lados lamas
lan lana lane language lanzarse lara laser lata law lazo lazos leal lean leas lecciones led leen leerla leerlo leerlos
leerse lees legalmente leia leiste lema lemas lena les lesa letras leve level licencia liga ligada ligadas ligado
ligados ligar ligas limited linda line lineal lisa liso litio loca localidad lomas low lugo lujo lujos luna lunas mail
mails main malta manizales mano maps mara marc marcados marcan marcar marcha marica masa max mayo mediados medianas
mediano medianos mediar medias medica medico medida medido medina meditacion meditar memorable mencion mencionaba
mencionando mencionar mencionaron mencionas mencionaste mencione menciones menciono menores mensuales mentales mentor
mesa metido metidos mia mias mina mind mini minoritario minoritarios mios misa mismas mocion model modelado moderado
moderador moderados modular mon montando morelos mostrada mostrara mostrarle mostrarse mota muestre muestren muestro
mueve multiple multiples musa nacer nadal nadar nadia narices nasa necesita necesitado necesitan necesitar necesitas
necesite necesiten necesites nieve nigel ninja noche nodos nomas nombrada nombrado nombrados nombramiento nombran
nombrando nombrar nombro nora nose not notan notar now nuca numeracion numeral numerosa numeroso objecion objeciones
ocaso ochoa odias oea oeste ofrecerle ofrezca ofrezcan ofrezco ojete ola olas olimpia olimpiadas olvide oprimido optima
optimo order organizarse oro orto otero otono otras otto over pacto palmeras pan pandilla panes pantalon panza papi
parabrisas paradero parados paraguas paralela paralelas paran parar pare parece parecemos parecen parecer pareces
parecida parecidas parecido parecidos pareciendo parecio pares park paro paros parque parra part parten pas pasados
pasan pasara pasare pasarle pasarlo pasarse pasear pasen paseo paseos paso pasta pastilla pastores pastos pat pata
pausa pedo pedro peor per percepcion percepciones percusion perdicion perdona perdonar peron perro persecucion
persecuciones personaje personajes personal personales peruanas peso peste petro piensan pinto pista pistas plana
planas planeo planeta planetas plano plantea planteada planteadas planteado plantean planteando plantear plantilla
plazo podia podias podra podras podrian podrida polanco polemica polemicas policias political politico politicos
politics pondria popularidad porfavor porno poros porque port porta pos posta postales poste postgrado postres posturas
potro preciosa precioso precisan preciso precisos predio predios prefiere prefieren preguntarle preguntarse pregunten
preguntes pregunto prepa preparandose prepararse presenta presentacion presentaciones presentada presentadas presentado
presentan presentando presentar presente presume presumir presunta presunto presuntos previos prevision prime primera
priori prioridades pro proa procedio procesion proclama proclamacion proclamado proclamar producirse produzca produzcan
prometido prometio promocion promociona promocional promocionales promocionando promocionar promociones promovio
propina propinas proposicion proposiciones propuesto propuestos prosa prospero protesta protestan protestando protestar
protestas provision proyecto proyectos pruebe prueben public publicaba publicada publicadas publicado publicados
publicamos publican publicando publicar publicara publicarlo publicaron publicarse publicas pude pueden puno punos
punta puntas puros puto putos queda quedado quedar quedaran quedaras quedare quedaria quedarme quedaron quedarte
quedaste quede quehacer quejandose quejarse quejo quema quemada quemadas quemado queman quemando quemar qui quieta
quieto quietos quinta quinto quisieran quisieron quitarle quitarse race racion racional racionales racionamiento
raciones radios rata ratos raza razas reaccion reacciona reacciono reactivos reactor reactores recargar recaudar reciba
reciban recibe reciben recibes recibi recibia recibian recibida recibidas recibido recibidos recibiendo recibio recibir
recibirlo recogen recogida recogiendo recompensa recompensas reconozca reconozcan reconozco recordarle recorre recorren
recorrer recorrido recorridos recorriendo recorrio recortar redencion reduccion refieres reformada reformado reformar
reformas reforzar regimenes regina regio registra registrada registradas registrado registrados registran registrando
registrar registraron regula regulado regulador regulados reina reinado reinas reino reinos relacion relaciones
religion remar remocion remontar ren renal rene report reportado reportados reportaje reportan reportaron reportera
reportero reportes repuesto repuestos requieren requisito res rescatado rescatados resistio resolvera resolverlo
resolverse resolvio respecta respetado responderle responsable resta restan restar resto restos resucitado resuelta
resultaba resultan resultando resultante resultantes resultar resultara resultaria resultaron retina retornar reunirse
revelador revolver rex reyna riego roma rotacion rudo run rusa rusas rusia russo sabre sacados sacan sacar sal salgo
sali salia salirse salta salto saluda saludo sam same sanciones sano sanos santidad saudita seco secos sed see seguid
seguidas seguidor seguidos seguimiento seguimos segundas segura seguramente seguras seguro seguros seleccion
seleccionados selecciones sello sellos sembrado semejante semejantes semillas sena senado senas sentimental
sentimentales sentimos sentirlo seo separa separadas separados separando separaron sequito sera sere serle server
servia services servicio sesiones set setas severidad siente siesta signo signos siguiendo sim simplemente sincero
sintaxis sintoma sirvientes site slogan sobrecarga sobrenombre sobrepasa sobrepasar sobretodo sol solar solares
solicita solicitada solicitado solicitan solicitar solicite soliciten solicito solicitudes solto soluciones sono sony
sos spa sta suavizar suban sud sueca suecia sugerido sugiriendo sugirio sumamente suman sumarse sumas sun super supera
superacion superada superado superados superan superando superarlo superarse supero surco susan susana suscitado
suscriptores tacto tala tallas tallo tallos tampico tara tarado tarro tarta tas taza tazas team ted tejada tejado tejas
telefonia telefonica telefonicas telefonico telefonicos teme temen temer temes temia temian temido temiendo temo temor
temores tempo tener tenerla tenerlas tenerlo tenerlos tenerme tenes teniente tercer terrenos terror tesla teta tetas
tiende tienen tiras titan tito titula titulacion titulada titulado titulados tocas toco toda tom tomados toman tomar
tomo toni tonto too torno toro toros traccion trad trade tradicion tradiciones trae traes trafico traga trance trans
transbordador transferido transferidos transferir transformarse transporta transportado transportados transportan
transportar transporte transportes traspasar tratados tratar tratase trazo trazos trepar trono truco trucos trust tunel
tuneles turca turcas tutela tutor tutores uds unam und unen uni unio unira unirse unitaria unitario urnas usados usarse
utilizarse valdes valia valio vallas valor valorados valores valoro vano vaso vasta vasto vea veamos veia vello
venerable ventaja ventanas vera vere verte ves vial vida vila vina violacion visa visual visuales vita viva vocacion
volado von votaciones votan votara voten vuestras vuestros wii yardas yeso zumo
"""
