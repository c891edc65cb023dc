import { load, loadAll } from 'js-yaml';

/** Reads one YAML document. */
export const parseYaml = <T>(text: string): T => load(text) as T;

/** Reads several, separated by `---`; empty ones are left out. */
export const parseYamls = <T>(text: string): T[] => loadAll(text).filter((value) => value != null) as T[];
