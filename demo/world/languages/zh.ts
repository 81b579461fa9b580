import { numbers as counts, isColour, type Noun, type Place, type Quality } from "../concepts.ts";
import { form, type Language, lexicon, mark, words } from "../language.ts";
import type { Act, Fact } from "../meaning.ts";

// noun / classifier of things / 她 where it is she
const nouns: Language["nouns"] = lexicon(`
  man=男人; woman=女人//她; boy=男孩; girl=女孩//她; mother=妈妈//她; father=爸爸; grandmother=奶奶//她; grandfather=爷爷
  teacher=老师//她; doctor=医生; farmer=农民; cook=厨师; singer=歌手//她; neighbour=邻居//她
  dog=狗; cat=猫; horse=马; cow=牛; goat=山羊; rabbit=兔子; mouse=老鼠; wolf=狼; bear=熊; lion=狮子; elephant=大象
  monkey=猴子; snake=蛇; frog=青蛙
  bread=面包; cheese=奶酪; rice=米饭; corn=玉米; meat=肉; fish=鱼; honey=蜂蜜; butter=黄油; salad=沙拉; cake=蛋糕
  chocolate=巧克力; icecream=冰淇淋
  table=桌子/张; chair=椅子/把; book=书/本; cup=杯子/个; knife=刀/把; key=钥匙/把; bag=包/个; shirt=衬衫/件; hat=帽子/顶
  lamp=灯/盏; box=箱子/个; ball=球/个; pen=笔/支; mirror=镜子/面
  car=汽车/辆; bus=公共汽车/辆; truck=卡车/辆; train=火车/列; taxi=出租车/辆; tractor=拖拉机/台
`);

const places: Language["places"] = lexicon(`
  kitchen=厨房 里; garden=花园 里; forest=森林 里; field=田 里; market=市场 里; school=学校 里; station=车站; village=村 里
  city=城 里; hotel=酒店 里; library=图书馆 里; hospital=医院 里
`);

const qualities: Language["qualities"] = lexicon(`
  red=红色; blue=蓝色; green=绿色; yellow=黄色; black=黑色; white=白色; brown=棕色; grey=灰色
  big=大; small=小; new=新; old=旧; clean=干净; dirty=脏; expensive=贵; cheap=便宜; heavy=重; light=轻
`);

// verb / negated where it is not with 不
const verbs: Language["verbs"] = lexicon(`
  see=看见/没有 看见; hear=听见/没有 听见; seek=找; call=叫; eat=吃; buy=买; sell=卖; wash=洗; bring=带来/没有 带来; take=拿
`);

const events: Language["events"] = lexicon(`
  falls=摔倒 了; runs=跑步; smokes=抽烟; wins=赢 了; loses=输 了; waits=等待; dances=跳舞; swims=游泳; travels=旅行; studies=学习
  jumps=跳 起来; sings=唱歌; cooks=做饭; steals=偷 东西; reads=看 书; writes=写字; argues=吵架; plays=玩耍; trains=锻炼
  saves=存钱; walks=散步; talks=聊天; paints=画画; sneezes=打 喷嚏
  cries=哭 了; breathless=气喘吁吁; coughs=咳嗽; happy=很 高兴; sad=很 难过; yawns=打 哈欠; thirsty=很 渴; wet=浑身 湿透
  tired=很 累; clever=很 聪明; laughs=笑 了; famous=很 有名; hungry=很 饿; afraid=很 害怕; calm=很 平静; proud=很 自豪
  angry=很 生气; shouts=大叫; strong=很 强壮; rich=很 有钱; rests=休息; late=迟到 了; filthy=很 脏; ill=生病 了
`);

// what stands around the answer, V / question word where A stands
const relations: Language["relations"] = lexicon(`
  lives=住 A/在 哪里; works=A 工作/在 哪里; sleeps=A 睡觉/在 哪里; likes=喜欢 A/什么 食物; loves=爱 A/什么 动物
  drives=开 A/什么
`);

const numbers = ["两", "三", "四", "五"];

const noun = (concept: Noun) => form(nouns(concept), 0);
const described = (quality: Quality | undefined, concept: Noun) =>
  words(quality && `${form(qualities(quality), 0)} 的`, noun(concept));
const at = (place: Place) => mark("place", `在 ${form(places(place), 0)}`);
const subject = (concept: Noun) => mark("subject", noun(concept));

function object({ object: concept, quality, count }: Act): string {
  if (count === undefined) return mark("object", described(quality, concept));
  return mark("object", words(numbers[counts.indexOf(count)], nouns(concept)[1], noun(concept)));
}

function answer({ relation, value }: Fact): string {
  if (relation === "lives" || relation === "works" || relation === "sleeps")
    return `在 ${form(places(value as Place), 0)}`;
  return noun(value as Noun);
}

function describe(quality: Quality, negated: boolean): string {
  const word = form(qualities(quality), 0);
  if (isColour(quality)) return words(negated ? "不 是" : "是", word, "的");
  return words(negated ? "不" : "很", word);
}

export const chinese: Language = {
  ...{ code: "zh", name: "Chinese", script: /\p{Script=Han}/u, spaces: false, stops: ["。", "？"] },
  ...{ nouns, places, qualities, verbs, events, relations, numbers },
  act(act, fronted) {
    const [plain, negated] = verbs(act.verb);
    const verb = mark("verb", act.negated ? (negated ?? `不 ${plain}`) : plain!);
    const [before, after] = [subject(act.subject), words(verb, object(act))];
    if (act.place === undefined) return words(before, after);
    return fronted ? words(at(act.place), "，", before, after) : words(before, at(act.place), after);
  },
  location: (m) => words(subject(m.subject), m.negated && "不", at(m.place)),
  description: (m) => words(subject(m.subject), describe(m.quality, m.negated === true)),
  happening: (m) => words(subject(m.subject), form(events(m.event), 0)),
  because: (m) =>
    words(
      ...[subject(m.subject), form(events(m.effect), 0), "，", "因为"],
      ...[nouns(m.subject)[2] ?? "他", form(events(m.cause), 0)],
    ),
  both: ({ first, second }) =>
    words(noun(first.subject), events(first.event)[0], "，", noun(second.subject), events(second.event)[0]),
  fact: (m) =>
    words(
      subject(m.subject),
      form(relations(m.relation), 0).replace("A", () => mark("object", answer(m))),
    ),
  answer,
  question: (m) => {
    const [around, asked] = relations(m.relation);
    return words(subject(m.subject), around!.replace("A", asked!));
  },
  who: (m) => words("谁", form(events(m.event), 0)),
  person: noun,
};
