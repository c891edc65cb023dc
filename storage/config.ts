import { z } from 'zod';
import { storeUrl } from '../platform/config/store-url.ts';

/** Settings of a process that uses both stores. */
export const storageEnv = z.object({
  /** Store of checkpoints and lossless frames, needed only while a job runs: `file:///folder` or `s3://bucket/prefix`. */
  SCRATCH_URL: storeUrl,
  /** Store of finished videos: `file:///folder` or `s3://bucket/prefix`. */
  ARTEFACTS_URL: storeUrl,
  /** Address of an S3-compatible server; AWS where left out. @default AWS */
  S3_ENDPOINT: z.url().optional(),
  /** Region of the buckets. */
  S3_REGION: z.string().default('us-east-1'),
  /** Access key; where left out, the AWS SDK looks where it always does (AWS_* variables, profile, pod identity). @default the AWS SDK's */
  S3_ACCESS_KEY_ID: z.string().optional(),
  /** Secret of the access key. */
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** `true` for servers that want the bucket in the path, as most that are not AWS do. */
  S3_FORCE_PATH_STYLE: z.stringbool().default(false),
});
export type StorageConfig = z.infer<typeof storageEnv>;

/** How an S3 store is reached. */
export type S3Settings = Partial<Omit<StorageConfig, 'SCRATCH_URL' | 'ARTEFACTS_URL'>>;
