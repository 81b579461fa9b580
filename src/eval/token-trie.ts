/** A sequence whose last tokens are to be predicted. */
export interface TrieRow {
  ids: Int32Array;
  /** how many of the last ids are asked for; the id before each predicts it */
  targets: number;
}

/** Rows with their common beginnings stored once: what has to be read, and which next tokens are asked for after it. */
export interface TokenTrie {
  /** token of each node; a node comes directly before those that continue it */
  ids: Int32Array;
  /** the node before, −1 at a row's first token */
  parents: Int32Array;
  /** position of the token in its row */
  depths: Int32Array;
  /** how many nodes a node and all that continue it are */
  sizes: Int32Array;
  /** 1 + the highest position among them */
  reaches: Int32Array;
  /** the first question of each node; those of node i end where those of node i + 1 begin. [nodes + 1] */
  questions: Int32Array;
  /** the token that each question is about */
  tokens: Int32Array;
  /** the questions of each row, in the order of its targets */
  asked: Int32Array[];
}

function compare(a: Int32Array, b: Int32Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** Nodes in depth-first order, and the question of each target as [node, token] in the order of first occurrence. */
function grow(rows: readonly TrieRow[]) {
  const room = rows.reduce((sum, { ids }) => sum + ids.length - 1, 0);
  const [ids, parents, depths] = [new Int32Array(room), new Int32Array(room), new Int32Array(room)];
  const order = rows.map((_, i) => i).sort((a, b) => compare(rows[a]!.ids, rows[b]!.ids) || a - b);
  const known = new Map<number, number>();
  const questions: [node: number, token: number][] = [];
  const asked = new Array<Int32Array>(rows.length);
  const path: number[] = [];
  let count = 0;
  for (const index of order) {
    const { ids: row, targets } = rows[index]!;
    const inputs = row.length - 1; // a row's last id is never read, only predicted
    let shared = 0;
    while (shared < Math.min(inputs, path.length) && ids[path[shared]!] === row[shared]) shared++;
    path.length = shared;
    for (let depth = shared; depth < inputs; depth++) {
      ids[count] = row[depth]!;
      parents[count] = depth === 0 ? -1 : path[depth - 1]!;
      depths[count] = depth;
      path.push(count++);
    }
    asked[index] = Int32Array.from({ length: targets }, (_, t) => {
      const [node, token] = [path[inputs - targets + t]!, row[inputs - targets + t + 1]!];
      const key = node * 2 ** 24 + token;
      const old = known.get(key);
      if (old !== undefined) return old;
      known.set(key, questions.length);
      return questions.push([node, token]) - 1;
    });
  }
  const cut = (array: Int32Array) => array.slice(0, count);
  return { ids: cut(ids), parents: cut(parents), depths: cut(depths), questions, asked };
}

/** Builds the trie of some rows; equal rows share all of their nodes and questions. */
export function tokenTrie(rows: readonly TrieRow[]): TokenTrie {
  const { ids, parents, depths, questions, asked } = grow(rows);
  const [sizes, reaches] = [new Int32Array(ids.length).fill(1), depths.map((depth) => depth + 1)];
  for (let node = ids.length - 1; node > 0; node--) {
    const parent = parents[node]!;
    if (parent < 0) continue;
    sizes[parent]! += sizes[node]!;
    reaches[parent] = Math.max(reaches[parent]!, reaches[node]!);
  }
  // questions are numbered anew by their nodes, so that those of a node are neighbours
  const order = questions.map((_, i) => i).sort((a, b) => questions[a]![0] - questions[b]![0] || a - b);
  const place = new Int32Array(questions.length);
  const first = new Int32Array(ids.length + 1);
  order.forEach((question, i) => {
    place[question] = i;
    first[questions[question]![0] + 1]!++;
  });
  for (let node = 0; node < ids.length; node++) first[node + 1]! += first[node]!;
  return {
    ...{ ids, parents, depths, sizes, reaches, questions: first },
    tokens: Int32Array.from(order, (question) => questions[question]![1]),
    asked: asked.map((own) => own.map((question) => place[question]!)),
  };
}

/** The nodes that directly continue a node; of −1, the first tokens. */
export function childrenOf({ sizes, ids }: TokenTrie, node: number): number[] {
  const end = node < 0 ? ids.length : node + sizes[node]!;
  const children: number[] = [];
  for (let child = node + 1; child < end; child += sizes[child]!) children.push(child);
  return children;
}
