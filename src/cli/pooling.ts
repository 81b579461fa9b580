import { poolings } from "../nn/index.ts";
import { oneOf } from "./options.ts";

/** How a sentence's states become one vector, for commander. */
export const asPooling = oneOf(...poolings);
