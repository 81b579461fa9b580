import { numbers as counts, type Noun, type Place, type Quality, type Thing } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun: gender / nominative / accusative where it differs / genitive singular and plural of things
const nouns: Language["nouns"] = lexicon(`
  man=m/мужчина/мужчину; woman=f/женщина/женщину; boy=m/мальчик/мальчика; girl=f/девочка/девочку; mother=f/мать
  father=m/отец/отца; grandmother=f/бабушка/бабушку; grandfather=m/дедушка/дедушку
  teacher=f/учительница/учительницу; doctor=m/врач/врача; farmer=m/фермер/фермера; cook=m/повар/повара
  singer=f/певица/певицу; neighbour=f/соседка/соседку
  dog=f/собака/собаку; cat=f/кошка/кошку; horse=f/лошадь; cow=f/корова/корову; goat=f/коза/козу
  rabbit=m/кролик/кролика; mouse=f/мышь; wolf=m/волк/волка; bear=m/медведь/медведя; lion=m/лев/льва
  elephant=m/слон/слона; monkey=f/обезьяна/обезьяну; snake=f/змея/змею; frog=f/лягушка/лягушку
  bread=m/хлеб; cheese=m/сыр; rice=m/рис; corn=f/кукуруза/кукурузу; meat=n/мясо; fish=f/рыба/рыбу; honey=m/мёд
  butter=n/масло; salad=m/салат; cake=m/торт; chocolate=m/шоколад; icecream=n/мороженое
  table=m/стол//стола/столов; chair=m/стул//стула/стульев; book=f/книга/книгу/книги/книг
  cup=f/чашка/чашку/чашки/чашек; knife=m/нож//ножа/ножей; key=m/ключ//ключа/ключей; bag=f/сумка/сумку/сумки/сумок
  shirt=f/рубашка/рубашку/рубашки/рубашек; hat=f/шляпа/шляпу/шляпы/шляп; lamp=f/лампа/лампу/лампы/ламп
  box=f/коробка/коробку/коробки/коробок; ball=m/мяч//мяча/мячей; pen=f/ручка/ручку/ручки/ручек
  mirror=n/зеркало//зеркала/зеркал
  car=f/машина/машину/машины/машин; bus=m/автобус//автобуса/автобусов; truck=m/грузовик//грузовика/грузовиков
  train=m/поезд//поезда/поездов; taxi=n/такси//такси/такси; tractor=m/трактор//трактора/тракторов
`);

const places: Language["places"] = lexicon(`
  kitchen=на кухне; garden=в саду; forest=в лесу; field=в поле; market=на рынке; school=в школе; station=на вокзале
  village=в деревне; city=в городе; hotel=в гостинице; library=в библиотеке; hospital=в больнице
`);

// masculine / feminine / neuter / feminine accusative
const qualities: Language["qualities"] = lexicon(`
  red=красный/красная/красное/красную; blue=синий/синяя/синее/синюю; green=зелёный/зелёная/зелёное/зелёную
  yellow=жёлтый/жёлтая/жёлтое/жёлтую; black=чёрный/чёрная/чёрное/чёрную; white=белый/белая/белое/белую
  brown=коричневый/коричневая/коричневое/коричневую; grey=серый/серая/серое/серую
  big=большой/большая/большое/большую; small=маленький/маленькая/маленькое/маленькую; new=новый/новая/новое/новую
  old=старый/старая/старое/старую; clean=чистый/чистая/чистое/чистую; dirty=грязный/грязная/грязное/грязную
  expensive=дорогой/дорогая/дорогое/дорогую; cheap=дешёвый/дешёвая/дешёвое/дешёвую
  heavy=тяжёлый/тяжёлая/тяжёлое/тяжёлую; light=лёгкий/лёгкая/лёгкое/лёгкую
`);

const verbs: Language["verbs"] = lexicon(`
  see=видит; hear=слышит; seek=ищет; call=зовёт; eat=ест; buy=покупает; sell=продаёт; wash=моет; bring=приносит
  take=берёт
`);

