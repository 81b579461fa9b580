import { numbers as counts, type Noun, type Place, type Quality } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun: nominative / accusative
const nouns: Language["nouns"] = lexicon(`
  man=adam/adamı; woman=kadın/kadını; boy=oğlan/oğlanı; girl=kız/kızı; mother=anne/anneyi; father=baba/babayı
  grandmother=büyükanne/büyükanneyi; grandfather=dede/dedeyi; teacher=öğretmen/öğretmeni; doctor=doktor/doktoru
  farmer=çiftçi/çiftçiyi; cook=aşçı/aşçıyı; singer=şarkıcı/şarkıcıyı; neighbour=komşu/komşuyu
  dog=köpek/köpeği; cat=kedi/kediyi; horse=at/atı; cow=inek/ineği; goat=keçi/keçiyi; rabbit=tavşan/tavşanı
  mouse=fare/fareyi; wolf=kurt/kurdu; bear=ayı/ayıyı; lion=aslan/aslanı; elephant=fil/fili; monkey=maymun/maymunu
  snake=yılan/yılanı; frog=kurbağa/kurbağayı
  bread=ekmek/ekmeği; cheese=peynir/peyniri; rice=pilav/pilavı; corn=mısır/mısırı; meat=et/eti; fish=balık/balığı
  honey=bal/balı; butter=tereyağı/tereyağını; salad=salata/salatayı; cake=pasta/pastayı
  chocolate=çikolata/çikolatayı; icecream=dondurma/dondurmayı
  table=masa/masayı; chair=sandalye/sandalyeyi; book=kitap/kitabı; cup=fincan/fincanı; knife=bıçak/bıçağı
  key=anahtar/anahtarı; bag=çanta/çantayı; shirt=gömlek/gömleği; hat=şapka/şapkayı; lamp=lamba/lambayı; box=kutu/kutuyu
  ball=top/topu; pen=kalem/kalemi; mirror=ayna/aynayı
  car=araba/arabayı; bus=otobüs/otobüsü; truck=kamyon/kamyonu; train=tren/treni; taxi=taksi/taksiyi
  tractor=traktör/traktörü
`);

const places: Language["places"] = lexicon(`
  kitchen=mutfakta; garden=bahçede; forest=ormanda; field=tarlada; market=pazarda; school=okulda; station=istasyonda
  village=köyde; city=şehirde; hotel=otelde; library=kütüphanede; hospital=hastanede
`);

const qualities: Language["qualities"] = lexicon(`
  red=kırmızı; blue=mavi; green=yeşil; yellow=sarı; black=siyah; white=beyaz; brown=kahverengi; grey=gri
  big=büyük; small=küçük; new=yeni; old=eski; clean=temiz; dirty=kirli; expensive=pahalı; cheap=ucuz; heavy=ağır
  light=hafif
`);

// affirmative / negative
const verbs: Language["verbs"] = lexicon(`
  see=görüyor/görmüyor; hear=duyuyor/duymuyor; seek=arıyor/aramıyor; call=çağırıyor/çağırmıyor; eat=yiyor/yemiyor
  buy=satın alıyor/satın almıyor; sell=satıyor/satmıyor; wash=yıkıyor/yıkamıyor; bring=getiriyor/getirmiyor
  take=alıyor/almıyor
`);

const events: Language["events"] = lexicon(`
  falls=düşüyor; runs=koşuyor; smokes=sigara içiyor; wins=kazanıyor; loses=kaybediyor; waits=bekliyor
  dances=dans ediyor; swims=yüzüyor; travels=seyahat ediyor; studies=ders çalışıyor; jumps=zıplıyor
  sings=şarkı söylüyor; cooks=yemek yapıyor; steals=hırsızlık yapıyor; reads=kitap okuyor; writes=yazı yazıyor
  argues=tartışıyor; plays=oyun oynuyor; trains=antrenman yapıyor; saves=para biriktiriyor; walks=yürüyüş yapıyor
  talks=konuşuyor; paints=resim yapıyor; sneezes=hapşırıyor
  cries=ağlıyor; breathless=nefes nefese; coughs=öksürüyor; happy=mutlu; sad=üzgün; yawns=esniyor; thirsty=susadı
  wet=ıslandı; tired=yorgun; clever=akıllı; laughs=gülüyor; famous=ünlü; hungry=acıktı; afraid=korkuyor; calm=sakin
  proud=gurur duyuyor; angry=kızgın; shouts=bağırıyor; strong=güçlü; rich=zengin; rests=dinleniyor; late=geç kalıyor
  filthy=kirlendi; ill=hasta
`);

// verb / what is asked
const relations: Language["relations"] = lexicon(`
  lives=yaşar/nerede; works=çalışır/nerede; sleeps=uyur/nerede; likes=sever/hangi yiyeceği; loves=sever/hangi hayvanı
  drives=kullanır/hangi aracı
`);

const numbers = ["iki", "üç", "dört", "beş"];

const at = (place: Place) => mark("place", form(places(place), 0));
const subject = (noun: Noun) => mark("subject", form(nouns(noun), 0));
const accusative = (noun: Noun, quality?: Quality) => words(quality && qualities(quality)[0], nouns(noun)[1]);

function object({ object: noun, quality, count }: Act): string {
  if (count === undefined) return mark("object", accusative(noun, quality));
  return mark("object", words(numbers[counts.indexOf(count)], nouns(noun)[0]));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps") return form(places(value as Place), 0);
  return accusative(value as Noun);
}

export const turkish: Language = {
  ...{ code: "tr", name: "Turkish", script: /[a-zA-ZçğıöşüÇĞİÖŞÜ]/, spaces: true, stops: [".", "?"] },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const end = words(object(act), mark("verb", verbs(act.verb)[act.negated ? 1 : 0]!));
    if (act.place === undefined) return words(subject(act.subject), end);
    return fronted ? words(at(act.place), subject(act.subject), end) : words(subject(act.subject), at(act.place), end);
  },
  location: (m) => words(subject(m.subject), at(m.place), m.negated && "değil"),
  description: (m) => words(subject(m.subject), form(qualities(m.quality), 0), m.negated && "değil"),
  happening: (m) => words(subject(m.subject), form(events(m.event), 0)),
  because: (m) => words(subject(m.subject), `${events(m.effect)[0]},`, "çünkü", form(events(m.cause), 0)),
  both: ({ first, second }) =>
    words(
      ...[form(nouns(first.subject), 0), `${events(first.event)[0]},`],
      ...[form(nouns(second.subject), 0), form(events(second.event), 0)],
    ),
  fact: (m) => words(subject(m.subject), mark("object", answer(m)), form(relations(m.relation), 0)),
  answer,
  question: (m) => words(subject(m.subject), relations(m.relation)[1], relations(m.relation)[0]),
  who: (m) => words("kim", form(events(m.event), 0)),
  person: (noun) => form(nouns(noun), 0),
};
