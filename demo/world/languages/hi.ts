import { numbers as counts, isPerson, type Noun, type Place, type Quality } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun: agreement (m, f; M, F are spoken of with respect, in the plural) / direct / oblique where it differs / plural of things
const nouns: Language["nouns"] = lexicon(`
  man=m/आदमी; woman=f/औरत; boy=m/लड़का/लड़के; girl=f/लड़की; mother=F/माँ; father=M/पिता; grandmother=F/दादी; grandfather=M/दादा
  teacher=F/अध्यापिका; doctor=M/डॉक्टर; farmer=m/किसान; cook=m/रसोइया/रसोइए; singer=f/गायिका; neighbour=f/पड़ोसन
  dog=m/कुत्ता/कुत्ते; cat=f/बिल्ली; horse=m/घोड़ा/घोड़े; cow=f/गाय; goat=f/बकरी; rabbit=m/ख़रगोश; mouse=m/चूहा/चूहे
  wolf=m/भेड़िया/भेड़िए; bear=m/भालू; lion=m/शेर; elephant=m/हाथी; monkey=m/बंदर; snake=m/साँप; frog=m/मेंढक
  bread=f/रोटी; cheese=m/पनीर; rice=m/चावल; corn=m/मक्का; meat=m/मांस; fish=f/मछली; honey=m/शहद; butter=m/मक्खन
  salad=m/सलाद; cake=m/केक; chocolate=f/चॉकलेट; icecream=f/आइसक्रीम
  table=f/मेज़//मेज़ें; chair=f/कुर्सी//कुर्सियाँ; book=f/किताब//किताबें; cup=m/प्याला//प्याले; knife=m/चाकू//चाकू
  key=f/चाबी//चाबियाँ; bag=m/थैला//थैले; shirt=f/कमीज़//कमीज़ें; hat=f/टोपी//टोपियाँ; lamp=m/लैंप//लैंप; box=m/डिब्बा//डिब्बे
  ball=f/गेंद//गेंदें; pen=m/पेन//पेन; mirror=m/आईना//आईने
  car=f/कार//कारें; bus=f/बस//बसें; truck=m/ट्रक//ट्रक; train=f/रेलगाड़ी//रेलगाड़ियाँ; taxi=f/टैक्सी//टैक्सियाँ
  tractor=m/ट्रैक्टर//ट्रैक्टर
`);

const places: Language["places"] = lexicon(`
  kitchen=रसोई में; garden=बगीचे में; forest=जंगल में; field=खेत में; market=बाज़ार में; school=स्कूल में; station=स्टेशन पर
  village=गाँव में; city=शहर में; hotel=होटल में; library=पुस्तकालय में; hospital=अस्पताल में
`);

// masculine / feminine where it differs
const qualities: Language["qualities"] = lexicon(`
  red=लाल; blue=नीला/नीली; green=हरा/हरी; yellow=पीला/पीली; black=काला/काली; white=सफ़ेद; brown=भूरा/भूरी; grey=स्लेटी
  big=बड़ा/बड़ी; small=छोटा/छोटी; new=नया/नई; old=पुराना/पुरानी; clean=साफ़; dirty=गंदा/गंदी; expensive=महँगा/महँगी
  cheap=सस्ता/सस्ती; heavy=भारी; light=हल्का/हल्की
`);

// stems
const verbs: Language["verbs"] = lexicon(`
  see=देख; hear=सुन; seek=ढूँढ; call=बुला; eat=खा; buy=ख़रीद; sell=बेच; wash=धो; bring=ला; take=ले
`);

// "+" is the ending of the verb with the copula, "C" the copula; masculine / feminine / plural where they differ
const events: Language["events"] = lexicon(`
  falls=गिर+; runs=दौड़+; smokes=सिगरेट पी+; wins=जीत+; loses=हार+; waits=इंतज़ार कर+; dances=नाच+; swims=तैर+
  travels=यात्रा कर+; studies=पढ़ाई कर+; jumps=कूद+; sings=गाना गा+; cooks=खाना बना+; steals=चोरी कर+; reads=किताब पढ़+
  writes=लिख+; argues=बहस कर+; plays=खेल+; trains=कसरत कर+; saves=पैसे बचा+; walks=टहल+; talks=बातें कर+
  paints=चित्र बना+; sneezes=छींक+
  cries=रो+; breathless=हाँफ+; coughs=खाँस+; happy=ख़ुश C; sad=उदास C; yawns=जम्हाई ले+
  thirsty=प्यासा C/प्यासी C/प्यासे C; wet=गीला C/गीली C/गीले C; tired=थका हुआ C/थकी हुई C/थके हुए C
  clever=होशियार C; laughs=हँस+; famous=मशहूर C; hungry=भूखा C/भूखी C/भूखे C; afraid=डर+; calm=शांत C
  proud=गर्व कर+; angry=नाराज़ C; shouts=चिल्ला+; strong=ताक़तवर C; rich=अमीर C; rests=आराम कर+; late=देर से आ+
  filthy=गंदा C/गंदी C/गंदे C; ill=बीमार C
`);

