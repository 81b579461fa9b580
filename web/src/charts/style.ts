/** What every chart shares: the page's font and colours, so that they follow its light and dark scheme. */
export const chartStyle = (fontSize = 12.5): string =>
  `font-family: inherit; font-size: ${fontSize}px; overflow: visible; background: none; color: var(--ink-2)`;

export const gridStyle = { stroke: "var(--rule)", strokeOpacity: 1 };

export const axisStyle = { tickSize: 0, label: null, color: "var(--ink-3)" } as const;

/** A dashed line that says where something is. */
export const ruleStyle = { stroke: "var(--ink-3)", strokeDasharray: "2 3" };

/** Labels only whole numbers: there is no layer 2.5. */
export const wholeNumber = (value: number): string => (Number.isInteger(value) ? String(value) : "");
