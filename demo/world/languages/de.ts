import { numbers as counts, isPerson, type Noun, type Place, type Quality } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun: gender / singular / plural of things / accusative where it differs
const nouns: Language["nouns"] = lexicon(`
  man=m/Mann; woman=f/Frau; boy=m/Junge//Jungen; girl=n/Mädchen; mother=f/Mutter; father=m/Vater
  grandmother=f/Großmutter; grandfather=m/Großvater; teacher=f/Lehrerin; doctor=m/Arzt; farmer=m/Bauer//Bauern
  cook=m/Koch; singer=f/Sängerin; neighbour=f/Nachbarin
  dog=m/Hund; cat=f/Katze; horse=n/Pferd; cow=f/Kuh; goat=f/Ziege; rabbit=n/Kaninchen; mouse=f/Maus; wolf=m/Wolf
  bear=m/Bär//Bären; lion=m/Löwe//Löwen; elephant=m/Elefant//Elefanten; monkey=m/Affe//Affen; snake=f/Schlange
  frog=m/Frosch
  bread=n/Brot; cheese=m/Käse; rice=m/Reis; corn=m/Mais; meat=n/Fleisch; fish=m/Fisch; honey=m/Honig
  butter=f/Butter; salad=m/Salat; cake=m/Kuchen; chocolate=f/Schokolade; icecream=n/Eis
  table=m/Tisch/Tische; chair=m/Stuhl/Stühle; book=n/Buch/Bücher; cup=f/Tasse/Tassen; knife=n/Messer/Messer
  key=m/Schlüssel/Schlüssel; bag=f/Tasche/Taschen; shirt=n/Hemd/Hemden; hat=m/Hut/Hüte; lamp=f/Lampe/Lampen
  box=f/Kiste/Kisten; ball=m/Ball/Bälle; pen=m/Stift/Stifte; mirror=m/Spiegel/Spiegel
  car=n/Auto/Autos; bus=m/Bus/Busse; truck=m/Lastwagen/Lastwagen; train=m/Zug/Züge; taxi=n/Taxi/Taxis
  tractor=m/Traktor/Traktoren
`);

const places: Language["places"] = lexicon(`
  kitchen=in der Küche; garden=im Garten; forest=im Wald; field=auf dem Feld; market=auf dem Markt
  school=in der Schule; station=am Bahnhof; village=im Dorf; city=in der Stadt; hotel=im Hotel
  library=in der Bibliothek; hospital=im Krankenhaus
`);

// after "ist" / stem before endings
const qualities: Language["qualities"] = lexicon(`
  red=rot; blue=blau; green=grün; yellow=gelb; black=schwarz; white=weiß; brown=braun; grey=grau
  big=groß; small=klein; new=neu; old=alt; clean=sauber; dirty=schmutzig; expensive=teuer/teur; cheap=billig
  heavy=schwer; light=leicht
`);

// of persons / of animals where it differs
const verbs: Language["verbs"] = lexicon(`
  see=sieht; hear=hört; seek=sucht; call=ruft; eat=isst/frisst; buy=kauft; sell=verkauft; wash=wäscht; bring=bringt
  take=nimmt
`);

const events: Language["events"] = lexicon(`
  falls=fällt; runs=rennt; smokes=raucht; wins=gewinnt; loses=verliert; waits=wartet; dances=tanzt; swims=schwimmt
  travels=reist; studies=lernt; jumps=springt; sings=singt; cooks=kocht; steals=stiehlt; reads=liest; writes=schreibt
  argues=streitet; plays=spielt; trains=trainiert; saves=spart Geld; walks=geht spazieren; talks=redet; paints=malt
  sneezes=niest
  cries=weint; breathless=ist außer Atem; coughs=hustet; happy=ist froh; sad=ist traurig; yawns=gähnt
  thirsty=hat Durst; wet=ist nass; tired=ist müde; clever=ist klug; laughs=lacht; famous=ist berühmt
  hungry=hat Hunger; afraid=hat Angst; calm=ist ruhig; proud=ist stolz; angry=ist wütend; shouts=schreit
  strong=ist stark; rich=ist reich; rests=ruht sich aus; late=kommt zu spät; filthy=ist schmutzig; ill=ist krank
`);

const relations: Language["relations"] = lexicon(`
  lives=lebt/wo lebt S; works=arbeitet/wo arbeitet S; sleeps=schläft/wo schläft S
  likes=mag/welches Essen mag S; loves=liebt/welches Tier liebt S; drives=fährt/was fährt S
`);

const numbers = ["zwei", "drei", "vier", "fünf"];
const nominative: Record<string, string> = { m: "der", f: "die", n: "das" };
const pronouns: Record<string, string> = { m: "er", f: "sie", n: "es" };

const gender = (noun: Noun) => form(nouns(noun), 0);
const the = (noun: Noun) => words(nominative[gender(noun)], nouns(noun)[1]);
const at = (place: Place) => mark("place", form(places(place), 0));
const subject = (noun: Noun) => mark("subject", the(noun));

function accusative(noun: Noun, quality?: Quality): string {
  const masculine = gender(noun) === "m";
  const stem = quality && (qualities(quality)[1] ?? qualities(quality)[0]!);
  return words(
    masculine ? "den" : nominative[gender(noun)],
    stem && `${stem}${masculine ? "en" : "e"}`,
    nouns(noun)[3] ?? nouns(noun)[1],
  );
}

function object({ object: noun, quality, count }: Act): string {
  if (count === undefined) return mark("object", accusative(noun, quality));
  return mark("object", words(numbers[counts.indexOf(count)], nouns(noun)[2]));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps") return form(places(value as Place), 0);
  return relation === "likes" ? form(nouns(value as Noun), 1) : accusative(value as Noun);
}

export const german: Language = {
  ...{ code: "de", name: "German", script: /[a-zA-ZäöüÄÖÜß]/, spaces: true, stops: [".", "?"] },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const verb = mark("verb", form(verbs(act.verb), isPerson(act.subject) ? 0 : 1));
    if (act.place !== undefined && fronted) return words(at(act.place), verb, subject(act.subject), object(act));
    const clause = words(subject(act.subject), verb, object(act), act.negated && "nicht");
    return act.place === undefined ? clause : `${clause} ${at(act.place)}`;
  },
  location: (m) => words(subject(m.subject), m.negated ? "ist nicht" : "ist", at(m.place)),
  description: (m) => words(subject(m.subject), m.negated ? "ist nicht" : "ist", form(qualities(m.quality), 0)),
  happening: (m) => words(subject(m.subject), form(events(m.event), 0)),
  because: (m) =>
    words(
      ...[subject(m.subject), `${form(events(m.effect), 0)},`, "denn"],
      ...[pronouns[gender(m.subject)], form(events(m.cause), 0)],
    ),
  both: ({ first, second }) =>
    words(the(first.subject), events(first.event)[0], "und", the(second.subject), events(second.event)[0]),
  fact: (m) => words(subject(m.subject), relations(m.relation)[0], mark("object", answer(m))),
  answer,
  question: (m) => form(relations(m.relation), 1).replace("S", () => subject(m.subject)),
  who: (m) => words("wer", form(events(m.event), 0)),
  person: (noun) => the(noun),
};
