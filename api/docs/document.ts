import { createDocument } from 'zod-openapi';
import { KINORA_VERSION } from '../../platform/process/version.ts';
import { filePaths } from '../videos/openapi-files.ts';
import { groupPaths } from '../videos/openapi-groups.ts';
import { markPaths } from '../marks/openapi.ts';
import { sharePaths } from '../sharing/openapi.ts';
import { servicePaths } from './service-paths.ts';
import { promptPaths } from '../prompts/openapi.ts';
import { unsupportedPaths } from '../videos/unsupported.ts';
import { videoPaths } from '../videos/openapi.ts';

/** What is the same for all operations. */
const DESCRIPTION = `Text to video, in the shape of OpenAI's Videos API.

Errors have OpenAI's envelope. An unsupported method returns 405 \`method_not_allowed\` with \`Allow\`, \`OPTIONS\` returns 204
with \`Allow\`, and an unknown address returns 404 \`unknown_url\`. Every \`GET\` also works as \`HEAD\`.`;

/**
 * The API as OpenAPI 3.1, made from the zod schemas that its handlers use. A new route is added to one of these paths.
 *
 * @param open the server requires no key
 */
export const openApiDocument = ({ maxPromptChars, open }: { maxPromptChars: number; open: boolean }) =>
  createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Kinora',
      version: KINORA_VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: open ? [] : [{ key: [] }],
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    paths: {
      ...videoPaths(maxPromptChars),
      ...promptPaths(maxPromptChars),
      ...groupPaths,
      ...filePaths,
      ...markPaths,
      ...sharePaths,
      ...unsupportedPaths,
      ...servicePaths,
    },
  });
