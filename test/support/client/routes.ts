import type { Express } from 'express';

/** What is used of Express's router (`router` 2.x). */
interface Layer {
  name: string;
  handle: { stack?: Layer[] };
  route?: { path: string | string[]; stack: { method?: string; name: string }[] };
  /** What it was mounted on; `/` for everything. */
  rawPath: string;
}

/** Every route of an app, as `METHOD /path/{param}`; `ALL` where it takes every method. */
export function routesOf(app: Express): string[] {
  return [...found((app.router as unknown as { stack: Layer[] }).stack, '')];
}

function* found(stack: Layer[], prefix: string): Generator<string> {
  for (const layer of stack) {
    if (layer.handle.stack) yield* found(layer.handle.stack, layer.rawPath === '/' ? prefix : prefix + layer.rawPath);
    for (const path of [layer.route?.path ?? []].flat()) {
      const described = `${prefix}${path}`.replace(/:(\w+)/g, '{$1}');
      const methods = layer.route!.stack.map(({ method }) => method?.toUpperCase() ?? 'ALL');
      // After the methods that a route takes, `all` refuses the others.
      const own = methods.length > 1 ? methods.filter((method) => method !== 'ALL') : methods;
      for (const method of new Set(own)) yield `${method} ${described}`;
    }
  }
}
