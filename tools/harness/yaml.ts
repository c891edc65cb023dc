import { createRequire } from 'node:module';

const { safeLoad, safeLoadAll } = createRequire(import.meta.url)('js-yaml') as {
  safeLoad: (text: string) => unknown;
  safeLoadAll: (text: string) => unknown[];
};

/** Reads one YAML document. */
export const parseYaml = <T>(text: string): T => safeLoad(text) as T;

/** Reads several, separated by `---`; empty ones are left out. */
export const parseYamls = <T>(text: string): T[] => safeLoadAll(text).filter((value) => value != null) as T[];
