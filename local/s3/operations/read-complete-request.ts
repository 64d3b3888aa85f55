import { checksumAlgorithm, isChecksumValue } from '../body/checksum.ts';
import { fault } from '../errors.ts';
import type { ChecksumAlgorithm } from '../store/records.ts';
import { nodes, parseXml, texts, type XmlNode } from '../xml.ts';
import { argument } from './list-page.ts';

/** One part as the caller of CompleteMultipartUpload names it. */
export interface ClaimedPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | null;
}

/** The list of a CompleteMultipartUpload document: at least one part, each with number and ETag, by rising number. */
export function readCompleteRequest(body: string): readonly ClaimedPart[] {
  const parts = nodes(parseXml(body, 'CompleteMultipartUpload'), 'Part').map(readPart);
  if (parts.length === 0) throw fault('MalformedXML');
  let last = 0;
  for (const { number } of parts) {
    if (number <= last) throw fault('InvalidPartOrder');
    last = number;
  }
  return parts;
}

function readPart(node: XmlNode): ClaimedPart {
  const [number, ...numbers] = texts(node, 'PartNumber');
  const [etag, ...etags] = texts(node, 'ETag');
  if (number === undefined || etag === undefined || numbers.length > 0 || etags.length > 0) throw fault('MalformedXML');
  if (!/^-?\d{1,9}$/.test(number)) throw fault('MalformedXML');
  if (Number(number) < 1) throw argument('PartNumber', number, 'PartNumber must be >= 1');
  return { number: Number(number), etag: etag.trim().replace(/^"(.*)"$/, '$1'), checksum: readChecksum(node) };
}

function readChecksum(node: XmlNode): ClaimedPart['checksum'] {
  const found: { algorithm: ChecksumAlgorithm; value: string }[] = [];
  for (const name of Object.keys(node)) {
    const algorithm = name.startsWith('Checksum') ? checksumAlgorithm(name.slice('Checksum'.length)) : undefined;
    if (algorithm) for (const value of texts(node, name)) found.push({ algorithm, value });
  }
  const [one, ...more] = found;
  if (!one) return null;
  if (more.length > 0 || !isChecksumValue(one.algorithm, one.value)) {
    throw argument('Checksum', one.value, 'Invalid Base64 or multiple checksums present in request');
  }
  return one;
}
