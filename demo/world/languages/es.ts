import { numbers as counts, isPerson, type Noun, type Place, type Quality } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun: gender / singular / plural of things
const nouns: Language["nouns"] = lexicon(`
  man=m/hombre; woman=f/mujer; boy=m/niño; girl=f/niña; mother=f/madre; father=m/padre; grandmother=f/abuela
  grandfather=m/abuelo; teacher=f/maestra; doctor=m/médico; farmer=m/granjero; cook=m/cocinero; singer=f/cantante
  neighbour=f/vecina
  dog=m/perro; cat=m/gato; horse=m/caballo; cow=f/vaca; goat=f/cabra; rabbit=m/conejo; mouse=m/ratón; wolf=m/lobo
  bear=m/oso; lion=m/león; elephant=m/elefante; monkey=m/mono; snake=f/serpiente; frog=f/rana
  bread=m/pan; cheese=m/queso; rice=m/arroz; corn=m/maíz; meat=f/carne; fish=m/pescado; honey=f/miel
  butter=f/mantequilla; salad=f/ensalada; cake=m/pastel; chocolate=m/chocolate; icecream=m/helado
  table=f/mesa/mesas; chair=f/silla/sillas; book=m/libro/libros; cup=f/taza/tazas; knife=m/cuchillo/cuchillos
  key=f/llave/llaves; bag=f/bolsa/bolsas; shirt=f/camisa/camisas; hat=m/sombrero/sombreros; lamp=f/lámpara/lámparas
  box=f/caja/cajas; ball=f/pelota/pelotas; pen=m/bolígrafo/bolígrafos; mirror=m/espejo/espejos
  car=m/coche/coches; bus=m/autobús/autobuses; truck=m/camión/camiones; train=m/tren/trenes; taxi=m/taxi/taxis
  tractor=m/tractor/tractores
`);

const places: Language["places"] = lexicon(`
  kitchen=en la cocina; garden=en el jardín; forest=en el bosque; field=en el campo; market=en el mercado
  school=en la escuela; station=en la estación; village=en el pueblo; city=en la ciudad; hotel=en el hotel
  library=en la biblioteca; hospital=en el hospital
`);

// masculine / feminine where it differs / "está" where it is not "es"
const qualities: Language["qualities"] = lexicon(`
  red=rojo/roja; blue=azul; green=verde; yellow=amarillo/amarilla; black=negro/negra; white=blanco/blanca
  brown=marrón; grey=gris
  big=grande; small=pequeño/pequeña; new=nuevo/nueva; old=viejo/vieja; clean=limpio/limpia/está
  dirty=sucio/sucia/está; expensive=caro/cara; cheap=barato/barata; heavy=pesado/pesada; light=ligero/ligera
`);

const verbs: Language["verbs"] = lexicon(`
  see=ve; hear=oye; seek=busca; call=llama; eat=come; buy=compra; sell=vende; wash=lava; bring=trae; take=toma
`);

// masculine / feminine
const events: Language["events"] = lexicon(`
  falls=se cae; runs=corre; smokes=fuma; wins=gana; loses=pierde; waits=espera; dances=baila; swims=nada
  travels=viaja; studies=estudia; jumps=salta; sings=canta; cooks=cocina; steals=roba; reads=lee; writes=escribe
  argues=discute; plays=juega; trains=entrena; saves=ahorra dinero; walks=pasea; talks=habla; paints=pinta
  sneezes=estornuda
  cries=llora; breathless=está sin aliento; coughs=tose; happy=está contento/está contenta; sad=está triste
  yawns=bosteza; thirsty=tiene sed; wet=está mojado/está mojada; tired=está cansado/está cansada
  clever=es listo/es lista; laughs=se ríe; famous=es famoso/es famosa; hungry=tiene hambre; afraid=tiene miedo
  calm=está tranquilo/está tranquila; proud=está orgulloso/está orgullosa; angry=está enfadado/está enfadada
  shouts=grita; strong=es fuerte; rich=es rico/es rica; rests=descansa; late=llega tarde
  filthy=está sucio/está sucia; ill=está enfermo/está enferma
`);

const relations: Language["relations"] = lexicon(`
  lives=vive/dónde vive S; works=trabaja/dónde trabaja S; sleeps=duerme/dónde duerme S
  likes=le gusta/qué comida le gusta S; loves=ama/a qué animal ama S; drives=conduce/qué conduce S
`);

const numbers = ["dos", "tres", "cuatro", "cinco"];

const isFeminine = (noun: Noun) => form(nouns(noun), 0) === "f";
const agreeing = (forms: readonly string[], noun: Noun) => form(forms, isFeminine(noun) ? 1 : 0);
const the = (noun: Noun, quality?: Quality) =>
  words(isFeminine(noun) ? "la" : "el", nouns(noun)[1], quality && agreeing(qualities(quality), noun));
/** with the "a" of objects that are alive */
const to = (noun: Noun) => (isFeminine(noun) ? `a ${the(noun)}` : `al ${nouns(noun)[1]}`);
const at = (place: Place) => mark("place", form(places(place), 0));
const subject = (noun: Noun) => mark("subject", the(noun));
const happens = (noun: Noun, event: Parameters<typeof events>[0]) => agreeing(events(event), noun);

function object({ object: noun, quality, count }: Act): string {
  if (count === undefined) return mark("object", isPerson(noun) ? to(noun) : the(noun, quality));
  return mark("object", words(numbers[counts.indexOf(count)], nouns(noun)[2]));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps") return form(places(value as Place), 0);
  return relation === "loves" ? to(value as Noun) : the(value as Noun);
}

export const spanish: Language = {
  ...{ code: "es", name: "Spanish", script: /[a-zA-ZáéíóúñüÁÉÍÓÚÑÜ]/, spaces: true, stops: [".", "?"], opening: "¿" },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const verb = words(act.negated && "no", form(verbs(act.verb), 0));
    const clause = words(subject(act.subject), mark("verb", verb), object(act));
    if (act.place === undefined) return clause;
    return fronted ? `${at(act.place)}, ${clause}` : `${clause} ${at(act.place)}`;
  },
  location: (m) => words(subject(m.subject), m.negated && "no", "está", at(m.place)),
  description: (m) =>
    words(
      ...[subject(m.subject), m.negated && "no", qualities(m.quality)[2] ?? "es"],
      agreeing(qualities(m.quality), m.subject),
    ),
  happening: (m) => words(subject(m.subject), happens(m.subject, m.event)),
  because: (m) => words(subject(m.subject), happens(m.subject, m.effect), "porque", happens(m.subject, m.cause)),
  both: ({ first, second }) =>
    words(
      ...[the(first.subject), happens(first.subject, first.event), "y"],
      ...[the(second.subject), happens(second.subject, second.event)],
    ),
  fact: (m) =>
    words(
      mark("subject", m.relation === "likes" ? to(m.subject) : the(m.subject)),
      ...[relations(m.relation)[0], mark("object", answer(m))],
    ),
  answer,
  question: ({ subject: noun, relation }) =>
    form(relations(relation), 1).replace("S", () => mark("subject", relation === "likes" ? to(noun) : the(noun))),
  who: (m) => words("quién", form(events(m.event), 0)),
  person: (noun) => the(noun),
};
