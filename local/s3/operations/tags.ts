import { fault, type S3Error } from '../errors.ts';
import type { Tag } from '../store/records.ts';
import { branch, leaf, nodes, parseXml, texts, xmlDocument } from '../xml.ts';

/** Tags of one object, and characters of their names and values. Source: Amazon S3 user guide, "Categorizing your storage using tags". */
const LIMITS = { tags: 10, key: 128, value: 256 } as const;
/** Letters, numbers and spaces of any script, and `+ - = . _ : / @`. */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const badHeader = (): S3Error =>
  fault('InvalidArgument', {
    message:
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    details: { ArgumentName: 'x-amz-tagging' },
  });

/** Tags of an `x-amz-tagging` header, in its form of a URL's query; none without it. */
export function readTagHeader(header: string | undefined): readonly Tag[] {
  if (header === undefined || header === '') return [];
  const tags = header.split('&').map((pair) => {
    const mark = pair.indexOf('=');
    const key = decode(mark < 0 ? pair : pair.slice(0, mark));
    if (key === '') throw badHeader();
    return { key, value: mark < 0 ? '' : decode(pair.slice(mark + 1)) };
  });
  if (new Set(tags.map(({ key }) => key)).size < tags.length) throw badHeader();
  return checkTags(tags);
}

/** Tags of a `Tagging` document. */
export function readTagDocument(body: string): readonly Tag[] {
  const [set, ...more] = nodes(parseXml(body, 'Tagging'), 'TagSet');
  if (!set || more.length > 0) throw fault('MalformedXML');
  const tags = nodes(set, 'Tag').map((node) => {
    const [key, ...keys] = texts(node, 'Key');
    const [value, ...values] = texts(node, 'Value');
    if (key === undefined || value === undefined || keys.length > 0 || values.length > 0) throw fault('MalformedXML');
    return { key, value };
  });
  if (new Set(tags.map(({ key }) => key)).size < tags.length) {
    throw fault('InvalidTag', { message: 'Cannot provide multiple Tags with the same key' });
  }
  return checkTags(tags);
}

/** The document that `readTagDocument` reads. */
export function tagDocument(tags: readonly Tag[]): string {
  return xmlDocument(
    'Tagging',
    branch('TagSet', ...tags.map(({ key, value }) => branch('Tag', leaf('Key', key), leaf('Value', value)))),
  );
}

function checkTags(tags: readonly Tag[]): readonly Tag[] {
  if (tags.length > LIMITS.tags) {
    throw fault('BadRequest', { message: `Object tags cannot be greater than ${LIMITS.tags}` });
  }
  for (const { key, value } of tags) {
    if (key === '' || key.length > LIMITS.key || !ALLOWED.test(key)) {
      throw fault('InvalidTag', { message: 'The TagKey you have provided is invalid', details: { TagKey: key } });
    }
    if (value.length > LIMITS.value || !ALLOWED.test(value)) {
      throw fault('InvalidTag', {
        message: 'The TagValue you have provided is invalid',
        details: { TagKey: key, TagValue: value },
      });
    }
  }
  return tags;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badHeader();
  }
}
