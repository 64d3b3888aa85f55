import { describe, expect, test } from 'vitest';
import { readTagDocument, readTagHeader, tagDocument } from './tags.ts';

const refused = (code: string) => expect.objectContaining({ code, status: 400 });

describe('tags', () => {
  test('of a header are decoded', () => {
    expect(readTagHeader('a=1&b+c=%C3%A4&d')).toEqual([
      { key: 'a', value: '1' },
      { key: 'b c', value: 'ä' },
      { key: 'd', value: '' },
    ]);
    expect(readTagHeader(undefined)).toEqual([]);
  });

  test.each(['=1', 'a=%zz', 'a=1&a=2'])('of the header %s are InvalidArgument', (header) => {
    expect(() => readTagHeader(header)).toThrow(refused('InvalidArgument'));
  });

  test.each(['a?=1', 'a=1!', `${'k'.repeat(129)}=1`, `a=${'v'.repeat(257)}`])(
    'of the header %s are InvalidTag',
    (header) => {
      expect(() => readTagHeader(header)).toThrow(refused('InvalidTag'));
    },
  );

  test('of a document are as they were written', () => {
    const tags = [
      { key: ' a & b', value: '<1>' },
      { key: 'c', value: '' },
    ];
    expect(readTagDocument(tagDocument([tags[1] ?? { key: '', value: '' }]))).toEqual([tags[1]]);
    expect(readTagDocument(tagDocument([]))).toEqual([]);
    expect(() => readTagDocument(tagDocument(tags))).toThrow(refused('InvalidTag'));
  });

  test.each([
    ['no set', '<Tagging/>'],
    ['two sets', '<Tagging><TagSet/><TagSet/></Tagging>'],
    ['a tag without value', '<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>'],
    ['another root', '<TagSet/>'],
  ])('of a document with %s are MalformedXML', (_, body) => {
    expect(() => readTagDocument(body)).toThrow(refused('MalformedXML'));
  });
});
