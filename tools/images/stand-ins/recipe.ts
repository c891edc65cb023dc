/**
 * Fills a build context with what a stand-in is made of.
 *
 * @param tag of the image that it stands in for, e.g. `16.10-alpine`
 * @param context an empty folder
 * @param tell is given what people should read while something is built
 * @returns the Dockerfile
 */
export type Recipe = (tag: string, context: string, tell: (line: string) => void) => Promise<string>;
