import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { type RefusedPermissions, StoreDeniedError } from './object-store.ts';

/** What IAM calls the permission for a command of the SDK; the others are called as the command. */
const PERMISSIONS: Record<string, string> = {
  ListObjectsV2: 's3:ListBucket',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  HeadObject: 's3:GetObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  DeleteObjects: 's3:DeleteObject',
};
/** What they are for a lifecycle rule does too. */
const OPTIONAL = ['s3:ListBucketMultipartUploads', 's3:AbortMultipartUpload'];

/** @param command e.g. `PutObjectCommand` */
export function permissionOf(command: string): string {
  const name = command.replace(/Command$/, '');
  return PERMISSIONS[name] ?? `s3:${name}`;
}

/**
 * Tries each command that a store is used with, on one small object of its own that no video has.
 *
 * @param prefix of the store, with its slash; empty for the whole bucket
 */
export async function refusedPermissions(
  client: S3Client,
  Bucket: string,
  prefix: string,
): Promise<RefusedPermissions> {
  // Always the same: where it may not be deleted, no more than one is left.
  const object = { Bucket, Key: `${prefix}.kinora-permissions` };
  const tries: (() => Promise<unknown>)[] = [
    () => client.send(new ListObjectsV2Command({ Bucket, Prefix: object.Key, MaxKeys: 1 })),
    () => client.send(new PutObjectCommand({ ...object, Body: new Uint8Array() })),
    async () => (await client.send(new GetObjectCommand(object))).Body?.transformToByteArray(),
    () => client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: object.Key, MaxUploads: 1 })),
    () => client.send(new AbortMultipartUploadCommand({ ...object, UploadId: 'none' })),
    () => client.send(new DeleteObjectCommand(object)),
  ];
  const refused = new Set<string>();
  for (const attempt of tries) {
    try {
      await attempt();
    } catch (error) {
      if (error instanceof StoreDeniedError) refused.add(error.permission);
      else if (!isAnswer(error)) throw error;
    }
  }
  const all = [...refused];
  return {
    needed: all.filter((name) => !OPTIONAL.includes(name)),
    optional: all.filter((name) => OPTIONAL.includes(name)),
  };
}

/** There is no such upload, or no such object where none could be put: it would have been allowed. */
const isAnswer = (error: unknown) =>
  error instanceof S3ServiceException && (error.$metadata.httpStatusCode ?? 500) < 500;
