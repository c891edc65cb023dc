import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { S3Settings } from './config.ts';
import { StoreDeniedError } from './object-store.ts';

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

/** A key that is not there; a bucket that is not there is another error. */
export function isAbsent(error: unknown): boolean {
  return error instanceof S3ServiceException && ['NoSuchKey', 'NotFound'].includes(error.name);
}

/** For what may be gone already. */
export function ignoreAbsent(error: unknown): void {
  if (!(error instanceof S3ServiceException && error.name === 'NoSuchUpload')) throw error;
}

/** Signatures fit no more once a request was damaged on its way, or while clocks differ; tokens are renewed. */
const PASSING = /SignatureDoesNotMatch|TimeTooSkewed|ExpiredToken|RequestExpired/;

/** The server has answered that we may not do this, or that it does not offer it: asking again changes nothing. */
export function isDenied(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  const status = error.$metadata.httpStatusCode;
  return status === 405 || status === 501 || (status === 403 && !PASSING.test(error.name));
}

/** False for what only other settings can change: the server has answered that it does not serve this, or us. */
export function isOutage(error: unknown): boolean {
  if (error instanceof StoreDeniedError) return false;
  if (isRefusedLogin(error) || isDenied(error)) return false;
  const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
  return status < 400 || status >= 500 || status === 429;
}

// Servers differ in the status of an unknown key, but name it alike.
const isRefusedLogin = (error: unknown) => /AccessKey|Credentials|UserNotFound/.test((error as Error).name);

/** In a few words, for operators. */
export function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  if (name === 'NoSuchBucket') return 'there is no such bucket';
  if (name === 'AccessDenied') return `the policy of these credentials does not allow it (${name}: ${message})`;
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  if (status === 403 || isRefusedLogin(error)) {
    return `the credentials are not accepted (${name}): check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY`;
  }
  return `${name}: ${message}`;
}
