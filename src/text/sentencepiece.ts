/** What a piece is. Source: `ModelProto.SentencePiece.Type` of sentencepiece_model.proto. */
export type PieceType = "normal" | "unknown" | "control" | "user" | "unused" | "byte";

export interface Piece {
  text: string;
  /** float32 on disk: a log probability of Unigram, a negative rank of BPE */
  score: number;
  type: PieceType;
}

/** The parts of a SentencePiece model that a tokenizer is made of. */
export interface SentencePieceModel {
  /** in the order of their ids */
  pieces: Piece[];
  algorithm: "unigram" | "bpe";
  unkId: number;
  unkPiece: string;
  /** a compiled table of replacements, empty where the model normalizes nothing */
  charsmap: Uint8Array;
}

const pieceTypes: readonly (PieceType | undefined)[] = [
  undefined,
  "normal",
  "unknown",
  "control",
  "user",
  "unused",
  "byte",
];
const algorithms: readonly (string | undefined)[] = [undefined, "unigram", "bpe", "word", "char"];
const mostPieces = 2 ** 24;

/** A field of a protobuf message: a number of a varint or float, or the bytes of a string or message. */
interface Field {
  number: number;
  value: number | Uint8Array;
}

/**
 * Reads a SentencePiece model file (`tokenizer.model`, `sentencepiece.bpe.model`, `spiece.model`), a protobuf message.
 * @throws Error saying what is wrong with the bytes, without the file's name
 */
export function readSentencePiece(bytes: Uint8Array): SentencePieceModel {
  const model: SentencePieceModel = {
    pieces: [],
    algorithm: "unigram",
    unkId: 0,
    unkPiece: "<unk>",
    charsmap: new Uint8Array(),
  };
  for (const { number, value } of fields(bytes, "the model")) {
    if (number === 1) model.pieces.push(piece(message(value, "piece"), model.pieces.length));
    if (number === 2) readTrainer(model, message(value, "trainer_spec"));
    if (number === 3)
      for (const part of fields(message(value, "normalizer_spec"), "normalizer_spec"))
        if (part.number === 2) model.charsmap = message(part.value, "precompiled_charsmap");
    if (model.pieces.length > mostPieces) throw new Error(`it has more than ${mostPieces} pieces`);
  }
  if (model.pieces.length === 0) throw new Error("it has no pieces");
  if (model.unkId >= model.pieces.length)
    throw new Error(`unk_id is ${model.unkId}, but there are ${model.pieces.length} pieces`);
  return model;
}

function readTrainer(model: SentencePieceModel, bytes: Uint8Array): void {
  for (const { number, value } of fields(bytes, "trainer_spec")) {
    if (number === 3) model.algorithm = algorithm(integer(value, "model_type"));
    if (number === 40) model.unkId = integer(value, "unk_id");
    if (number === 45) model.unkPiece = text(value, "unk_piece");
  }
}

function algorithm(value: number): "unigram" | "bpe" {
  const name = algorithms[value];
  if (name === "unigram" || name === "bpe") return name;
  throw new Error(`model_type is ${name ?? value}, expected unigram or bpe`);
}

function piece(bytes: Uint8Array, id: number): Piece {
  const where = `piece ${id}`;
  const result: Piece = { text: "", score: 0, type: "normal" };
  for (const { number, value } of fields(bytes, where)) {
    if (number === 1) result.text = text(value, where);
    if (number === 2) result.score = score(value, where);
    if (number === 3) {
      const type = pieceTypes[integer(value, `${where}'s type`)];
      if (type === undefined) throw new Error(`${where} has an unknown type`);
      result.type = type;
    }
  }
  if (result.text === "") throw new Error(`${where} has no text`);
  return result;
}

/** The fields of a message, in the order of the bytes. Wire types: protobuf.dev/programming-guides/encoding. */
function* fields(bytes: Uint8Array, where: string): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error(`${where} ends within a number`);
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new Error(`${where} has a number of more than ten bytes`);
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at)
      throw new Error(`${where} has a field of ${length} bytes where ${bytes.length - at} are left`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const [number, wire] = [Math.floor(key / 8), key % 8];
    if (number === 0) throw new Error(`${where} has a field numbered 0`);
    if (wire === 0) yield { number, value: varint() };
    else if (wire === 2) yield { number, value: take(varint()) };
    else if (wire === 5) {
      take(4);
      yield { number, value: view.getFloat32(at - 4, true) };
    } else if (wire === 1) take(8);
    else throw new Error(`${where} has a field of the unknown wire type ${wire}`);
  }
}

function message(value: number | Uint8Array, what: string): Uint8Array {
  if (typeof value !== "number") return value;
  throw new Error(`${what} is a number, expected bytes`);
}

function integer(value: number | Uint8Array, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${what} is no whole number from 0`);
}

function score(value: number | Uint8Array, where: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new Error(`${where} has no finite score`);
}

function text(value: number | Uint8Array, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(message(value, where));
  } catch {
    throw new Error(`${where} is no UTF-8 text`);
  }
}
