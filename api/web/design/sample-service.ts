import type { Plugin } from 'vite';

/** What is below `/design/v1/`, in place of the API. */
const ANSWERS: [RegExp, object][] = [
  [
    /^\/tags$/,
    {
      data: [
        { tag: 'keeper', videos: 12 },
        { tag: 'for the trailer', videos: 3 },
      ],
    },
  ],
  [/^\/videos\/tokens$/, { prompt_tokens: 231, negative_prompt_tokens: 6, max_prompt_tokens: 256 }],
  [/^\/videos\/estimate$/, { eta_seconds: 124, queue_position: 4, gpu_seconds: 24 }],
  [
    /^\/videos\/enhance$/,
    { enhanced_prompt: 'A small boat made of folded paper drifts slowly down a rainy gutter, at dusk' },
  ],
  [/\/shares$/, { data: [{ id: 'a', url: 'http://localhost/s/a', expires_at: 1_900_000_000, show_prompt: true }] }],
  // No picture.
  [/^\/videos\/removed\//, {}],
  [/^\/videos$/, { data: [], has_more: false }],
];

const JSON_TYPE = { 'content-type': 'application/json' };

/** A sample's id is `FILE_anything`, and this its file. */
function fileOf(path: string, query: URLSearchParams): string | undefined {
  const [, name, what] = /^\/videos\/([a-z]+)_\w+\/(content|preview)$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  const variant = what === 'preview' ? 'thumbnail' : (query.get('variant') ?? 'video');
  const ends: Record<string, string> = { video: '.mp4', thumbnail: '.webp', spritesheet: '-sheet.webp' };
  return `/files/${name}${ends[variant]}`;
}

/** In development, `/design` shows the page's parts; its requests are answered here, so that it needs no service. */
export const designPage: Plugin = {
  name: 'design-page',
  apply: 'serve',
  configureServer({ middlewares }) {
    middlewares.use('/design', (request, response, next) => {
      const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const [, path] = /^\/v1(\/.*)/.exec(pathname) ?? [];
      const answer = ANSWERS.find(([pattern]) => path !== undefined && pattern.test(path))?.[1];
      const isBare = /^\/design(\?|$)/.test(request.originalUrl ?? '');
      const to = isBare ? `/design/${search}` : pathname === '/icon.svg' ? pathname : undefined;
      if (to !== undefined) return response.writeHead(302, { location: to }).end();
      if (answer !== undefined) return response.writeHead(200, JSON_TYPE).end(JSON.stringify(answer));
      const file = path && fileOf(path, searchParams);
      if (path !== undefined && file === undefined) return response.writeHead(404, JSON_TYPE).end('{}');
      request.url = file ?? request.url;
      return next();
    });
  },
};
