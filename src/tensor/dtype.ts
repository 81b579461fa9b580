/** Element types, by PyTorch's names. */
export type Dtype =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint8"
  | "bool";

/** libtorch's c10::ScalarType numbers. */
const codes: Record<Dtype, number> = {
  uint8: 0,
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  float16: 5,
  float32: 6,
  float64: 7,
  bool: 11,
  bfloat16: 15,
};
const names = new Map(Object.entries(codes).map(([name, code]) => [code, name as Dtype]));

const bytes: Record<Dtype, number> = {
  uint8: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  bool: 1,
  bfloat16: 2,
};

export const dtypeCode = (dtype: Dtype): number => codes[dtype];
export const dtypeBytes = (dtype: Dtype): number => bytes[dtype];

export function dtypeOfCode(code: number): Dtype {
  const name = names.get(code);
  if (name === undefined) throw new Error(`libtorch's scalar type ${code} has no name here.`);
  return name;
}
