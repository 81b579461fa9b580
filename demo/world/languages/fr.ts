import { numbers as counts, type Noun, type Place, type Quality } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun: gender / singular / plural of things where it is not with -s
const nouns: Language["nouns"] = lexicon(`
  man=m/homme; woman=f/femme; boy=m/garçon; girl=f/fille; mother=f/mère; father=m/père; grandmother=f/grand-mère
  grandfather=m/grand-père; teacher=f/institutrice; doctor=m/médecin; farmer=m/fermier; cook=m/cuisinier
  singer=f/chanteuse; neighbour=f/voisine
  dog=m/chien; cat=m/chat; horse=m/cheval; cow=f/vache; goat=f/chèvre; rabbit=m/lapin; mouse=f/souris; wolf=m/loup
  bear=m/ours; lion=m/lion; elephant=m/éléphant; monkey=m/singe; snake=m/serpent; frog=f/grenouille
  bread=m/pain; cheese=m/fromage; rice=m/riz; corn=m/maïs; meat=f/viande; fish=m/poisson; honey=m/miel
  butter=m/beurre; salad=f/salade; cake=m/gâteau; chocolate=m/chocolat; icecream=f/glace
  table=f/table; chair=f/chaise; book=m/livre; cup=f/tasse; knife=m/couteau/couteaux; key=f/clé; bag=m/sac
  shirt=f/chemise; hat=m/chapeau/chapeaux; lamp=f/lampe; box=f/boîte; ball=m/ballon; pen=m/stylo; mirror=m/miroir
  car=f/voiture; bus=m/bus/bus; truck=m/camion; train=m/train; taxi=m/taxi; tractor=m/tracteur
`);

const places: Language["places"] = lexicon(`
  kitchen=dans la cuisine; garden=dans le jardin; forest=dans la forêt; field=dans le champ; market=au marché
  school=à l'école; station=à la gare; village=au village; city=en ville; hotel=à l'hôtel; library=à la bibliothèque
  hospital=à l'hôpital
`);

// masculine / feminine where it differs / "before" where it stands before the noun
const qualities: Language["qualities"] = lexicon(`
  red=rouge; blue=bleu/bleue; green=vert/verte; yellow=jaune; black=noir/noire; white=blanc/blanche; brown=brun/brune
  grey=gris/grise
  big=grand/grande/before; small=petit/petite/before; new=nouveau/nouvelle/before; old=vieux/vieille/before
  clean=propre; dirty=sale; expensive=cher/chère; cheap=bon marché; heavy=lourd/lourde; light=léger/légère
`);

const verbs: Language["verbs"] = lexicon(`
  see=voit; hear=entend; seek=cherche; call=appelle; eat=mange; buy=achète; sell=vend; wash=lave; bring=apporte
  take=prend
`);

// masculine / feminine
const events: Language["events"] = lexicon(`
  falls=tombe; runs=court; smokes=fume; wins=gagne; loses=perd; waits=attend; dances=danse; swims=nage
  travels=voyage; studies=étudie; jumps=saute; sings=chante; cooks=cuisine; steals=vole; reads=lit; writes=écrit
  argues=se dispute; plays=joue; trains=s'entraîne; saves=économise de l'argent; walks=se promène; talks=parle
  paints=peint; sneezes=éternue
  cries=pleure; breathless=est essoufflé/est essoufflée; coughs=tousse; happy=est content/est contente; sad=est triste
  yawns=bâille; thirsty=a soif; wet=est mouillé/est mouillée; tired=est fatigué/est fatiguée
  clever=est intelligent/est intelligente; laughs=rit; famous=est célèbre; hungry=a faim; afraid=a peur
  calm=est calme; proud=est fier/est fière; angry=est en colère; shouts=crie; strong=est fort/est forte; rich=est riche
  rests=se repose; late=est en retard; filthy=est sale; ill=est malade
`);

const relations: Language["relations"] = lexicon(`
  lives=vit/où vit S; works=travaille/où travaille S; sleeps=dort/où dort S
  likes=aime/quel aliment S aime-t-P; loves=aime/quel animal S aime-t-P; drives=conduit/que conduit S
`);

const numbers = ["deux", "trois", "quatre", "cinq"];

const isFeminine = (noun: Noun) => form(nouns(noun), 0) === "f";
const agreeing = (forms: readonly string[], noun: Noun) => form(forms, isFeminine(noun) ? 1 : 0);
const pronoun = (noun: Noun) => (isFeminine(noun) ? "elle" : "il");
const startsWithVowel = (word: string) => /^h?[aeiouéèêîô]/i.test(word);

function the(noun: Noun, quality?: Quality): string {
  const adjective = quality && agreeing(qualities(quality), noun);
  const before = quality && qualities(quality)[2] === "before";
  const rest = before ? words(adjective, nouns(noun)[1]) : words(nouns(noun)[1], adjective);
  return startsWithVowel(rest) ? `l'${rest}` : words(isFeminine(noun) ? "la" : "le", rest);
}
const not = (verb: string) => (startsWithVowel(verb) ? `n'${verb} pas` : `ne ${verb} pas`);
const at = (place: Place) => mark("place", form(places(place), 0));
const subject = (noun: Noun) => mark("subject", the(noun));
const happens = (noun: Noun, event: Parameters<typeof events>[0]) => agreeing(events(event), noun);

function object({ object: noun, quality, count }: Act): string {
  if (count === undefined) return mark("object", the(noun, quality));
  return mark("object", words(numbers[counts.indexOf(count)], nouns(noun)[2] ?? `${nouns(noun)[1]}s`));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps") return form(places(value as Place), 0);
  return the(value as Noun);
}

export const french: Language = {
  ...{ code: "fr", name: "French", script: /[a-zA-ZàâçéèêëîïôùûüœÀÂÇÉÈÊËÎÏÔÙÛÜŒ]/, spaces: true, stops: [".", "?"] },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const verb = form(verbs(act.verb), 0);
    const clause = words(subject(act.subject), mark("verb", act.negated ? not(verb) : verb), object(act));
    if (act.place === undefined) return clause;
    return fronted ? `${at(act.place)}, ${clause}` : `${clause} ${at(act.place)}`;
  },
  location: (m) => words(subject(m.subject), m.negated ? "n'est pas" : "est", at(m.place)),
  description: (m) =>
    words(subject(m.subject), m.negated ? "n'est pas" : "est", agreeing(qualities(m.quality), m.subject)),
  happening: (m) => words(subject(m.subject), happens(m.subject, m.event)),
  because: (m) =>
    words(
      ...[subject(m.subject), happens(m.subject, m.effect), "parce"],
      ...[`qu'${pronoun(m.subject)}`, happens(m.subject, m.cause)],
    ),
  both: ({ first, second }) =>
    words(
      ...[the(first.subject), happens(first.subject, first.event), "et"],
      ...[the(second.subject), happens(second.subject, second.event)],
    ),
  fact: (m) => words(subject(m.subject), relations(m.relation)[0], mark("object", answer(m))),
  answer,
  question: (m) =>
    form(relations(m.relation), 1)
      .replace("S", () => subject(m.subject))
      .replace("P", pronoun(m.subject)),
  who: (m) => words("qui", form(events(m.event), 0)),
  person: (noun) => the(noun),
};
