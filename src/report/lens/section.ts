import type { Figure } from "../svg/figure.ts";
import type { TextTable } from "./table.ts";

/** What a report shows of one lens: small charts and the numbers behind them. */
export interface LensSection {
  figure: Figure;
  tables: TextTable[];
}
