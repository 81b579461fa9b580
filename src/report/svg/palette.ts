/** The colours of a chart that stands alone: those of the report (web/src/styles/tokens.css), light and dark. */
export const palette = {
  light: {
    surface: "#ffffff",
    ink: "#1b1d21",
    ink3: "#676d76",
    rule: "#e6e7e8",
    hues: "#0067a5 #d1495b #2a8f6f #8b4fb0 #b8860b #2fa4c7 #c14a09 #5c6bc0 #7a8b1f #c2478f #7d5a44".split(" "),
  },
  dark: {
    surface: "#1a1d21",
    ink: "#ecebe8",
    ink3: "#969ba4",
    rule: "#2a2e33",
    hues: "#5fb0ea #f07f8c #4fc79d #c08ce6 #e0b13f #7fdcf2 #f0924a #96a2f0 #b9cb56 #ee86c4 #c79d84".split(" "),
  },
} as const;

export const hueCount = palette.light.hues.length;

/** What a mark is drawn in: a hue by number, the ink of the pivot, or the grey of a control. */
export type Colour = number | "ink" | "control";

const names = (colour: Colour): string => (typeof colour === "number" ? `h${colour % hueCount}` : colour);

/** Classes, so that the page's or the file's style decides about light and dark. */
export const stroke = (colour: Colour): string => `s-${names(colour)}`;
export const fill = (colour: Colour): string => `f-${names(colour)}`;

const fonts =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Thai", "Noto Sans CJK SC", "Noto Sans CJK JP", sans-serif';

function scheme({ surface, ink, ink3, rule, hues }: (typeof palette)["light" | "dark"]): string {
  const colours: [string, string][] = [
    ...hues.map((hue, i): [string, string] => [`h${i}`, hue]),
    ["ink", ink],
    ["control", ink3],
  ];
  return [
    ...colours.map(([name, value]) => `.s-${name}{stroke:${value}}.f-${name}{fill:${value}}`),
    `.paper{fill:${surface}}.text{fill:${ink}}.quiet{fill:${ink3}}.grid{stroke:${rule}}.axis{stroke:${ink3}}`,
  ].join("");
}

/** The style of a chart that stands alone. */
export const standaloneStyle = (): string =>
  `text{font-family:${fonts}}${scheme(palette.light)}@media(prefers-color-scheme:dark){${scheme(palette.dark)}}`;
