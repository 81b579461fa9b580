/** A mistake in what the user asked for (recipe, flag, input file): the command ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
