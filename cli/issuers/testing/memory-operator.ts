import { createOutput } from '../../output.ts';
import type { UploadsBucket } from '../deployment/deployment.ts';
import type { Operator } from '../operations/operator.ts';
import { convergeDeps, type MemoryRegion } from './memory-regions.ts';

export type MemoryOperator = Operator & {
  /** Lines on standard output since the last call. */
  stdout(): readonly string[];
  /** Lines on standard error since the last call. */
  stderr(): readonly string[];
  /** Bucket policies by Region code. */
  readonly bucketPolicies: Map<string, string>;
  /** Questions that were asked. */
  readonly questions: string[];
};

const collector = () => {
  let text = '';
  return {
    stream: { write: (chunk: string) => (text += chunk) } as unknown as NodeJS.WritableStream,
    take: (): readonly string[] => {
      const lines = text.split('\n').filter((line) => line !== '');
      text = '';
      return lines;
    },
  };
};

/** An operator on Regions in memory, who answers every question with `answer`. */
export const memoryOperator = (
  regions: readonly MemoryRegion[],
  options: { readonly answer?: boolean; readonly json?: boolean; readonly keeps?: (entry: unknown) => boolean } = {},
): MemoryOperator => {
  const [out, error] = [collector(), collector()];
  const questions: string[] = [];
  const bucketPolicies = new Map<string, string>();
  const uploads = (code: string): UploadsBucket => ({
    bucket: `uploads-${code}`,
    readPolicy: async () => bucketPolicies.get(code) ?? null,
    writePolicy: async (policy) => {
      if (policy === null) bucketPolicies.delete(code);
      else bucketPolicies.set(code, policy);
    },
  });
  return {
    deployment: {
      label: 'memory',
      regions,
      who: async () => 'arn:aws:iam::123456789012:user/anna',
      allowLoopback: false,
      keeps: options.keeps ?? (() => false),
      uploads: new Map(regions.map(({ code }) => [code, uploads(code)])),
      close: () => undefined,
    },
    output: createOutput({ stdout: out.stream, stderr: error.stream }, options.json === true),
    json: options.json === true,
    confirm: async (question) => {
      questions.push(question);
      return options.answer ?? true;
    },
    now: convergeDeps(regions).now,
    pause: async () => undefined,
    stdout: out.take,
    stderr: error.take,
    bucketPolicies,
    questions,
  };
};
