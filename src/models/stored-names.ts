/** How the names in a folder's files differ from those that the library gives the tensors of a causal language model. */
export interface StoredNames {
  /** the name in the files of what the library calls `name` */
  of(name: string): string;
  /** a tensor of a part that is not the language model, or one that the library computes */
  needless(stored: string): boolean;
}

/** What training frameworks put in front of every name: data parallelism, torch.compile. */
const wrappers = ["module.", "_orig_mod."];

/** Rotary frequencies, which transformers stored before 4.32 and computes since. */
const computed = /\.rotary_emb\.inv_freq$/;

/**
 * Reads off the stored names how this export spells them: saved from the bare decoder ("model." is left out), wrapped, or as the
 * text part of a model with images, before transformers 5 (language_model.model.) and since (model.language_model.). One rule
 * holds for the whole folder.
 */
export function storedNames(stored: readonly string[]): StoredNames {
  const wrapper = wrappers.find((prefix) => stored.every((name) => name.startsWith(prefix))) ?? "";
  const has = (prefix: string) => stored.some((name) => name.startsWith(wrapper + prefix));
  const names = (of: (name: string) => string, inPart: (stored: string) => boolean): StoredNames => ({
    of: (name) => wrapper + of(name),
    needless: (name) => computed.test(name) || !inPart(name.slice(wrapper.length)),
  });
  if (has("language_model."))
    return names(
      (name) => `language_model.${name}`,
      (name) => name.startsWith("language_model."),
    );
  if (has("model.language_model."))
    return names(
      (name) => name.replace(/^model\./, "model.language_model."),
      (name) => name.startsWith("model.language_model.") || name.startsWith("lm_head."),
    );
  const everything = () => true;
  return has("model.") ? names((name) => name, everything) : names((name) => name.replace(/^model\./, ""), everything);
}
