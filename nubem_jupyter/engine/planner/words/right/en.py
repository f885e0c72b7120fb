"""English."""

RIGHT = """
aap abel able accordingly accurately achieves acorn acre act acts addis addr ads advocacy advocating aero aftermath
afterward age aggravated aggravating aide ailing ailment ailments aix ale ali alike allan allocate allocated ally along
alter altitude altitudes ames amp amy analysis anand andy anecdotal ant anthem antidote ants anyhow anymore anyone
anytime anyway anywhere apart appealing appending aptitude archie archival archived area areas arg args arse art arts
asa ascent ashland aside asked ass asses assistance assisting assure ast aswell ate atext atleast attaches attacked
attacker attained attempt attempted attest attested attracted auckland auction audi ava ave avery away backup bae ball
band bare basel baseless bases basics bass beach beast beat become becomes beforehand behave being belong bertrand
beside bet bets biased bindings bing biographer bit bits black bless bloated blow boat boats bog boi bolt bolts bon
bone bones bool boot booth boots boring botany bother bout bouts bow bowser boy boys bread breakout breakup bridge
bridges bridging briefcase broadband broth brow brows browsing buck buildup built buses bust butt buy byproduct cab
cable cables calculus calcutta cali call cam candid cane cannon canon cant care cart carte carter carts casey cash
cashed cashing cast caste cause causes ccompiler cds cease centrist challenging chan chang changing chanting chap char
charge charged charger chargers charges charging charitable charities charity charred chars chase chat chats chatted
chatter chatting cheating checkout childless chile chops chose cia circulate circulated circulating circulation clan
clans clarity classed classic classical classically classics classy claw claws cleanse cleansing cleanup cleared
clearest clearing cleveland climax clip cloudy coast coastal coaster coasters coasts coat coated coates coating
coatings coats cod codec coded coin coincidence coins coke cold colder collar collusion com comet comey comin command
commend commotion commute commuter commuters commuting companion companions competed competes compiled compiler
compilers completer complied comprise comprised comprises comprising concepts concerned concert concerted concerto
concerts concession conclusive concurrent concussion condemns cone cones conference confident confined conform
conforming confusion congrats conn connecting connection connections connects consensual conservation consolation const
constable constant constants constrained construct constructed constructing construction constructions constructive
constructor constructs consul consulate contact contacted contacting contacts container containers contains contends
content contests contexts continents continued contraband contraception contraceptive contradict contradicted
contradicting contradiction contradictions contradicts contrary contrived convection converge converse conversion
conversions copeland cor coral cord cores corey corn corps corrected corrective correctly correlation correlations
corruption cory cos cosy coughing couldn countering counties countless county coupe coupled coupling courting cover
covert cpython craft crafted crafting crafts crafty crank cranky crate crates created creation creations creative
creeping critic critical critically critics cronies crop crops crore cross crow crowd crowe crows crust ctext
cumberland cunt cunts currents custer customary cvs dad dads daft dame dan dante dare dares datagram dated dating day
dct dead deadliest deadline dealings dealt dean dear debt debtor debts debut debuted debuting debuts dec decision
decisive declines decoded decoder decoders decodes decoding dedication defence defences defense defenses defensive
defer define defined defines defining deflect deflected deflection deformation deities deity del deleting deletion
deliberate deliberation deliberations delusions dent depiction depleted deportation deported derivation des descriptive
descriptor descriptors destinations detail detergent deterrent devise devised devotion die died dies different
differential differently digits ding directly director directors dis disk disks disneyland displayof distinction
distractions ditch ditched ditches ditching div dive divided divisions diy doc docks documented doe dog domain dome don
done dong dos dose doses doubled dover dow downgrade downgraded drank drawn dread drenched drip dropout drown drowned
drowning dtext duchy duct duff dug dust dwell eachother ear east eating edict edt education educational eighth eighty
elect elected electing election elections elective electors elects elsewhere emax emerge emerged emerges emerging emile
emily emin emulation end ending endure endured endures england ensued ensues ensuring entire equality eruption
eruptions escort escorted escorting est estate estates ester etched etching eternal ethan ether evacuate evacuated
evaporate evaporated evaporation even ever everyone everytime everywhere exciting executed execution executioner
executions executives executor exemption exemptions exert exerted exit exited exiting exits expanse expansion
expansions expansive expecting explanation explanations expressing expressive externally faa faber facets faction facto
fag fake faked faking fall fame famed famer fan fare farmed farmer farmers farmland fat fate father fatherland fathers
fats feast fell fender ferdinand fest festive fiddle fig figured fil filed fileno fill filtration fin fine fined fines
finland finnish fins firsthand fist fits fittings fixed fixers fla flat flats flavor flavors flavour flawless fletcher
flies flour fname folded follower followers fond food ford forget forgets forgive forgiven forgiving fork form
formatter formatters fort foster fosters fox foxes fraction fractional fractions framing frank franks frequency
frequented frequently friction friendlies fries fromlist frown frowned fry fun functools fund funding funds fur fuse
gag gale garde garden garland gas gave gear geek geeks gen genera gents germs gestation getitem giles gill git gmail
god goin gold gone goodwill googling got gown grace graced graces grad grady grande grassland grating greed green
greenland greer greet greeted greeting grief groping grouse grow grows gst guild guilds gut hack had hall han handout
handsome handy hanged hanger hangers hank hans hardy hare hart hasan hash hat hats haven headband headlining heap hear
heard heartland heck heh height heir hell heller helo helped helpframe helpless helplist herb herd hereafter hereby
herein herman hermann hero hers highland hind hinder hindu hindus his hits hlist holds hole holed holland holmes
homeland hon honed honey hood hopes hose hot hour htest hugh husband hut iceland icloud icon icons ict identical
identities identity iff ill imaginable imagination imaginations imaginative imagining imap important improbable
inaccurate inaction incentive income incomes incomparable incorrect independence independents indie indies indifference
individual individuality individuals inet infestation infested inflation info informal informational informative
infrequent inherent init inlet inner ins inscription inscriptions insect insects insecure insecurity insider insulation
insure int intake integral integrity interact interacted interacting interaction interactions interactive interacts
intercept interest internal international intervene intervened intervening intro invalidate invalidation invalidcommand
inversion invest invested investing investment investments investor investors invests iphone iphones ipython ireland
irs ismail isolating issuing iter ive jail jailed jails jake james jason jax jay jean jeep jet jim jin jockey joe joey
joint joints joking jon jones judd jude judy jug junction junctions justice justices justin kathy kay kid kin kind
kinds kirkland kiss kissing kits knot know kong koran lad ladies lads lady lag lager lan land last latch late latter
law lawn laws layer layering lean leaning leans lease left leg lenny lent les lesson leveling lick licked licking licks
lie liked lime limitless line linear lined linger linker lit loaf loan locale locals logan logb logo logos lone
longmessage longs longtime lookin lookout lookup los lost lot lotion lots loud lover lowland luke lunch lunches lust
mac mad mae mag mahal maher maid maine mainland mainly mains maitland maize makefile makeover maker makers makeup mal
male males mali mall malt man mandy manly manny mansions mao marco mare marking marx mary maryland mas mason mass masse
masses mast mat match matched matcher matches matching mate mater mates matheson mating mats matt matte maturity
maximise maximize maxwell maya mayo mclean meant media medina meditate meditating meditation meditations meg megan mein
mem meme memes men mer mere messaging met methodhelp mid midland mil mild mile miles miliband mina mindless minds mine
mined mines ming mini minimized minority minsk mint mints minus mis mist mistaking misunderstand mod mode moderated
moderately moderator modernity modernization modes moist mold mon monkey monty moody moor moore moreno moreover morse
mother motherland motion motions mount mounted mounting mounts mourning mtime multiple multiples munitions mydata
mylocal nail nailed nailing nails nam named nameless nap ndiff neat ned needless needy negatively neither neon nerd
nerds nest neuro nevermind newfoundland nextfile nonzero noon noone nor noreturn northumberland notable noted nothin
notimplemented noting notre noun nowhere nthree numerator nut oakland odor oem often ofthe oil older oneplus onerror
ongoing onto operand opposite ops optimal optimus ordeal ore orwell ounce outback outbreak outbreaks outer outfile
outgoing outing outings outlet outlook outnumber outpost outposts outs outset outside overall overcome overland
overload overloaded overloads overlook overlooking overlooks overpriced overrun overt overtake overtaken overtaking
overtime overturn overuse overwrite owen paige pain painting paintings palin pam pan par parchment parenting parkland
parsed parsers particle particles parton party pastures pat path paths peach peak peaks pee peer pem pen pendant
pending penn pens peru pet phony pic pickup pics pier pierce pike pill pills pilot piloted piloting pilots pint pints
pit pits place placed plains plane planes plank plant planting plants playin pleas pleased plist pls plugs plush poe
poet poets pointing pointless poked poker pole policing politics popen popularity por portland pos position positively
possibly pot potion potions pots pour pov pprint prank pranks pre precious predicate predicated predicates prefer
preference prefers preparation preparations prepping pres presided presume preview previews previously price prick
pricks princes pristine private privy prob probable probate probation probe probes probing prof profound prog programme
programmes progress projects prolong prom promised prop proper props prose prosper protects pseudonym ptext pts puck
pulp punitive qualify que queen queensland queer quite quotation quotations quoting race rack raft rafters rag rage
raging rags rake rally rallying ramen ran rand rankin rant ranting rare rash rat rated rats raw reach reachable reached
reaches reaching react reacted reacting reaction reactions reactive reactor reactors reacts readinto readline readlines
ready real really reap reaper rear rebate rebates reception receptions receptive receptor receptors recording red reds
references reflector reformed reformer reformers reforming refund regis rein reins relate related relates relating
relation relations relative releasing relied relies relieving relive rely relying removable removal renewing rep repaid
reparations repeating repel repr reps repulsed resign resignation resigned resigning resigns resolving resorting
responsive rest rested resting rests resumed retinal retirement revisit reviving revolving rewarding rewritten rfile
rid ridden ridley riff riffs rig right ring rise rises rising rite rites roe rom roof roofing roofs ros ross rot rotate
rotated rotates rotating rotation rotations rotor rotting rouge round rouse rousing rover rovers roving rowan rowe
rowland rst rub ruin ruins rum rusty sack sake sal sale sam sand sane sap sat says scales scan scent scents scoreless
scotland scots scott scouring scrap scraping scrapped scraps scum seal seals seat secondhand sects secured securing
sediment sediments seen sell seller sellers selling sells sen sender sends sensing sent sentencing sentient separate
separated separates sept sequence sequences ser serenity service seth setitem severely sex shame shave shelling
shetland shilling shirt shite shoe shoes shorthand shorts shot shouldn showcase shown shy sic sided sig sight silver
sim similarly sims simultaneous sing singer singers singing sings sinner sinners sis site sits slam slater slender
slide sloan sloane slot slots slotted slowest slums smartest smelt sms snow socrates soft sol sold sole soles somehow
someones sometime sometimes somewhat somewhere son sons sony sore sores sorted sour sourced sox spa span sparse
speaking spec specs speechless speeding spence spencer spent spilling spit spite spits spitting splendor spoiling spoke
sponge sponges spore spores sport sporting sports sporty spotless springer sprint sprinting sprints src stabbing stable
stables stacking stacy staffing stake staked stakes stale stalk stalking stalks standing stanford staring starring
startling starving stat stating stats stealing step sterling steven still stirling stirring stone stops stores storey
stormy stranger strangers stray strength strengths strickland stricter string stroller strongest strongly struct
structural structured stud studied sturdy styled submarines subsequent sue suing suit suited suits sun sunderland suns
sur surge survives sutherland sway swell swelling switzerland sword swords synthetic tab tablet tablets tabs tack
takedown takeover talked talkin talking tall taller tamed tan tang tank tanker tankers tanks tape tapes taser tasted
tasting tate tear tech teen tel tellin tend tender tendered tenders tent term terror testament testcase tex texted
texting tha thailand thankyou thee theme theo there thigh thin thinkin thorough though thousand threesome threw
throughout thus thy ticked ticker tie ties til tile tiled tiles tilted tim timed timeit timeless timeout timer tips
tires tis tissue tissues tits tix tlist todd toe toll ton toned toner tones tonne tons too top tories tory tos totally
tour touted tow town traced tracer tracey trade traded trader traders trades trading trance transaction transactions
transcribed transfer transferable transferred transferring transfers transistor transistors transition transitional
transitioned transitioning transitions transmit transmits transmitted transmitting transnational transplant
transplantation transplanted transplants transport transportation transported transporter transporting transports tray
tread treating tree trench trenches triad tribes tried tropical tropics trough troupe trout troy trust ttext tuning
turin turnout turnover tweed txt typ type typed types typing uae uname underdeveloped undergoing underscore underscores
underside understand undertake undertaken undertaker undertaking underway underwriting unfit uni unite unity unto
update updates upgrade upgraded upgrades upgrading upkeep upload uploaded uploading uploads upper upside uptake upton
usc usda used useless users usher usr uss ussr utest validatecommand valuation valuations van vast vent vents veritable
vest vet vile visa visual visuals vita von voted voter voters wales wall wan wang warmed warner wars wash washer wasnt
wasteland wax ways webb wee weight wellness wet wetland whatever whatnot wheat whereas whereby wherein whereupon
wherever whoa wide width wii willis willy winery wit witch withdraw withdrawing withstand wolves won wonderland wong
woodland wore workin workout world worlds worm worms worthless worthy wound writer writers wrote xover xscrollcommand
yale yard yea yell yells yen yet youre yscrollcommand zealand zone zones
"""
