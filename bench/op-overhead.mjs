// Microseconds per small operation called from TypeScript, one thread: the counterpart of the peer's op_overhead.py.
import { noGrad, ops, scope, setThreads } from "../dist/tensor/index.js";
import { median } from "./material.mjs";

setThreads(1);
const n = Number(process.argv[2] ?? 20_000);

function microseconds(body, count) {
  for (let i = 0; i < count / 10; i++) body();
  const rounds = Array.from({ length: 7 }, () => {
    const began = performance.now();
    for (let i = 0; i < count; i++) body();
    return ((performance.now() - began) / count) * 1e3;
  });
  return Number(median(rounds).toFixed(3));
}

const [a, b] = [ops.randn([4, 4]), ops.randn([4, 4])];
const [x, w, bias] = [ops.randn([8, 64]), ops.randn([64, 64]), ops.randn([64])];
const out = noGrad(() => ({
  add_4x4_no_grad: microseconds(() => ops.add(a, b).dispose(), n),
  linear_8x64_no_grad: microseconds(() => ops.linearOp(x, w, bias).dispose(), n),
  view_4x4_no_grad: microseconds(() => ops.view(a, [16]).dispose(), n),
}));
const recorded = ops.clone(a);
recorded.requiresGrad = true;
out.add_4x4_grad_recorded = microseconds(() => ops.add(recorded, b).dispose(), n);

const layers = [64, 64, 8].map((output) => {
  const layer = { weight: ops.randn([output, 64]), bias: ops.randn([output]) };
  layer.weight.requiresGrad = true;
  layer.bias.requiresGrad = true;
  return layer;
});
const forward = () =>
  layers.reduce(
    (h, { weight, bias }, i) => (i < 2 ? ops.gelu(ops.linearOp(h, weight, bias)) : ops.linearOp(h, weight, bias)),
    x,
  );
out.mlp3_forward_backward = microseconds(
  () =>
    scope(() => {
      for (const { weight, bias } of layers) {
        weight.grad = undefined;
        bias.grad = undefined;
      }
      ops.mean(ops.square(forward()), []).backward();
    }),
  n / 20,
);
out.mlp3_forward_no_grad = noGrad(() => microseconds(() => scope(() => void forward()), n / 5));
console.log(
  JSON.stringify({ name: "interlingua.op_overhead", units: "us per add 4x4", value: out.add_4x4_no_grad, ...out }),
);
