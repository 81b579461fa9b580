import { numbers as counts, isPerson, type Noun, type Place, type Quality, type Thing } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun: class / singular / plural of things
const nouns: Language["nouns"] = lexicon(`
  man=1/mwanamume; woman=1/mwanamke; boy=1/mvulana; girl=1/msichana; mother=1/mama; father=1/baba; grandmother=1/bibi
  grandfather=1/babu; teacher=1/mwalimu; doctor=1/daktari; farmer=1/mkulima; cook=1/mpishi; singer=1/mwimbaji
  neighbour=1/jirani
  dog=1/mbwa; cat=1/paka; horse=1/farasi; cow=1/ng'ombe; goat=1/mbuzi; rabbit=1/sungura; mouse=1/panya
  wolf=1/mbwa mwitu; bear=1/dubu; lion=1/simba; elephant=1/tembo; monkey=1/tumbili; snake=1/nyoka; frog=1/chura
  bread=3/mkate; cheese=9/jibini; rice=11/wali; corn=6/mahindi; meat=9/nyama; fish=1/samaki; honey=9/asali
  butter=9/siagi; salad=9/saladi; cake=9/keki; chocolate=9/chokoleti; icecream=9/aiskrimu
  table=9/meza/meza; chair=7/kiti/viti; book=7/kitabu/vitabu; cup=7/kikombe/vikombe; knife=7/kisu/visu
  key=11/ufunguo/funguo; bag=3/mfuko/mifuko; shirt=5/shati/mashati; hat=9/kofia/kofia; lamp=9/taa/taa
  box=5/sanduku/masanduku; ball=3/mpira/mipira; pen=9/kalamu/kalamu; mirror=7/kioo/vioo
  car=5/gari/magari; bus=5/basi/mabasi; truck=5/lori/malori; train=9/treni/treni; taxi=9/teksi/teksi
  tractor=5/trekta/matrekta
`);

const places: Language["places"] = lexicon(`
  kitchen=jikoni; garden=bustanini; forest=msituni; field=shambani; market=sokoni; school=shuleni; station=kituoni
  village=kijijini; city=mjini; hotel=hotelini; library=maktabani; hospital=hospitalini
`);

// classes 3, 5, 7, 9, 11; one form where it does not change; "a" is the connective of the class
const qualities: Language["qualities"] = lexicon(`
  red=mwekundu/jekundu/chekundu/nyekundu/mwekundu; black=mweusi/jeusi/cheusi/nyeusi/mweusi
  white=mweupe/jeupe/cheupe/nyeupe/mweupe; blue=a bluu; green=a kijani; yellow=a njano; brown=a kahawia; grey=a kijivu
  big=mkubwa/kubwa/kikubwa/kubwa/mkubwa; small=mdogo/dogo/kidogo/ndogo/mdogo; new=mpya/jipya/kipya/mpya/mpya
  old=a zamani; clean=safi; dirty=mchafu/chafu/kichafu/chafu/mchafu; expensive=ghali; cheap=rahisi
  heavy=mzito/zito/kizito/nzito/mzito; light=mwepesi/jepesi/chepesi/nyepesi/mwepesi
`);

// affirmative / negative, each with the marker of a person as object where there can be one
const verbs: Language["verbs"] = lexicon(`
  see=anaona/haoni/anamwona/hamwoni; hear=anasikia/hasikii/anamsikia/hamsikii
  seek=anatafuta/hatafuti/anamtafuta/hamtafuti; call=anaita/haiti/anamwita/hamwiti; eat=anakula/hali
  buy=ananunua/hanunui; sell=anauza/hauzi; wash=anaosha/haoshi; bring=analeta/haleti; take=anachukua/hachukui
`);

