const box = 32;

/** What a character looks like in a font, as pixels. */
function picture(context: CanvasRenderingContext2D, character: string): string {
  context.clearRect(0, 0, box, box);
  context.fillText(character, 4, 24);
  return context.getImageData(0, 0, box, box).data.join();
}

/** Whether the machine has a glyph: what it has none for looks like a character that no font has. */
function glyphTest(family: string): (character: string) => boolean {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [box, box];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return () => true;
  context.font = `20px ${family}`;
  const absent = picture(context, "\u{10fffd}");
  const known = new Map<string, boolean>();
  return (character) => {
    const found = known.get(character) ?? picture(context, character) !== absent;
    known.set(character, found);
    return found;
  };
}

const isMark = (character: string): boolean => /\p{M}/u.test(character);
const hexadecimal = (character: string): string =>
  character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");

/** A token with the characters that have no glyph, and the marks on them, as code points. */
function spelled(token: string, hasGlyph: (character: string) => boolean): string {
  const parts: { text: string; missing: boolean }[] = [];
  for (const character of token) {
    const last = parts.at(-1);
    // a mark is drawn on what it stands on, so alone it says nothing
    const missing = isMark(character) ? last?.missing === true : character > "\u007f" && !hasGlyph(character);
    const text = missing ? `U+${hexadecimal(character)}` : character;
    if (last?.missing === missing) last.text += missing ? ` ${text}` : text;
    else parts.push({ text, missing });
  }
  return parts.map(({ text, missing }) => (missing ? `⟨${text}⟩` : text)).join("");
}

/** Tokens of a script that this machine has no font for are told by their code points instead of equal boxes. */
export function spellMissingGlyphs(): void {
  let hasGlyph: ((character: string) => boolean) | undefined;
  for (const cell of document.querySelectorAll<HTMLElement>(".layers bdi")) {
    const text = cell.textContent ?? "";
    if (!text.includes("\u2068")) continue;
    hasGlyph ??= glyphTest(getComputedStyle(cell).fontFamily);
    const shown = text.replaceAll(
      /\u2068([^\u2069]*)\u2069/g,
      (_, token: string) => `\u2068${spelled(token, hasGlyph!)}\u2069`,
    );
    if (shown !== text) cell.textContent = shown;
  }
}
