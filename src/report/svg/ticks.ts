/** Round numbers inside of a range, about as many as asked for. */
export function ticks(low: number, high: number, wanted: number): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / wanted;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((each) => each >= raw * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Layer numbers to label: all of a few, else every second, fifth … */
export function layerTicks(layers: readonly number[], most: number): number[] {
  const step = [1, 2, 4, 5, 8, 10, 20, 40].find((each) => layers.length / each <= most) ?? 100;
  return layers.filter((layer) => layer % step === 0);
}
