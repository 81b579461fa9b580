import { numbers as counts, type Noun, type Place, type Quality } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun: singular / plural where it is not with -s / pronoun where it is a person
const nouns: Language["nouns"] = lexicon(`
  man=man//he; woman=woman//she; boy=boy//he; girl=girl//she; mother=mother//she; father=father//he
  grandmother=grandmother//she; grandfather=grandfather//he; teacher=teacher//she; doctor=doctor//he
  farmer=farmer//he; cook=cook//he; singer=singer//she; neighbour=neighbour//she
  dog=dog; cat=cat; horse=horse; cow=cow; goat=goat; rabbit=rabbit; mouse=mouse; wolf=wolf; bear=bear; lion=lion
  elephant=elephant; monkey=monkey; snake=snake; frog=frog
  bread=bread; cheese=cheese; rice=rice; corn=corn; meat=meat; fish=fish; honey=honey; butter=butter; salad=salad
  cake=cake; chocolate=chocolate; icecream=ice cream
  table=table; chair=chair; book=book; cup=cup; knife=knife/knives; key=key; bag=bag; shirt=shirt; hat=hat
  lamp=lamp; box=box/boxes; ball=ball; pen=pen; mirror=mirror
  car=car; bus=bus/buses; truck=truck; train=train; taxi=taxi; tractor=tractor
`);

const places: Language["places"] = lexicon(`
  kitchen=in the kitchen; garden=in the garden; forest=in the forest; field=in the field; market=at the market
  school=at the school; station=at the station; village=in the village; city=in the city; hotel=at the hotel
  library=in the library; hospital=in the hospital
`);

const qualities: Language["qualities"] = lexicon(`
  red=red; blue=blue; green=green; yellow=yellow; black=black; white=white; brown=brown; grey=grey
  big=big; small=small; new=new; old=old; clean=clean; dirty=dirty; expensive=expensive; cheap=cheap; heavy=heavy
  light=light
`);

// third person / after "does not"
const verbs: Language["verbs"] = lexicon(`
  see=sees/see; hear=hears/hear; seek=looks for/look for; call=calls/call; eat=eats/eat; buy=buys/buy; sell=sells/sell
  wash=washes/wash; bring=brings/bring; take=takes/take
`);

const events: Language["events"] = lexicon(`
  falls=falls; runs=runs; smokes=smokes; wins=wins; loses=loses; waits=waits; dances=dances; swims=swims
  travels=travels; studies=studies; jumps=jumps; sings=sings; cooks=cooks; steals=steals; reads=reads; writes=writes
  argues=argues; plays=plays; trains=trains; saves=saves money; walks=goes for a walk; talks=talks; paints=paints
  sneezes=sneezes
  cries=cries; breathless=is out of breath; coughs=coughs; happy=is happy; sad=is sad; yawns=yawns
  thirsty=is thirsty; wet=is wet; tired=is tired; clever=is clever; laughs=laughs; famous=is famous
  hungry=is hungry; afraid=is afraid; calm=is calm; proud=is proud; angry=is angry; shouts=shouts; strong=is strong
  rich=is rich; rests=rests; late=is late; filthy=is dirty; ill=is ill
`);

// statement / question
const relations: Language["relations"] = lexicon(`
  lives=lives/where does S live; works=works/where does S work; sleeps=sleeps/where does S sleep
  likes=likes/which food does S like; loves=loves/which animal does S love; drives=drives/what does S drive
`);

const numbers = ["two", "three", "four", "five"];

const the = (noun: Noun, quality?: Quality) => words("the", quality && form(qualities(quality), 0), nouns(noun)[0]);
const at = (place: Place) => mark("place", form(places(place), 0));
const subject = (noun: Noun) => mark("subject", the(noun));
const pronoun = (noun: Noun) => form(nouns(noun), 2);

function object({ object: noun, quality, count }: Act): string {
  if (count === undefined) return mark("object", the(noun, quality));
  return mark("object", words(numbers[counts.indexOf(count)], nouns(noun)[1] || `${nouns(noun)[0]}s`));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps") return form(places(value as Place), 0);
  return relation === "likes" ? nouns(value as Noun)[0]! : the(value as Noun);
}

export const english: Language = {
  ...{ code: "en", name: "English", script: /[a-zA-Z]/, spaces: true, stops: [".", "?"] },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const verb = mark("verb", act.negated ? `does not ${verbs(act.verb)[1]}` : verbs(act.verb)[0]!);
    const clause = words(subject(act.subject), verb, object(act));
    if (act.place === undefined) return clause;
    return fronted ? `${at(act.place)}, ${clause}` : `${clause} ${at(act.place)}`;
  },
  location: (m) => words(subject(m.subject), m.negated ? "is not" : "is", at(m.place)),
  description: (m) => words(subject(m.subject), m.negated ? "is not" : "is", form(qualities(m.quality), 0)),
  happening: (m) => words(subject(m.subject), form(events(m.event), 0)),
  because: (m) =>
    words(subject(m.subject), form(events(m.effect), 0), "because", pronoun(m.subject), form(events(m.cause), 0)),
  both: ({ first, second }) =>
    words(the(first.subject), events(first.event)[0], "and", the(second.subject), events(second.event)[0]),
  fact: (m) => words(subject(m.subject), relations(m.relation)[0], mark("object", answer(m))),
  answer,
  question: (m) => form(relations(m.relation), 1).replace("S", () => mark("subject", the(m.subject))),
  who: (m) => words("who", form(events(m.event), 0)),
  person: (noun) => the(noun),
};
