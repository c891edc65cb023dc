import { z } from 'zod';
import type { StorageConfig } from '../../storage/config.ts';
import type { S3Links } from '../../storage/links.ts';
import { UserError } from '../../platform/config/user-error.ts';

/** Settings of how finished files reach clients. */
export const contentDeliveryEnv = z.object({
  /** `proxy` sends finished files through the API; `redirect` sends clients to the S3 store with a presigned link. */
  CONTENT_DELIVERY: z.enum(['proxy', 'redirect']).default('proxy'),
  /** How long such a link is good, in seconds. */
  CONTENT_LINK_S: z.coerce.number().int().min(60).max(3600).default(3600),
  /** Address under which clients reach the S3 store; `S3_ENDPOINT` where left out. @default `S3_ENDPOINT` */
  S3_PUBLIC_ENDPOINT: z.url().optional(),
});

/** How clients get finished files from the store itself. */
export interface ContentDelivery {
  links: S3Links;
  /** Scheme and host of the links. */
  origin: string;
  /** Seconds that a link is good for. */
  linkSeconds: number;
}

/**
 * How finished files reach clients; undefined where the API itself sends them.
 *
 * @throws UserError where links are asked for and the store is a folder
 */
export async function openContentDelivery(
  config: z.infer<typeof contentDeliveryEnv> & StorageConfig,
): Promise<ContentDelivery | undefined> {
  if (config.CONTENT_DELIVERY === 'proxy') return undefined;
  if (!config.ARTEFACTS_URL.startsWith('s3:')) {
    throw new UserError(
      'CONTENT_DELIVERY=redirect needs an S3 store: set ARTEFACTS_URL to s3://bucket/prefix, or CONTENT_DELIVERY to proxy.',
    );
  }
  // The AWS SDK takes a while to load.
  const { S3Links } = await import('../../storage/links.ts');
  const links = new S3Links(config.ARTEFACTS_URL, config, config.S3_PUBLIC_ENDPOINT);
  return { links, origin: await links.origin(), linkSeconds: config.CONTENT_LINK_S };
}
