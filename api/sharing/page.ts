import { createHash } from 'node:crypto';
import type { Video } from '../jobs/video-schema.ts';

const STYLE = `
:root { color-scheme: light dark; --ground: #f6f6f4; --text: #191918; --muted: #65645e; --focus: #1f5fd0; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0f0f0e; --text: #f1f0ed; --muted: #a9a8a2; --focus: #8fb8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 400 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: clamp(1rem, 4vw, 3rem) clamp(1rem, 3vw, 2rem); }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.3; letter-spacing: -0.02em; overflow-wrap: anywhere; }
p { margin: 0.75rem 0 0; color: var(--muted); }
video { display: block; width: 100%; height: auto; max-height: 75vh; border-radius: 16px; background: #0c0c0b; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
`;

/** Source of the page's one style sheet, for its content security policy. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** Longer prompts are cut, in characters. */
const TITLE_CHARS = 200;
const UNTITLED = 'A generated video';

/** What the page of a link shows. */
export interface PageOf {
  video: Video;
  showPrompt: boolean;
  /** Of the page and its files, relative to the address that was asked for. */
  files: { video: string; poster: string };
  /** The same, whole, for sites that show a preview of the link. */
  preview: { page: string; video: string; poster: string };
  /** Unix seconds. */
  expiresAt: number;
}

/** The page that plays a shared video: whole by itself, without scripts. */
export function sharePage({ video, showPrompt, files, preview, expiresAt }: PageOf): string {
  const title = showPrompt ? titleOf(video.prompt) : UNTITLED;
  const [width = '', height = ''] = video.size.split('x');
  const about = `Generated from text. ${video.seconds} s, ${width} × ${height}.`;
  const properties = {
    'og:type': 'video.other',
    'og:site_name': 'Kinora',
    'og:title': title,
    'og:description': about,
    'og:url': preview.page,
    'og:image': preview.poster,
    'og:image:type': 'image/webp',
    'og:image:alt': title,
    'og:video': preview.video,
    'og:video:type': 'video/mp4',
    'og:video:width': width,
    'og:video:height': height,
  };
  const tags = Object.entries(properties).map(
    ([name, content]) => `<meta property="${name}" content="${escaped(content)}" />`,
  );
  return page(
    title,
    `<h1 dir="auto">${escaped(title)}</h1>
      <video controls playsinline preload="metadata" width="${escaped(width)}" height="${escaped(height)}" poster="${escaped(files.poster)}" src="${escaped(files.video)}" aria-label="${escaped(title)}"></video>
      <p>${escaped(about)} This link ends on ${timeOf(expiresAt)}.</p>`,
    ['<meta name="twitter:card" content="summary_large_image" />', ...tags],
  );
}

/** The page of a link that does not work. It is the same whatever is wrong with the link. */
export const failurePage = (title: string, message: string): string =>
  page(title, `<h1>${escaped(title)}</h1>\n      <p>${escaped(message)}</p>`);

function page(title: string, body: string, tags: string[] = []): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <title>${escaped(title)} · Kinora</title>
    <link rel="icon" href="../icon.svg" type="image/svg+xml" />
    ${tags.join('\n    ')}
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
      ${body}
    </main>
  </body>
</html>
`;
}

/** On one line, and cut where it is long. */
function titleOf(prompt: string): string {
  const line = prompt.replace(/\s+/g, ' ').trim();
  if (line.length <= TITLE_CHARS) return line;
  // Not between the two halves of one character.
  return `${line.slice(0, TITLE_CHARS - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function timeOf(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  const words = date.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `<time datetime="${date.toISOString()}">${words} UTC</time>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
