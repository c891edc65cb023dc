import { readFileSync } from 'node:fs';
import { createDocument } from 'zod-openapi';
import { filePaths } from '../videos/openapi-files.ts';
import { servicePaths } from './service-paths.ts';
import { unsupportedPaths } from '../videos/openapi-unsupported.ts';
import { videoPaths } from '../videos/openapi.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What every operation's responses leave unsaid, because it is the same everywhere. */
const DESCRIPTION = `Text to video, in the shape of OpenAI's Videos API.

Errors have OpenAI's envelope. A method that an address does not take is answered 405 \`method_not_allowed\` with \`Allow\`,
\`OPTIONS\` 204 with \`Allow\`, an address that is not here 404 \`unknown_url\`. Every \`GET\` may be a \`HEAD\`.`;

/**
 * The API as OpenAPI 3.1, made from the zod schemas that its handlers use. A new route is described under `paths/`.
 *
 * @param open whether the server asks for no key
 */
export const openApiDocument = ({ maxPromptChars, open }: { maxPromptChars: number; open: boolean }) =>
  createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Kinora',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: open ? [] : [{ key: [] }],
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    paths: { ...videoPaths(maxPromptChars), ...filePaths, ...unsupportedPaths, ...servicePaths },
  });