// verb / what is asked
const relations: Language["relations"] = lexicon(`
  lives=रह+/कहाँ; works=काम कर+/कहाँ; sleeps=सो+/कहाँ; likes=पसंद है/कौन-सा खाना; loves=से प्यार कर+/किस जानवर
  drives=चला+/क्या
`);

const numbers = ["दो", "तीन", "चार", "पाँच"];
const endings: Record<string, [string, string]> = { m: ["ता", "है"], f: ["ती", "है"], M: ["ते", "हैं"], F: ["ती", "हैं"] };
const formPlaces: Record<string, number> = { m: 0, f: 1, M: 2, F: 1 };

const agreement = (noun: Noun) => form(nouns(noun), 0);
const direct = (noun: Noun) => form(nouns(noun), 1);
const oblique = (noun: Noun) => nouns(noun)[2] || direct(noun);
const at = (place: Place) => mark("place", form(places(place), 0));
const subject = (noun: Noun) => mark("subject", direct(noun));
const described = (quality: Quality, noun: Noun) => form(qualities(quality), agreement(noun) === "f" ? 1 : 0);

/** The verb's ending and the copula as the subject asks for them. */
function inflect(verb: string, agree: string): string {
  const [ending, copula] = endings[agree]!;
  return verb.replace("+", `${ending} ${copula}`).replace("C", copula);
}
const happens = (noun: Noun, event: Parameters<typeof events>[0]) =>
  inflect(form(events(event), formPlaces[agreement(noun)]!), agreement(noun));

function object({ object: noun, quality, count }: Act): string {
  if (isPerson(noun)) return mark("object", `${oblique(noun)} को`);
  if (count === undefined) return mark("object", words(quality && described(quality, noun), direct(noun)));
  return mark("object", words(numbers[counts.indexOf(count)], nouns(noun)[3]));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps") return form(places(value as Place), 0);
  return relation === "loves" ? oblique(value as Noun) : direct(value as Noun);
}

function fact(noun: Noun, relation: Fact["relation"], value: string): string {
  const verb = inflect(form(relations(relation), 0), agreement(noun));
  return words(mark("subject", relation === "likes" ? `${oblique(noun)} को` : direct(noun)), value, verb);
}

export const hindi: Language = {
  ...{ code: "hi", name: "Hindi", script: /\p{Script=Devanagari}/u, spaces: true, stops: ["।", "?"] },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const verb = inflect(`${verbs(act.verb)[0]}+`, agreement(act.subject));
    const end = words(object(act), mark("verb", words(act.negated && "नहीं", verb)));
    if (act.place === undefined) return words(subject(act.subject), end);
    return fronted ? words(at(act.place), subject(act.subject), end) : words(subject(act.subject), at(act.place), end);
  },
  location: (m) => words(subject(m.subject), at(m.place), m.negated && "नहीं", endings[agreement(m.subject)]![1]),
  description: (m) => words(subject(m.subject), described(m.quality, m.subject), m.negated && "नहीं", "है"),
  happening: (m) => words(subject(m.subject), happens(m.subject, m.event)),
  because: (m) =>
    words(
      ...[subject(m.subject), happens(m.subject, m.effect), "क्योंकि"],
      ...[endings[agreement(m.subject)]![1] === "हैं" ? "वे" : "वह", happens(m.subject, m.cause)],
    ),
  both: ({ first, second }) =>
    words(
      ...[direct(first.subject), happens(first.subject, first.event), "और"],
      ...[direct(second.subject), happens(second.subject, second.event)],
    ),
  fact: (m) => fact(m.subject, m.relation, mark("object", answer(m))),
  answer,
  question: (m) => fact(m.subject, m.relation, form(relations(m.relation), 1)),
  who: (m) => words("कौन", inflect(form(events(m.event), 0), "m")),
  person: direct,
};
