import { numbers as counts, isColour, type Noun, type Place, type Quality } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun / classifier of things
const nouns: Language["nouns"] = lexicon(`
  man=ผู้ชาย; woman=ผู้หญิง; boy=เด็กชาย; girl=เด็กหญิง; mother=แม่; father=พ่อ; grandmother=ย่า; grandfather=ปู่; teacher=ครู
  doctor=หมอ; farmer=ชาวนา; cook=พ่อครัว; singer=นักร้อง; neighbour=เพื่อนบ้าน
  dog=หมา; cat=แมว; horse=ม้า; cow=วัว; goat=แพะ; rabbit=กระต่าย; mouse=หนู; wolf=หมาป่า; bear=หมี; lion=สิงโต
  elephant=ช้าง; monkey=ลิง; snake=งู; frog=กบ
  bread=ขนมปัง; cheese=ชีส; rice=ข้าว; corn=ข้าวโพด; meat=เนื้อ; fish=ปลา; honey=น้ำผึ้ง; butter=เนย; salad=สลัด; cake=เค้ก
  chocolate=ช็อกโกแลต; icecream=ไอศกรีม
  table=โต๊ะ/ตัว; chair=เก้าอี้/ตัว; book=หนังสือ/เล่ม; cup=ถ้วย/ใบ; knife=มีด/เล่ม; key=กุญแจ/ดอก; bag=กระเป๋า/ใบ
  shirt=เสื้อ/ตัว; hat=หมวก/ใบ; lamp=โคมไฟ/ดวง; box=กล่อง/ใบ; ball=ลูกบอล/ลูก; pen=ปากกา/ด้าม; mirror=กระจก/บาน
  car=รถยนต์/คัน; bus=รถเมล์/คัน; truck=รถบรรทุก/คัน; train=รถไฟ/ขบวน; taxi=แท็กซี่/คัน; tractor=รถแทรกเตอร์/คัน
`);

const places: Language["places"] = lexicon(`
  kitchen=ใน ครัว; garden=ใน สวน; forest=ใน ป่า; field=ใน ทุ่งนา; market=ที่ ตลาด; school=ที่ โรงเรียน; station=ที่ สถานี
  village=ใน หมู่บ้าน; city=ใน เมือง; hotel=ที่ โรงแรม; library=ที่ ห้องสมุด; hospital=ที่ โรงพยาบาล
`);

const qualities: Language["qualities"] = lexicon(`
  red=สี แดง; blue=สี น้ำเงิน; green=สี เขียว; yellow=สี เหลือง; black=สี ดำ; white=สี ขาว; brown=สี น้ำตาล; grey=สี เทา
  big=ใหญ่; small=เล็ก; new=ใหม่; old=เก่า; clean=สะอาด; dirty=สกปรก; expensive=แพง; cheap=ถูก; heavy=หนัก; light=เบา
`);

// verb / what follows the object
const verbs: Language["verbs"] = lexicon(`
  see=เห็น; hear=ได้ยิน; seek=มองหา; call=เรียก; eat=กิน; buy=ซื้อ; sell=ขาย; wash=ล้าง; bring=นำ/มา; take=หยิบ
`);

const events: Language["events"] = lexicon(`
  falls=ล้ม; runs=วิ่ง; smokes=สูบบุหรี่; wins=ชนะ; loses=แพ้; waits=รอ; dances=เต้นรำ; swims=ว่ายน้ำ; travels=เดินทาง
  studies=เรียน หนังสือ; jumps=กระโดด; sings=ร้องเพลง; cooks=ทำ อาหาร; steals=ขโมย ของ; reads=อ่าน หนังสือ
  writes=เขียน หนังสือ; argues=เถียง; plays=เล่น; trains=ออกกำลังกาย; saves=เก็บ เงิน; walks=เดินเล่น; talks=คุย; paints=วาด รูป
  sneezes=จาม
  cries=ร้องไห้; breathless=หอบ; coughs=ไอ; happy=ดีใจ; sad=เสียใจ; yawns=หาว; thirsty=หิว น้ำ; wet=ตัว เปียก; tired=เหนื่อย
  clever=ฉลาด; laughs=หัวเราะ; famous=มี ชื่อเสียง; hungry=หิว ข้าว; afraid=กลัว; calm=ใจเย็น; proud=ภูมิใจ; angry=โกรธ
  shouts=ตะโกน; strong=แข็งแรง; rich=รวย; rests=พักผ่อน; late=มา สาย; filthy=ตัว สกปรก; ill=ป่วย
`);

// verb / what is asked
const relations: Language["relations"] = lexicon(`
  lives=อาศัย อยู่/ที่ไหน; works=ทำงาน/ที่ไหน; sleeps=นอน/ที่ไหน; likes=ชอบ/อาหาร อะไร; loves=รัก/สัตว์ อะไร; drives=ขับ/อะไร
`);

const numbers = ["สอง", "สาม", "สี่", "ห้า"];

const noun = (concept: Noun) => form(nouns(concept), 0);
const at = (place: Place) => mark("place", form(places(place), 0));
const subject = (concept: Noun) => mark("subject", noun(concept));

function object({ object: concept, quality, count }: Act): string {
  if (count === undefined) return mark("object", words(noun(concept), quality && qualities(quality)[0]));
  return mark("object", words(noun(concept), numbers[counts.indexOf(count)], nouns(concept)[1]));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps") return form(places(value as Place), 0);
  return noun(value as Noun);
}

function describe(quality: Quality, negated: boolean): string {
  const word = form(qualities(quality), 0);
  if (isColour(quality)) return words(negated ? "ไม่ใช่" : "เป็น", word);
  return words(negated && "ไม่", word);
}

export const thai: Language = {
  ...{ code: "th", name: "Thai", script: /\p{Script=Thai}/u, spaces: false, stops: ["", ""] },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const [verb, after] = verbs(act.verb);
    const said = mark("verb", words(act.negated && "ไม่", verb));
    const clause = words(subject(act.subject), said, object(act), after);
    if (act.place === undefined) return clause;
    return fronted ? words(at(act.place), clause) : words(clause, at(act.place));
  },
  location: (m) => words(subject(m.subject), m.negated && "ไม่", "อยู่", at(m.place)),
  description: (m) => words(subject(m.subject), describe(m.quality, m.negated === true)),
  happening: (m) => words(subject(m.subject), form(events(m.event), 0)),
  because: (m) => words(subject(m.subject), form(events(m.effect), 0), "เพราะ", form(events(m.cause), 0)),
  both: ({ first, second }) =>
    words(noun(first.subject), events(first.event)[0], "และ", noun(second.subject), events(second.event)[0]),
  fact: (m) => words(subject(m.subject), relations(m.relation)[0], mark("object", answer(m))),
  answer,
  question: (m) => words(subject(m.subject), ...relations(m.relation)),
  who: (m) => words("ใคร", form(events(m.event), 0)),
  person: noun,
};
