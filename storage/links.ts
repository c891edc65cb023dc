import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { S3Settings } from './config.ts';
import { assertKey } from './keys.ts';
import { s3Client } from './s3-client.ts';

/** The server's clock may be this far behind ours, in seconds: links are dated back, so that they are good at once. */
const CLOCK_SKEW_S = 300;

export interface LinkOptions {
  /** Name under which browsers save the file. */
  fileName: string;
  contentType: string;
  /** Seconds that the link is good for, from now on. */
  seconds: number;
}

/** Links to single objects of an S3 store. Anyone with a link can read its object until it expires or the object is deleted. */
export class S3Links {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  /**
   * @param url of the store, `s3://bucket/prefix`
   * @param endpoint under which the clients reach the server: a link's signature covers the host
   */
  constructor(url: string, settings: S3Settings, endpoint: string | undefined = settings.S3_ENDPOINT) {
    const { hostname, pathname } = new URL(url);
    this.#bucket = hostname;
    this.#prefix = pathname.replace(/^\/+/, '').replace(/\/*$/, '/').replace(/^\/$/, '');
    this.#client = s3Client({ ...settings, S3_ENDPOINT: endpoint });
  }

  /** A link that lets GET, and nothing else, read this one object. */
  link(key: string, { fileName, contentType, seconds }: LinkOptions): Promise<string> {
    assertKey(key);
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: this.#prefix + key,
      ResponseContentDisposition: `inline; filename="${fileName}"`,
      ResponseContentType: contentType,
      ResponseCacheControl: 'private, max-age=3600',
    });
    return getSignedUrl(this.#client, command, {
      expiresIn: seconds + CLOCK_SKEW_S,
      signingDate: new Date(Date.now() - CLOCK_SKEW_S * 1000),
    });
  }

  /** Scheme and host of every link, for a page's content security policy. */
  async origin(): Promise<string> {
    const link = await this.link('any', { fileName: 'any', contentType: 'text/plain', seconds: 60 });
    return new URL(link).origin;
  }
}
