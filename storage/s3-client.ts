import { S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from './config.ts';

/** A server that does not take the connection, or is silent for this long, is given up; the SDK tries three times. */
const CONNECT_TIMEOUT_MS = 5_000;
const SILENCE_TIMEOUT_MS = 60_000;

/** A client of the SDK, as the settings have it. */
export function s3Client(settings: S3Settings): S3Client {
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  return new S3Client({
    region: settings.S3_REGION ?? 'us-east-1',
    forcePathStyle: settings.S3_FORCE_PATH_STYLE ?? false,
    ...(settings.S3_ENDPOINT && { endpoint: settings.S3_ENDPOINT }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_TIMEOUT_MS },
  });
}
