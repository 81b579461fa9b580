/** What is known to be doubtful of a unit's data, and is therefore to be said beside its figures. */
export interface Doubts {
  /** checks whose items are left out, and those items */
  without?: { rules: readonly string[]; ids: ReadonlySet<string> };
  /** the pivot's labels by item */
  pivotLabels?: ReadonlyMap<string, number>;
}
