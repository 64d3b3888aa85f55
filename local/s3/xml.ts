import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { fault } from './errors.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** `<name>text</name>` with the text escaped. */
export function leaf(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

/** `<name>…</name>` around elements that are XML already. */
export function branch(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

/** A whole document in S3's namespace. */
export function xmlDocument(name: string, ...children: readonly string[]): string {
  return `${DECLARATION}<${name} xmlns="${NAMESPACE}">${children.join('')}</${name}>`;
}

/** S3's error document; it has no namespace. */
export function errorDocument(fields: Readonly<Record<string, string>>): string {
  return `${DECLARATION}${branch('Error', ...Object.entries(fields).map(([name, text]) => leaf(name, text)))}`;
}

/** Text for an element; characters that XML 1.0 cannot carry become references, as S3 writes them. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be found
  return text.replace(/[&<>"\u0000-\u0008\u000b\u000c\u000d\u000e-\u001f]/g, (char) => {
    switch (char) {
      case '&':
        return '&amp;';
      case '<':
        return '&lt;';
      case '>':
        return '&gt;';
      case '"':
        return '&quot;';
      default:
        return `&#x${char.charCodeAt(0).toString(16)};`;
    }
  });
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false, // a key may begin or end with spaces
  processEntities: true,
  htmlEntities: true, // the only way to have it read numeric references
});

/** One element's children: text, one child, or several of the same name. */
export type XmlNode = { readonly [name: string]: unknown };

/** The root element `name` of a request body; MalformedXML when it is not there or not XML. */
export function parseXml(body: string, name: string): XmlNode {
  if (XMLValidator.validate(body) !== true) throw fault('MalformedXML');
  const parsed: unknown = parser.parse(body);
  const root = isNode(parsed) ? parsed[name] : undefined;
  if (typeof root === 'string' && root.trim() === '') return {};
  if (!isNode(root)) throw fault('MalformedXML');
  return root;
}

/** All children called `name`, as texts; MalformedXML when one has children of its own. */
export function texts(node: XmlNode, name: string): string[] {
  return list(node[name]).map((value) => {
    if (typeof value !== 'string') throw fault('MalformedXML');
    return value;
  });
}

/** All children called `name`, as elements. */
export function nodes(node: XmlNode, name: string): XmlNode[] {
  return list(node[name]).map((value) => {
    if (typeof value === 'string' && value.trim() === '') return {};
    if (!isNode(value)) throw fault('MalformedXML');
    return value;
  });
}

function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isNode(value: unknown): value is XmlNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
