import { resolve } from 'node:path';

/** A folder given in the environment, relative to where the command was typed (npm itself changes folder). */
export const typedPath = (path: string) => resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