const events: Language["events"] = lexicon(`
  falls=anaanguka; runs=anakimbia; smokes=anavuta sigara; wins=anashinda; loses=anashindwa; waits=anasubiri
  dances=anacheza ngoma; swims=anaogelea; travels=anasafiri; studies=anajifunza; jumps=anaruka; sings=anaimba
  cooks=anapika; steals=anaiba; reads=anasoma; writes=anaandika; argues=anabishana; plays=anacheza
  trains=anafanya mazoezi; saves=anaweka akiba; walks=anatembea; talks=anaongea; paints=anachora
  sneezes=anapiga chafya
  cries=analia; breathless=anahema; coughs=anakohoa; happy=ana furaha; sad=ana huzuni; yawns=anapiga miayo
  thirsty=ana kiu; wet=amelowa; tired=amechoka; clever=ana akili; laughs=anacheka; famous=ni maarufu; hungry=ana njaa
  afraid=anaogopa; calm=ametulia; proud=anaona fahari; angry=amekasirika; shouts=anapiga kelele; strong=ana nguvu
  rich=ni tajiri; rests=anapumzika; late=amechelewa; filthy=amechafuka; ill=ni mgonjwa
`);

// verb / what is asked
const relations: Language["relations"] = lexicon(`
  lives=anaishi/wapi; works=anafanya kazi/wapi; sleeps=analala/wapi; likes=anapenda/chakula gani
  loves=anampenda/mnyama gani; drives=anaendesha/nini
`);

// by class of the plural: 4, 6, 8, 10
const numbers = [
  "miwili/mawili/viwili/mbili",
  "mitatu/matatu/vitatu/tatu",
  "minne/manne/vinne/nne",
  "mitano/matano/vitano/tano",
];
const adjectiveClasses = ["3", "5", "7", "9", "11"];
const pluralOf: Record<string, number> = { "3": 0, "5": 1, "7": 2, "9": 3, "11": 3 };
const connective: Record<string, string> = { "3": "wa", "5": "la", "7": "cha", "9": "ya", "11": "wa" };
const located: Record<string, [string, string]> = {
  ...{ "1": ["yuko", "hayuko"], "3": ["uko", "hauko"], "5": ["liko", "haliko"], "6": ["yako", "hayako"] },
  ...{ "7": ["kiko", "hakiko"], "9": ["iko", "haiko"], "11": ["uko", "hauko"] },
};

const classOf = (noun: Noun) => form(nouns(noun), 0);
const singular = (noun: Noun) => form(nouns(noun), 1);
const at = (place: Place) => mark("place", form(places(place), 0));
const subject = (noun: Noun) => mark("subject", singular(noun));

function agreeing(quality: Quality, noun: Noun): string {
  const forms = qualities(quality);
  const word = form(forms, adjectiveClasses.indexOf(classOf(noun)));
  return word.startsWith("a ") ? connective[classOf(noun)] + word.slice(1) : word;
}

function object({ object: noun, quality, count }: Act): string {
  if (count === undefined) return mark("object", words(singular(noun), quality && agreeing(quality, noun)));
  const number = numbers[counts.indexOf(count)]!.split("/")[pluralOf[classOf(noun)]!];
  return mark("object", words(nouns(noun)[2], number));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps") return form(places(value as Place), 0);
  return singular(value as Noun);
}

const describe = (quality: Quality, thing: Thing, negated: boolean) =>
  words(negated ? "si" : "ni", agreeing(quality, thing));

export const swahili: Language = {
  ...{ code: "sw", name: "Swahili", script: /[a-zA-Z']/, spaces: true, stops: [".", "?"] },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const place = (isPerson(act.object) ? 2 : 0) + (act.negated ? 1 : 0);
    const clause = words(subject(act.subject), mark("verb", verbs(act.verb)[place]!), object(act));
    if (act.place === undefined) return clause;
    return fronted ? `${at(act.place)} ${clause}` : `${clause} ${at(act.place)}`;
  },
  location: (m) => words(subject(m.subject), located[classOf(m.subject)]![m.negated ? 1 : 0], at(m.place)),
  description: (m) => words(subject(m.subject), describe(m.quality, m.subject, m.negated === true)),
  happening: (m) => words(subject(m.subject), form(events(m.event), 0)),
  because: (m) => words(subject(m.subject), form(events(m.effect), 0), "kwa sababu", form(events(m.cause), 0)),
  both: ({ first, second }) =>
    words(singular(first.subject), events(first.event)[0], "na", singular(second.subject), events(second.event)[0]),
  fact: (m) => words(subject(m.subject), relations(m.relation)[0], mark("object", answer(m))),
  answer,
  question: (m) => words(subject(m.subject), ...relations(m.relation)),
  who: (m) => words("nani", form(events(m.event), 0)),
  person: singular,
};
