import { runnerImport } from 'vite';

/** A module of the page that needs no browser, transpiled by Vite. @param path below `api/web/` */
export async function importPageModule<T>(path: string): Promise<T> {
  const { module } = await runnerImport<T>(new URL(`../../../../api/web/${path}`, import.meta.url).pathname, {
    configFile: false,
    logLevel: 'error',
  });
  return module;
}
