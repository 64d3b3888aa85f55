import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';

/** Version ids of one object, newest first, without delete markers; page after page. */
export async function* versionIdsOf(request: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly signal: AbortSignal;
}): AsyncGenerator<string> {
  const { client, bucket, key, signal } = request;
  let marker: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } | undefined = {};
  while (marker !== undefined) {
    const page: Awaited<ReturnType<typeof list>> = await list(
      client,
      { Bucket: bucket, Prefix: key, ...marker },
      signal,
    );
    // Keys that only begin like this one come after all of its versions.
    for (const { Key, VersionId } of page.Versions ?? []) if (Key === key && VersionId !== undefined) yield VersionId;
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    marker =
      IsTruncated === true && NextKeyMarker === key && NextVersionIdMarker !== undefined
        ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker }
        : undefined;
  }
}

const list = (
  client: S3Client,
  input: ConstructorParameters<typeof ListObjectVersionsCommand>[0],
  abortSignal: AbortSignal,
) => client.send(new ListObjectVersionsCommand(input), { abortSignal });
