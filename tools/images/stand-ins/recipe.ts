/** What goes on around a recipe. */
export interface Around {
  /** Is given what people should read while something is built. */
  tell: (line: string) => void;
  /** Stops what is being built. */
  signal: AbortSignal;
}

/**
 * Fills a build context with what a stand-in is made of.
 *
 * @param tag of the image that it stands in for, e.g. `16.10-alpine`
 * @param context an empty folder
 * @returns the Dockerfile
 */
export type Recipe = (tag: string, context: string, around: Around) => Promise<string>;