// masculine / feminine
const events: Language["events"] = lexicon(`
  falls=падает; runs=бежит; smokes=курит; wins=побеждает; loses=проигрывает; waits=ждёт; dances=танцует
  swims=плавает; travels=путешествует; studies=учится; jumps=прыгает; sings=поёт; cooks=готовит; steals=крадёт
  reads=читает; writes=пишет; argues=спорит; plays=играет; trains=тренируется; saves=копит деньги; walks=гуляет
  talks=разговаривает; paints=рисует; sneezes=чихает
  cries=плачет; breathless=запыхался/запыхалась; coughs=кашляет; happy=рад/рада; sad=грустит; yawns=зевает
  thirsty=хочет пить; wet=промок/промокла; tired=устал/устала; clever=умён/умна; laughs=смеётся
  famous=знаменит/знаменита; hungry=хочет есть; afraid=боится; calm=спокоен/спокойна; proud=гордится; angry=злится
  shouts=кричит; strong=силён/сильна; rich=богат/богата; rests=отдыхает; late=опаздывает
  filthy=испачкался/испачкалась; ill=болеет
`);

const relations: Language["relations"] = lexicon(`
  lives=живёт/где живёт S; works=работает/где работает S; sleeps=спит/где спит S
  likes=любит/какую еду любит S; loves=любит/какое животное любит S; drives=водит/что водит S
`);

// masculine and neuter / feminine
const numbers = ["два/две", "три", "четыре", "пять"];

const gender = (noun: Noun) => form(nouns(noun), 0);
const agreeing = (forms: readonly string[], noun: Noun) => form(forms, gender(noun) === "f" ? 1 : 0);
const nominative = (noun: Noun) => form(nouns(noun), 1);
const accusative = (noun: Noun) => nouns(noun)[2] || nominative(noun);
const at = (place: Place) => mark("place", form(places(place), 0));
const subject = (noun: Noun) => mark("subject", nominative(noun));
const happens = (noun: Noun, event: Parameters<typeof events>[0]) => agreeing(events(event), noun);

const places3: Record<string, number> = { m: 0, f: 1, n: 2 };
const predicate = (quality: Quality, noun: Thing) => qualities(quality)[places3[gender(noun)]!]!;
const attribute = (quality: Quality, noun: Noun) =>
  qualities(quality)[gender(noun) === "f" ? 3 : places3[gender(noun)]!]!;

function object({ object: noun, quality, count }: Act): string {
  if (count === undefined) return mark("object", words(quality && attribute(quality, noun), accusative(noun)));
  const number = numbers[counts.indexOf(count)]!.split("/");
  return mark("object", words(agreeing(number, noun), nouns(noun)[count === "five" ? 4 : 3]));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps") return form(places(value as Place), 0);
  return accusative(value as Noun);
}

export const russian: Language = {
  ...{ code: "ru", name: "Russian", script: /[а-яёА-ЯЁ]/, spaces: true, stops: [".", "?"] },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const verb = mark("verb", words(act.negated && "не", form(verbs(act.verb), 0)));
    const clause = words(subject(act.subject), verb, object(act));
    if (act.place === undefined) return clause;
    return fronted ? `${at(act.place)} ${clause}` : `${clause} ${at(act.place)}`;
  },
  location: (m) => words(subject(m.subject), m.negated && "не", at(m.place)),
  description: (m) => words(subject(m.subject), m.negated && "не", predicate(m.quality, m.subject)),
  happening: (m) => words(subject(m.subject), happens(m.subject, m.event)),
  because: (m) =>
    words(
      ...[subject(m.subject), `${happens(m.subject, m.effect)},`, "потому что"],
      ...[gender(m.subject) === "f" ? "она" : "он", happens(m.subject, m.cause)],
    ),
  both: ({ first, second }) =>
    words(
      ...[nominative(first.subject), `${happens(first.subject, first.event)},`, "а"],
      ...[nominative(second.subject), happens(second.subject, second.event)],
    ),
  fact: (m) => words(subject(m.subject), relations(m.relation)[0], mark("object", answer(m))),
  answer,
  question: (m) => form(relations(m.relation), 1).replace("S", () => subject(m.subject)),
  who: (m) => words("кто", form(events(m.event), 0)),
  person: (noun) => nominative(noun),
};
